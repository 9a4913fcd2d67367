/** How workers tell the page of their requests: a page does not see them by itself. */

/** A request as the browser counted it. `at`: milliseconds since 1970. */
export interface ToldRequest {
  readonly url: string;
  readonly at: number;
  /** Of the answer's body as it came; 0: it was here already; null: not known. */
  readonly bytes: number | null;
}

/** What the service worker fetched to keep for offline. */
export const OFFLINE_CHANNEL = 'ossicle offline';

/** null: no request; blob: addresses never leave, and what the service worker asks a server for it tells by itself. */
export function toldRequest(
  { name, startTime, transferSize, encodedBodySize, workerStart }: PerformanceResourceTiming,
  relayed: (url: URL) => boolean,
): ToldRequest | null {
  if (name.startsWith('blob:') || (workerStart > 0 && relayed(new URL(name)))) return null;
  const bytes = transferSize === 0 ? 0 : encodedBodySize;
  return { url: name, at: Math.round(performance.timeOrigin + startTime), bytes };
}

/** Calls `tell` with the requests of this thread, those before it included. */
export function watchRequests(
  types: readonly string[],
  relayed: (url: URL) => boolean,
  tell: (requests: readonly ToldRequest[]) => void,
): void {
  const observer = new PerformanceObserver((list) => {
    const found = list.getEntries().flatMap((entry) => {
      if (!(entry instanceof PerformanceResourceTiming)) return [];
      return toldRequest(entry, relayed) ?? [];
    });
    if (found.length > 0) tell(found);
  });
  for (const type of types) observer.observe({ type, buffered: true });
}

/** In a worker: tells the page that listens on this channel. */
export function tellPage(channelName: string): void {
  const channel = new BroadcastChannel(channelName);
  watchRequests(
    ['resource'],
    () => false,
    (requests) => channel.postMessage(requests),
  );
}
