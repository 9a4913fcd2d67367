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

function listen<T>(channel: string, add: (told: T) => void): void {
  new BroadcastChannel(channel).addEventListener('message', ({ data }: MessageEvent<T>) =>
    add(data),
  );
}

/** Call it once, before anything is asked for: what the service worker tells is not told again. */
export function logRequests(): void {
  const relayed = (url: URL): boolean => relayTarget(url, base) !== null;
  watchRequests(['navigation', 'resource'], relayed, (found) => addRequests('page', found));
  listen<readonly ToldRequest[]>(WORKER_CHANNEL, (found) => addRequests('worker', found));
  listen<ToldRequest>(OFFLINE_CHANNEL, (told) =>
    requestLog.add([logged(told, 'offline', 'offline')]),
  );
  listen<RelayedRequest>(RELAY_CHANNEL, ({ id, host, method, at, bytes }) =>
    requestLog.add([
      { key: `relay ${id}`, at, what: method, purpose: serverPurpose(method), host, bytes },
    ]),
  );
}
