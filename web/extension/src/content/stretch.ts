/** A moment: `at` in milliseconds of a clock that never goes back, `date` in milliseconds since 1970. */
export interface Now {
  readonly at: number;
  readonly date: number;
}

/** What a media element says of itself at a moment. */
export interface SoundState {
  readonly positionMs: number;
  /** null: not known, a stream without an end, or a lie. */
  readonly durationMs: number | null;
  readonly rate: number;
  /** It can be heard, and its position goes on unless it waits for the network. */
  readonly moves: boolean;
  readonly ended: boolean;
  /** The position does not follow from the one before: it seeks, or another source was set. */
  readonly jumps: boolean;
}

export interface Heard {
  readonly ms: number;
  /** Where in the media hearing came to; null: nothing was heard. */
  readonly reachedMs: number | null;
}

const NOTHING: Heard = { ms: 0, reachedMs: null };
/** Positions and the clock are read at slightly different times. */
const FIRST_CREDIT_MS = 250;
const MOST_CREDIT_MS = 500;
const JITTER_MS = 50;
/** Elements tell their position four times a second, and the observer looks every second. */
const MOST_UNSEEN_MS = 1000;
/** When it has only begun, it may still wait for the network. */
const FIRST_UNSEEN_MS = 250;
const FASTEST = 16;

interface From {
  readonly positionMs: number;
  readonly at: number;
  readonly rate: number;
  /** How much of what comes after this can have been heard unseen. */
  readonly unseenMs: number;
}

/** Measures how much of one sound was heard, by its positions; the clock is only a bound that a page cannot lie past. */
export class Stretch {
  #from: From | null = null;
  #creditMs = FIRST_CREDIT_MS;

  /** What was heard since the last call. */
  advance(state: SoundState, at: number): Heard {
    const from = this.#from;
    const rate = Math.min(Math.max(state.rate, 0), FASTEST);
    const byMedia = from === null ? 0 : state.positionMs - from.positionMs;
    const runsMs = byMedia === 0 ? 0 : MOST_UNSEEN_MS;
    const unseenMs = from === null ? FIRST_UNSEEN_MS : runsMs;
    this.#from = state.moves ? { positionMs: state.positionMs, at, rate, unseenMs } : null;
    if (from === null) return NOTHING;
    const byClock = Math.max(0, at - from.at) * from.rate;
    // After a jump the position says nothing about the moments before it.
    const isJump = state.jumps || byMedia < -JITTER_MS;
    const told = isJump ? Math.min(byClock, from.unseenMs) : Math.max(0, byMedia);
    const allowed = byClock + this.#creditMs;
    const ms = Math.min(told, allowed);
    this.#creditMs = Math.min(MOST_CREDIT_MS, allowed - ms);
    return { ms, reachedMs: isJump ? from.positionMs + ms : state.positionMs };
  }
}
