import type { Engine, LibraryTrack } from 'ossicle';
import type { Library, Track } from '../library/types.ts';
import { isAbort } from '../problem.ts';
import { Pace } from '../sources/pace.ts';
import { forgetVectors, keepVectors, keptVectors, MOST_PARTS, replaceVectors } from './vectors.ts';

/** Tracks that reach the page at once: a few milliseconds of its time. */
const WINDOW = 500;
/** So many are added first, and then as many as are there: what was played is told to all of them anew after each addition. */
const FIRST = 500;
/** New vectors are kept at least so often: a tab that is killed loses no more. */
const KEEP_EVERY_MS = 2000;
/** While a folder is being read, tracks are taken in in larger lots. */
const SCAN_REST_MS = 4000;

export interface Encoding {
  readonly done: number;
  readonly total: number;
  /** null: too early to tell. */
  readonly secondsLeft: number | null;
}

export interface FeedingParts {
  readonly library: Library;
  readonly engine: () => Engine | null;
  readonly isScanning: () => boolean;
  readonly onProgress: (encoding: Encoding | null) => void;
  /** The engine knows other tracks than before. */
  readonly onLearned: () => void;
}

/** Tells the engine which tracks there are, and keeps the vectors that it makes, part by part, so that it never makes one twice. */
export class Feeding {
  readonly #parts: FeedingParts;
  readonly #fed = new Set<string>();
  #running: Promise<void> | null = null;
  #again = false;
  #stop: AbortController | null = null;
  #stopped = false;
  /** What ends the rest between two lots. */
  #wake: () => void = () => undefined;
  /** Vectors that are kept already; null: those of earlier visits were not read yet. */
  #kept: number | null = null;
  #keeping: Promise<number> = Promise.resolve(0);
  #keptAt = 0;

  constructor(parts: FeedingParts) {
    this.#parts = parts;
  }

  has(id: string): boolean {
    return this.#fed.has(id);
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Brings the engine up to date; one run at a time, and once more when something changed meanwhile. Rejects with what went wrong. */
  bring(): Promise<void> {
    this.#again = true;
    if (!this.#parts.isScanning()) this.#wake();
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** What was encoded stays; it goes on with `goOn`, or at the next visit. */
  stop(): void {
    this.#stopped = true;
    this.#stop?.abort();
    this.#wake();
  }

  goOn(): Promise<void> {
    this.#stopped = false;
    return this.bring();
  }

  /** The engine is another one, which knows no tracks yet: `bring` tells it. */
  async startOver(): Promise<void> {
    await this.#end();
    this.#fed.clear();
    this.#kept = null;
  }

  async clear(): Promise<void> {
    await this.#end();
    await this.#parts.engine()?.library.clear();
    this.#fed.clear();
    this.#kept = 0;
    this.#stopped = false;
    await forgetVectors();
  }

  async #end(): Promise<void> {
    this.#stop?.abort();
    this.#wake();
    await this.#running?.catch(() => undefined);
    await this.#keeping;
  }

  async #run(): Promise<void> {
    const stop = new AbortController();
    this.#stop = stop;
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        const engine = this.#parts.engine();
        if (!engine) return;
        if (await this.#once(engine, stop.signal)) await this.#rest();
        stop.signal.throwIfAborted();
      }
    } catch (cause) {
      if (!isAbort(cause)) throw cause;
    } finally {
      this.#parts.onProgress(null);
    }
  }

  #rest(): Promise<void> {
    if (!this.#parts.isScanning()) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, SCAN_REST_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Whether there was anything to do. */
  async #once(engine: Engine, signal: AbortSignal): Promise<boolean> {
    const ids = await this.#parts.library.ids();
    const there = new Set(ids);
    const gone = [...this.#fed].filter((id) => !there.has(id));
    const added = ids.filter((id) => !this.#fed.has(id));
    if (gone.length > 0) {
      await engine.library.remove(gone);
      for (const id of gone) this.#fed.delete(id);
      this.#parts.onLearned();
    }
    if (added.length === 0) return gone.length > 0;
    await this.#readKept(engine);
    await this.#add(engine, added, signal);
    return true;
  }

  async #add(engine: Engine, ids: readonly string[], signal: AbortSignal): Promise<void> {
    const total = ids.length;
    const pace = new Pace(this.#parts.onProgress);
    const tell = (done: number): void =>
      pace.tell({ stage: 'reading', done, total, doneBytes: 0, totalBytes: 0, current: '' });
    let vectors = engine.library.vectorCount;
    this.#keptAt = performance.now();
    pace.start();
    tell(0);
    try {
      for (let done = 0; done < total;) {
        const lot = ids.slice(done, done + Math.max(FIRST, engine.library.size));
        const tracks = await this.#tracks(lot, signal);
        await engine.library.add(tracks, {
          signal,
          onProgress: ({ done: more }) => {
            const { vectorCount } = engine.library;
            // Those whose vectors are kept take no time, and tell nothing of how long the others take.
            if (vectorCount === vectors) pace.start(done + more);
            vectors = vectorCount;
            tell(done + more);
            if (performance.now() - this.#keptAt > KEEP_EVERY_MS) this.#keep(engine);
          },
        });
        for (const { id } of tracks) this.#fed.add(id);
        done += lot.length;
        this.#parts.onLearned();
      }
      pace.end();
    } finally {
      this.#keep(engine);
      if ((await this.#keeping) > MOST_PARTS) await replaceVectors(engine.library.vectors());
    }
  }

  async #tracks(ids: readonly string[], signal: AbortSignal): Promise<readonly LibraryTrack[]> {
    const tracks: LibraryTrack[] = [];
    for (let at = 0; at < ids.length; at += WINDOW) {
      signal.throwIfAborted();
      const found = await this.#parts.library.get(ids.slice(at, at + WINDOW));
      for (const track of found) if (track) tracks.push(engineTrack(track));
    }
    return tracks;
  }

  /** Those of earlier visits; without those of another encoder, or another format. */
  async #readKept(engine: Engine): Promise<void> {
    if (this.#kept !== null) return;
    const vectors = await keptVectors();
    if (vectors.length > 0) {
      await engine.library.add([], { vectors }).catch(() => undefined);
      if (engine.library.vectorCount === 0) await forgetVectors();
    }
    this.#kept = engine.library.vectorCount;
  }

  /** Keeps the vectors that came since the last time, after those. */
  #keep(engine: Engine): void {
    this.#keptAt = performance.now();
    const from = this.#kept ?? 0;
    const { vectorCount } = engine.library;
    if (vectorCount <= from) return;
    const part = engine.library.vectors(from);
    this.#kept = vectorCount;
    this.#keeping = this.#keeping.then(() => keepVectors(part));
  }
}

function engineTrack({ id, title, artist, album, genres, durationMs }: Track): LibraryTrack {
  return {
    ...{ id, title, artist, album, tags: genres },
    ...(durationMs !== null && { durationMs }),
  };
}
