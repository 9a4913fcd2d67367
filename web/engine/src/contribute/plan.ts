/** When a report is made and sent. Everything is drawn by chance; nothing here knows the history. */
import type { Bytes } from '@ossicle/wire/log';
import type { FoundRound, Round } from '@ossicle/wire/report';
import { closesAt, isAtWork, roundOf, type Part } from './record.ts';

/** So many bytes from the generator of the operating system. */
export type Random = (bytes: number) => Bytes;

export const secureRandom: Random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The end of a round that no moment is drawn from, so that a report can be sent again: its tenth part, and not more than this. */
const MOST_MARGIN_MS = 6 * HOUR_MS;
/** A call that comes so much too late is one that waited for the page to open. */
const LATE_MS = 2 * MINUTE_MS;
const LONGEST_PAUSE_MS = 6 * HOUR_MS;

/** Uniform in [0, 1), in steps of 2^-53. */
export function fraction(random: Random): number {
  const bits = new DataView(random(8).buffer).getBigUint64(0, true);
  return Number(bits >> 11n) / 2 ** 53;
}

/** A moment in [from, to). */
function moment(from: number, to: number, random: Random): number {
  return Math.floor(from + fraction(random) * Math.max(0, to - from));
}

/** A moment of a round: from now, or when it opens, until some time before it closes. */
function momentOf(round: Round, now: number, random: Random): number {
  const [opens, closes] = [Date.parse(round.opens), Date.parse(round.closes)];
  const from = Math.max(now, opens);
  const last = closes - Math.min((closes - opens) / 10, MOST_MARGIN_MS);
  return moment(from, from < last ? last : closes, random);
}

/** Draws which block is reported, and when. */
export function drawnPart({ id, text, round }: FoundRound, now: number, random: Random): Part {
  const block = Math.floor(fraction(random) * round.blocks);
  const dueAt = momentOf(round, now, random);
  const nothingYet = { tries: 0, sealed: null, token: null, authorization: null, renewed: false };
  return { ...{ id, text, block, state: 'waiting', dueAt }, ...nothingYet };
}

/** With another moment, out of what is left of the round. */
export function redrawn(part: Part, now: number, random: Random): Part {
  return { ...part, dueAt: momentOf(roundOf(part), now, random) };
}

/** Without a report, now and later. */
export function ended(part: Part, state: Exclude<Part['state'], 'waiting' | 'sending'>): Part {
  return { ...part, state, dueAt: null, sealed: null, token: null, authorization: null };
}

/**
 * What became of it while nobody called. A moment that passed is not made up for at once: the report would follow the opening of the page by as long as the history takes to load. So
 * another moment is drawn, within the next minute.
 */
export function settled(part: Part, now: number, random: Random): Part {
  if (!isAtWork(part) || part.dueAt === null) return part;
  const closes = closesAt(part);
  if (closes <= now) return ended(part, 'ended');
  if (now <= part.dueAt + LATE_MS) return part;
  return { ...part, dueAt: moment(now, Math.min(now + MINUTE_MS, closes), random) };
}

/** After a try without an answer: about 1, 4, 16 minutes later and so on, up to some hours, each from half to one and a half times as long; within what is left of the round, where that is less. */
export function retried(part: Part, now: number, random: Random): Part {
  const pause = Math.min(MINUTE_MS * 4 ** part.tries, LONGEST_PAUSE_MS);
  const later = now + pause * (0.5 + fraction(random));
  const closes = closesAt(part);
  const dueAt = later < closes ? Math.floor(later) : moment(now, closes, random);
  return { ...part, tries: part.tries + 1, dueAt };
}
