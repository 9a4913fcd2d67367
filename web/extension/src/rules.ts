/** When a play counts. As scrobblers have it: https://www.last.fm/api/scrobbling */
import type { PlayReport } from './wire/plays.ts';

const LEAST_DURATION_MS = 30_000;
const FOUR_MINUTES_MS = 240_000;
/** Who goes on to something else within these did not want it. */
export const FIRST_MOMENTS_MS = 30_000;
/** Less than this is not a taste of anything: somebody looks for something, or a page changes its mind. */
const LEAST_HEARD_MS = 1000;

export type Verdict = 'play' | 'skip' | 'nothing';

/** How much of a track of this length has to be heard. Of unknown length: four minutes, as of a long one. */
export function countsAfterMs(durationMs: number | null): number {
  return durationMs === null ? FOUR_MINUTES_MS : Math.min(durationMs / 2, FOUR_MINUTES_MS);
}

export function verdictOf({
  playedMs,
  durationMs,
  end,
}: Pick<PlayReport, 'playedMs' | 'durationMs' | 'end'>): Verdict {
  // Jingles and advertisements are shorter.
  if (durationMs !== null && durationMs < LEAST_DURATION_MS) return 'nothing';
  if (playedMs >= countsAfterMs(durationMs)) return 'play';
  const isSkip = end === 'skipped' && playedMs < FIRST_MOMENTS_MS && playedMs >= LEAST_HEARD_MS;
  return isSkip ? 'skip' : 'nothing';
}
