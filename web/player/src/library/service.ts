/** The library as the worker runs it. Where files come from is told by `sources/`; where they are kept, by the vault. */
import { scanDemo, DEMO_FOLDER, DEMO_ID } from '../sources/demo/scan.ts';
import { fetchOwn } from '../sources/fetch.ts';
import { publicProblem, scanFolder, type ScanTarget } from '../sources/folder/scan.ts';
import {
  folderNameOf,
  walkFiles,
  walkHandle,
  type ChosenFile,
  type Walk,
} from '../sources/folder/walk.ts';
import { requireUnmixed } from '../sources/server/address.ts';
import { SubsonicClient, type Transport } from '../sources/server/client.ts';
import { storedServer, type StoredServer } from '../sources/server/login.ts';
import { relayUrl } from '../sources/server/relay.ts';
import { scanServer } from '../sources/server/scan.ts';
import {
  SourceError,
  type FileProblem,
  type ScanProgress,
  type ScanReport,
  type ServerSettings,
  type SourceInfo,
} from '../sources/types.ts';
import { windowOf } from './query.ts';
import { decodePlaylist, encodePlaylist, type SourceRecord } from './records.ts';
import { Shelves } from './shelves.ts';
import type {
  Album,
  AlbumQuery,
  ArtistEntry,
  LibraryCounts,
  Lyrics,
  Page,
  Playlist,
  StoredSizes,
  Track,
  TrackQuery,
  Wanted,
  Window,
} from './types.ts';
import { Vault } from './vault.ts';

/** What plays: an address, or a file that the page makes an address for. */
export type Media = { readonly url: string } | { readonly file: Blob };

export interface ServiceOptions {
  /** Name of the database. */
  readonly name: string;
  /** Where the page lies: the relay and the demo album are below it. */
  readonly base: URL;
  readonly onChange: () => void;
  readonly onPlaylists: () => void;
  /** How a server is asked. */
  readonly transport: (sourceId: string) => Transport;
}

export class LibraryService {
  readonly #vault: Vault;
  readonly #shelves: Shelves;
  readonly #options: ServiceOptions;
  readonly #channel: BroadcastChannel;
  /** Files that were chosen in this tab. */
  readonly #walks = new Map<string, Walk>();
  readonly #timed = new Map<string, boolean>();

  private constructor(vault: Vault, options: ServiceOptions) {
    this.#vault = vault;
    this.#options = options;
    this.#channel = new BroadcastChannel(options.name);
    this.#shelves = new Shelves(vault, options.name, options.onChange);
    this.#channel.addEventListener('message', ({ data }) => {
      if (data === 'playlists') options.onPlaylists();
      else void this.#reread();
    });
  }

  static async open(options: ServiceOptions): Promise<LibraryService> {
    const service = new LibraryService(await Vault.open(options.name), options);
    await service.#reread();
    return service;
  }

  counts(): LibraryCounts {
    return this.#shelves.shelf.counts();
  }

  tracks(query: TrackQuery): Page<Track> {
    return windowOf(this.#shelves.shelf.find(query), query);
  }

  trackIds(query: TrackQuery): readonly string[] {
    return this.#shelves.shelf.find(query).map(({ id }) => id);
  }

  ids(): readonly string[] {
    return this.#shelves.ids();
  }

  get(ids: readonly string[]): readonly (Track | null)[] {
    return ids.map((id) => this.#shelves.track(id));
  }

  albums(query: AlbumQuery): Page<Album> {
    return this.#shelves.shelf.albums(query);
  }

  artists(query: Window & { readonly text?: string }): Page<ArtistEntry> {
    return this.#shelves.shelf.artists(query);
  }

  genres(): readonly { readonly name: string; readonly tracks: number }[] {
    return this.#shelves.shelf.genres();
  }

  find(wanted: readonly Wanted[]): readonly (Track | null)[] {
    return this.#shelves.shelf.meant(wanted);
  }

  async playlists(): Promise<readonly Playlist[]> {
    if (!(await this.#vault.isCurrent())) await this.#reread();
    const kept = await this.#vault.playlists();
    return kept
      .map(([id, text]) => decodePlaylist(id, text))
      .sort((a, b) => b.changedAt - a.changedAt);
  }

  async keepPlaylists(playlists: readonly Playlist[]): Promise<void> {
    await this.#changePlaylists(
      new Map(playlists.map((playlist) => [playlist.id, encodePlaylist(playlist)])),
    );
  }

  async deletePlaylist(id: string): Promise<void> {
    await this.#changePlaylists(new Map([[id, null]]));
  }

  async lyrics(trackId: string, signal: AbortSignal): Promise<Lyrics | null> {
    const record = this.#shelves.record(trackId);
    if (!record) throw unknownTrack(trackId);
    if (!record.hasLyrics) return null;
    if (record.lyricsKey !== null) {
      const text = await this.#vault.lyrics(record.lyricsKey);
      if (text !== null) return JSON.parse(text) as Lyrics;
    }
    const source = this.#shelves.source(record.sourceId);
    if (source.kind !== 'server') return null;
    const client = this.#client(source);
    let timed = this.#timed.get(source.id);
    if (timed === undefined) {
      timed = (await client.extensions(signal)).has('songLyrics');
      this.#timed.set(source.id, timed);
    }
    const { path, artist, title } = record;
    const found = await client.lyrics({ id: path, artist, title }, timed, signal);
    // Kept, so that they are there without the server, and it is not asked again.
    const lyricsKey = found === null ? null : crypto.randomUUID();
    await this.#write({
      put: [{ ...record, lyricsKey, hasLyrics: found !== null }],
      lyrics: new Map(found === null || lyricsKey === null ? [] : [[lyricsKey, found]]),
    });
    return found;
  }

  async cover(cover: string): Promise<Media | null> {
    const slash = cover.indexOf('/');
    if (slash === -1) {
      const file = await this.#vault.cover(cover);
      return file ? { file } : null;
    }
    const sourceId = cover.slice(0, slash);
    const path = cover.slice(slash + 1);
    const { kind } = this.#shelves.source(sourceId);
    if (kind === 'demo') return { url: this.#demoUrl(path).href };
    return { url: this.#relayUrl(sourceId, 'getCoverArt', { id: path, size: 640 }).href };
  }

  async media(trackId: string): Promise<Media> {
    const record = this.#shelves.record(trackId);
    if (!record) throw unknownTrack(trackId);
    const { sourceId, path } = record;
    const source = this.#shelves.source(sourceId);
    if (source.kind === 'demo') return { url: this.#demoUrl(path).href };
    if (source.kind === 'server')
      return { url: this.#relayUrl(sourceId, 'stream', { id: path }).href };
    try {
      return { file: await this.#walk(source).file(path) };
    } catch (cause) {
      if (cause instanceof SourceError) throw cause;
      const said = cause instanceof Error ? cause.message : String(cause);
      const message = `${path} is not where it was: ${said}. Scan the folder again.`;
      throw new SourceError('files_gone', message, path, cause);
    }
  }

  sources(): readonly SourceInfo[] {
    return this.#shelves.sources().map((source) => this.#info(source));
  }

  async addFolder(handle: FileSystemDirectoryHandle): Promise<SourceInfo> {
    for (const source of this.#shelves.sources()) {
      if (source.handle && (await source.handle.isSameEntry(handle))) {
        this.#shelves.setState(source.id, 'ready');
        return this.#info(source);
      }
    }
    return this.#add({ ...fresh('folder', handle.name), handle });
  }

  async addFiles(files: readonly ChosenFile[]): Promise<SourceInfo> {
    const name = folderNameOf(files);
    const old = this.#shelves
      .sources()
      .find((source) => source.kind === 'files' && source.name === name);
    const source = old ?? fresh('files', name);
    this.#walks.set(source.id, walkFiles(files));
    if (!old) return this.#add(source);
    this.#shelves.setState(source.id, 'ready');
    return this.#info(source);
  }

  async addServer(settings: ServerSettings, signal: AbortSignal): Promise<SourceInfo> {
    try {
      return await this.#tryServer(storedServer(settings, 'token'), signal);
    } catch (cause) {
      const refused = cause instanceof SourceError && cause.code === 'token_refused';
      if (!refused || 'apiKey' in settings.login) throw cause;
      return this.#tryServer(storedServer(settings, 'password'), signal);
    }
  }

  async addDemo(): Promise<SourceInfo> {
    const old = this.#shelves.sources().find(({ kind }) => kind === 'demo');
    return old ? this.#info(old) : this.#add({ ...fresh('demo', 'Ossicle'), id: DEMO_ID });
  }

  /** For the page to ask the person: only a window can. */
  handle(sourceId: string): FileSystemDirectoryHandle | null {
    return this.#shelves.source(sourceId).handle;
  }

  async refresh(sourceId: string): Promise<boolean> {
    const source = this.#shelves.source(sourceId);
    const state = await this.#stateOf(source);
    this.#shelves.setState(sourceId, state);
    return state === 'ready';
  }

  async scan(
    sourceId: string,
    signal: AbortSignal,
    progress: (progress: ScanProgress) => void,
  ): Promise<ScanReport> {
    // Two tabs must not read one folder at the same time; the second one goes on where the first one ended.
    const lock = `${this.#options.name} scan ${sourceId}`;
    return navigator.locks.request(lock, { signal }, async () => {
      const source = this.#shelves.source(sourceId);
      const target: ScanTarget = {
        source: () => this.#shelves.source(sourceId),
        records: () => this.#shelves.recordsOf(sourceId),
        write: (batch) => this.#write(batch),
      };
      switch (source.kind) {
        case 'demo': {
          const answer = await fetchOwn(this.#demoUrl('album.json'), signal);
          return scanDemo(answer, target, progress);
        }
        case 'server':
          return scanServer(this.#client(source), target, signal, progress);
        case 'folder':
        case 'files':
          try {
            return await scanFolder(this.#walk(source), target, signal, progress);
          } catch (cause) {
            throw this.#folderFailure(source, cause);
          }
      }
    });
  }

  problems(sourceId: string): readonly FileProblem[] {
    return this.#shelves.source(sourceId).problems.map(publicProblem);
  }

  async removeSource(sourceId: string): Promise<void> {
    await this.#shelves.removeSource(sourceId, () => this.#reread());
    this.#walks.delete(sourceId);
    this.#channel.postMessage('changed');
  }

  stored(): Promise<StoredSizes> {
    return this.#vault.stored();
  }

  async erase(): Promise<void> {
    await this.#vault.erase();
    this.#walks.clear();
    await this.#read();
    this.#channel.postMessage('changed');
    this.#options.onPlaylists();
  }

  close(): void {
    this.#channel.close();
    this.#vault.close();
  }

  /** The relay must know a server to ask it; one that does not answer is forgotten again. */
  async #tryServer(server: StoredServer, signal: AbortSignal): Promise<SourceInfo> {
    requireUnmixed(server.root, this.#options.base.protocol);
    const old = this.#shelves.sources().find((source) => source.server?.root === server.root);
    const source = { ...(old ?? fresh('server', new URL(server.root).host)), server };
    await this.#write({ source });
    try {
      await this.#client(source).ping(signal);
    } catch (cause) {
      await (old ? this.#write({ source: old }) : this.removeSource(source.id));
      throw cause;
    }
    return this.#info(source);
  }

  async #add(source: SourceRecord): Promise<SourceInfo> {
    await this.#write({ source });
    return this.#info(source);
  }

  async #write(batch: Parameters<Shelves['write']>[0]): Promise<void> {
    await this.#shelves.write(batch, () => this.#reread());
    this.#channel.postMessage('changed');
  }

  async #changePlaylists(changes: ReadonlyMap<string, string | null>): Promise<void> {
    const write = (): Promise<void> => this.#vault.keepPlaylists(changes);
    await this.#shelves.alone(() => this.#reread(), write);
    this.#options.onPlaylists();
    this.#channel.postMessage('playlists');
  }

  /** Another tab changed something; it may have erased. */
  async #reread(): Promise<void> {
    await this.#vault.renew();
    await this.#read();
    this.#options.onPlaylists();
  }

  #read(): Promise<void> {
    return this.#shelves.read((source) => this.#stateOf(source));
  }

  async #stateOf({ id, kind, handle }: SourceRecord): Promise<SourceRecord['state']> {
    if (kind === 'files') return this.#walks.has(id) ? 'ready' : 'choose';
    if (kind !== 'folder') return 'ready';
    return (await handle?.queryPermission({ mode: 'read' })) === 'granted' ? 'ready' : 'ask';
  }

  #info({ id, kind, name, addedAt, scannedAt, problems }: SourceRecord): SourceInfo {
    const { state } = this.#shelves.source(id);
    const { size: tracks } = this.#shelves.recordsOf(id);
    return { id, kind, name, state, tracks, problems: problems.length, addedAt, scannedAt };
  }

  #walk({ id, kind, state, name, handle }: SourceRecord): Walk {
    if (state === 'ready' && handle) return walkHandle(handle);
    const chosen = this.#walks.get(id);
    if (chosen) return chosen;
    if (kind === 'folder') {
      const message = `The browser wants your permission to read the folder "${name}" again.`;
      throw new SourceError('permission', message, name);
    }
    const message = `Choose the folder "${name}" again: this browser forgets chosen files when the page is left.`;
    throw new SourceError('files_gone', message, name);
  }

  /** The folder itself cannot be read: it is gone, or the browser does not allow it any more. */
  #folderFailure({ id, name }: SourceRecord, cause: unknown): unknown {
    if (!(cause instanceof DOMException)) return cause;
    if (cause.name === 'NotFoundError') {
      const message = `The folder "${name}" is not where it was: ${cause.message}`;
      return new SourceError('folder_gone', message, name, cause);
    }
    if (cause.name !== 'NotAllowedError') return cause;
    this.#shelves.setState(id, 'ask');
    const message = `The browser does not allow the folder "${name}" to be read: ${cause.message}`;
    return new SourceError('permission', message, name, cause);
  }

  #client({ id, name }: SourceRecord): SubsonicClient {
    return new SubsonicClient(this.#options.transport(id), name);
  }

  #relayUrl(
    sourceId: string,
    method: string,
    params: Readonly<Record<string, string | number>>,
  ): URL {
    return relayUrl(this.#options.base, sourceId, method, params);
  }

  #demoUrl(path: string): URL {
    return new URL(`${DEMO_FOLDER}/${path}`, this.#options.base);
  }
}

function fresh(kind: SourceRecord['kind'], name: string): SourceRecord {
  const id = `${kind}-${crypto.randomUUID().slice(0, 8)}`;
  const empty = { scannedAt: null, problems: [], server: null, handle: null };
  return { id, kind, name, addedAt: Date.now(), ...empty, state: 'ready' };
}

function unknownTrack(id: string): SourceError {
  return new SourceError('unknown_track', 'This track is not in the library any more.', id);
}
