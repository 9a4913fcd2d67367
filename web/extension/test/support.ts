/** A little of the browser's extension API, in memory. */
import { randomUUID } from 'node:crypto';
import type { PlayReport } from '../src/wire/plays.ts';

type Values = Record<string, unknown>;

function area(): {
  readonly values: Values;
  get(keys: string | readonly string[]): Promise<Values>;
  set(more: Values): Promise<void>;
} {
  const values: Values = {};
  return {
    values,
    get: (keys) => Promise.resolve(Object.fromEntries([keys].flat().map((k) => [k, values[k]]))),
    set: (more) => {
      // As the browser does it: what comes back is a copy.
      Object.assign(values, structuredClone(more));
      return Promise.resolve();
    },
  };
}

export interface FakeChrome {
  /** Offscreen documents that were made. */
  readonly homes: string[];
  readonly granted: Set<string>;
  readonly session: Values;
  readonly local: Values;
}

/** Puts it in the place of `chrome`. */
export function fakeChrome(): FakeChrome {
  const granted = new Set<string>();
  const session = area();
  const local = area();
  const homes: string[] = [];
  Object.assign(globalThis, {
    chrome: {
      permissions: {
        contains: ({ origins }: { origins: readonly string[] }) =>
          Promise.resolve(origins.every((origin) => granted.has(origin))),
      },
      storage: { session, local },
      runtime: {
        ContextType: { OFFSCREEN_DOCUMENT: 'OFFSCREEN_DOCUMENT' },
        getContexts: () => Promise.resolve([...homes]),
      },
      offscreen: {
        Reason: { WORKERS: 'WORKERS' },
        createDocument: ({ url }: { url: string }) => Promise.resolve(homes.push(url)),
      },
    },
  });
  return { homes, granted, session: session.values, local: local.values };
}

export function report(change: Partial<PlayReport> = {}): PlayReport {
  return {
    ...{ kind: 'play', id: randomUUID(), artist: 'Can', title: 'Vitamin C', album: '' },
    ...{ startedAt: Date.now() - 60_000, playedMs: 60_000, durationMs: 200_000, playing: true },
    ...{ end: null, ...change },
  };
}
