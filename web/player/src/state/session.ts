import type {
  Artist,
  CatalogueSummary,
  Engine,
  EngineRequest,
  Explanation,
  FeedbackKind,
  ImportProgress,
  ImportReport,
  Learning,
  ListenInput,
  LoadProgress,
  ProfileSummary,
  RecommendResult,
} from 'ossicle';
import { isAbort, problemOf, type Problem } from '../problem.ts';
import { learningOf, restoreSettings, savedSettings, useSettings } from './settings.ts';

const LIST_LENGTH = 20;
/** More than are shown: of the largest parts of a score, those are told whose absence would lower it. */
const REASONS_READ = 8;

export type OpenEngine = (
  kept: 'device' | 'memory',
  onProgress: (progress: LoadProgress) => void,
) => Promise<Engine>;

export interface Importing {
  readonly name: string;
  readonly startedAt: number;
  readonly progress: ImportProgress;
}

/** How the last import ended. */
export type Outcome =
  | {
      readonly kind: 'done';
      readonly name: string;
      readonly report: ImportReport;
      /** Whether the file had settings of the page, which hold now. */
      readonly settings: boolean;
    }
  | { readonly kind: 'stopped'; readonly name: string; readonly listens: number }
  | { readonly kind: 'failed'; readonly name: string; readonly problem: Problem };

/** A choice of the listener, and what takes it back: a skip is taken back by a clear of its own second. */
export interface Choice {
  readonly artist: Artist;
  readonly kind: FeedbackKind;
  readonly undo: FeedbackKind;
  readonly at: Date;
}

export interface State {
  readonly phase: 'opening' | 'failed' | 'ready';
  readonly load: LoadProgress | null;
  /** Why the engine did not open. */
  readonly failure: Problem | null;
  readonly catalogue: CatalogueSummary | null;
  readonly build: Engine['build'] | null;
  readonly profile: ProfileSummary | null;
  readonly list: RecommendResult | null;
  /** Grows with every list, so that an open explanation knows when it is out of date. */
  readonly revision: number;
  readonly loved: readonly Artist[];
  readonly banned: readonly Artist[];
  readonly importing: Importing | null;
  readonly outcome: Outcome | null;
  readonly choice: Choice | null;
  /** A call that failed while the page goes on. */
  readonly problem: Problem | null;
  readonly sample: boolean;
  readonly erased: boolean;
  /** What is learnt from now; null while the engine opens. */
  readonly learning: Learning | null;
}

const START: State = {
  phase: 'opening',
  load: null,
  failure: null,
  catalogue: null,
  build: null,
  profile: null,
  list: null,
  revision: 0,
  loved: [],
  banned: [],
  importing: null,
  outcome: null,
  choice: null,
  problem: null,
  sample: false,
  erased: false,
  learning: null,
};

/** What the page knows and does; the parts draw its state. All of the listener's data stays in the engine. */
export class Session {
  readonly #openEngine: OpenEngine;
  readonly #listeners = new Set<() => void>();
  #state = START;
  /** Over the history that is kept on the device. */
  #own: Engine | null = null;
  /** Over the made-up history, while it is shown. */
  #sample: Engine | null = null;
  #stop: AbortController | null = null;
  #importing: Promise<void> = Promise.resolve();
  /** What engines that were closed had asked the network for. */
  readonly #past: EngineRequest[] = [];
  #asked = 0;
  /** What the engine was asked to learn from last. */
  #wanted: Learning | null = null;
  #lastMoment = 0;
  /** Told of what an imported file of our own has beside the history. */
  onSettings: (settings: unknown) => void = () => undefined;
  /** Told that `own` is another engine over the same history, before the one that was it closes. */
  onReplaced: () => Promise<void> = () => Promise.resolve();

  constructor(openEngine: OpenEngine) {
    this.#openEngine = openEngine;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): State => this.#state;

  async open(): Promise<void> {
    this.#set({ ...START });
    try {
      const engine = await this.#openEngine('device', (load) => this.#set({ load }));
      this.#take(engine);
      await this.#read(engine);
      this.#set({ phase: 'ready', learning: engine.learning });
      useSettings.subscribe(() => void this.#learn());
      // A choice of another tab, made while this one opened.
      await this.#learn();
    } catch (cause) {
      this.#set({ phase: 'failed', failure: problemOf(cause) });
    }
  }

  /**
   * Opens the engine once more, beside the one that is open, and puts it in its place: what is stored, and so what was learnt, is the same. Rejects
   * with what went wrong; the engine that was open then stays.
   */
  async reopen(): Promise<void> {
    const before = this.#own;
    if (!before) return;
    const engine = await this.#openEngine('device', () => undefined);
    await this.#importing;
    this.#take(engine);
    await this.onReplaced();
    await this.retire(before);
    // A choice that was made while it opened.
    this.#wanted = null;
    this.#set({ learning: engine.learning });
    await this.#learn();
    if (!this.#sample) await this.#refresh();
  }

  /** Closes an engine of this page, and remembers what it asked for. */
  async retire(engine: Engine): Promise<void> {
    this.#past.push(...(await engine.requests().catch(() => [])));
    await engine.close();
  }

  /** Takes an export of the listener in. Leaves the sample, when that is what is shown. */
  async import(file: File): Promise<void> {
    if (this.#state.phase !== 'ready' || this.#state.importing) return;
    if (this.#sample) await this.leaveSample();
    if (!this.#own) return;
    this.#importing = this.#import(this.#own, file, file.name);
    await this.#importing;
  }

  stopImport(): void {
    this.#stop?.abort();
  }

  /** Shows a made-up listener in an engine of its own, so that nothing of it is stored. */
  async trySample(name: string): Promise<void> {
    if (this.#state.phase !== 'ready' || this.#state.importing || this.#sample) return;
    const progress = { readBytes: 0, totalBytes: 0, listens: 0, matched: 0 };
    this.#set({
      importing: { name, startedAt: performance.now(), progress },
      outcome: null,
      erased: false,
    });
    try {
      const { sampleHistory } = await import('./sample-history.ts');
      const engine = await this.#openEngine('memory', () => undefined);
      this.#sample = engine;
      this.#set({ sample: true });
      await this.#import(engine, sampleHistory(new Date()), name);
    } catch (cause) {
      this.#set({ importing: null, problem: problemOf(cause) });
    }
  }

  async leaveSample(): Promise<void> {
    const engine = this.#sample;
    this.#sample = null;
    this.#set({ sample: false, outcome: null, choice: null, problem: null });
    await Promise.all([engine && this.retire(engine), this.#refresh()]);
  }

  /** The row goes at once; the engine's own answer follows. */
  async choose(artist: Artist, kind: 'love' | 'skip' | 'ban'): Promise<void> {
    const { list } = this.#state;
    if (list) {
      const items = list.items.filter((item) => item.artist.id !== artist.id);
      this.#set({ list: { ...list, items } });
    }
    await this.#give({ artist, kind, undo: 'clear', at: this.#moment() });
  }

  /** Takes a love or a ban of long ago back. */
  async clear(artist: Artist, was: 'love' | 'ban'): Promise<void> {
    await this.#give({ artist, kind: 'clear', undo: was, at: this.#moment() });
  }

  async undo(): Promise<void> {
    const { choice } = this.#state;
    if (!choice) return;
    const at = choice.kind === 'skip' ? choice.at : this.#moment();
    await this.#give({ artist: choice.artist, kind: choice.undo, undo: choice.kind, at }, true);
  }

  dismiss(): void {
    this.#set({ choice: null, problem: null, erased: false });
  }

  dismissOutcome(): void {
    this.#set({ outcome: null });
  }

  explain(artistId: string, signal: AbortSignal): Promise<Explanation> {
    const engine = this.#engine;
    if (!engine) return Promise.reject(new Error('The engine is not open.'));
    return engine.explain(artistId, { signal });
  }

  /** What the engines of this page have asked the network for, those that are closed included. */
  async requests(): Promise<readonly EngineRequest[]> {
    const engines = [this.#own, this.#sample].filter((engine) => engine !== null);
    const asked = await Promise.all(engines.map((engine) => engine.requests()));
    return [...this.#past, ...asked.flat()];
  }

  async erase(): Promise<void> {
    const engine = this.#engine;
    if (!engine) return;
    try {
      this.#stop?.abort();
      await engine.erase();
      if (this.#sample) await this.leaveSample();
      this.#set({ outcome: null, choice: null, problem: null, erased: true });
    } catch (cause) {
      this.#set({ problem: problemOf(cause) });
    }
    await this.#refresh();
  }

  get #engine(): Engine | null {
    return this.#sample ?? this.#own;
  }

  /** The engine over the history that is kept on the device; null while it opens. */
  get own(): Engine | null {
    return this.#own;
  }

  /** The engine that the page shows: over the sample, while that is shown. */
  get shown(): Engine | null {
    return this.#engine;
  }

  /** Asks the engine again: its answers are others once it knows of the listener's own tracks. */
  async refresh(): Promise<void> {
    await this.#refresh();
  }

  /** Deletes one entry of the history. */
  async forget(entryId: string): Promise<void> {
    await this.#engine?.history.delete(entryId);
    await this.#refresh();
  }

  /** A play of the page's own player; kept unless the session is private. */
  async listen(event: ListenInput): Promise<void> {
    if (!this.#own || useSettings.getState().privateSession) return;
    try {
      await this.#own.listen(event);
    } catch (cause) {
      this.#set({ problem: problemOf(cause) });
    }
    if (!this.#sample) await this.#refresh();
  }

  /** Everything that is stored, the settings, and what `beside` has, as a file that `import` takes back. */
  export(beside: object, signal: AbortSignal): ReadableStream<Uint8Array<ArrayBuffer>> {
    if (!this.#own) throw new Error('The engine is not open.');
    return this.#own.export({ settings: { page: savedSettings(), ...beside }, signal });
  }

  #take(engine: Engine): void {
    this.#own = engine;
    engine.onChange(() => {
      if (this.#engine === engine) void this.#refresh();
    });
    this.#set({ catalogue: engine.catalogue, build: engine.build });
  }

  /** Brings the engine in line with the listener's choice of what is learnt from. */
  async #learn(): Promise<void> {
    const engine = this.#own;
    if (!engine) return;
    try {
      const before = engine.learning;
      const wanted = learningOf(useSettings.getState());
      if (JSON.stringify(wanted) === JSON.stringify(this.#wanted ?? before)) return;
      this.#wanted = wanted;
      await engine.setLearning(wanted);
      this.#set({ learning: engine.learning });
    } catch (cause) {
      this.#set({ problem: problemOf(cause) });
    }
    if (!this.#sample) await this.#refresh();
  }

  /** Now, but never the same second twice: the engine tells events apart by second. */
  #moment(): Date {
    this.#lastMoment = Math.max(Date.now(), this.#lastMoment + 1000);
    return new Date(this.#lastMoment);
  }

  #set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  async #import(engine: Engine, file: Blob, name: string): Promise<void> {
    const stop = new AbortController();
    this.#stop = stop;
    const startedAt = performance.now();
    const progress = { readBytes: 0, totalBytes: file.size, listens: 0, matched: 0 };
    this.#set({
      importing: { name, startedAt, progress },
      outcome: null,
      choice: null,
      problem: null,
      erased: false,
    });
    try {
      const report = await engine.import(file, {
        signal: stop.signal,
        onProgress: (next) => this.#set({ importing: { name, startedAt, progress: next } }),
      });
      const page = (report.settings as { readonly page?: unknown } | undefined)?.page;
      const settings = page !== undefined && restoreSettings(page);
      this.#set({ outcome: { kind: 'done', name, report, settings } });
      if (report.settings !== undefined) this.onSettings(report.settings);
    } catch (cause) {
      const listens = this.#state.importing?.progress.listens ?? 0;
      this.#set({
        outcome: isAbort(cause)
          ? { kind: 'stopped', name, listens }
          : { kind: 'failed', name, problem: problemOf(cause) },
      });
    }
    this.#stop = null;
    await this.#refresh();
    this.#set({ importing: null });
  }

  async #give(choice: Choice, takesBack = false): Promise<void> {
    const engine = this.#engine;
    if (!engine) return;
    // In a private session a choice changes what is seen, and nothing that is kept.
    if (useSettings.getState().privateSession && engine === this.#own) return;
    this.#set({ choice: takesBack ? null : choice, problem: null });
    try {
      await engine.feedback(choice.artist.id, choice.kind, { at: choice.at });
    } catch (cause) {
      this.#set({ choice: null, problem: problemOf(cause) });
    }
    await this.#refresh();
  }

  async #refresh(): Promise<void> {
    const engine = this.#engine;
    if (!engine) return;
    try {
      await this.#read(engine);
    } catch (cause) {
      if (this.#engine === engine) this.#set({ problem: problemOf(cause) });
    }
  }

  /** The newest question wins, whatever the order of the answers. */
  async #read(engine: Engine): Promise<void> {
    const asked = ++this.#asked;
    const [list, profile, loved, banned] = await Promise.all([
      engine.recommend({ limit: LIST_LENGTH, reasons: REASONS_READ }),
      engine.profile(),
      engine.flagged('love'),
      engine.flagged('ban'),
    ]);
    if (asked !== this.#asked) return;
    this.#set({ list, profile, loved, banned, revision: this.#state.revision + 1 });
  }
}
