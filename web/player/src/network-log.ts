/** Every request that the page has made, as the browser counted them. The engine's worker tells of its own. */

export interface PageRequest {
  readonly url: string;
  readonly bytes: number;
}

/** An entry comes twice when it grew after it was first told of, as the page itself does. */
const entries = new Map<string, PageRequest>();
const listeners = new Set<() => void>();
let requests: readonly PageRequest[] = [];

function record(found: readonly PerformanceEntry[]): void {
  for (const entry of found) {
    if (!(entry instanceof PerformanceResourceTiming)) continue;
    const key = `${entry.entryType} ${entry.startTime} ${entry.name}`;
    entries.set(key, { url: entry.name, bytes: entry.encodedBodySize });
  }
  requests = [...entries.values()];
  for (const listener of listeners) listener();
}

// `buffered` also gives what was loaded before this line ran, the page itself included.
for (const type of ['navigation', 'resource']) {
  new PerformanceObserver((list) => record(list.getEntries())).observe({ type, buffered: true });
}

export const networkLog = {
  requests: (): readonly PageRequest[] => requests,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
