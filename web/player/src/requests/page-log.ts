import { RELAY_CHANNEL, type RelayedRequest } from '../sources/server/serve-relay.ts';
import { relayTarget } from '../sources/server/relay.ts';
import { RequestLog, type LoggedRequest } from './log.ts';
import { purposeOf, serverPurpose, type Purpose } from './purpose.ts';
import { OFFLINE_CHANNEL, watchRequests, type ToldRequest } from './tell.ts';

const base = new URL('./', document.baseURI);

/** On which the workers of this very page tell of their requests. */
export const WORKER_CHANNEL = `ossicle requests ${crypto.randomUUID()}`;

export const requestLog = new RequestLog();

function logged(
  { url, at, bytes }: ToldRequest,
  by: string,
  purpose: Purpose | null = null,
): LoggedRequest {
  const { origin, host, pathname } = new URL(url);
  const own = origin === base.origin;
  return {
    key: `${by} ${at} ${url}`,
    at,
    what: own ? pathname : origin + pathname,
    purpose: purpose ?? purposeOf(new URL(url), base),
    host: own ? null : host,
    bytes,
  };
}

/** Of a thread that is asked, not one that tells. */
export function addRequests(by: string, requests: readonly ToldRequest[]): void {
  requestLog.add(requests.map((request) => logged(request, by)));
}

function listen(channel: string, add: (told: unknown) => void): void {
  new BroadcastChannel(channel).addEventListener('message', ({ data }) => add(data));
}

/** Call it once, before anything is asked for: what the service worker tells is not told again. */
export function logRequests(): void {
  const relayed = (url: URL): boolean => relayTarget(url, base) !== null;
  watchRequests(['navigation', 'resource'], relayed, (found) => addRequests('page', found));
  listen(WORKER_CHANNEL, (found) => addRequests('worker', found as readonly ToldRequest[]));
  listen(OFFLINE_CHANNEL, (told) =>
    requestLog.add([logged(told as ToldRequest, 'offline', 'offline')]),
  );
  listen(RELAY_CHANNEL, (told) => {
    const { id, host, method, at, bytes } = told as RelayedRequest;
    const purpose = serverPurpose(method);
    requestLog.add([{ key: `relay ${id}`, at, what: method, purpose, host, bytes }]);
  });
}
