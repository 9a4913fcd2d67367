import type { PlayEnd, PlayReport } from '../wire/plays.ts';
import type { Heard } from './stretch.ts';

export interface Track {
  readonly artist: string;
  readonly title: string;
  readonly album: string;
}

/** 'ad': something that is not a song. null: the page says nothing. */
export type Named = Track | 'ad' | null;

export function isSame(a: Named, b: Named): boolean {
  if (a === null || b === null || a === 'ad' || b === 'ad') return a === b;
  // The album often comes later than the rest.
  return a.artist === b.artist && a.title === b.title;
}

/** Heard to within this of its end is heard to its end. */
const TAIL_MS = 5000;
const LEAST_TOLD_MS = 1000;
const DAY_MS = 86_400_000;

/** What was heard under one name, or under none yet. */
export class Play {
  readonly id: string;
  readonly startedAt: number;
  named: Named = null;
  /** The source it was heard from last. */
  segment: number;
  /** Positions of the source are those of the song. false: one of several songs in one source. */
  isWhole: boolean;
  /** It may have got its name while the song before was still heard: then its own source is to come. */
  isEarly: boolean;
  heardMs = 0;
  playing = false;
  /** When it was last told of, by the clock of `Now.at`. */
  toldAt: number | null = null;
  #durationMs: number | null = null;
  #reachedMs = 0;

  constructor(id: string, startedAt: number, segment: number, isWhole: boolean) {
    this.id = id;
    this.startedAt = startedAt;
    this.segment = segment;
    this.isWhole = isWhole;
    this.isEarly = !isWhole;
  }

  get durationMs(): number | null {
    return this.isWhole ? this.#durationMs : null;
  }

  get reachedMs(): number {
    return this.#reachedMs;
  }

  get isNearEnd(): boolean {
    const { durationMs } = this;
    return durationMs !== null && this.#reachedMs >= durationMs - Math.min(TAIL_MS, durationMs / 2);
  }

  hear({ ms, reachedMs }: Heard): void {
    this.heardMs += ms;
    if (reachedMs !== null) this.#reachedMs = reachedMs;
  }

  setDuration(durationMs: number | null): void {
    if (durationMs !== null) this.#durationMs = durationMs;
  }

  /** `other` was this one going on. */
  take(other: Play): void {
    this.heardMs += other.heardMs;
    this.segment = other.segment;
    if (!other.isWhole) return;
    this.isWhole = true;
    this.isEarly = false;
    this.#durationMs = other.#durationMs ?? this.#durationMs;
    this.#reachedMs = other.#reachedMs;
  }

  /** null: nothing to tell. */
  report(end: PlayEnd | null): PlayReport | null {
    const { named } = this;
    if (named === null || named === 'ad' || this.heardMs < LEAST_TOLD_MS) return null;
    const { durationMs } = this;
    return {
      ...{ kind: 'play', id: this.id, ...named, startedAt: Math.round(this.startedAt) },
      playedMs: Math.min(Math.round(this.heardMs), DAY_MS),
      durationMs: durationMs === null ? null : Math.round(durationMs),
      playing: end === null && this.playing,
      end,
    };
  }
}
