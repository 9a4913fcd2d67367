/** What a page's observer tells the background, and what it is answered. A page may lie: everything is checked and cut on arrival. */

/** A play that goes on is told again as often, besides whenever it has changed. */
export const TOLD_EVERY_MS = 10_000;

/** What became of a play. 'left': the page was closed, or nothing more came of it. */
export type PlayEnd = 'finished' | 'skipped' | 'left';

/** One play, told again whenever it has changed; the same `id` is the same play. */
export interface PlayReport {
  readonly kind: 'play';
  /** Made by the observer: a UUID. */
  readonly id: string;
  readonly artist: string;
  readonly title: string;
  readonly album: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds heard so far; never less than in an earlier report. */
  readonly playedMs: number;
  /** null: not known, or a stream without an end. */
  readonly durationMs: number | null;
  readonly playing: boolean;
  /** null: it may go on. What has an end stays as it is. */
  readonly end: PlayEnd | null;
}

/** The observer of a frame begins; plays of an earlier one of the same frame are over. */
export interface Hello {
  readonly kind: 'hello';
  /** The site's own search, with `{words}` in it; from its structured data, of its own origin. */
  readonly search: string | null;
}

export type ObserverMessage = PlayReport | Hello;

/** 'kept': written down durably, or of no use. 'stop': the site was turned off, the observer ends. No answer: tell it again. */
export type ObserverAnswer = 'kept' | 'stop';

/** In UTF-16 units; longer ones are cut. */
export const MOST_LETTERS = 300;
const MOST_SEARCH = 500;
const DAY_MS = 86_400_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const ENDS: readonly unknown[] = ['finished', 'skipped', 'left', null];

/** One line of plain text: no control or format characters, no white space around it, of bounded length. */
export function plainText(found: unknown): string {
  if (typeof found !== 'string') return '';
  // Cut first: a page may hand over megabytes.
  return found
    .slice(0, 4 * MOST_LETTERS)
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\p{Cf}\p{Co}\p{Cn}]/gu, (letter) => (letter === '\u200d' ? letter : ''))
    .replace(/\s+/gu, ' ')
    .slice(0, MOST_LETTERS)
    .toWellFormed()
    .trim();
}

/** A number of milliseconds within a day, or null. */
export function plainMs(found: unknown): number | null {
  return typeof found === 'number' && found >= 0 && found <= DAY_MS ? Math.round(found) : null;
}

/** null: not a message of ours. `now`: milliseconds since 1970. */
export function checkedMessage(found: unknown, now: number): ObserverMessage | null {
  if (typeof found !== 'object' || found === null) return null;
  const raw = found as Readonly<Record<string, unknown>>;
  if (raw['kind'] === 'hello') {
    const { search } = raw;
    const fits = typeof search === 'string' && search.length <= MOST_SEARCH;
    return { kind: 'hello', search: fits ? search : null };
  }
  if (raw['kind'] !== 'play') return null;
  const { id, startedAt, end } = raw;
  const artist = plainText(raw['artist']);
  const title = plainText(raw['title']);
  const playedMs = plainMs(raw['playedMs']);
  const isOfToday =
    typeof startedAt === 'number' && startedAt > now - 7 * DAY_MS && startedAt < now + DAY_MS;
  if (typeof id !== 'string' || !UUID.test(id)) return null;
  if (artist === '' || title === '' || playedMs === null || !isOfToday || !ENDS.includes(end)) {
    return null;
  }
  const durationMs = plainMs(raw['durationMs']);
  return {
    ...{ kind: 'play', id, artist, title, album: plainText(raw['album']) },
    startedAt: Math.min(Math.round(startedAt), now),
    playedMs,
    durationMs: durationMs === 0 ? null : durationMs,
    playing: raw['playing'] === true,
    end: end as PlayEnd | null,
  };
}
