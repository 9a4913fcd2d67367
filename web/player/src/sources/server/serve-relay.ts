import { decodeSource } from '../../library/records.ts';
import { LIBRARY_DATABASE } from '../../library/schema.ts';
import { Vault } from '../../library/vault.ts';
import type { StoredServer } from './login.ts';
import { relay, relayTarget } from './relay.ts';

/** The parts of a service worker's scope that are used; TypeScript's DOM types have none of it. */
export interface RelayScope {
  readonly registration: { readonly scope: string };
  readonly location: { readonly protocol: string };
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
}

interface FetchEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

/** What a page with a list of its requests wants to know: the relay asks other hosts, and the page's own list does not show them. */
export interface RelayedRequest {
  readonly sourceId: string;
  readonly host: string;
  readonly method: string;
  readonly at: number;
  /** The same when it is told again, with the bytes of the answer. */
  readonly id: string;
  /** As the answer says it; null: not known, or not answered yet. */
  readonly bytes: number | null;
}

/** The relay tells of each request here; pages listen with a BroadcastChannel of this name. */
export const RELAY_CHANNEL = 'ossicle relay';

/** Call it in the service worker, before any other listener of `fetch`. */
export function serveRelay(scope: RelayScope): void {
  const channel = new BroadcastChannel(RELAY_CHANNEL);
  const base = new URL(scope.registration.scope);
  scope.addEventListener('fetch', (event) => {
    const target = relayTarget(new URL(event.request.url), base);
    if (target === null) return;
    event.respondWith(
      relay(event.request, target, {
        server,
        fetch: (url, init) => fetch(url, init),
        pageProtocol: scope.location.protocol,
        onRequest: (sourceId, host, method) => {
          const asked = { id: crypto.randomUUID(), sourceId, host, method, at: Date.now() };
          const tell = (bytes: number | null): void =>
            channel.postMessage({ ...asked, bytes } satisfies RelayedRequest);
          tell(null);
          return tell;
        },
      }),
    );
  });
}

/** Read anew for each request: a source that was removed a moment ago must not be asked any more. */
async function server(sourceId: string): Promise<StoredServer | null> {
  const vault = await Vault.open(LIBRARY_DATABASE);
  try {
    const found = (await vault.sources()).find(({ id }) => id === sourceId);
    return found ? decodeSource(found.text).server : null;
  } finally {
    vault.close();
  }
}
