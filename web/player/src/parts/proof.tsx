import { useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { Link, useLocation } from 'react-router';
import { networkLog, type PageRequest } from '../network-log.ts';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';

/** Leads to the page that has the proof, open. */
export function ProofLink({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <Link className="proof-link" to="/privacy" state={{ proof: true }}>
      {children}
    </Link>
  );
}

function isOwn({ url }: PageRequest): boolean {
  return new URL(url).origin === location.origin;
}

function Row({ request }: { readonly request: PageRequest }): ReactNode {
  const words = useWords();
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
  const words = useWords();
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
  const words = useWords();
  const { state } = useLocation() as { readonly state: { readonly proof?: boolean } | null };
  const [open, setOpen] = useState(state?.proof === true);
  return (
    <details
      id="proof"
      className="disclosure proof"
      open={open}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>{words.privacy.proof}</summary>
      {open && <ProofBody />}
    </details>
  );
}
