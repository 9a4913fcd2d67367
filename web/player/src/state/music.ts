import type { ExplainedTrack, RecommendedTrack, TrackListOptions } from 'ossicle';
import type { Library, LibraryCounts, Track } from '../library/types.ts';
import type { PlayedListen, Player, PlayerState, Radio } from '../playback/types.ts';
import { isAbort, problemOf, type Problem } from '../problem.ts';
import {
  SourceError,
  type ScanProgress,
  type ServerSettings,
  type SourceInfo,
} from '../sources/types.ts';
import { Playlists } from './playlists.ts';
import type { Session } from './session.ts';
import { forgetVectors, keepVectors, keptVectors } from './vectors.ts';

const BATCH = 200;
/** Going on after this long says less about the track than about the moment: streaming services count it as a play. */
const FIRST_MOMENTS_MS = 30_000;

/** A track of the library with why it is recommended. */
export interface Pick {
  readonly track: Track;
  readonly why: RecommendedTrack;
}

export interface Scanning {
  readonly source: SourceInfo;
  readonly progress: ScanProgress;
}

export interface MusicState {
  readonly ready: boolean;
  readonly counts: LibraryCounts;
  readonly sources: readonly SourceInfo[];
  readonly scanning: Scanning | null;
  /** Tracks that the engine takes in. */
  readonly encoding: { readonly done: number; readonly total: number } | null;
  /** Of a source, or of the engine that takes the tracks in. */
  readonly problem: SourceError | Problem | null;
  /** Grows when tracks came or went, or the engine knows more of them. */
  readonly revision: number;
  readonly radio: boolean;
}

const START: MusicState = {
  ready: false,
  counts: { tracks: 0, albums: 0, artists: 0, durationMs: 0 },
  sources: [],
  scanning: null,
  encoding: null,
  problem: null,
  revision: 0,
  radio: false,
};

export interface MusicParts {
  readonly library: Library;
  /** Called once; `onListen` is told of each play that is over. */
  readonly player: (onListen: (listen: PlayedListen) => void) => Player;
  readonly radio: (
    player: Player,
    more: (recent: readonly string[], signal: AbortSignal) => Promise<readonly Track[]>,
  ) => Radio;
}

/** The listener's own music: the library, what plays, and what the engine makes of both. */
export class Music {
  readonly library: Library;
  readonly player: Player;
  readonly playlists: Playlists;
  readonly #session: Session;
  readonly #startRadio: MusicParts['radio'];
  readonly #listeners = new Set<() => void>();
  #state = START;
  #stop: AbortController | null = null;
  #radio: Radio | null = null;
  /** Ids that the engine has. */
  #fed = new Set<string>();
  #feeding = false;
  #feedAgain = false;
  #erasures = 0;

  constructor(session: Session, parts: MusicParts) {
    this.#session = session;
    this.library = parts.library;
    this.playlists = new Playlists(parts.library);
    session.onSettings = (settings) => void this.playlists.restore(settings);
    this.player = parts.player((listen) => void this.#heard(listen));
    this.#startRadio = parts.radio;
    let { learning } = session.state();
    session.subscribe(() => {
      // What is learnt from changes every list.
      if (session.state().learning === learning) return;
      ({ learning } = session.state());
      this.#set({ revision: this.#state.revision + 1 });
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): MusicState => this.#state;

  readonly subscribePlayer = (listener: () => void): (() => void) =>
    this.player.subscribe(listener);

  readonly playerState = (): PlayerState => this.player.state();

  async open(): Promise<void> {
    this.library.onChange(() => void this.#refresh());
    await Promise.all([this.#refresh(), this.playlists.open()]);
    this.#set({ ready: true });
    for (const source of this.#state.sources) {
      if (source.scannedAt === null && source.state === 'ready') await this.scan(source);
    }
  }

  async addDemo(): Promise<void> {
    await this.#add(() => this.library.addDemo());
  }

  async addFolder(handle: FileSystemDirectoryHandle): Promise<void> {
    await this.#add(() => this.library.addFolder(handle));
  }

  async addFiles(files: Iterable<File>): Promise<void> {
    await this.#add(() => this.library.addFiles(files));
  }

  /** Unlike the others it throws what went wrong: the form says it. */
  async addServer(settings: ServerSettings, signal: AbortSignal): Promise<void> {
    const source = await this.library.addServer(settings, { signal });
    void this.scan(source);
  }

  async scan(source: SourceInfo): Promise<void> {
    if (this.#state.scanning) return;
    const stop = new AbortController();
    this.#stop = stop;
    try {
      await this.library.scan(source.id, {
        signal: stop.signal,
        onProgress: (progress) => this.#set({ scanning: { source, progress } }),
      });
    } catch (cause) {
      this.#fail(cause);
    }
    this.#stop = null;
    this.#set({ scanning: null });
    await this.#refresh();
  }

  stopScan(): void {
    this.#stop?.abort();
  }

  async allow(source: SourceInfo): Promise<void> {
    try {
      if (await this.library.allow(source.id)) await this.scan(source);
    } catch (cause) {
      this.#fail(cause);
    }
  }

  async remove(source: SourceInfo): Promise<void> {
    try {
      await this.library.removeSource(source.id);
    } catch (cause) {
      this.#fail(cause);
    }
    await this.#refresh();
  }

  dismiss(): void {
    this.#set({ problem: null });
  }

  async recommend(options: TrackListOptions): Promise<readonly Pick[]> {
    const engine = this.#session.own;
    if (!engine || engine.library.size === 0) return [];
    return this.#picks(await engine.library.recommend(options));
  }

  async similar(id: string, options: TrackListOptions): Promise<readonly Pick[]> {
    const engine = this.#session.own;
    if (!engine || !this.#fed.has(id)) return [];
    return this.#picks(await engine.library.similar(id, options));
  }

  /** null: the engine does not have the track (yet). */
  async explain(id: string, signal: AbortSignal): Promise<ExplainedTrack | null> {
    const engine = this.#session.own;
    return engine && this.#fed.has(id) ? engine.library.explain(id, { reasons: 2, signal }) : null;
  }

  play(tracks: readonly Track[], index = 0): void {
    void this.player.playTracks(tracks, index);
  }

  setRadio(on: boolean): void {
    this.#radio?.[Symbol.dispose]();
    this.#radio = on
      ? this.#startRadio(this.player, (recent, signal) => this.#more(recent, signal))
      : null;
    this.#set({ radio: on });
  }

  /** Nothing plays any more; what was heard of it is told to the session at once. */
  silence(): void {
    this.setRadio(false);
    this.player.remove(this.player.state().queue.map(({ key }) => key));
  }

  async erase(): Promise<void> {
    this.stopScan();
    this.#erasures += 1;
    try {
      await this.#session.own?.library.clear();
      this.#fed.clear();
      this.playlists.forget();
      await Promise.all([this.library.erase(), forgetVectors()]);
    } catch (cause) {
      this.#fail(cause);
    }
    await this.#refresh();
  }

  async #add(source: () => Promise<SourceInfo>): Promise<void> {
    try {
      await this.scan(await source());
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #fail(cause: unknown): void {
    if (isAbort(cause)) return;
    this.#set({ problem: cause instanceof SourceError ? cause : problemOf(cause) });
  }

  async #picks(found: readonly RecommendedTrack[]): Promise<readonly Pick[]> {
    const tracks = await this.library.get(found.map(({ track }) => track.id));
    return found.flatMap((why, i) => {
      const track = tracks[i];
      return track ? [{ track, why }] : [];
    });
  }

  async #more(recent: readonly string[], signal: AbortSignal): Promise<readonly Track[]> {
    const last = recent[0];
    const options = { limit: 60, reasons: 0, repeatDays: 0, perArtist: 0, signal };
    const picks = last === undefined ? [] : await this.similar(last, options);
    const found = picks.length > 0 ? picks : await this.recommend(options);
    const rest = new Set(recent);
    return found.map(({ track }) => track).filter(({ id }) => !rest.has(id));
  }

  async #heard(listen: PlayedListen): Promise<void> {
    const { track, startedAt, playedMs, durationMs, skipped } = listen;
    if (track.artist === '') return;
    const { artist, title, album } = track;
    await this.#session.listen({
      track: { artist, title, ...(album !== '' && { album }) },
      startedAt,
      playedMs: Math.round(playedMs),
      ...(durationMs > 0 && { durationMs: Math.round(durationMs) }),
      skipped: skipped && playedMs < FIRST_MOMENTS_MS,
      source: 'player',
    });
    this.#set({ revision: this.#state.revision + 1 });
  }

  async #refresh(): Promise<void> {
    try {
      const [counts, sources] = await Promise.all([this.library.counts(), this.library.sources()]);
      this.#set({ counts, sources, revision: this.#state.revision + 1 });
    } catch (cause) {
      this.#fail(cause);
      return;
    }
    await this.#feed();
  }

  /** Tells the engine of tracks that came and went; one at a time, and once more when something changed meanwhile. */
  async #feed(): Promise<void> {
    if (this.#feeding) {
      this.#feedAgain = true;
      return;
    }
    this.#feeding = true;
    try {
      for (let again = true; again; again = this.#feedAgain) {
        this.#feedAgain = false;
        await this.#feedOnce();
      }
    } catch (cause) {
      this.#fail(cause);
    }
    this.#feeding = false;
    this.#set({ encoding: null });
  }

  async #feedOnce(): Promise<void> {
    const engine = this.#session.own;
    if (!engine) return;
    const erasures = this.#erasures;
    const ids = await this.library.trackIds();
    const there = new Set(ids);
    const gone = [...this.#fed].filter((id) => !there.has(id));
    const added = ids.filter((id) => !this.#fed.has(id));
    if (gone.length > 0) await engine.library.remove(gone);
    for (const id of gone) this.#fed.delete(id);
    if (added.length === 0) return;
    const kept = this.#fed.size === 0 ? await keptVectors() : null;
    for (let done = 0; done < added.length; done += BATCH) {
      this.#set({ encoding: { done, total: added.length } });
      const tracks = await this.library.get(added.slice(done, done + BATCH));
      const known = tracks.filter((track) => track !== null);
      await engine.library.add(
        known.map(({ id, title, artist, album, genres, durationMs }) => ({
          id,
          title,
          artist,
          album,
          tags: genres,
          ...(durationMs !== null && { durationMs }),
        })),
        { vectors: (done === 0 && kept) || true },
      );
      if (erasures !== this.#erasures) {
        // Erased meanwhile: what was just added must not stay.
        await engine.library.clear();
        return;
      }
      for (const { id } of known) this.#fed.add(id);
    }
    await keepVectors(engine.library.vectors());
    if (erasures !== this.#erasures) await forgetVectors();
    await this.#session.refresh();
    this.#set({ revision: this.#state.revision + 1 });
  }

  #set(change: Partial<MusicState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
