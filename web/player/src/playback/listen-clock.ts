import type { Track } from '../library/types.ts';
import type { PlayedListen } from './types.ts';

/** As Last.fm and ListenBrainz count: half of the track or four minutes, whichever comes first. */
const FOUR_MINUTES = 240_000;

export function countsAfterMs(durationMs: number): number {
  return durationMs > 0 ? Math.min(durationMs / 2, FOUR_MINUTES) : FOUR_MINUTES;
}

/**
 * Measures one play by the positions at which hearing began and ended, so that neither pauses, nor seeks, nor waiting for the network count. The
 * wall clock would count a machine that slept.
 */
export class ListenClock {
  readonly track: Track;
  readonly #startedAt: Date;
  readonly #onCounted: () => void;
  #durationMs: number;
  #heardMs = 0;
  /** Position at which the current stretch of hearing began; null: silence. */
  #fromMs: number | null = null;
  #counted = false;

  constructor(track: Track, startedAt: Date, onCounted: () => void) {
    this.track = track;
    this.#startedAt = startedAt;
    this.#durationMs = track.durationMs ?? 0;
    this.#onCounted = onCounted;
  }

  /** The file knows better than its tags. */
  setDuration(durationMs: number): void {
    if (durationMs > 0) this.#durationMs = durationMs;
  }

  begin(positionMs: number): void {
    this.#fromMs ??= positionMs;
  }

  /** It plays on, and is at `positionMs` now. */
  advance(positionMs: number): void {
    if (this.#counted || this.#fromMs === null) return;
    const heard = this.#heardMs + Math.max(0, positionMs - this.#fromMs);
    if (heard < countsAfterMs(this.#durationMs)) return;
    this.#counted = true;
    this.#onCounted();
  }

  end(positionMs: number): void {
    if (this.#fromMs === null) return;
    this.advance(positionMs);
    this.#heardMs += Math.max(0, positionMs - this.#fromMs);
    this.#fromMs = null;
  }

  /** null: nothing was heard. `left`: the listener went on to something else before the end. */
  result(left: boolean): PlayedListen | null {
    const playedMs = Math.round(this.#heardMs);
    if (playedMs === 0) return null;
    return {
      track: this.track,
      startedAt: this.#startedAt,
      playedMs,
      durationMs: Math.round(this.#durationMs),
      counted: this.#counted,
      skipped: left && !this.#counted,
    };
  }
}
