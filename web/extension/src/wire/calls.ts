/** How the popup, the panel and the page ask the one engine of the extension: over a channel of its own origin, which structured clone crosses. */
import type {
  Artist,
  CatalogueSummary,
  Engine,
  HistoryPage,
  HistoryQuery,
  ImportProgress,
  ImportReport,
  Learning,
  Reason,
} from 'ossicle';

export const ENGINE_CHANNEL = 'ossicle-engine';
/** From the background to the engine's home: plays wait in the inbox. */
export const INBOX_CHANNEL = 'ossicle-inbox';

/** What is known about the artists of something that plays. */
export interface About {
  /** Those credited whom the catalogue knows: they can be loved and banned. */
  readonly artists: readonly Artist[];
  /** Plays of the song that were kept. */
  readonly plays: number;
  /** What speaks for it, strongest first. Empty: nothing was learnt yet. */
  readonly because: readonly Reason[];
}

export interface Opened {
  readonly catalogue: CatalogueSummary;
  readonly build: Engine['build'];
  readonly learning: Learning;
  /** Milliseconds from the first line of the engine's home to an engine that answers. */
  readonly openedInMs: number;
}

type Without<T> = Omit<NonNullable<T>, 'signal' | 'onProgress'>;

/** Every call: its arguments and what it gives. An abort travels apart. */
export interface Calls {
  opened: { args: []; gives: Opened };
  recommend: {
    args: [Without<Parameters<Engine['recommend']>[0]>];
    gives: Awaited<ReturnType<Engine['recommend']>>;
  };
  explain: { args: [string]; gives: Awaited<ReturnType<Engine['explain']>> };
  feedback: { args: [string, Parameters<Engine['feedback']>[1], Date]; gives: undefined };
  flagged: { args: ['love' | 'ban']; gives: readonly Artist[] };
  profile: { args: []; gives: Awaited<ReturnType<Engine['profile']>> };
  taste: { args: []; gives: Awaited<ReturnType<Engine['taste']>> };
  search: {
    args: [string, { readonly limit?: number; readonly asTyped?: boolean }];
    gives: Awaited<ReturnType<Engine['search']>>;
  };
  query: { args: [Without<HistoryQuery>]; gives: HistoryPage };
  delete: { args: [string]; gives: { readonly deleted: number } };
  setLearning: { args: [Partial<Learning>]; gives: Learning };
  import: { args: [Blob]; gives: ImportReport };
  export: { args: [{ readonly settings?: unknown }]; gives: Blob };
  erase: { args: []; gives: undefined };
  requests: { args: []; gives: Awaited<ReturnType<Engine['requests']>> };
  about: { args: [{ readonly artist: string; readonly title: string }]; gives: About };
}

export type CallName = keyof Calls;

export type ToHome =
  | {
      readonly kind: 'call';
      readonly id: string;
      readonly name: CallName;
      readonly args: readonly unknown[];
    }
  | { readonly kind: 'abort'; readonly id: string };

/** A failure across the channel: an OssicleError loses its class there. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code: string | null;
  readonly at: string | number | null;
}

export type FromHome =
  | { readonly kind: 'taken'; readonly id: string }
  | { readonly kind: 'gives'; readonly id: string; readonly value: unknown }
  | { readonly kind: 'fails'; readonly id: string; readonly failure: Failure }
  | { readonly kind: 'progress'; readonly id: string; readonly progress: ImportProgress }
  /** The history is another one: ask again. */
  | { readonly kind: 'changed' };

/** To the background, from our own pages. */
export type PageMessage =
  /** Sees to it that the engine's home is there. Also keeps an event page awake. */
  | { readonly kind: 'home' }
  /** The private session or the sites have changed. */
  | { readonly kind: 'sites' }
  /** Erases the inbox and what plays now. */
  | { readonly kind: 'forget' };

/** What plays in a tab, as the background keeps it in `storage.session`, under `now`. */
export interface NowPlaying {
  readonly tabId: number;
  readonly origin: string;
  readonly artist: string;
  readonly title: string;
  readonly album: string;
  readonly playing: boolean;
  /** Milliseconds since 1970 of the last report. */
  readonly at: number;
  readonly search: string | null;
}

/** Keys of `chrome.storage`. local: `private` (boolean). session: `now` (NowPlaying[], the latest first), `searches` (origin to template). */
export const STORAGE = { private: 'private', now: 'now' } as const;
