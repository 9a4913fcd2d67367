/** Everything that is asked of a core, in one typed map; the same calls in process and across a worker's boundary. */
import type { ErrorCode } from './errors.ts';
import { OssicleError } from './errors.ts';
import type {
  Artist,
  CatalogueSummary,
  EngineRequest,
  Explanation,
  ImportProblem,
  Learning,
  LoadProgress,
  PlaylistItem,
  ProfileSettings,
  Recommendation,
  SearchHit,
  StyleKind,
  StyleLabel,
  StoredEvent,
  Reason,
  TrackShelf,
} from './types.ts';
import type {
  ContributionLimits,
  ContributionPreview,
  ContributionState,
} from './types-contribute.ts';
import type { SnapshotFacts, SyncState, SyncUpdate } from './types-sync.ts';

/** Most bytes of an export in one call. */
export const IMPORT_PIECE = 65536;

/** Most hits of one search. */
export const MOST_HITS = 1000;

/** Exports that the core reads itself. */
export type CoreFormat = 'listenbrainz' | 'lastfm-json' | 'lastfm-csv';

export type Variant = 'simd' | 'relaxed';

/** What became of an event. `unknown`: kept, but the catalogue lacks the artist. */
export type Recorded = 'kept' | 'unknown' | 'duplicate';

export interface OpenArguments {
  /** Absolute address of the folder of the assets. */
  readonly assets: string;
  readonly variant?: Variant;
  /** Reads the encoder's files, too, while the engine opens. */
  readonly encoder?: boolean;
  readonly profile?: Partial<ProfileSettings>;
  /** Everything, when left out. */
  readonly learning?: Learning;
  /** Events that can be told apart at least; the core's default when left out. */
  readonly maxEvents?: number;
  /** Where snapshots are; none, when left out. */
  readonly snapshots?: string;
  /** Opening again: manifest of the snapshot that was open; null: the catalogue of the assets. */
  readonly opened?: string | null;
}

export interface Opened {
  readonly build: { readonly variant: Variant; readonly reason: string };
  readonly catalogue: CatalogueSummary;
  /** null: the catalogue of the assets. */
  readonly snapshot: SnapshotFacts | null;
  readonly maxEvents: number;
}

export interface CoreCounts {
  readonly events: number;
  /** Of the events, those that are learnt from. */
  readonly learnt: number;
  /** Of the events, those whose artist the catalogue lacks. */
  readonly unknown: number;
  readonly artists: number;
  readonly loved: number;
  readonly banned: number;
}

export interface ImportedBatch {
  readonly events: readonly StoredEvent[];
  /** One per event, or fewer when `failure` says why the core kept no more. */
  readonly recorded: readonly Recorded[];
  /** One per event: whether the catalogue knows the artist. */
  readonly matched: readonly boolean[];
  readonly failure: WireError | null;
}

export interface ImportFacts {
  readonly format: CoreFormat;
  readonly listens: number;
  readonly problems: readonly ImportProblem[];
}

/** Some documents of an index: their fields in UTF-8, one after the other, and the bytes of each: title, artist, album, tags, text. */
export interface DocumentSlice {
  readonly text: Uint8Array<ArrayBuffer>;
  /** [documents, 5] */
  readonly lengths: Uint32Array<ArrayBuffer>;
}

export interface IndexFacts {
  readonly documents: number;
  /** Distinct words. */
  readonly terms: number;
  /** Memory that the words hold. */
  readonly bytes: number;
}

export interface IndexSearch {
  readonly query: string;
  /** Of the query; null: by words only. */
  readonly vector: Float32Array<ArrayBuffer> | null;
  /** 1..MOST_HITS */
  readonly limit: number;
  readonly asTyped: boolean;
}

/** What a list is asked for; a knob that is left out has the core's default. */
export interface ListArguments {
  readonly limit: number;
  readonly reasons: number;
  readonly now: number;
  readonly knobs: {
    readonly diversity?: number;
    readonly novelty?: number;
    readonly neighbours?: number;
    readonly repeatDays?: number;
    readonly shownRestDays?: number;
    readonly perArtist?: number;
  };
  readonly follow: { readonly situation: number; readonly seed: number } | null;
}

export interface RecommendedList {
  readonly items: readonly Recommendation[];
  readonly mark: number;
}

/** Some tracks of a library. */
export interface TrackSlice {
  /** Title and artist in UTF-8, track after track. */
  readonly text: Uint8Array<ArrayBuffer>;
  /** [tracks, 4]: bytes of title and artist, duration in milliseconds (0 = unknown), vectors (0, 1: its own, 2: and its artists'). */
  readonly lengths: Uint32Array<ArrayBuffer>;
  readonly vectors: Float32Array<ArrayBuffer>;
}

export interface LibraryFacts {
  readonly tracks: number;
  readonly capacity: number;
  readonly textDimensions: number;
  /** Whether text has a part in the factors of tracks. */
  readonly hasMap: boolean;
  /** The encoder that the catalogue's map is for, as encoderName gives it; null: of none. */
  readonly textEncoder: string | null;
  readonly bytes: number;
}

export interface TrackKnobs {
  readonly shelf: TrackShelf;
  readonly perArtist: number;
  readonly spacing: number;
  readonly repeatDays: number;
  readonly familiarity: number;
  readonly textShare: number;
}

export interface LibraryList {
  /** Tracks like this row; null: for the listener. */
  readonly like: number | null;
  readonly limit: number;
  readonly reasons: number;
  readonly now: number;
  readonly knobs: TrackKnobs;
}

/** Best first, of each track its row, the song that it is an edition of, and its score. */
export interface TrackScores {
  readonly rows: Uint32Array<ArrayBuffer>;
  readonly songs: Uint32Array<ArrayBuffer>;
  readonly scores: Float64Array<ArrayBuffer>;
  /** The song of the row that they are like; null: there is none. */
  readonly song: number | null;
}

/** What is known of a track, and what speaks for it. */
export interface ExplainedTrack {
  readonly row: number;
  readonly artists: readonly Artist[];
  readonly plays: number;
  readonly lastPlayedAt: number | null;
  readonly because: readonly Reason[];
}

export interface ListedTrack extends ExplainedTrack {
  readonly score: number;
  readonly artist: number;
  readonly text: number;
}

export interface PlaylistArguments {
  readonly length: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly adventure: number | null;
  readonly seed: number | null;
  readonly recent: number | null;
  readonly pull: number | null;
  readonly beams: number | null;
  readonly curve: {
    /** [length] */
    readonly target: Float32Array<ArrayBuffer>;
    readonly ids: readonly string[];
    /** Of the ids. */
    readonly values: Float32Array<ArrayBuffer>;
    readonly weight: number | null;
  } | null;
}

/** name -> [arguments, result]. Times are in seconds since 1970. */
export interface Calls extends ContributeCalls {
  /** On an open core: opens again, with an empty history; imports go on. */
  open: [OpenArguments, Opened];
  /** The id of an artist by name. */
  identify: [{ readonly artist: string }, string];
  artists: [{ readonly ids: readonly string[] }, readonly (Artist | null)[]];
  record: [{ readonly events: readonly StoredEvent[] }, readonly Recorded[]];
  /** Forgets every event. */
  forget: [null, null];
  /** Forgets every event, and learns from then on from these only. */
  learn: [Learning, null];
  counts: [null, CoreCounts];
  syncState: [null, SyncState];
  syncUpdate: [{ readonly server: string; readonly policy?: string }, SyncUpdate];
  syncRevert: [null, SyncState];
  /** What this thread asked the network for. */
  requests: [null, readonly EngineRequest[]];
  recommend: [ListArguments, RecommendedList];
  explain: [{ readonly artistId: string; readonly now: number }, Explanation];
  flagged: [{ readonly ids: readonly string[]; readonly kind: 'love' | 'ban' }, readonly Artist[]];
  /** Gives the number of the import, which the other three take. */
  importOpen: [{ readonly format: CoreFormat | null; readonly now: number }, number];
  /** `bytes`: at most IMPORT_PIECE. */
  importFeed: [
    { readonly id: number; readonly bytes: Uint8Array<ArrayBuffer>; readonly last: boolean },
    ImportedBatch,
  ];
  importReport: [{ readonly id: number }, ImportFacts];
  importClose: [{ readonly id: number }, null];
  /** Loads the text encoder with the first call. `dimensions` null: the whole vector. At most 256 texts. */
  encode: [
    { readonly texts: readonly string[]; readonly dimensions: number | null },
    { readonly dimensions: number; readonly vectors: Float32Array<ArrayBuffer> },
  ];
  /** Loads the encoder and the style model with the first call. At most 256 texts; labels of each. */
  style: [
    {
      readonly texts: readonly string[];
      readonly kinds: readonly StyleKind[];
      readonly least: number;
      readonly limit: number;
    },
    readonly (readonly StyleLabel[])[],
  ];
  /** Loads the sequence model with the first call. null: the core's default, or none. */
  playlist: [PlaylistArguments, readonly PlaylistItem[]];
  /** Documents of an index that is being made; the caller numbers it. */
  indexAdd: [{ readonly id: number; readonly slice: DocumentSlice }, null];
  /** Ends the adding of documents. */
  indexBuild: [{ readonly id: number }, IndexFacts];
  /** Makes an index of all artists of the catalogue. */
  indexCatalogue: [{ readonly id: number }, IndexFacts];
  /** Vectors of the next documents. */
  indexVectors: [
    {
      readonly id: number;
      readonly vectors: Float32Array<ArrayBuffer>;
      readonly dimensions: number;
    },
    null,
  ];
  indexSearch: [IndexSearch & { readonly id: number }, readonly SearchHit[]];
  /** Of an index that is there or not. */
  indexClose: [{ readonly id: number }, null];
  /** Artists by their rows in the catalogue. */
  artistsAt: [{ readonly rows: readonly number[] }, readonly Artist[]];
  /** Artists of the catalogue that each credit names. */
  creditedArtists: [{ readonly names: readonly string[] }, readonly (readonly Artist[])[]];
  /** SHA-256 of the weights of the text encoder whose files are there: vectors of another one are of no use. */
  encoderName: [null, string];
  /** Opens an empty library in place of the one that was open. */
  libraryOpen: [{ readonly capacity: number }, LibraryFacts];
  libraryAdd: [{ readonly slice: TrackSlice }, LibraryFacts];
  libraryHide: [{ readonly rows: readonly number[] }, null];
  libraryList: [LibraryList, readonly ListedTrack[]];
  libraryExplain: [
    { readonly row: number; readonly reasons: number; readonly now: number },
    ExplainedTrack,
  ];
  /** As many tracks as one call of the core gives, without reasons. */
  libraryScores: [Omit<LibraryList, 'limit' | 'reasons'>, TrackScores];
  /** A library that is open or not. */
  libraryClose: [null, null];
}

/** Those of contributions: their code is loaded with the first of them. `now` is in milliseconds since 1970. */
export interface ContributeCalls {
  contributeState: [{ readonly now: number }, ContributionState];
  contributeOn: [
    ContributeServer & {
      readonly now: number;
      readonly limits?: ContributionLimits;
      readonly invitation?: string | null;
      readonly origins?: readonly string[];
    },
    ContributionState,
  ];
  contributeOff: [{ readonly now: number }, ContributionState];
  /** Asks the server, if it is time to; whether the report is to be made next. */
  contributeLook: [
    { readonly now: number },
    { readonly state: ContributionState; readonly isDue: boolean },
  ];
  /** Makes the report that is due; asks nobody for anything. */
  contributeMake: [{ readonly now: number }, ContributionState];
  /** Sends the report that is due. */
  contributeSend: [{ readonly now: number }, ContributionState];
  /** Deletes a report that is being sent: what it was made of was erased. */
  contributeDiscard: [null, null];
  /** Text of the round that is open. */
  contributeRound: [ContributeServer & { readonly now: number }, string];
  contributePreview: [{ readonly text: string; readonly now: number }, ContributionPreview];
}

export interface ContributeServer {
  readonly server: string;
  /** Text of policy.json. */
  readonly policy?: string;
}

export type ContributeCallName = keyof ContributeCalls;

export type CallName = keyof Calls;
export type Arguments<K extends CallName> = Calls[K][0];
export type Returned<K extends CallName> = Calls[K][1];

/** Something that answers the calls. A core that trapped rejects with TrapError, now and ever after. */
export interface Port {
  call<K extends CallName>(name: K, args: Arguments<K>, signal?: AbortSignal): Promise<Returned<K>>;
  close(): void;
}

/** Makes a port; called again after a trap. */
export type Connect = (onProgress: (progress: LoadProgress) => void) => Port;

/** The core stopped in the middle of a call: its memory cannot be trusted any more. */
export class TrapError extends Error {
  override readonly name = 'TrapError';
}

/** An error as it crosses a boundary: structured clones keep neither classes nor extra fields. */
export interface WireError {
  readonly kind: 'ossicle' | 'abort' | 'trap';
  readonly code: ErrorCode;
  readonly at: string | number | null;
  readonly message: string;
}

export type Request =
  | {
      [K in CallName]: { readonly id: number; readonly name: K; readonly args: Arguments<K> };
    }[CallName]
  | { readonly id: number; readonly name: 'abort' };

export type Reply =
  | { readonly id: number; readonly result: Returned<CallName> }
  | { readonly id: number; readonly error: WireError }
  | { readonly progress: LoadProgress };

/** The two ends of a channel: a Worker, its global scope, or a MessagePort. */
export interface Endpoint {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

export function toWire(cause: unknown): WireError {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof OssicleError) {
    return { kind: 'ossicle', code: cause.code, at: cause.at, message };
  }
  if (cause instanceof DOMException && cause.name === 'AbortError') {
    return { kind: 'abort', code: 'internal', at: null, message };
  }
  const kind = cause instanceof TrapError ? 'trap' : 'ossicle';
  return { kind, code: 'internal', at: null, message };
}

export function fromWire(error: WireError): Error {
  switch (error.kind) {
    case 'abort':
      return new DOMException(error.message, 'AbortError');
    case 'trap':
      return new TrapError(error.message);
    case 'ossicle':
      return new OssicleError(error.code, error.message, error.at);
  }
}
