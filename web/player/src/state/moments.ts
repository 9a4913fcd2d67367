/** Waits that are drawn by chance, so that what is asked for at their end does not tell when somebody listens. In milliseconds. */

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

function drawn(least: number, most: number): number {
  return least + Math.random() * (most - least);
}

/** From one look to the next. */
export const aboutADay = (): number => drawn(DAY_MS / 2, 1.5 * DAY_MS);

/** From the opening of the page to what was due while it was closed. */
export const someMinutes = (): number => drawn(MINUTE_MS, 10 * MINUTE_MS);
