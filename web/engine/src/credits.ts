import type { Artist } from './types.ts';

const GUEST = /(?:^|[\s([])(?:feat|ft|featuring)(?:\.|\s)/i;

/**
 * The artist that a play of a credit counts for, which is no artist of the catalogue itself; `known` are those in it that the catalogue knows.
 * One known part is enough beside a guest ("A feat. B"); elsewhere it takes two, since "A; something" may be one name.
 */
export function creditedTo(credit: string, known: readonly Artist[]): Artist | undefined {
  return known.length > 1 || GUEST.test(credit) ? known[0] : undefined;
}
