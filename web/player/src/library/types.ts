import type {
  FileProblem,
  ScanOptions,
  ScanReport,
  ServerSettings,
  SourceInfo,
} from '../sources/types.ts';

/** One piece of music. Small enough to be listed by the thousand: lyrics and covers are asked for by themselves. */
export interface Track {
  /** `${sourceId}/${path}`; the id that the engine's library gets, too. */
  readonly id: string;
  readonly sourceId: string;
  /** Path below the folder, id at the server, or name in the demo album. */
  readonly path: string;
  readonly title: string;
  /** The credit as it is written: "A feat. B"; '' when nobody is named. */
  readonly artist: string;
  /** Each artist by itself, where the tags say. */
  readonly artists: readonly string[];
  readonly album: string;
  readonly albumArtist: string;
  readonly disc: number | null;
  readonly number: number | null;
  readonly year: number | null;
  /** Genres of the tags; for the demo album its tags. */
  readonly genres: readonly string[];
  readonly durationMs: number | null;
  /** For `Library.cover`; null: no picture. */
  readonly cover: string | null;
  /** false: certainly none; true: `Library.lyrics` has them, or for a server is worth asking. */
  readonly hasLyrics: boolean;
  /** Whether it can be played now: false while its folder must be allowed or its files chosen again. */
  readonly hasAudio: boolean;
  /** Milliseconds since 1970. */
  readonly addedAt: number;
}

export interface LyricsLine {
  readonly atMs: number;
  readonly text: string;
}

export interface Lyrics {
  /** All lines, without times. */
  readonly plain: string;
  /** Ascending; null: without times. */
  readonly lines: readonly LyricsLine[] | null;
}

export type TrackOrder = 'title' | 'artist' | 'album' | 'addedAt' | 'durationMs' | 'year';

export interface Window {
  /** Default 0. */
  readonly offset?: number;
  /** Default 200, at most 1,000: so many rows reach the page without holding it up. */
  readonly limit?: number;
}

/** Filters are all of them to be met. 'album' orders by album artist, album, disc and number. */
export interface TrackQuery extends Window {
  /** Words that title, artist or album have, in any order; case and accents do not matter. */
  readonly text?: string;
  readonly order?: TrackOrder;
  readonly descending?: boolean;
  readonly artist?: string;
  readonly albumId?: string;
  readonly genre?: string;
  readonly sourceId?: string;
}

export interface Page<Row> {
  /** How many match; `rows` are those of the window. */
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly Row[];
}

export interface Album {
  readonly id: string;
  readonly title: string;
  readonly artist: string;
  readonly year: number | null;
  readonly tracks: number;
  readonly durationMs: number;
  readonly cover: string | null;
  readonly addedAt: number;
}

export interface AlbumQuery extends Window {
  readonly text?: string;
  readonly artist?: string;
  readonly order?: 'title' | 'artist' | 'year' | 'addedAt';
  readonly descending?: boolean;
}

/** An album artist or an artist of a track, and what of theirs is there. */
export interface ArtistEntry {
  readonly name: string;
  readonly tracks: number;
  readonly albums: number;
}

export interface StoredSize {
  readonly count: number;
  readonly bytes: number;
}

/** `tracks`: their tags, 200 together; with them the sources. */
export type StoredSizes = Readonly<
  Record<'tracks' | 'lyrics' | 'covers' | 'playlists', StoredSize>
>;

export interface LibraryCounts {
  readonly tracks: number;
  readonly albums: number;
  readonly artists: number;
  readonly durationMs: number;
}

/** An address for <audio> or <img>; `release` gives back what it holds, and must be called once. */
export interface Lease extends Disposable {
  readonly url: string;
  release(): void;
}

/** A place in a playlist. Its words are kept with it, so that it can be shown, and found again, when its track is gone. */
export interface PlaylistEntry {
  /** Of a track of the library; null: it is not in it, or this is an artist. */
  readonly trackId: string | null;
  /** '': this is an artist of the catalogue, to look for. */
  readonly title: string;
  readonly artist: string;
  readonly album: string;
  readonly durationMs: number | null;
  /** Path or address, as the track or the file that it came from says; null: none. */
  readonly location: string | null;
  /** Of an artist: what stands beside the name. */
  readonly tags: readonly string[];
}

/** A playlist that was saved. */
export interface Playlist {
  readonly id: string;
  readonly title: string;
  readonly entries: readonly PlaylistEntry[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly changedAt: number;
}

/** What is known of a track that is looked for. */
export type Wanted = Pick<PlaylistEntry, 'title' | 'artist' | 'location'>;

/**
 * The listener's own music. All work is done in a worker; every call may be made at any time, also while a scan runs. Errors: `SourceError`, or
 * the standard AbortError. What was stored before a failure stays.
 */
export interface Library extends AsyncDisposable {
  counts(): Promise<LibraryCounts>;
  tracks(query?: TrackQuery): Promise<Page<Track>>;
  /** The ids of all tracks that match, in order: for playing everything that a filter shows. */
  trackIds(query?: Omit<TrackQuery, 'offset' | 'limit'>): Promise<readonly string[]>;
  /** The ids of all tracks, in no order: nothing is sorted for it. */
  ids(): Promise<readonly string[]>;
  /** In the order of the ids; null where there is none (any more). */
  get(ids: readonly string[]): Promise<readonly (Track | null)[]>;
  /** All tracks, a window at a time, for `engine.library.add` and indexes. */
  each(size?: number): AsyncIterable<readonly Track[]>;
  /** The tracks that are meant, by location first, then by artist and title; null where there is none. */
  find(wanted: readonly Wanted[]): Promise<readonly (Track | null)[]>;
  albums(query?: AlbumQuery): Promise<Page<Album>>;
  artists(query?: Window & { readonly text?: string }): Promise<Page<ArtistEntry>>;
  /** Most tracks first. */
  genres(): Promise<readonly { readonly name: string; readonly tracks: number }[]>;
  lyrics(trackId: string): Promise<Lyrics | null>;
  /** null: it is not there any more. */
  cover(cover: string): Promise<Lease | null>;
  /** What to play. Errors: unknown_track, permission, files_gone, no_relay. */
  media(trackId: string): Promise<Lease>;

  sources(): Promise<readonly SourceInfo[]>;
  /** From `showDirectoryPicker`. A folder that is there already is found again. Call `scan` next. */
  addFolder(handle: FileSystemDirectoryHandle): Promise<SourceInfo>;
  /** From `<input webkitdirectory>`. The same folder chosen again makes its tracks playable again. */
  addFiles(files: Iterable<File>): Promise<SourceInfo>;
  /** Asks the server first: resolves when address and login are right. Errors: those of `SourceErrorCode`. */
  addServer(settings: ServerSettings, options?: { signal?: AbortSignal }): Promise<SourceInfo>;
  addDemo(): Promise<SourceInfo>;
  /** Asks the browser for the folder again; call it in a click. false: the person said no. */
  allow(sourceId: string): Promise<boolean>;
  /** Reads what is new or changed and forgets what is gone. */
  scan(sourceId: string, options?: ScanOptions): Promise<ScanReport>;
  /** Of the last scan. */
  problems(sourceId: string): Promise<readonly FileProblem[]>;
  /** Its tracks, lyrics, covers and login go with it; files are not touched. */
  removeSource(sourceId: string): Promise<void>;

  /** Called when tracks or sources changed, in this tab or another; at most four times a second. Returns what stops it. */
  onChange(listener: () => void): () => void;
  /** Those that were saved, the last changed first. */
  playlists(): Promise<readonly Playlist[]>;
  /** Keeps playlists, each in place of the one with its id. */
  keepPlaylists(playlists: readonly Playlist[]): Promise<void>;
  /** Of an id that is there or not. */
  deletePlaylist(id: string): Promise<void>;
  /** Called when playlists changed, in this tab or another. Returns what stops it. */
  onPlaylists(listener: () => void): () => void;
  /** Bytes that the library takes on this device, as far as it knows. */
  /** What is kept of each kind, sealed. */
  stored(): Promise<StoredSizes>;
  /** The key first, then the data. */
  erase(): Promise<void>;
  close(): Promise<void>;
}
