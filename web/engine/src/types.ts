/** The public API of `ossicle`. Implemented by `openEngine` of `ossicle` (browser, module worker) and of `ossicle/node` (in process). */
import type {
  ExportOptions,
  FeedbackKind,
  History,
  ImportOptions,
  ImportReport,
  Learning,
  ListenSource,
  Store,
  Track,
} from './types-history.ts';
import type { Contributions } from './types-contribute.ts';
import type { Sync } from './types-sync.ts';
import type { EnergyOptions, PlaylistOptions, TrackPlaylistOptions } from './types-playlist.ts';

export type * from './types-contribute.ts';
export type * from './types-history.ts';
export type * from './types-playlist.ts';
export type * from './types-sync.ts';

export interface ListenInput {
  readonly track: Track;
  /** When the track started. */
  readonly startedAt: Date;
  /** Milliseconds heard; left out = unknown, counts as a whole play. */
  readonly playedMs?: number;
  /** Length of the track in milliseconds, when known. */
  readonly durationMs?: number;
  /** The listener went on in the first moments: it counts against the artist, lightly, and the song rests. Default false. */
  readonly skipped?: boolean;
  readonly source?: ListenSource;
}

/** An artist, as the catalogue knows it; or one of the listener's own tracks whom it lacks: then without tags and listeners. */
export interface Artist {
  /** 32 hexadecimal digits: derived from the name, the same on every device. */
  readonly id: string;
  readonly name: string;
  /** Most fitting first. */
  readonly tags: readonly string[];
  /** People in the catalogue's training data who listen to it. */
  readonly listeners: number;
}

/** One artist of the listener's history that caused a recommendation. */
export interface Reason {
  readonly artist: Artist;
  /** Exact part in the score; the parts of all reasons, `mu`, the biases and `base` sum up to it. */
  readonly contribution: number;
  /** How much the score falls when this artist is deleted from the history. Exact. */
  readonly ifRemoved: number;
  /** Tags that the recommended artist has in common with this one, in the recommended artist's order. */
  readonly sharedTags: readonly string[];
  readonly plays: number;
  readonly firstPlayedAt: Date | null;
  readonly lastPlayedAt: Date | null;
  readonly loved: boolean;
}

export interface Recommendation {
  readonly artist: Artist;
  /** r_ui = mu + <p_u, q_i> + b_u + b_i. */
  readonly score: number;
  /** Strongest first; empty when there is no history yet (then `items` are the most listened artists). */
  readonly because: readonly Reason[];
}

export interface RecommendOptions {
  /** 1..256, default 20. */
  readonly limit?: number;
  /** 0..1, default 0: by value alone; 1: as unlike each other as can be. */
  readonly diversity?: number;
  /** 0..1, default 0.5: off; 0 is familiar (what many know), 1 adventurous (what few know). */
  readonly novelty?: number;
  /** 0..8, default 0: how much artists near the last plays count beside the whole taste, which counts 1. */
  readonly neighbours?: number;
  /** Days, 0..36500, default 0: artists the listener knows never come back; else those not played or loved for so long may. */
  readonly repeatDays?: number;
  /** Days, 0..36500, default 0: artists that `shown` was told of rest as long. */
  readonly shownRestDays?: number;
  /** Most items that credit one artist, 1..1024; default: any number. */
  readonly perArtist?: number;
  /**
   * Lets a bandit choose the blend of sources (then `novelty` and `neighbours` have no say), from how lists made so were answered. Tell
   * `shown` of the list: without it nothing is learned. `situation` keeps apart up to three kinds of moments (0, 1, 2; default 0); the same
   * `seed` (a whole number, default: from the clock) and history give the same list.
   */
  readonly follow?: { readonly situation?: number; readonly seed?: number };
  /** Reasons per item, 0..16, default 3. */
  readonly reasons?: number;
  /** "Now" for the decay of old plays; default: the clock. */
  readonly now?: Date;
  readonly signal?: AbortSignal;
}

export interface RecommendResult {
  readonly items: readonly Recommendation[];
  /** Of a list made with `follow`, for `shown`; else 0. */
  readonly mark: number;
  /** 'history': from the listener's taste; 'popular': nothing usable in the history yet. */
  readonly basis: 'history' | 'popular';
}

export interface Explanation extends Recommendation {
  /** All reasons, not only the strongest. */
  readonly because: readonly Reason[];
}

export interface EmbedOptions {
  /** Numbers in a vector: 64, 128 or 256 with the released encoder, the default being all. */
  readonly dimensions?: number;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

export type StyleKind = 'genre' | 'mood' | 'instrument';

/** A genre, mood or instrument that a text speaks of. */
export interface StyleLabel {
  readonly kind: StyleKind;
  readonly label: string;
  /** The genre that this one belongs to, at least as probable. */
  readonly parent: string | null;
  /** 0..1; labels do not exclude each other. */
  readonly probability: number;
}

export interface StyleOptions {
  /** Default: all three. */
  readonly kinds?: readonly StyleKind[];
  /** Labels with at least this probability, 0..1; default 0.5. */
  readonly least?: number;
  /** Labels of each kind at most, 1..1000, default 10. */
  readonly limit?: number;
  readonly onProgress?: EmbedOptions['onProgress'];
  readonly signal?: AbortSignal;
}

/** What can be searched of one track; every field may be left out. */
export interface SearchDocument {
  readonly title?: string;
  readonly artist?: string;
  readonly album?: string;
  readonly tags?: string | readonly string[];
  /** Lyrics, comments, a description. */
  readonly text?: string;
}

/** What an index goes by: the words of a document, or also what it is about. */
export type SearchBasis = 'words' | 'words and meaning';

export interface SearchHit {
  /** Index of the document. */
  readonly row: number;
  /** Higher is better; comparable within one answer only. */
  readonly score: number;
  /** 'words': has words of the query; 'meaning': is among the 1,000 nearest by its vector; 'both'. */
  readonly found: 'words' | 'meaning' | 'both';
}

export interface SearchOptions {
  /** 1..1000, default 20. */
  readonly limit?: number;
  /** The last word may go on, unless white space ends it: for a query that is being typed. Default false. */
  readonly asTyped?: boolean;
  readonly signal?: AbortSignal;
}

export interface IndexProgress {
  /** 'words': documents handed over; 'meaning': documents that have a vector. */
  readonly stage: 'words' | 'meaning';
  readonly done: number;
  readonly total: number;
}

export interface IndexOptions {
  /**
   * Search by meaning too. true: the encoder makes a vector of each document, about a millisecond each; or such vectors as `embed`
   * gave them, one for each document, as a list or as rows one after the other. Default false.
   */
  readonly vectors?: boolean | Float32Array | readonly Float32Array[];
  readonly onProgress?: (progress: IndexProgress) => void;
  readonly signal?: AbortSignal;
}

/** Documents that can be searched; in memory, in the worker. */
export interface SearchIndex extends AsyncDisposable {
  readonly documents: number;
  readonly by: SearchBasis;
  /**
   * Best first; nothing for a query of white space. Case, diacritics and width do not matter, and small typing mistakes little.
   * Errors: invalid_argument; closed (the index, or the engine); AbortError.
   */
  search(query: string, options?: SearchOptions): Promise<readonly SearchHit[]>;
  close(): Promise<void>;
}

/** An artist of the catalogue that a search found. */
export interface FoundArtist {
  readonly artist: Artist;
  readonly score: number;
  readonly found: SearchHit['found'];
}

export interface SearchResult {
  /** Best first. */
  readonly items: readonly FoundArtist[];
  readonly by: SearchBasis;
}

/** A track of the listener's own: a file, or an entry of a server. */
export interface LibraryTrack {
  /** The caller's own name for it, e.g. a path. */
  readonly id: string;
  readonly title: string;
  /** The credit as it is written: "A feat. B". */
  readonly artist: string;
  readonly album?: string;
  readonly tags?: readonly string[];
  readonly durationMs?: number;
}

/** 'any': all but what was played in the last `repeatDays`; 'unplayed': never played; 'rediscover': played, but not in that time. */
export type TrackShelf = 'any' | 'unplayed' | 'rediscover';

export interface TrackListOptions {
  /** 1..1000, default 20. */
  readonly limit?: number;
  /** Reasons of each track, 0..16, default 3 (`similar`: none). */
  readonly reasons?: number;
  readonly now?: Date;
  /** Default 'any'. */
  readonly shelf?: TrackShelf;
  /** Tracks of one credited artist in the list, default 2; 0 = any number. */
  readonly perArtist?: number;
  /** Other tracks between two of one artist, as far as those that are left allow it; 0..1000, default 3. */
  readonly spacing?: number;
  /** Days that a song rests after a play, 0..36500; default 7, with 'rediscover' 60. */
  readonly repeatDays?: number;
  /** Score for each doubling of 1 + plays, -10..10, default 0: > 0 prefers what is played often, < 0 what is not. */
  readonly familiarity?: number;
  /** `similar` only: how much text counts beside factors, 0..1, default 0.3. */
  readonly textShare?: number;
  readonly signal?: AbortSignal;
}

/** What is known of a track, and what speaks for it. */
export interface ExplainedTrack {
  readonly track: LibraryTrack;
  /** The credited artists that the catalogue knows, then those whom only the library knows: all of them can be loved and banned. */
  readonly artists: readonly Artist[];
  /** Of the song, in whichever edition. */
  readonly plays: number;
  readonly lastPlayedAt: Date | null;
  /** What caused the artists' part of the score, strongest first: parts of each artist's score, averaged. Exact. */
  readonly because: readonly Reason[];
  /** Tags of the track that the artists in `because` have as well. */
  readonly sharedTags: readonly string[];
}

export interface RecommendedTrack extends ExplainedTrack {
  /** Of `recommend`: artist + text, with biases and familiarity; of `similar`: the blended cosine. */
  readonly score: number;
  /** The part of the factors of credited artists of the catalogue; of `similar`: the cosine of factors. */
  readonly byArtist: number;
  /** The part of the track's own text; of `similar`: the cosine of texts. */
  readonly byText: number;
}

export interface LibraryAddOptions {
  /**
   * Text vectors, for `similar`, for tracks by unknown artists and for telling tracks of one artist apart: true lets the encoder make
   * them, about a millisecond each; bytes that `vectors()` gave, once or in parts, are used first, and what they lack is made; false: none.
   * Default true.
   */
  readonly vectors?: boolean | Uint8Array | readonly Uint8Array[];
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

/**
 * The listener's own tracks, in memory; plays of them come from the history. Artists of theirs whom the catalogue lacks become known by the
 * words of their tracks (up to 4,096 of them): plays, loves and bans of them shape every list from then on.
 */
export interface Library {
  /** Tracks in it. */
  readonly size: number;
  /**
   * Adds tracks; one whose id is there already is left alone, or replaced when its words have changed. What was added before an abort
   * or an error stays. Errors: invalid_argument (`at` = index); out_of_memory; with vectors those of `embed`; AbortError.
   */
  add(
    tracks: readonly LibraryTrack[],
    options?: LibraryAddOptions,
  ): Promise<{ readonly added: number }>;
  /** Removes tracks by id; unknown ids are passed over. */
  remove(ids: readonly string[]): Promise<{ readonly removed: number }>;
  recommend(options?: TrackListOptions): Promise<readonly RecommendedTrack[]>;
  /** Tracks most like the one with this id. Errors: unknown_item. */
  similar(id: string, options?: TrackListOptions): Promise<readonly RecommendedTrack[]>;
  /** Why the track with this id is recommended, or would be: whether or not it is in any list. Errors: unknown_item. */
  explain(
    id: string,
    options?: Pick<TrackListOptions, 'reasons' | 'now' | 'signal'>,
  ): Promise<ExplainedTrack>;
  /**
   * A list of one's own tracks: no song twice, artists spaced, nobody who is banned, from one track to another where they are given.
   * Errors: invalid_argument (a knob; both ends one song); unknown_item (`from`, `to`); AbortError.
   */
  playlist(options?: TrackPlaylistOptions): Promise<readonly LibraryTrack[]>;
  /**
   * How lively each track is, by id, as its place among all of them: 0 the calmest, 1 the wildest. Told from its tags, else from its text vector;
   * a track with neither is not in it. The first call encodes each tag once, about a millisecond each. Errors: those of `embed`.
   */
  energy(options?: EnergyOptions): Promise<ReadonlyMap<string, number>>;
  /** Text vectors that were made or given. They only get more, until `clear`. */
  readonly vectorCount: number;
  /**
   * Text vectors from number `from` on (default 0: all), for the caller to keep: `add` takes them. About 270 bytes a track. Kept with the
   * `vectorCount` of the moment, the next part begins there.
   */
  vectors(from?: number): Uint8Array<ArrayBuffer>;
  /** The text vector of a track, of unit length; null: it has none, or is not there. For `createIndex`, for maps: nothing is encoded. */
  vectorOf(id: string): Float32Array<ArrayBuffer> | null;
  /** Removes all tracks and vectors, and gives the memory back. */
  clear(): Promise<void>;
}

export interface PlaylistItem {
  readonly artist: Artist;
  /** Log probability after what stands before it, among the 128 best choices; 0 for `from` and `to`. */
  readonly score: number;
}

/** What was learnt, in words. Shares are of everything, those that are not listed included. */
export interface Taste {
  /** What the recommended artists are tagged with, the weightiest first. */
  readonly tags: readonly { readonly tag: string; readonly share: number }[];
  /** Artists of the history that the recommendations rest on, the weightiest first. */
  readonly artists: readonly { readonly artist: Artist; readonly share: number }[];
}

export interface TasteOptions {
  /** Most tags, 0..1000, default 24. */
  readonly tags?: number;
  /** Most artists, 0..1000, default 12. */
  readonly artists?: number;
  readonly now?: Date;
  readonly signal?: AbortSignal;
}

export interface ProfileSummary {
  /** All that is stored. */
  readonly events: number;
  /** Of those, events that are learnt from: fewer where `Learning` leaves some out. */
  readonly eventsLearntFrom: number;
  readonly eventsInCatalogue: number;
  /** Artists of the catalogue in what is learnt from. */
  readonly artists: number;
  readonly loved: number;
  readonly banned: number;
  /** Bytes of the store, as far as it can tell. */
  readonly storedBytes: number | null;
  readonly firstEventAt: Date | null;
  readonly lastEventAt: Date | null;
}

export interface CatalogueSummary {
  readonly artists: number;
  readonly factors: number;
  readonly name: string;
  readonly licence: string;
  readonly source: string;
}

export interface Engine extends AsyncDisposable {
  /** Which WASM file runs: 'simd' or 'relaxed', and why. */
  readonly build: { readonly variant: 'simd' | 'relaxed'; readonly reason: string };
  readonly catalogue: CatalogueSummary;
  /** Newer item vectors; null: opened without `snapshots`. */
  readonly sync: Sync | null;
  /** Contributions to item vectors; null: opened without `snapshots`. */
  readonly contributions: Contributions | null;
  /** Adds one event; resolves when it is stored. */
  listen(
    event: ListenInput,
    options?: { signal?: AbortSignal },
  ): Promise<{ readonly matched: boolean; readonly duplicate: boolean }>;
  /** Imports an export: a Blob/File, a stream, or bytes. What was read before an abort or an error stays. */
  import(
    file: Blob | ReadableStream<Uint8Array> | Uint8Array,
    options?: ImportOptions,
  ): Promise<ImportReport>;
  /**
   * Artists that the listener does not know, best first. A banned artist's collaborations are left out too.
   * Errors: invalid_argument (an option outside its range; `at` names it); AbortError.
   */
  recommend(options?: RecommendOptions): Promise<RecommendResult>;
  /**
   * Stores that a list was shown: its artists then rest for `shownRestDays`, and what the listener does with them within a week answers a list
   * made with `follow` (played or loved: taken; skipped or banned: not).
   */
  shown(list: RecommendResult, options?: { at?: Date; signal?: AbortSignal }): Promise<void>;
  /** Why an artist (by id) has the score it has; known or not. */
  explain(artistId: string, options?: { now?: Date; signal?: AbortSignal }): Promise<Explanation>;
  feedback(
    artistId: string,
    kind: FeedbackKind,
    options?: { at?: Date; signal?: AbortSignal },
  ): Promise<void>;
  /** Artists loved or banned, the latest first. */
  flagged(kind: 'love' | 'ban'): Promise<readonly Artist[]>;
  /**
   * A vector of unit length for each text about music (title, artist, tag, lyrics, query; Chinese, English, Japanese, Spanish, French or
   * German): the scalar product of two says how alike they are. The first call loads the encoder (9 MB).
   * Errors: invalid_argument; missing, network, checksum_mismatch (the encoder's files); AbortError.
   */
  embed(
    texts: readonly string[],
    options?: EmbedOptions,
  ): Promise<readonly Float32Array<ArrayBuffer>[]>;
  /**
   * Genres, moods and instruments that a text speaks of, with probabilities: a caption, tags, a description, in the languages of `embed`.
   * By kind, in the order of `kinds`, the most probable first. The first call loads the encoder and the style model.
   * Errors: invalid_argument; missing, network, checksum_mismatch (their files); AbortError.
   */
  style(text: string, options?: StyleOptions): Promise<readonly StyleLabel[]>;
  style(
    texts: readonly string[],
    options?: StyleOptions,
  ): Promise<readonly (readonly StyleLabel[])[]>;
  /**
   * An index of your own documents: tracks, playlists, lyrics. Row i of a hit is documents[i]; nothing of them is kept but words and vectors.
   * Errors: invalid_argument (`at` = the document); capacity_exceeded; with vectors those of `embed`; AbortError, which leaves nothing behind.
   */
  createIndex(documents: readonly SearchDocument[], options?: IndexOptions): Promise<SearchIndex>;
  /** Artists of the catalogue by name and tag; after `prepareSearch` also by what the query means, in six languages. */
  search(query: string, options?: SearchOptions): Promise<SearchResult>;
  /**
   * Makes a vector of each artist of the catalogue, so that `search` goes by meaning too: loads the encoder, and takes some tens of seconds for
   * 17,632 artists. Other calls run in between; what was done before an abort stays.
   * Errors: those of `embed`.
   */
  prepareSearch(options?: Omit<IndexOptions, 'vectors'>): Promise<void>;
  /** The listener's own tracks. */
  readonly library: Library;
  /**
   * A list that goes on from what was played last, begins with `from` and leads to `to`: no artist twice, none that is banned, exactly
   * `length` of them. The first call loads the sequence model.
   * Errors: invalid_argument (a knob; an end that is banned; both ends the same; longer than the artists that are allowed); unknown_item
   * (`from`, `to`); missing, network, checksum_mismatch (its files); AbortError.
   */
  playlist(options?: PlaylistOptions): Promise<readonly PlaylistItem[]>;
  /**
   * How lively each artist of the catalogue is, by id, as its place among all of them: 0 the calmest, 1 the wildest. Told from its tags; an artist
   * without any is not in it. The first call encodes each tag once; the answer is kept. Errors: those of `embed`.
   */
  energy(options?: EnergyOptions): Promise<ReadonlyMap<string, number>>;
  profile(): Promise<ProfileSummary>;
  /** What was learnt, in words, as the hundred best recommendations tell it; nothing before anything was learnt. Errors: those of `recommend`. */
  taste(options?: TasteOptions): Promise<Taste>;
  /** What of the history is learnt from now. */
  readonly learning: Learning;
  /**
   * Lets parts of the history in, or leaves them out of all that is made of it: recommendations, explanations, the library's lists, playlists, loved and
   * banned artists. The store is left as it is; after it resolves, everything is as if only the chosen parts had ever been stored. What comes in
   * meanwhile is stored, once. Reads the whole store; holds for this engine until it is closed.
   */
  setLearning(change: Partial<Learning>, options?: { signal?: AbortSignal }): Promise<void>;
  readonly history: History;
  /** What is stored, as a stream of UTF-8. What is added meanwhile may be in it. Errors: those of the store; AbortError. */
  export(options?: ExportOptions): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Everything that the engine has asked the network for, as the browser counted it. Empty in Node, where assets are read from disk. */
  requests(): Promise<readonly EngineRequest[]>;
  /**
   * Deletes everything stored about the listener: a contribution that is being sent (what it cost stays; one that another tab is sending goes when that try has ended), the key, then the data.
   * The engine stays open, with an empty history.
   */
  erase(): Promise<void>;
  /** Called when another tab changed the history. Returns a function that stops it. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface LoadProgress {
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

export interface OpenOptions {
  /** Folder of the assets (`ossicle-simd.wasm`, `ossicle-relaxed.wasm`, `catalogue/bundle.json` ...); same origin in a page. No CDN default. */
  readonly assets: URL | string;
  /** Default: a memory store. */
  readonly store?: Store;
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
  /** Forces a build; default: chosen by probe and self-test. */
  readonly variant?: 'simd' | 'relaxed';
  /** true reads the text encoder's files (9 MB) while the engine opens, so that the first `embed` comes sooner; default: at the first `embed`. */
  readonly encoder?: boolean;
  readonly profile?: Partial<ProfileSettings>;
  /** Default: everything is learnt from. */
  readonly learning?: Partial<Learning>;
  /** Where newer item vectors are kept once `sync.update` fetched some: name of an IndexedDB database; in Node, a folder. Default: none are, and `sync` is null. */
  readonly snapshots?: string;
}

/** One request that the engine made. */
export interface EngineRequest {
  readonly url: string;
  readonly at: Date;
  /** Size of the answer's body as it came over the network; 0 when it came from the browser's cache. */
  readonly bytes: number;
}

/** How events become evidence; see core/include/ossicle/pipeline.h for what each does. */
export interface ProfileSettings {
  readonly halfLifeDays: number;
  readonly loveStrength: number;
  readonly skipStrength: number;
  readonly banStrength: number;
  readonly minPlayedMs: number;
  readonly skipRestDays: number;
}
