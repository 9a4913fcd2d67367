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
import { Feeding, type Encoding } from './feeding.ts';
import { OwnIndex } from './own-index.ts';
import { Playlists } from './playlists.ts';
import type { Session } from './session.ts';

/** Going on after this long says less about the track than about the moment: streaming services count it as a play. */
const FIRST_MOMENTS_MS = 30_000;
/** While a folder is being read, the page is told of its tracks no more often. */
const SCAN_REFRESH_MS = 1500;

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
  readonly encoding: Encoding | null;
  /** The listener stopped that; what was done is kept. */
  readonly encodingStopped: boolean;
  /** Of a source, or of the engine that takes the tracks in. */
  readonly problem: SourceError | Problem | null;
  /** Grows when tracks or sources changed. */
  readonly revision: number;
  /** Grows when the engine knows more or other tracks, or has heard a play: a list may be another one. */
  readonly learned: number;
  readonly radio: boolean;
}

const START: MusicState = {
  ready: false,
  counts: { tracks: 0, albums: 0, artists: 0, durationMs: 0 },
  sources: [],
  scanning: null,
  encoding: null,
  encodingStopped: false,
  problem: null,
  revision: 0,
  learned: 0,
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
  readonly #feeding: Feeding;
  readonly #index: OwnIndex;
  #refreshedAt = 0;
  #refreshTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(session: Session, parts: MusicParts) {
    this.#session = session;
    this.library = parts.library;
    this.playlists = new Playlists(parts.library);
    session.onSettings = (settings) => void this.playlists.restore(settings);
    session.onReplaced = async () => {
      // Before the engine that had them closes.
      await Promise.all([this.#feeding.startOver(), this.#index.clear()]);
      this.#feeding.bring().catch((cause: unknown) => this.#fail(cause));
    };
    this.player = parts.player((listen) => void this.#heard(listen));
    this.#startRadio = parts.radio;
    let { learning } = session.state();
    session.subscribe(() => {
      // What is learnt from changes every list.
      if (session.state().learning === learning) return;
      ({ learning } = session.state());
      this.#set({ learned: this.#state.learned + 1 });
    });
    this.#index = new OwnIndex(parts.library, () => session.own);
    this.#feeding = new Feeding({
      library: parts.library,
      engine: () => session.own,
      isScanning: () => this.#state.scanning !== null,
      onProgress: (encoding) => this.#set({ encoding }),
      onLearned: () => {
        this.#index.outdate();
        // Plays of the tracks' own artists count from now on.
        void session.refresh();
        this.#set({ learned: this.#state.learned + 1 });
      },
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
    this.library.onChange(() => this.#changed());
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
    if (!engine || !this.#feeding.has(id)) return [];
    return this.#picks(await engine.library.similar(id, options));
  }

  /** null: the engine does not have the track (yet). */
  async explain(id: string, signal: AbortSignal): Promise<ExplainedTrack | null> {
    const engine = this.#session.own;
    if (!engine || !this.#feeding.has(id)) return null;
    return engine.library.explain(id, { reasons: 2, signal });
  }

  /** The listener's own tracks by words and meaning, the best first. */
  async find(query: string, limit: number, signal: AbortSignal): Promise<readonly Track[]> {
    const ids = await this.#index.search(query, limit, signal);
    const found = await this.library.get(ids);
    return found.filter((track) => track !== null);
  }

  /** Someone is about to search. */
  prepareFind(): void {
    this.#index.prepare();
  }

  stopEncoding(): void {
    this.#feeding.stop();
    this.#set({ encodingStopped: true });
  }

  goOnEncoding(): void {
    this.#set({ encodingStopped: false });
    this.#feeding.goOn().catch((cause: unknown) => this.#fail(cause));
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
    try {
      this.playlists.forget();
      await Promise.all([this.#feeding.clear(), this.#index.clear()]);
      this.#set({ encodingStopped: false });
      await this.library.erase();
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
    this.#set({ learned: this.#state.learned + 1 });
  }

  /** During a scan only now and then: whoever listens to the page's state reads the library anew. */
  #changed(): void {
    if (this.#refreshTimer !== null) return;
    const scanning = this.#state.scanning !== null;
    const rest = scanning ? this.#refreshedAt + SCAN_REFRESH_MS - performance.now() : 0;
    this.#refreshTimer = setTimeout(
      () => {
        this.#refreshTimer = null;
        void this.#refresh();
      },
      Math.max(0, rest),
    );
  }

  async #refresh(): Promise<void> {
    this.#refreshedAt = performance.now();
    try {
      const [counts, sources] = await Promise.all([this.library.counts(), this.library.sources()]);
      this.#set({ counts, sources, revision: this.#state.revision + 1 });
    } catch (cause) {
      this.#fail(cause);
      return;
    }
    try {
      await this.#feeding.bring();
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #set(change: Partial<MusicState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
