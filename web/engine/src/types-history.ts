/** What is kept of the listener: events, their store, and how they come in and go out. */

export interface Track {
  readonly artist: string;
  readonly title?: string;
  readonly album?: string;
}

/** How an event came to us; stored with it, so that a source can be left out (`Learning`). */
export type ListenSource = 'player' | 'import' | 'feedback' | 'api';

/** What of the stored history is learnt from. What is left out stays stored, and counts again as soon as it is let in. */
export interface Learning {
  /** Plays that `listen` was told of. */
  readonly plays: boolean;
  /** Loves, skips and bans, and which lists were shown. */
  readonly choices: boolean;
  /** Plays of imported exports. */
  readonly imported: boolean;
}

/** 'clear' takes an earlier love or ban back; given at the very second of a skip, it takes that skip back. */
export type FeedbackKind = 'love' | 'skip' | 'ban' | 'clear';

/** An event as it is kept. Times in seconds and milliseconds since 1970. */
export interface StoredEvent {
  readonly kind: 'play' | 'shown' | FeedbackKind;
  readonly at: number;
  readonly artist: string;
  readonly artistId: string;
  readonly title?: string;
  readonly album?: string;
  readonly playedMs?: number;
  readonly durationMs?: number;
  /** shown: of the list. */
  readonly mark?: number;
  readonly source: ListenSource;
}

/** A batch of events with the place it has in the store. */
export interface StoredBatch {
  readonly seq: number;
  readonly events: readonly StoredEvent[];
}

export type StoreChange = 'appended' | 'changed' | 'erased';

/** Where events live. Appending is atomic per batch; a batch whose promise resolved is not lost. */
export interface Store {
  open(): Promise<void>;
  append(events: readonly StoredEvent[]): Promise<number>;
  /**
   * Appends when `after` is the newest batch; null, and nothing done, when another tab or process was first. A store that several share needs it, or
   * what two of them read at the same moment is stored twice.
   */
  appendAfter?(after: number, events: readonly StoredEvent[]): Promise<number | null>;
  /** Batches with seq > after, in order. */
  read(after: number): AsyncIterable<StoredBatch>;
  /** Puts other events in the place of a batch, all or nothing; the words of the old ones are gone. Errors: unknown_item (`at` = seq). */
  replace(seq: number, events: readonly StoredEvent[]): Promise<void>;
  erase(): Promise<void>;
  storedBytes(): Promise<number | null>;
  /** Told when another tab appended, replaced ('changed') or erased. */
  onExternalChange(listener: (change: StoreChange) => void): () => void;
  close(): Promise<void>;
}

/** One thing that is stored: a play, or what was said about an artist. */
export interface HistoryEntry {
  /** Names this entry until it is edited. */
  readonly id: string;
  readonly kind: StoredEvent['kind'];
  readonly track: Track;
  readonly artistId: string;
  readonly at: Date;
  readonly playedMs?: number;
  readonly durationMs?: number;
  readonly source: ListenSource;
}

export interface HistoryQuery {
  /** From this time on. */
  readonly from?: Date;
  /** Up to this time, and not at it. */
  readonly to?: Date;
  /** `Artist.id`. */
  readonly artistId?: string;
  readonly source?: ListenSource;
  /** In the words of artist, title or album; case and diacritics do not matter. */
  readonly text?: string;
  /** Default: all but 'shown'. */
  readonly kinds?: readonly StoredEvent['kind'][];
  /** Default 'newest' first. */
  readonly order?: 'newest' | 'oldest';
  /** 1..1000, default 50. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string;
  readonly signal?: AbortSignal;
}

export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  /** Entries that fit the query, on all pages. */
  readonly total: number;
  /** For `after`; null: this is the last page. */
  readonly next: string | null;
}

/** What is left out stays; `track` is taken whole. */
export interface HistoryChanges {
  readonly track?: Track;
  readonly startedAt?: Date;
  readonly playedMs?: number;
  readonly durationMs?: number;
}

/** Everything that is stored, entry by entry. What is deleted or edited was never otherwise: all lists follow, in other tabs too. */
export interface History {
  /** Reads the whole store: about a second for a million entries. */
  query(query?: HistoryQuery): Promise<HistoryPage>;
  /** Changes a play. Errors: unknown_item (`at` = id); invalid_argument. */
  edit(
    id: string,
    changes: HistoryChanges,
    options?: { signal?: AbortSignal },
  ): Promise<HistoryEntry>;
  /** Deletes entries by id; unknown ones are passed over. The words are gone from the store when it resolves. */
  delete(
    ids: string | readonly string[],
    options?: { signal?: AbortSignal },
  ): Promise<{ readonly deleted: number }>;
}

export interface ExportOptions {
  /** 'ossicle': everything, readable JSON that `import` takes back; 'listenbrainz': the plays, as JSON lines. Default 'ossicle'. */
  readonly format?: 'ossicle' | 'listenbrainz';
  /** 'ossicle' only: anything of the caller's that JSON can hold; `ImportReport.settings` gives it back. */
  readonly settings?: unknown;
  readonly signal?: AbortSignal;
}

export type ImportProblemKind =
  | 'bad_record'
  | 'no_artist'
  | 'bad_date'
  | 'future_date'
  | 'too_long'
  | 'bad_utf8'
  | 'truncated'
  | 'now_playing'
  /** A podcast, a film, an audiobook, a video that is not music. */
  | 'not_music'
  /** Begun, and not played for a moment. */
  | 'not_played'
  /** Played in a session that the listener asked the service not to remember. */
  | 'private_session'
  /** A file of the zip that holds something else than listens. */
  | 'other_file';

export interface ImportProblem {
  readonly kind: ImportProblemKind;
  readonly count: number;
  /** 1-based line of the first one. */
  readonly firstLine: number;
  /** The file of the zip that it is in. */
  readonly firstFile?: string;
}

export type ImportFormat =
  | 'listenbrainz'
  | 'lastfm-json'
  | 'lastfm-csv'
  /** Account data or extended streaming history. */
  | 'spotify'
  /** The library of iTunes or Apple Music as XML. */
  | 'apple-library'
  /** Apple's "Play Activity" or "Play History Daily Tracks". */
  | 'apple-activity'
  /** Google Takeout's watch history. */
  | 'youtube-music'
  /** What `Engine.export` wrote. */
  | 'ossicle';

export interface ImportProgress {
  readonly readBytes: number;
  /** 0 when the size is not known. */
  readonly totalBytes: number;
  readonly listens: number;
  /** Of those, by artists in the catalogue. */
  readonly matched: number;
}

export interface ImportReport {
  readonly format: ImportFormat;
  readonly listens: number;
  /** Of those, plays that the export tells without their date: it is estimated. */
  readonly estimatedDates: number;
  readonly added: number;
  readonly duplicates: number;
  /** Listens by artists in the catalogue, of all listens read. */
  readonly matchedListens: number;
  readonly artists: number;
  readonly matchedArtists: number;
  /** The most played artists that the catalogue lacks, most played first, at most 10. */
  readonly unmatchedArtists: readonly { readonly name: string; readonly listens: number }[];
  readonly problems: readonly ImportProblem[];
  /** 'ossicle' only: what `export` was given to keep. */
  readonly settings?: unknown;
}

export interface ImportOptions {
  /** Default: told from the first bytes, or the names in a zip. */
  readonly format?: ImportFormat;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
  readonly now?: Date;
}
