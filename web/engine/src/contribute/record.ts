/** What is kept of contributions: one record, so that what was spent and what it was spent on are stored together or not at all. */
import type { Bytes } from '@ossicle/wire/log';
import { readRound, type FoundRound, type Round } from '@ossicle/wire/report';
import { BUDGET_BYTES } from '../private/privacy.ts';
import type { ContributionPhase, ContributionPreview, RoundFacts } from '../types-contribute.ts';
import type { PendingToken } from './tokens.ts';

const VERSION = 1;
/**
 * waiting: to be made at `dueAt`. sending: it was paid for, and goes out at `dueAt`. sent: acknowledged. ended: there will be no report of this round any more. spent, too_dear, unfit: none
 * was made, because of the budget, the noise, or what else the round asks for.
 */
const STATES = ['waiting', 'sending', 'sent', 'ended', 'spent', 'too_dear', 'unfit'] as const;

/** This browser's part in a round. Block and moment were drawn when the round was first seen, and say nothing of the history. */
export interface Part {
  /** SHA-256 of the round's text, in hex. */
  readonly id: string;
  readonly text: string;
  readonly block: number;
  readonly state: (typeof STATES)[number];
  /** In milliseconds since 1970; null: nothing is to be done. */
  readonly dueAt: number | null;
  /** How often it was sent without an answer. */
  readonly tries: number;
  /** The report while it is being sent. */
  readonly sealed: Bytes | null;
  /** The token that was drawn where the round asks for one: asked for again and again, it is one and the same. */
  readonly token: PendingToken | null;
  /** What lets the report in, with the token that was got; null: none is asked for, or it is not there yet. */
  readonly authorization: string | null;
  /** Whether a token was refused, and another one taken its place. That is done once. */
  readonly renewed: boolean;
}

export interface ContributionRecord {
  readonly version: typeof VERSION;
  readonly on: boolean;
  readonly server: string;
  /** Text of policy.json that was given; null: the one that is pinned. */
  readonly policy: string | null;
  readonly mostReports: number;
  readonly leastSigma: number;
  /** For who gives out the tokens of a round, where that asks for a code. */
  readonly invitation: string | null;
  /** What may be sent something, beside the server's own. */
  readonly origins: readonly string[];
  /** The core's own record, [64]. */
  readonly budget: Bytes;
  /** Entries of the log that were looked through for rounds. */
  readonly looked: number;
  /** The log is not read before, in milliseconds since 1970. */
  readonly nextLookAt: number;
  /** Of the newest round. */
  readonly part: Part | null;
  /** Ids of the last rounds that a report was paid for: whatever is changed, there is no second one of any. */
  readonly paid: readonly string[];
  /** In milliseconds since 1970. */
  readonly sentAt: number | null;
  readonly problem: string | null;
}

export type Limits = Pick<ContributionRecord, 'mostReports' | 'leastSigma'>;

export const DEFAULT_LIMITS: Limits = { mostReports: 12, leastSigma: 8 };

export function newRecord(server: string, budget: Bytes): ContributionRecord {
  return {
    ...{ version: VERSION, on: false, server, policy: null, ...DEFAULT_LIMITS, budget },
    ...{
      invitation: null,
      origins: [],
      looked: 0,
      nextLookAt: 0,
      part: null,
      paid: [],
      sentAt: null,
      problem: null,
    },
  };
}

/** More than there are reports in a year. */
const MOST_PAID = 255;

export const paidWith = ({ paid }: ContributionRecord, { id }: Part): readonly string[] =>
  [...paid, id].slice(-MOST_PAID);

type Unknown = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Unknown => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => Number.isFinite(value);
const isBytes = (value: unknown): value is Bytes => value instanceof Uint8Array;

function isToken(value: unknown): value is PendingToken {
  return isObject(value) && [value['input'], value['request'], value['inverse']].every(isBytes);
}

function isPart(value: unknown): value is Part {
  if (!isObject(value)) return false;
  const { id, text, block, state, dueAt, tries, sealed, token, authorization, renewed } = value;
  return (
    isText(id) &&
    isText(text) &&
    readRound(text) !== null &&
    isNumber(block) &&
    STATES.some((one) => one === state) &&
    (dueAt === null || isNumber(dueAt)) &&
    isNumber(tries) &&
    (sealed === null || isBytes(sealed)) &&
    (token === null || isToken(token)) &&
    (authorization === null || isText(authorization)) &&
    typeof renewed === 'boolean'
  );
}

/** Whether it is a whole record. What it says of the budget only the core can read. */
export function isRecord(value: unknown): value is ContributionRecord {
  if (!isObject(value)) return false;
  const { version, on, server, policy, mostReports, leastSigma, budget, looked } = value;
  const { invitation, origins, nextLookAt, part, paid, sentAt, problem } = value;
  return (
    version === VERSION &&
    typeof on === 'boolean' &&
    isText(server) &&
    (policy === null || isText(policy)) &&
    [mostReports, leastSigma, looked, nextLookAt].every(isNumber) &&
    (invitation === null || isText(invitation)) &&
    Array.isArray(origins) &&
    origins.every(isText) &&
    isBytes(budget) &&
    budget.length === BUDGET_BYTES &&
    (part === null || isPart(part)) &&
    Array.isArray(paid) &&
    paid.every(isText) &&
    (sentAt === null || isNumber(sentAt)) &&
    (problem === null || isText(problem))
  );
}

/**
 * What was stored, if it is whole. Where its part is in a round of a kind that is not read any more, only the part goes: a browser without its record would have forgotten what it spent,
 * and one whose record is lost contributes never again. The log is looked through anew, for a round that is read.
 */
export function readRecord(stored: unknown): ContributionRecord | null {
  if (isRecord(stored)) return stored;
  if (!isObject(stored)) return null;
  const { part } = stored;
  const isOfBefore = isObject(part) && isText(part['text']) && readRound(part['text']) === null;
  const record = { ...stored, ...(isOfBefore && { part: null, looked: 0, nextLookAt: 0 }) };
  return isRecord(record) ? record : null;
}

/** The round of a part. Its text was read before it was stored. */
export function roundOf({ text }: Part): Round {
  const round = readRound(text);
  if (round === null) throw new Error('A stored round cannot be read.');
  return round;
}

export const foundOf = (part: Part): FoundRound => ({
  ...{ id: part.id, text: part.text },
  round: roundOf(part),
});

export const closesAt = (part: Part): number => Date.parse(roundOf(part).closes);

/** Whether there is a report to be made or sent. */
export const isAtWork = (part: Part | null): part is Part =>
  part?.state === 'waiting' || part?.state === 'sending';

export const isDue = (part: Part | null, now: number): part is Part =>
  isAtWork(part) && part.dueAt !== null && part.dueAt <= now;

/** Whether there is nothing more to be done for its round, whoever is allowed what. */
export const isOver = ({ state }: Part): boolean => state === 'sent' || state === 'ended';

/** Whether its round was not taken part in, for what the person allowed then. */
export const isRefused = ({ state }: Part): boolean =>
  state === 'spent' || state === 'too_dear' || state === 'unfit';

/** Whether a report of this round, and what it needs, go where the person allowed it. */
export function isAllowed({ server, origins }: ContributionRecord, round: Round): boolean {
  const allowed = [new URL(server).origin, ...origins];
  const asked = [round.aggregators[0].url, ...(round.issuer ? [round.issuer.url] : [])];
  return asked.every((url) => allowed.includes(new URL(url).origin));
}

/** Whether its round asks for a token that is not there yet. */
export const lacksToken = (part: Part): boolean =>
  isAtWork(part) && part.authorization === null && roundOf(part).issuer !== null;

export function phaseOf({ on, part }: ContributionRecord, now: number): ContributionPhase {
  if (!on) return 'off';
  if (part === null || closesAt(part) <= now) return 'no_round';
  return part.state === 'ended' || part.state === 'unfit' ? 'no_round' : part.state;
}

/** How the report of the round `id` stands to a preview of it. */
export function stageOf(
  record: ContributionRecord | null,
  id: string,
): ContributionPreview['stage'] {
  const { on = false, part = null, paid = [] } = record ?? {};
  if (part?.id !== id) return paid.includes(id) ? 'none' : 'first';
  if (part.state === 'waiting') return 'waiting';
  if (part.state === 'sending' || part.state === 'sent') return 'made';
  // What was refused is asked again when the person switches it on, and what did not fit with each look.
  const isOpen = isRefused(part) && (!on || part.state === 'unfit');
  return isOpen ? 'first' : 'none';
}

export function factsOf({ id, round }: FoundRound): RoundFacts {
  const { epoch, blocks, rows, factors, sigma, minBatch, opens, closes } = round;
  const [a, b] = round.aggregators;
  return {
    ...{ id, epoch, blocks, rows, factors, sigma, minBatch, aggregators: [a.url, b.url] },
    ...{ issuer: round.issuer?.url ?? null, opens: new Date(opens), closes: new Date(closes) },
  };
}
