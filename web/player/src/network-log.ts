export interface OwnRequest {
  readonly path: string;
  readonly origin: string;
  readonly bytes: number;
  readonly own: boolean;
}

function requestOf(entry: PerformanceResourceTiming): OwnRequest {
  const { origin, pathname, search } = new URL(entry.name);
  const own = origin === location.origin;
  return { path: pathname + search, origin, bytes: entry.encodedBodySize, own };
}

let requests: readonly OwnRequest[] = [];
const listeners = new Set<() => void>();

function record(entries: readonly PerformanceEntry[]): void {
  const timed = entries.filter((entry) => entry instanceof PerformanceResourceTiming);
  requests = [...requests, ...timed.map(requestOf)];
  for (const listener of listeners) listener();
}

// `buffered` also gives what was loaded before this line ran, the page itself included.
for (const type of ['navigation', 'resource']) {
  new PerformanceObserver((list) => record(list.getEntries())).observe({ type, buffered: true });
}

/** Every request that this page has made, as the browser counted them. */
export const networkLog = {
  requests: (): readonly OwnRequest[] => requests,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
