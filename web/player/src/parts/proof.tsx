import { useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { networkLog, type PageRequest } from '../network-log.ts';
import { useSession } from '../use-session.ts';
import { words } from '../words.ts';

const PROOF_ID = 'proof';

/** Opens the disclosure that the link jumps to. */
function show(): void {
  const proof = document.getElementById(PROOF_ID);
  if (proof instanceof HTMLDetailsElement) proof.open = true;
}

export function ProofLink({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <a className="proof-link" href={`#${PROOF_ID}`} onClick={show}>
      {children}
    </a>
  );
}

function isOwn({ url }: PageRequest): boolean {
  return new URL(url).origin === location.origin;
}

function Row({ request }: { readonly request: PageRequest }): ReactNode {
  const { origin, pathname, search } = new URL(request.url);
  const path = pathname + search;
  return (
    <tr>
      <td>{isOwn(request) ? path : origin + path}</td>
      <td>{request.bytes > 0 ? words.bytes(request.bytes) : words.privacy.cached}</td>
    </tr>
  );
}

function ProofBody(): ReactNode {
  const [{ revision }, session] = useSession();
  const ofPage = useSyncExternalStore(networkLog.subscribe, networkLog.requests);
  const [ofEngine, setOfEngine] = useState<readonly PageRequest[]>([]);
  useEffect(() => {
    let left = false;
    session.requests().then(
      (found) => {
        if (!left) setOfEngine(found);
      },
      // The page's own requests are shown all the same.
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, [revision, session]);

  const requests = [...ofPage, ...ofEngine];
  const own = requests.filter(isOwn).length;
  return (
    <>
      <p>{words.privacy.proofText(own, requests.length)}</p>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.privacy.file}</th>
            <th scope="col">{words.privacy.size}</th>
          </tr>
        </thead>
        <tbody>
          {requests.map((request, i) => (
            <Row key={i} request={request} />
          ))}
        </tbody>
      </table>
      <p>{words.privacy.proofRule(location.origin)}</p>
    </>
  );
}

/** All requests of the page and of its engine, as the browser lists them. */
export function Proof(): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <details
      id={PROOF_ID}
      className="disclosure proof"
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>{words.privacy.proof}</summary>
      {open && <ProofBody />}
    </details>
  );
}
