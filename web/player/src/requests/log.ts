import type { Purpose } from './purpose.ts';

/** One request, as it is listed. */
export interface LoggedRequest {
  /** Of two with one key, the later takes the place of the earlier. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** A path of the page's own address, or what a server was asked for. Never a login. */
  readonly what: string;
  readonly purpose: Purpose;
  /** Of a server; null: the page's own address. */
  readonly host: string | null;
  /** Of the answer; 0: it was here already; null: not known (yet). */
  readonly bytes: number | null;
}

/** All requests to one host for one purpose. */
export interface RequestGroup {
  readonly host: string | null;
  readonly purpose: Purpose;
  readonly count: number;
  readonly bytes: number;
}

export interface RequestList {
  /** The newest first; at most MOST_ROWS. */
  readonly rows: readonly LoggedRequest[];
  /** Of all requests, those that are not listed any more included; the most first. */
  readonly groups: readonly RequestGroup[];
  readonly total: number;
}

/** The listener's servers that were asked, and how often. */
export function askedServers({
  groups,
}: Pick<RequestList, 'groups'>): readonly { readonly host: string; readonly count: number }[] {
  const asked = new Map<string, number>();
  for (const { host, purpose, count } of groups) {
    if (host !== null && purpose !== 'unknown') asked.set(host, (asked.get(host) ?? 0) + count);
  }
  return [...asked].map(([host, count]) => ({ host, count }));
}

/** Older ones are counted only. */
export const MOST_ROWS = 5000;
/** A list that draws itself at every request would be the busiest part of the page. */
const TELL_EVERY_MS = 250;

function groupOf({ host, purpose }: Pick<LoggedRequest, 'host' | 'purpose'>): string {
  return `${purpose} ${host ?? ''}`;
}

/** Every request of the page, its workers and its service worker. */
export class RequestLog {
  readonly #rows = new Map<string, LoggedRequest>();
  readonly #groups = new Map<string, { -readonly [K in keyof RequestGroup]: RequestGroup[K] }>();
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Made when somebody looks. */
  #list: RequestList | null = null;

  add(requests: readonly LoggedRequest[]): void {
    let changed = false;
    for (const request of requests) changed = this.#put(request) || changed;
    if (!changed || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#list = null;
      for (const listener of this.#listeners) listener();
    }, TELL_EVERY_MS);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly list = (): RequestList => {
    this.#list ??= {
      rows: [...this.#rows.values()].sort((a, b) => b.at - a.at),
      groups: [...this.#groups.values()]
        .map((group) => ({ ...group }))
        .sort((a, b) => b.count - a.count),
      total: [...this.#groups.values()].reduce((sum, { count }) => sum + count, 0),
    };
    return this.#list;
  };

  #put(request: LoggedRequest): boolean {
    const before = this.#rows.get(request.key);
    if (before?.bytes === request.bytes) return false;
    const { host, purpose } = request;
    const group = this.#groups.get(groupOf(request)) ?? { host, purpose, count: 0, bytes: 0 };
    group.count += before ? 0 : 1;
    group.bytes += (request.bytes ?? 0) - (before?.bytes ?? 0);
    this.#groups.set(groupOf(request), group);
    this.#rows.set(request.key, request);
    if (this.#rows.size > MOST_ROWS) {
      const [oldest] = this.#rows.keys();
      if (oldest !== undefined) this.#rows.delete(oldest);
    }
    return true;
  }
}
