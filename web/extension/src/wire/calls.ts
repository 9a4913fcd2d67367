/** How the popup, the panel and the page ask the one engine of the extension: over a channel of its own origin, which structured clone crosses. */
import type { Artist, CatalogueSummary, Engine, Learning, Reason } from 'ossicle';

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

/** The engine's methods that cross the channel, with the place of their options, in which an abort and progress cannot: those travel apart. */
export const OPTIONS_AT = {
  recommend: 0,
  shown: 1,
  explain: 1,
  feedback: 2,
  flagged: null,
  embed: 1,
  style: 1,
  search: 1,
  prepareSearch: 0,
  playlist: 0,
  energy: 0,
  profile: null,
  taste: 0,
  requests: null,
  listen: 1,
  import: 1,
} as const satisfies Partial<Record<keyof Engine, number | null>>;

export type MethodName = keyof typeof OPTIONS_AT;
export type HistoryMethod = keyof Engine['history'];

export type CallName =
  MethodName | `history.${HistoryMethod}` | 'opened' | 'setLearning' | 'export' | 'erase' | 'about';

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
  /** It is being worked on. A call that is not taken soon was told to nobody. */
  | { readonly kind: 'taken'; readonly id: string }
  | { readonly kind: 'gives'; readonly id: string; readonly value: unknown }
  | { readonly kind: 'fails'; readonly id: string; readonly failure: Failure }
  | { readonly kind: 'progress'; readonly id: string; readonly progress: unknown }
  /** The history is another one: ask again. */
  | { readonly kind: 'changed' };

/** To the background, from our own pages. */
export type PageMessage =
  /** Sees to it that the engine's home is there. Also keeps an event page awake. */
  | { readonly kind: 'home' }
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

/** Keys of `chrome.storage`. local: `private` (boolean). session: `now` (NowPlaying[], the latest first) and what the background notes for itself. */
export const STORAGE = { private: 'private', now: 'now', notes: 'notes', run: 'run' } as const;
