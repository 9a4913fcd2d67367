/** A round: what the publishers ask clients to report, to whom, and with which noise it will be published. */
import { fromBase64, join, sha256, toHex, utf8, type Bytes } from '../log/bytes.ts';
import type { Verifier } from '../log/note.ts';
import { ROLES, type Role } from './report.ts';
import { isProvable } from './proof.ts';
import type { Measure, ProvenShape } from './shape.ts';
import { entryText, entryValue, isWhole, signedText } from '../log/signed.ts';
import { readIssuerKey } from '../tokens/key.ts';

export const ROUND_KIND = 'ossicle-round/v2';
const KEY_BYTES = 32;
const HASH = /^[0-9a-f]{64}$/;
const NOTE_KEY = /^[^\s+]{1,200}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$/;
/** Half a megabyte, twice the table of 512 x (128 + 1): what an aggregator has to be ready to receive. */
export const MOST_NUMBERS = 1 << 17;

export interface Aggregator {
  readonly role: Role;
  /** Base address (http or https), ending with a slash: reports go to `${url}reports/<round>`. */
  readonly url: string;
  /** HPKE public key (X25519) in base64. */
  readonly key: string;
  /** The key that signs its sums, as keys are published (verifierText). */
  readonly signer: string;
}

/** Who gives out the one-time tokens that reports have to bring. */
export interface Issuer {
  /** Base address, ending with a slash: a token is asked for at `${url}tokens/<round>`. */
  readonly url: string;
  /** Its key in base64 (wire/tokens, key.ts). */
  readonly key: string;
  /** Whether it wants the code of an invitation. */
  readonly invited?: true;
}

export interface Round extends ProvenShape {
  readonly epoch: number;
  /** Blocks of the catalogue. */
  readonly blocks: number;
  /** What rows stand for: headOf() of the first blocks x rows items of the catalogue, or of all where there are fewer. */
  readonly head: string;
  /** Noise of each aggregator: standard deviation over `clip`. */
  readonly sigma: number;
  /** Of fewer reports of a block nothing is published. */
  readonly minBatch: number;
  /** RFC 3339, UTC. */
  readonly opens: string;
  readonly closes: string;
  /** A, then B. */
  readonly aggregators: readonly [Aggregator, Aggregator];
  /** null: reports bring no tokens, and the text does not name it. */
  readonly issuer: Issuer | null;
}

export const aggregatorOf = ({ aggregators: [a, b] }: Round, role: Role): Aggregator =>
  role === 'a' ? a : b;

export function roundText(round: Round): string {
  const { epoch, blocks, rows, factors, head, clip, fractionBits, sigma, minBatch } = round;
  const { opens, closes } = round;
  // What is left out is not in the JSON.
  const issuerOf = ({ url, key, invited }: Issuer) => ({ url, key, invited });
  const issuer = round.issuer && { issuer: issuerOf(round.issuer) };
  const aggregators = round.aggregators.map(({ role, url, key, signer }) => ({
    ...{ role, url, key, signer },
  }));
  const numbers = { epoch, blocks, rows, factors, head, clip, fractionBits, sigma, minBatch };
  return entryText(ROUND_KIND, { ...numbers, opens, closes, aggregators, ...issuer });
}

/** SHA-256 of the items' ids (16 bytes each) one after the other, in hex: a name for these items in this order. */
export const headOf = async (ids: readonly Uint8Array[]): Promise<string> =>
  toHex(await sha256(join(...ids)));

/** Names the round. */
export const roundId = (text: string): Promise<Bytes> => sha256(utf8(text));

/** Standard deviation of each aggregator's noise, in units of the tables' numbers. */
export const deviationOf = ({
  sigma,
  clip,
  fractionBits,
}: Measure & Pick<Round, 'sigma'>): number => sigma * clip * 2 ** fractionBits;

/** Its square as a fraction, not below it: what an exact sampler takes. */
export function varianceOf(deviation: number): {
  readonly numerator: bigint;
  readonly denominator: bigint;
} {
  const parts = 1024;
  return {
    numerator: BigInt(Math.ceil(deviation ** 2 * parts)),
    denominator: BigInt(parts),
  };
}

const isPositive = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;

const isBase = (url: unknown): url is string =>
  typeof url === 'string' && /^https?:/.test(url) && URL.canParse(url) && url.endsWith('/');

function isAggregator(value: unknown, role: Role | undefined): value is Aggregator {
  if (typeof value !== 'object' || value === null) return false;
  const { role: name, url, key, signer } = value as Readonly<Record<string, unknown>>;
  if (name !== role || !isBase(url) || typeof key !== 'string') return false;
  if (typeof signer !== 'string' || !NOTE_KEY.test(signer)) return false;
  return fromBase64(key)?.length === KEY_BYTES;
}

function isIssuer(value: unknown): value is Issuer {
  if (typeof value !== 'object' || value === null) return false;
  const { url, key, invited } = value as Readonly<Record<string, unknown>>;
  if (!isBase(url) || typeof key !== 'string') return false;
  return readIssuerKey(key) !== null && (invited === undefined || invited === true);
}

function isTime(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) &&
    !isNaN(Date.parse(value))
  );
}

/** null: not the text of a round, or one that cannot be. */
export function readRound(text: string): Round | null {
  const value = entryValue(ROUND_KIND, text);
  if (value === null) return null;
  const { epoch, blocks, rows, factors, fractionBits, minBatch, opens, closes } = value;
  const { head, clip, sigma, aggregators, issuer = null } = value;
  const isShape =
    isWhole(rows, 1, MOST_NUMBERS) &&
    isWhole(factors, 1, MOST_NUMBERS) &&
    rows * (factors + 1) <= MOST_NUMBERS;
  const isCounted =
    isWhole(epoch, 1, Number.MAX_SAFE_INTEGER) &&
    isWhole(blocks, 1, 0x10000) &&
    isWhole(fractionBits, 0, 30) &&
    isWhole(minBatch, 1, Number.MAX_SAFE_INTEGER);
  if (!isShape || !isCounted || !isPositive(clip) || !isPositive(sigma)) return null;
  if (!isProvable({ clip, fractionBits })) return null;
  if (typeof head !== 'string' || !HASH.test(head)) return null;
  if (!isTime(opens) || !isTime(closes) || Date.parse(opens) >= Date.parse(closes)) return null;
  if (!Array.isArray(aggregators) || aggregators.length !== ROLES.length) return null;
  const [a, b] = aggregators as readonly unknown[];
  if (!isAggregator(a, 'a') || !isAggregator(b, 'b') || a.key === b.key) return null;
  if (issuer !== null && !isIssuer(issuer)) return null;
  const numbers = { epoch, blocks, rows, factors, head, clip, fractionBits, sigma, minBatch };
  const round = { ...numbers, opens, closes, aggregators: [a, b], issuer } as const;
  // The one order of fields, and no others: two texts never mean the same round.
  return roundText(round) === text ? round : null;
}

/** The text of a round in an entry of the log, if every publisher has signed it. */
export async function readRoundEntry(
  source: string,
  publishers: readonly Verifier[],
): Promise<{ readonly text: string; readonly round: Round } | null> {
  const text = await signedText(source, publishers);
  const round = text === null ? null : readRound(text);
  return text !== null && round ? { text, round } : null;
}
