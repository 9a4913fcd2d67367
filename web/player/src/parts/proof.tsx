import { useSyncExternalStore, type ReactNode } from 'react';
import { networkLog, type OwnRequest } from '../network-log.ts';
import { words } from '../words.ts';

export const PROOF_ID = 'proof';

/** Opens the disclosure that the link jumps to. */
export function showProof(): void {
  const proof = document.getElementById(PROOF_ID);
  if (proof instanceof HTMLDetailsElement) proof.open = true;
}

function Row({ request }: { readonly request: OwnRequest }): ReactNode {
  const { path, own, origin, bytes } = request;
  return (
    <tr>
      <td>{own ? path : origin + path}</td>
      <td>{bytes > 0 ? words.privacy.bytes(bytes) : words.privacy.cached}</td>
    </tr>
  );
}

/** All requests of the page, as the browser lists them. */
export function Proof(): ReactNode {
  const requests = useSyncExternalStore(networkLog.subscribe, networkLog.requests);
  const own = requests.filter((request) => request.own).length;
  return (
    <details id={PROOF_ID} className="disclosure proof">
      <summary>{words.privacy.proof}</summary>
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
    </details>
  );
}
