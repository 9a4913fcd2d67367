import { deleteDB } from 'idb';
import type { Engine, SnapshotFacts, Sync, SyncState } from 'ossicle';
import * as v from 'valibot';
import { isAbort, problemOf, type Problem } from '../problem.ts';
import { Observable } from './observable.ts';
import type { Session } from './session.ts';
import { aboutADay, someMinutes } from './moments.ts';
import { useSettings } from './settings.ts';

/** A server that has not answered by then does not. */
const ANSWER_MS = 30_000;

/** Whether the page's own server has newer vectors. It is not asked before the listener wants to know. */
export type Offer = 'unasked' | 'asking' | 'there' | 'none' | 'unreachable';

/** How the last look, or the way back, ended. */
export type LookOutcome =
  | { readonly kind: 'newest' }
  | { readonly kind: 'fetched'; readonly fetchedBytes: number; readonly totalBytes: number }
  | { readonly kind: 'back' }
  | { readonly kind: 'failed'; readonly problem: Problem };

export interface NewerVectorsState {
  readonly offer: Offer;
  readonly busy: 'looking' | 'going back' | null;
  /** Bytes that came, and all that have to; null: not known yet. */
  readonly progress: { readonly loadedBytes: number; readonly totalBytes: number } | null;
  /** What the engine has open; null: the vectors that came with the page. */
  readonly opened: SnapshotFacts | null;
  /** What is kept; null: nothing was ever fetched here. */
  readonly stored: SyncState | null;
  readonly outcome: LookOutcome | null;
  /** When the next look is; null: nothing is asked. Milliseconds since 1970. */
  readonly nextAt: number | null;
}

const START: NewerVectorsState = {
  offer: 'unasked',
  busy: null,
  progress: null,
  opened: null,
  stored: null,
  outcome: null,
  nextAt: null,
};

export interface NewerVectorsParts {
  /** Opens an engine that is there for fetching only. */
  readonly openFetching: () => Promise<Engine>;
  readonly fetchOwn: (url: URL, signal: AbortSignal) => Promise<Response>;
  /** Of the folder that a server publishes in. */
  readonly server: URL;
  /** Name of the database that the vectors are kept in. */
  readonly database: string;
}

const told = v.object({ loadedBytes: v.number(), totalBytes: v.number() });

/** Newer item vectors: fetched from the page's own server while the listener wants it, by an engine beside the one that is listened with. */
export class NewerVectors extends Observable<NewerVectorsState> {
  readonly #session: Session;
  readonly #parts: NewerVectorsParts;
  #stop: AbortController | null = null;
  #running: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session, parts: NewerVectorsParts) {
    super(START);
    this.#session = session;
    this.#parts = parts;
  }

  /** When the session is open. */
  async open(): Promise<void> {
    useSettings.subscribe((now, before) => {
      if (before.fetchVectors && !now.fetchVectors) this.#stop?.abort();
      const isSame =
        now.fetchVectors === before.fetchVectors && now.nextLookAt === before.nextLookAt;
      if (!isSame) this.#plan();
    });
    this.#plan();
    const { own } = this.#session;
    if (!own?.sync) return;
    try {
      this.set({ opened: own.sync.opened, stored: await own.sync.state() });
    } catch (cause) {
      this.set({ outcome: { kind: 'failed', problem: problemOf(cause) } });
    }
  }

  /** Asks the page's server whether it has newer vectors at all: one file, which is the same for everybody. */
  async ask(): Promise<void> {
    this.set({ offer: 'asking' });
    this.set({ offer: await this.#offer() });
  }

  /** Switched off, nothing is asked any more; what was fetched stays in use. */
  async switch(on: boolean): Promise<void> {
    useSettings.getState().set({ fetchVectors: on });
    if (on) await this.look();
  }

  look(): Promise<void> {
    return this.#alone('looking', async (sync, signal) => {
      // First, so that other tabs leave it to this one.
      useSettings.getState().set({ nextLookAt: Date.now() + aboutADay() });
      const { server, database } = this.#parts;
      const channel = new BroadcastChannel(`ossicle-snapshots:${database}`);
      channel.onmessage = ({ data }: MessageEvent<unknown>) => {
        const progress = v.safeParse(told, data);
        if (progress.success) this.set({ progress: progress.output });
      };
      try {
        const { changed, fetchedBytes, totalBytes } = await sync.update({ server, signal });
        return changed ? { kind: 'fetched', fetchedBytes, totalBytes } : { kind: 'newest' };
      } finally {
        channel.close();
      }
    });
  }

  /** To the vectors before; those that came with the page are the first. */
  goBack(): Promise<void> {
    return this.#alone('going back', async (sync) => {
      await sync.revert();
      return { kind: 'back' };
    });
  }

  /** Ends a look that is under way. */
  async stop(): Promise<void> {
    this.#stop?.abort();
    await this.#running;
  }

  /** Nothing that was fetched is kept or in use any more. The settings are forgotten before. */
  async erase(): Promise<void> {
    await this.stop();
    try {
      if (this.#session.own?.sync) await this.#session.reopen();
    } catch {
      // The engine goes on with what it has in memory, until the page is left.
    }
    await deleteDB(this.#parts.database);
    this.set({ ...START, offer: this.state().offer });
  }

  async #offer(): Promise<Offer> {
    try {
      const url = new URL('policy.json', this.#parts.server);
      const response = await this.#parts.fetchOwn(url, AbortSignal.timeout(ANSWER_MS));
      await response.body?.cancel();
      // Some hosts answer whatever is not there with their first page.
      const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
      if (response.status === 404 || isPage) return 'none';
      return response.ok ? 'there' : 'unreachable';
    } catch {
      return 'unreachable';
    }
  }

  /** One at a time; what is asked for meanwhile is not done. */
  #alone(
    busy: 'looking' | 'going back',
    work: (sync: Sync, signal: AbortSignal) => Promise<LookOutcome>,
  ): Promise<void> {
    if (this.#stop === null) {
      this.#stop = new AbortController();
      this.set({ busy, progress: null, outcome: null });
      this.#running = this.#work(work, this.#stop.signal);
    }
    return this.#running;
  }

  async #work(
    work: (sync: Sync, signal: AbortSignal) => Promise<LookOutcome>,
    signal: AbortSignal,
  ): Promise<void> {
    let end: Pick<NewerVectorsState, 'outcome'> & Partial<NewerVectorsState>;
    try {
      const engine = await this.#parts.openFetching();
      let outcome: LookOutcome;
      let stored: SyncState;
      try {
        signal.throwIfAborted();
        if (engine.sync === null) throw new Error('The engine was opened without snapshots.');
        outcome = await work(engine.sync, signal);
        stored = await engine.sync.state();
      } finally {
        await this.#session.retire(engine);
      }
      // Everything is being erased, or it was switched off: what came is not taken into use.
      signal.throwIfAborted();
      end = { stored, opened: await this.#use(stored), outcome };
    } catch (cause) {
      end = { outcome: isAbort(cause) ? null : { kind: 'failed', problem: problemOf(cause) } };
    }
    this.#stop = null;
    this.set({ busy: null, progress: null, ...end });
    this.#plan();
  }

  /** Lets the listener's engine open what is kept, where it has something else. Gives what it has. */
  async #use(stored: SyncState): Promise<SnapshotFacts | null> {
    useSettings.getState().set({ hasFetched: stored.server !== null });
    const before = this.#session.own?.sync?.opened?.manifest ?? null;
    if (before !== (stored.current?.manifest ?? null)) {
      await this.#session.reopen().catch(() => {
        // They are opened at the next visit, and the state says so.
      });
    }
    return this.#session.own?.sync?.opened ?? null;
  }

  /**
   * The next look is at a moment that was drawn beforehand, so that it tells nothing of when somebody listens. Where the page was not open then, it is
   * some minutes after that, drawn as well.
   */
  #plan(): void {
    clearTimeout(this.#timer);
    const { fetchVectors, nextLookAt } = useSettings.getState();
    if (!fetchVectors) {
      this.set({ nextAt: null });
      return;
    }
    const left = nextLookAt - Date.now();
    const wait = left > 0 ? left : someMinutes();
    this.#timer = setTimeout(() => void this.look(), wait);
    this.set({ nextAt: Date.now() + wait });
  }
}
