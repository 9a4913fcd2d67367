import type { Track } from '../library/types.ts';
import { Deck, type AudioLike, type DeckEvent } from './deck.ts';
import { ListenClock } from './listen-clock.ts';
import { SystemControls } from './media-session.ts';
import * as queues from './queue.ts';
import type {
  PlaybackProblem,
  Player,
  PlayerOptions,
  PlayerState,
  PlayerStatus,
  QueueItem,
  Repeat,
} from './types.ts';

/** `previous` goes to the beginning after this time. */
const RESTART_AFTER_MS = 3000;
/** The next track is fetched this long before the end of the current one. */
const PREPARE_MS = 20_000;
/**
 * An element takes about this long from `play()` to sound, so the next one is started so long before the current one ends: 0 to 12 ms of both are
 * heard in Debian's Chromium (tests/web/playing.test.ts prints it; with 25 ms it was 16 to 27). A timer of a hidden tab may come too late; then
 * `ended` starts the next one, with a gap of some tens of milliseconds.
 */
const START_MS = 10;
/** Tracks in a row that cannot be played; then it stops rather than run through a whole library. */
const MOST_FAILURES = 5;

/** What the player needs of the page; tests bring their own. */
export interface Place {
  audio(): AudioLike;
  readonly mediaSession: MediaSession | null;
  now(): Date;
  random(): number;
  /** Called when the page may be about to go. */
  onHide(listener: () => void): () => void;
}

export function openPlayer(options: PlayerOptions): Player {
  const { mediaSession } = navigator as { readonly mediaSession?: MediaSession };
  return new TwoDeckPlayer(options, {
    audio: () => new Audio(),
    mediaSession: mediaSession ?? null,
    now: () => new Date(),
    random: Math.random,
    onHide(listener) {
      addEventListener('pagehide', listener);
      return () => removeEventListener('pagehide', listener);
    },
  });
}

export class TwoDeckPlayer implements Player {
  readonly #options: PlayerOptions;
  readonly #place: Place;
  #deck: Deck;
  #spare: Deck;
  readonly #controls: SystemControls | null;
  readonly #listeners = new Set<() => void>();
  readonly #positionListeners = new Set<(positionMs: number) => void>();
  readonly #stopHide: () => void;
  #queue = queues.EMPTY;
  #status: PlayerStatus = 'idle';
  #volume: number;
  #muted = false;
  #problem: PlaybackProblem | null = null;
  #clock: ListenClock | null = null;
  #state: PlayerState;
  #lastKey = 0;
  #failures = 0;
  /** Grows with every wish, so that what an older one still waits for is dropped. */
  #wish = 0;
  #switch: ReturnType<typeof setTimeout> | null = null;

  constructor(options: PlayerOptions, place: Place) {
    this.#options = options;
    this.#place = place;
    this.#volume = clamp(options.volume ?? 0.8);
    const tell = (deck: Deck, event: DeckEvent): void => this.#on(deck, event);
    this.#deck = new Deck(place.audio(), tell);
    this.#spare = new Deck(place.audio(), tell);
    this.#setVolumes();
    this.#state = this.#snapshot();
    this.#controls = place.mediaSession
      ? new SystemControls(place.mediaSession, this, options.cover)
      : null;
    this.#stopHide = place.onHide(() => this.#closeListen(false, true));
  }

  state(): PlayerState {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  position(): number {
    return this.#queue.index === -1 ? 0 : this.#deck.positionMs;
  }

  onPosition(listener: (positionMs: number) => void): () => void {
    this.#positionListeners.add(listener);
    return () => this.#positionListeners.delete(listener);
  }

  async playTracks(tracks: readonly Track[], index = 0): Promise<void> {
    const items = this.#newItems(tracks, 'listener');
    const { repeat, shuffle } = this.#queue;
    const at = Math.min(Math.max(0, index), items.length - 1);
    this.#queue = { ...queues.EMPTY, repeat, items, index: at };
    if (shuffle) this.#queue = queues.shuffled(this.#queue, true, () => this.#place.random());
    this.#failures = 0;
    this.#problem = null;
    await this.#start(true);
  }

  async play(): Promise<void> {
    if (this.#queue.index === -1) {
      if (this.#queue.items.length === 0) return;
      this.#queue = { ...this.#queue, index: 0 };
      await this.#start(true);
    } else if (this.#deck.item === null) await this.#start(true);
    else if (this.#status === 'paused') await this.#resume();
  }

  pause(): void {
    if (this.#status !== 'playing' && this.#status !== 'loading') return;
    ++this.#wish;
    this.#cancelSwitch();
    this.#clock?.end(this.#deck.positionMs);
    this.#deck.pause();
    this.#spare.pause();
    this.#set('paused');
  }

  async toggle(): Promise<void> {
    if (this.#status === 'playing' || this.#status === 'loading') this.pause();
    else await this.play();
  }

  async next(): Promise<void> {
    const index = queues.after(this.#queue);
    if (index === -1) this.#finish(true);
    else await this.#go(index);
  }

  async previous(): Promise<void> {
    if (this.position() > RESTART_AFTER_MS) this.seek(0);
    else if (this.#queue.items.length > 0) await this.#go(Math.max(0, queues.before(this.#queue)));
  }

  async jump(key: number): Promise<void> {
    const index = this.#queue.items.findIndex((item) => item.key === key);
    if (index !== -1) await this.#go(index);
  }

  seek(positionMs: number): void {
    if (this.#deck.item === null) return;
    this.#cancelSwitch();
    this.#clock?.end(this.#deck.positionMs);
    this.#deck.seek(positionMs);
    if (this.#status === 'playing') this.#clock?.begin(this.#deck.positionMs);
    this.#tellPosition();
  }

  insert(
    tracks: readonly Track[],
    at: 'next' | 'end',
    from: QueueItem['from'] = 'listener',
  ): readonly number[] {
    const items = this.#newItems(tracks, from);
    this.#change(queues.inserted(this.#queue, items, at));
    return items.map(({ key }) => key);
  }

  move(keys: readonly number[], before: number | null): void {
    this.#change(queues.moved(this.#queue, keys, before));
  }

  remove(keys: readonly number[]): void {
    const playing = this.#status === 'playing' || this.#status === 'loading';
    const { queue, gone } = queues.removed(this.#queue, keys);
    this.#change(queue);
    if (!gone) return;
    const index = queues.after(queue);
    if (index === -1) this.#finish(true);
    else {
      this.#queue = { ...queue, index };
      void this.#start(playing);
    }
  }

  clear(): void {
    const now = queues.current(this.#queue);
    this.#change(queues.withItems(this.#queue, now ? [now] : []));
  }

  restore(queue: readonly QueueItem[]): void {
    const now = queues.current(this.#queue);
    const there = now === null || queue.some(({ key }) => key === now.key);
    this.#change(queues.withItems(this.#queue, there ? queue : [now, ...queue]));
  }

  setVolume(volume: number): void {
    this.#volume = clamp(volume);
    this.#muted = false;
    this.#setVolumes();
    this.#emit();
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    this.#setVolumes();
    this.#emit();
  }

  setRepeat(repeat: Repeat): void {
    this.#change({ ...this.#queue, repeat });
  }

  setShuffle(shuffle: boolean): void {
    this.#change(queues.shuffled(this.#queue, shuffle, () => this.#place.random()));
  }

  dismissProblem(): void {
    this.#problem = null;
    this.#emit();
  }

  [Symbol.dispose](): void {
    ++this.#wish;
    this.#closeListen(true);
    this.#stopHide();
    this.#cancelSwitch();
    this.#deck.unload();
    this.#spare.unload();
    this.#controls?.close();
    this.#listeners.clear();
    this.#positionListeners.clear();
  }

  async #go(index: number): Promise<void> {
    this.#closeListen(true);
    this.#queue = { ...this.#queue, index };
    this.#failures = 0;
    this.#problem = null;
    await this.#start(true);
  }

  /** Loads the current item, from the spare deck where it is there already, and plays it. */
  async #start(playing: boolean): Promise<void> {
    const wish = ++this.#wish;
    this.#cancelSwitch();
    this.#closeListen(true);
    const item = queues.current(this.#queue);
    if (item === null) {
      this.#finish(true);
      return;
    }
    if (this.#spare.item?.key === item.key && this.#deck.item?.key !== item.key) {
      [this.#deck, this.#spare] = [this.#spare, this.#deck];
      this.#spare.unload();
    } else if (this.#deck.item?.key === item.key) this.#deck.unload();
    this.#set(playing ? 'loading' : 'paused');
    if (!(await this.#deck.load(item, this.#options.media)) || wish !== this.#wish) return;
    if (playing) await this.#playDeck(wish);
  }

  async #resume(): Promise<void> {
    const wish = ++this.#wish;
    this.#set('loading');
    await this.#playDeck(wish);
  }

  async #playDeck(wish: number): Promise<void> {
    const deck = this.#deck;
    try {
      await deck.play();
    } catch (cause) {
      if (wish === this.#wish) this.#fail(deck, cause);
    }
  }

  #on(deck: Deck, event: DeckEvent): void {
    if (deck !== this.#deck) {
      // The next track turns out to be broken when its turn comes.
      return;
    }
    const at = deck.positionMs;
    switch (event) {
      case 'playing':
        // Paused while it was starting.
        if (this.#status === 'paused' || this.#status === 'idle') return;
        this.#failures = 0;
        this.#openListen().begin(at);
        this.#set('playing');
        break;
      case 'halted':
        this.#clock?.end(at);
        if (this.#status === 'playing' && !deck.paused) this.#set('loading');
        // The system paused it: another app took the speaker, or the headphones went.
        else if (this.#status === 'playing' && deck.durationMs - at > 50) this.#set('paused');
        break;
      case 'duration':
        this.#clock?.setDuration(deck.durationMs);
        this.#emit();
        break;
      case 'progress':
        this.#clock?.advance(at);
        this.#tellPosition();
        this.#prepare();
        break;
      case 'ended':
        this.#clock?.end(at);
        this.#followed();
        break;
      case 'failed':
        if (this.#status !== 'paused' || this.#clock !== null) this.#fail(deck, null);
        break;
    }
  }

  /** Near the end: fetches the next track, and starts it so that it sounds when this one ends. */
  #prepare(): void {
    const left = this.#deck.durationMs - this.#deck.positionMs;
    if (this.#status !== 'playing' || this.#deck.durationMs === 0 || left > PREPARE_MS) return;
    const index = queues.following(this.#queue);
    const item = this.#queue.items[index];
    if (!item || item.key === this.#deck.item?.key) return;
    if (this.#spare.item?.key !== item.key) void this.#spare.load(item, this.#options.media);
    if (left < 1000 && this.#switch === null) {
      const wait = Math.max(0, left - START_MS);
      this.#switch = setTimeout(() => this.#switchNow(), wait);
    }
  }

  /** The next track begins while the last samples of this one are still on their way to the speaker. */
  #switchNow(): void {
    this.#switch = null;
    const item = this.#queue.items[queues.following(this.#queue)];
    const left = this.#deck.durationMs - this.#deck.positionMs;
    if (this.#status !== 'playing' || !item || this.#spare.item?.key !== item.key) return;
    if (!this.#spare.ready || left > 2 * START_MS) return;
    const wish = ++this.#wish;
    this.#clock?.end(this.#deck.durationMs);
    this.#closeListen(false);
    this.#queue = { ...this.#queue, index: this.#queue.items.indexOf(item) };
    const old = this.#deck;
    [this.#deck, this.#spare] = [this.#spare, old];
    this.#emit();
    void this.#playDeck(wish);
    // Its end is still heard; the deck is emptied when it is needed, or when it is surely over.
    setTimeout(() => {
      if (this.#spare === old && !isNext(old, this.#queue)) old.unload();
    }, 1000);
  }

  /** The current track came to its end by itself. */
  #followed(): void {
    this.#closeListen(false);
    const index = queues.following(this.#queue);
    if (index === -1) {
      this.#finish(false);
      return;
    }
    const again = index === this.#queue.index;
    this.#queue = { ...this.#queue, index };
    if (again) {
      this.#deck.seek(0);
      void this.#resume();
    } else void this.#start(true);
  }

  #fail(deck: Deck, cause: unknown): void {
    const problem = deck.problem(cause);
    if (problem === null) return;
    this.#clock?.end(deck.positionMs);
    this.#closeListen(false);
    this.#problem = problem;
    if (problem.reason === 'not_allowed') {
      this.#set('paused');
      return;
    }
    deck.unload();
    const index = queues.after(this.#queue);
    // Without a sound device the next one would fail as well.
    const all = problem.reason === 'no_sound' || ++this.#failures >= MOST_FAILURES;
    if (all || index === -1 || index === this.#queue.index) {
      this.#cancelSwitch();
      this.#set('paused');
      return;
    }
    this.#queue = { ...this.#queue, index };
    void this.#start(true);
  }

  /** The end of the queue. */
  #finish(left: boolean): void {
    ++this.#wish;
    this.#cancelSwitch();
    this.#closeListen(left);
    this.#deck.unload();
    this.#spare.unload();
    this.#queue = { ...this.#queue, index: -1 };
    this.#set('idle');
  }

  #openListen(): ListenClock {
    const item = queues.current(this.#queue);
    if (this.#clock === null && item !== null) {
      const counted = (): void => this.#options.onCounted?.(item.track);
      this.#clock = new ListenClock(item.track, this.#place.now(), counted);
      this.#clock.setDuration(this.#deck.durationMs);
    }
    if (this.#clock === null) throw new Error('Nothing plays.');
    return this.#clock;
  }

  /** `hidden`: the page may come back, then the play goes on as another listen. */
  #closeListen(left: boolean, hidden = false): void {
    const clock = this.#clock;
    if (clock === null) return;
    this.#clock = null;
    clock.end(this.#deck.positionMs);
    const listen = clock.result(left);
    if (listen) this.#options.onListen?.(listen);
    if (hidden && this.#status === 'playing') this.#openListen().begin(this.#deck.positionMs);
  }

  #change(queue: queues.Queue): void {
    this.#queue = queue;
    const { item } = this.#spare;
    if (item !== null && !isNext(this.#spare, queue)) {
      this.#cancelSwitch();
      this.#spare.unload();
    }
    this.#emit();
  }

  #newItems(tracks: readonly Track[], from: QueueItem['from']): readonly QueueItem[] {
    const items = queues.itemsOf(tracks, this.#lastKey + 1, from);
    this.#lastKey += items.length;
    return items;
  }

  #cancelSwitch(): void {
    if (this.#switch !== null) clearTimeout(this.#switch);
    this.#switch = null;
  }

  #setVolumes(): void {
    for (const deck of [this.#deck, this.#spare]) deck.setVolume(this.#volume, this.#muted);
  }

  #tellPosition(): void {
    const at = this.#deck.positionMs;
    this.#controls?.position(at, this.#deck.durationMs);
    for (const listener of this.#positionListeners) listener(at);
  }

  #set(status: PlayerStatus): void {
    this.#status = status;
    this.#emit();
  }

  #snapshot(): PlayerState {
    const { items, index, repeat, shuffle } = this.#queue;
    const current = queues.current(this.#queue);
    return {
      status: this.#status,
      queue: items,
      index,
      current,
      durationMs: this.#deck.durationMs || (current?.track.durationMs ?? 0),
      volume: this.#volume,
      muted: this.#muted,
      repeat,
      shuffle,
      problem: this.#problem,
    };
  }

  #emit(): void {
    this.#state = this.#snapshot();
    const { current, status } = this.#state;
    this.#controls?.show(current?.track ?? null, status === 'playing' || status === 'loading');
    for (const listener of this.#listeners) listener();
  }
}

function isNext({ item }: Deck, queue: queues.Queue): boolean {
  return item !== null && queue.items[queues.following(queue)]?.key === item.key;
}

function clamp(volume: number): number {
  return Math.min(1, Math.max(0, Number.isFinite(volume) ? volume : 0));
}
