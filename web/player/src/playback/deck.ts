/** One audio element with one track in it. Two decks take turns, so that the next track is ready before the current one ends. */
import type { Lease } from '../library/types.ts';
import type { PlaybackProblem, QueueItem } from './types.ts';

/** What is used of HTMLAudioElement; tests bring their own. */
export interface AudioLike extends EventTarget {
  src: string;
  currentTime: number;
  volume: number;
  muted: boolean;
  preload: string;
  readonly duration: number;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly readyState: number;
  readonly error: { readonly code: number; readonly message: string } | null;
  play(): Promise<void>;
  pause(): void;
  load(): void;
  removeAttribute(name: string): void;
}

export type DeckEvent = 'playing' | 'halted' | 'progress' | 'ended' | 'failed' | 'duration';

const EVENTS: Readonly<Record<string, DeckEvent>> = {
  playing: 'playing',
  pause: 'halted',
  waiting: 'halted',
  timeupdate: 'progress',
  seeked: 'progress',
  ended: 'ended',
  error: 'failed',
  durationchange: 'duration',
};

/** A play that does not begin within this time is given up. */
const LOAD_MS = 30_000;

export class Deck {
  readonly #audio: AudioLike;
  readonly #tell: (deck: Deck, event: DeckEvent) => void;
  #lease: Lease | null = null;
  /** Grows with each load, so that a late answer of an older one is dropped. */
  #turn = 0;
  #loading: Promise<boolean> | null = null;
  #failure: Error | null = null;
  item: QueueItem | null = null;

  constructor(audio: AudioLike, tell: (deck: Deck, event: DeckEvent) => void) {
    this.#audio = audio;
    this.#tell = tell;
    audio.preload = 'auto';
    for (const [type, event] of Object.entries(EVENTS)) {
      audio.addEventListener(type, () => {
        // An emptied element tells of its emptiness.
        if (this.item !== null && this.#lease !== null) this.#tell(this, event);
      });
    }
  }

  get positionMs(): number {
    return this.#audio.currentTime * 1000;
  }

  get durationMs(): number {
    const { duration } = this.#audio;
    return Number.isFinite(duration) && duration > 0 ? duration * 1000 : 0;
  }

  get paused(): boolean {
    return this.#audio.paused;
  }

  /** Whether it could play to its end as far as it is known now. */
  get ready(): boolean {
    return this.#lease !== null && this.#audio.readyState >= 3;
  }

  /** Gets the track and lets the browser fetch it; resolves with whether the deck still is for this item. */
  load(item: QueueItem, media: (trackId: string) => Promise<Lease>): Promise<boolean> {
    if (this.item?.key === item.key && this.#loading) return this.#loading;
    this.unload();
    const turn = this.#turn;
    this.item = item;
    this.#loading = (async () => {
      let lease: Lease;
      try {
        lease = await media(item.track.id);
      } catch (cause) {
        if (turn !== this.#turn) return false;
        this.#failure = cause instanceof Error ? cause : new Error(String(cause));
        return true;
      }
      if (turn !== this.#turn) {
        lease.release();
        return false;
      }
      this.#lease = lease;
      this.#audio.src = lease.url;
      this.#audio.load();
      return true;
    })();
    return this.#loading;
  }

  /** Rejects when it cannot be played: `problem` tells why. */
  async play(): Promise<void> {
    const turn = this.#turn;
    if (this.#lease === null) throw this.#failure ?? new Error('Nothing is loaded.');
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new DOMException('It did not begin to play in time.', 'TimeoutError'));
      }, LOAD_MS);
    });
    try {
      await Promise.race([this.#audio.play(), late]);
    } catch (cause) {
      // Paused or replaced while it was starting: no failure.
      if (turn !== this.#turn || (cause instanceof Error && cause.name === 'AbortError')) return;
      throw cause;
    } finally {
      clearTimeout(timer);
    }
  }

  pause(): void {
    this.#audio.pause();
  }

  seek(positionMs: number): void {
    const end = this.durationMs;
    this.#audio.currentTime = Math.max(0, end > 0 ? Math.min(positionMs, end) : positionMs) / 1000;
  }

  /** `volume` as it is heard, 0..1. Loudness goes about with the cube of what an element's volume is. */
  setVolume(volume: number, muted: boolean): void {
    this.#audio.volume = volume ** 3;
    this.#audio.muted = muted;
  }

  unload(): void {
    ++this.#turn;
    this.item = null;
    this.#loading = null;
    this.#failure = null;
    const lease = this.#lease;
    this.#lease = null;
    if (lease === null) return;
    this.#audio.pause();
    // The element lets go of the file only when it has no source and is told to load that.
    this.#audio.removeAttribute('src');
    this.#audio.load();
    lease.release();
  }

  problem(cause: unknown): PlaybackProblem | null {
    if (this.item === null) return null;
    return problemOf(this.item, cause ?? this.#failure, this.#audio.error);
  }
}

function problemOf(
  { track }: QueueItem,
  cause: unknown,
  error: AudioLike['error'],
): PlaybackProblem {
  const name = cause instanceof Error ? cause.name : '';
  const said = cause instanceof Error ? cause.message : '';
  const what = track.artist === '' ? `“${track.title}”` : `“${track.title}” by ${track.artist}`;
  if (name === 'NotAllowedError') {
    const message = 'The browser plays sound only after a click. Press play.';
    return { track, reason: 'not_allowed', message };
  }
  if (name === 'SourceError') return { track, reason: 'unavailable', message: said };
  // MEDIA_ERR_NETWORK, MEDIA_ERR_DECODE
  if (error?.code === 2 || name === 'TimeoutError') {
    return { track, reason: 'network', message: `${what} did not arrive whole.` };
  }
  // Firefox calls a missing sound device an error of the file.
  if (error?.code === 3 && error.message.includes('MediaSink')) {
    const message = 'The browser found no sound device to play on.';
    return { track, reason: 'no_sound', message };
  }
  if (error?.code === 3) {
    return { track, reason: 'corrupt', message: `${what} (${track.path}) is damaged.` };
  }
  const message = `${what} (${track.path}) is damaged, or of a format that this browser cannot play.`;
  return { track, reason: 'unsupported', message };
}
