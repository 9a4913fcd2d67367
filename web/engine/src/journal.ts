import { messageOf, OssicleError } from './errors.ts';
import { EVERYTHING } from './learning.ts';
import {
  fromWire,
  TrapError,
  type Arguments,
  type CallName,
  type Connect,
  type ImportedBatch,
  type OpenArguments,
  type Opened,
  type Port,
  type Recorded,
  type Returned,
} from './protocol.ts';
import type {
  Learning,
  LoadProgress,
  OpenOptions,
  Store,
  StoreChange,
  StoredBatch,
  StoredEvent,
} from './types.ts';

/** The core's own limit, 2^24. */
const MOST_EVENTS = 1 << 24;

export interface JournalOptions extends OpenOptions {
  readonly assets: string;
  readonly store: Store;
}

/**
 * Keeps a store and a core in step. The store is the truth: what the core knows is always what a replay of the store would give,
 * so that a core that trapped, filled up or missed another tab's events is made anew from it. One job runs at a time.
 */
export class Journal {
  readonly #connect: Connect;
  readonly #store: Store;
  readonly #onProgress: (progress: LoadProgress) => void;
  #openArguments: OpenArguments;
  #port: Port;
  #maxEvents = 0;

  #tail: Promise<unknown> = Promise.resolve();
  #closed = false;
  #storeIsOpen = false;
  #erasures = 0;
  #reviving = false;
  #revivals = 0;

  /** Every batch up to this one is in the core. */
  #after = 0;
  /** Own batches beyond #after: between them lie other tabs' batches that were not read yet. */
  #own = new Set<number>();
  /** Set when the core may lag behind the store. */
  #stale: StoreChange | null = null;
  #stopListening: () => void = () => undefined;
  #onExternal: () => void = () => undefined;

  #firstAt = Infinity;
  #lastAt = -Infinity;
  /** Artist -> second of the latest feedback. */
  #feedback = new Map<string, number>();

  constructor(connect: Connect, options: JournalOptions) {
    this.#connect = connect;
    this.#store = options.store;
    this.#onProgress = options.onProgress ?? (() => undefined);
    this.#openArguments = {
      assets: options.assets,
      ...(options.variant && { variant: options.variant }),
      ...(options.encoder && { encoder: options.encoder }),
      ...(options.profile && { profile: options.profile }),
      ...(options.snapshots !== undefined && { snapshots: options.snapshots }),
      learning: { ...EVERYTHING, ...options.learning },
    };
    this.#port = connect(this.#onProgress);
  }

  get erasures(): number {
    return this.#erasures;
  }

  /** Grows whenever a core that trapped is made anew: what it held beside the history is gone. */
  get revivals(): number {
    return this.#revivals;
  }

  get learning(): Learning {
    return this.#openArguments.learning ?? EVERYTHING;
  }

  onExternal(listener: () => void): void {
    this.#onExternal = listener;
  }

  async open(signal?: AbortSignal): Promise<Opened> {
    // Beside the store: it is the engine that takes longer.
    const opening = this.#port.call('open', this.#openArguments, signal);
    opening.catch(() => undefined);
    await this.#store.open();
    this.#storeIsOpen = true;
    let opened: Opened;
    try {
      opened = await opening;
    } catch (cause) {
      throw cause instanceof TrapError ? this.#bug(cause, 'The history is safe.') : cause;
    }
    this.#maxEvents = opened.maxEvents;
    // A core that is made anew has the same catalogue, even when a newer one was fetched meanwhile.
    this.#openArguments = { ...this.#openArguments, opened: opened.snapshot?.manifest ?? null };
    this.#stopListening = this.#store.onExternalChange((change) => {
      // What makes the core anew is not forgotten for an appended event.
      if (change !== 'appended' || this.#stale === null) this.#stale = change;
      // serial() brings the core up to date. When that fails, the next call tries again and reports it.
      this.serial(() => Promise.resolve()).catch(() => undefined);
    });
    await this.serial(() => this.#replay(0, signal), signal);
    return opened;
  }

  /** Runs `work` when everything before it has ended. Errors: closed; AbortError while it waits. */
  serial<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const job = this.#tail.then(async () => {
      if (this.#closed) throw new OssicleError('closed', 'The engine was closed.');
      signal?.throwIfAborted();
      await this.#refresh();
      return work();
    });
    this.#tail = job.catch(() => undefined);
    return job;
  }

  /** Asks for what has no part in the history, and may take its time. */
  beside<K extends CallName>(
    name: K,
    args: Arguments<K>,
    signal?: AbortSignal,
  ): Promise<Returned<K>> {
    if (this.#closed) {
      return Promise.reject(new OssicleError('closed', 'The engine was closed.'));
    }
    return this.#port.call(name, args, signal);
  }

  // What follows is called inside serial() only.

  /** Asks the core. After a trap it is made anew from the store and asked once more. */
  async ask<K extends CallName>(
    name: K,
    args: Arguments<K>,
    signal?: AbortSignal,
  ): Promise<Returned<K>> {
    try {
      return await this.#port.call(name, args, signal);
    } catch (cause) {
      if (!(cause instanceof TrapError) || this.#reviving) throw cause;
      await this.#revive();
      if (name.startsWith('import')) throw this.#bug(cause, 'What was imported before is kept.');
      if (name.startsWith('index'))
        throw this.#bug(cause, 'Its indexes are gone: make them again.');
      if (name.startsWith('library'))
        throw this.#bug(cause, 'The library comes back with the next call.');
      try {
        return await this.#port.call(name, args, signal);
      } catch (again) {
        throw again instanceof TrapError ? this.#bug(again, 'The history is safe.') : again;
      }
    }
  }

  /** Records an event and stores it, unless it is a duplicate. When it cannot be stored, the core forgets it again. */
  async add(event: StoredEvent): Promise<Recorded> {
    const [became = 'kept'] = await this.addAll([event]);
    return became;
  }

  /** The same for events of one call. */
  async addAll(events: readonly StoredEvent[]): Promise<readonly Recorded[]> {
    return this.#append(events, await this.#record(events));
  }

  /** Stores what an import has recorded, without the duplicates; says what became of each event. */
  async keep(batch: ImportedBatch): Promise<readonly Recorded[]> {
    const { events, recorded, failure } = batch;
    const became = await this.#append(events.slice(0, recorded.length), recorded);
    if (failure === null) return became;
    const cause = fromWire(failure);
    if (!this.#canGrow(cause)) throw cause;
    await this.#grow();
    return [...became, ...(await this.addAll(events.slice(recorded.length)))];
  }

  /** Gives the core every event again, so that what was opened in it since hears of them. */
  replay(): Promise<void> {
    return this.#rebuild();
  }

  /** Learns from these parts of the history only, which the core is given anew. */
  async learn(learning: Learning): Promise<void> {
    this.#openArguments = { ...this.#openArguments, learning };
    try {
      await this.ask('learn', learning);
      this.#startAfresh();
      await this.#replay(0);
    } catch (cause) {
      // The next call tries again.
      this.#stale = 'changed';
      throw cause;
    }
  }

  /** What is stored, after batch `after`. Errors: those of the store; AbortError. */
  async *batches(signal?: AbortSignal, after = 0): AsyncGenerator<StoredBatch, void> {
    for await (const batch of this.#store.read(after)) {
      signal?.throwIfAborted();
      yield batch;
    }
  }

  /** Puts what `changes` makes of them in the place of batches; the core is made anew, also when only a part could be stored. */
  async rewrite(
    changes: ReadonlyMap<number, (events: readonly StoredEvent[]) => readonly StoredEvent[]>,
  ): Promise<void> {
    try {
      for (const [seq, change] of changes) {
        for await (const batch of this.#store.read(seq - 1)) {
          if (batch.seq === seq) await this.#store.replace(seq, change(batch.events));
          break;
        }
      }
    } finally {
      await this.#rebuild();
    }
  }

  async erase(): Promise<void> {
    this.#erasures += 1;
    await this.#store.erase();
    await this.ask('forget', null);
    this.#startAfresh();
  }

  storedBytes(): Promise<number | null> {
    return this.#store.storedBytes();
  }

  lastFeedback(artistId: string): number {
    return this.#feedback.get(artistId) ?? -Infinity;
  }

  feedbackArtists(): readonly string[] {
    return [...this.#feedback.keys()];
  }

  span(): { readonly firstEventAt: Date | null; readonly lastEventAt: Date | null } {
    const dateOf = (at: number): Date | null => (Number.isFinite(at) ? new Date(at * 1000) : null);
    return { firstEventAt: dateOf(this.#firstAt), lastEventAt: dateOf(this.#lastAt) };
  }

  /** Waits for the job that runs; may be called twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopListening();
    await this.#tail;
    this.#port.close();
    if (this.#storeIsOpen) await this.#store.close();
  }

  #bug(cause: unknown, safe: string): OssicleError {
    const what = `Ossicle stopped on a bug of its own: ${messageOf(cause)}. ${safe} Please report this.`;
    return new OssicleError('internal', what, null, { cause });
  }

  #startAfresh(): void {
    this.#after = 0;
    this.#own.clear();
    this.#stale = null;
    this.#firstAt = Infinity;
    this.#lastAt = -Infinity;
    this.#feedback.clear();
  }

  #note(events: readonly StoredEvent[]): void {
    for (const { kind, at, artistId } of events) {
      this.#firstAt = Math.min(this.#firstAt, at);
      this.#lastAt = Math.max(this.#lastAt, at);
      if (kind !== 'play' && kind !== 'shown') {
        this.#feedback.set(artistId, Math.max(at, this.lastFeedback(artistId)));
      }
    }
  }

  /** Makes room in the core when it is full. */
  async #record(events: readonly StoredEvent[]): Promise<readonly Recorded[]> {
    try {
      return await this.ask('record', { events });
    } catch (cause) {
      if (!this.#canGrow(cause)) throw cause;
      await this.#grow();
      return this.#record(events);
    }
  }

  /** Stores what the core found new. Gives what became of each event, which another tab may have stored at the same moment. */
  async #append(
    events: readonly StoredEvent[],
    recorded: readonly Recorded[],
  ): Promise<readonly Recorded[]> {
    const added = events.filter((_, i) => isNew(recorded[i]));
    if (added.length === 0) return recorded;
    let seq: number | null;
    try {
      seq = await (this.#store.appendAfter?.(this.#after, added) ?? this.#store.append(added));
      if (seq === null)
        return await this.#append(events, await this.#afterOthers(events, recorded));
    } catch (cause) {
      // The core has recorded what the store has not.
      await this.#rebuild();
      throw cause;
    }
    this.#note(added);
    if (seq === this.#after + 1) {
      this.#after = seq;
    } else if (seq <= this.#after) {
      // The numbers started again: another tab erased.
      this.#stale = 'erased';
    } else {
      this.#own.add(seq);
      this.#stale ??= 'appended';
    }
    return recorded;
  }

  /** Takes in what another tab appended first, and says what becomes of these events, which the core has and the store has not. */
  async #afterOthers(
    events: readonly StoredEvent[],
    recorded: readonly Recorded[],
  ): Promise<readonly Recorded[]> {
    const before = this.#after;
    const allNew = await this.#replay(before);
    if (allNew && this.#after > before) return recorded;
    // Some may be the same as ours, or the history was erased: only the store knows.
    await this.#rebuild();
    return this.#record(events);
  }

  /** Brings the core up to date with other tabs. */
  async #refresh(): Promise<void> {
    const change = this.#stale;
    if (change === null) return;
    this.#stale = null;
    try {
      if (change === 'appended') await this.#replay(this.#after);
      else await this.#rebuild();
    } catch (cause) {
      this.#stale = change;
      throw cause;
    }
    this.#onExternal();
  }

  async #rebuild(): Promise<void> {
    await this.ask('forget', null);
    this.#startAfresh();
    await this.#replay(0);
  }

  /** Gives the core the batches after `from`, in the order of the store; false when it may have had one of their events before. */
  async #replay(from: number, signal?: AbortSignal): Promise<boolean> {
    let allNew = true;
    this.#after = from;
    for await (const { seq, events } of this.#store.read(from)) {
      signal?.throwIfAborted();
      if (!this.#own.delete(seq)) {
        try {
          allNew = (await this.ask('record', { events })).every(isNew) && allNew;
        } catch (cause) {
          if (!this.#canGrow(cause)) throw cause;
          // Starts the replay over, in a larger core.
          await this.#grow(signal);
          return false;
        }
        this.#note(events);
      }
      this.#after = seq;
    }
    return allNew;
  }

  /** Opens the core again with twice the room, and the history from the store. */
  async #grow(signal?: AbortSignal): Promise<void> {
    const maxEvents = Math.min(MOST_EVENTS, this.#maxEvents * 2);
    this.#openArguments = { ...this.#openArguments, maxEvents };
    const opened = await this.#port.call('open', this.#openArguments, signal);
    this.#maxEvents = opened.maxEvents;
    this.#startAfresh();
    await this.#replay(0, signal);
  }

  #canGrow(cause: unknown): boolean {
    return isFull(cause) && this.#maxEvents < MOST_EVENTS;
  }

  async #revive(): Promise<void> {
    this.#port.close();
    this.#port = this.#connect(this.#onProgress);
    this.#reviving = true;
    this.#revivals += 1;
    try {
      await this.#port.call('open', this.#openArguments);
      this.#startAfresh();
      await this.#replay(0);
    } catch (cause) {
      throw cause instanceof TrapError ? this.#bug(cause, 'The history is safe.') : cause;
    } finally {
      this.#reviving = false;
    }
  }
}

function isNew(became: Recorded | undefined): boolean {
  return became === 'kept' || became === 'unknown';
}

function isFull(cause: unknown): boolean {
  return cause instanceof OssicleError && cause.code === 'capacity_exceeded';
}
