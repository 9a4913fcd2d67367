/** What an aggregator publishes of a block: how many reports, which (as a checksum), and the noised sum of its shares. */
import type { Bytes } from '../log/bytes.ts';
import type { Verifier } from '../log/note.ts';
import { ROLES, type Role } from './report.ts';
import { isInField, numbersAt, tableBytes, type Shape } from './shape.ts';
import { entryText, entryValue, isHash, isWhole, signedText } from '../log/signed.ts';

export const SUMS_KIND = 'ossicle-sums/v1';
const HASH_BYTES = 32;

export interface Sums {
  /** Id of the round in hex. */
  readonly round: string;
  readonly block: number;
  readonly role: Role;
  readonly count: number;
  /** XOR of the SHA-256 of the reports' ids, in hex: the same at both aggregators. */
  readonly ids: string;
  /** SHA-256 of the noised sum in hex; the blob of that name has it as u32 LE. */
  readonly sum: string;
  readonly bytes: number;
}

export function sumsText({ round, block, role, count, ids, sum, bytes }: Sums): string {
  return entryText(SUMS_KIND, { round, block, role, count, ids, sum, bytes });
}

/** null: not the text of sums. */
export function readSums(text: string): Sums | null {
  const value = entryValue(SUMS_KIND, text);
  if (value === null) return null;
  const { round, block, role: name, count, ids, sum, bytes } = value;
  const role = ROLES.find((one) => one === name);
  const most = Number.MAX_SAFE_INTEGER;
  if (!role || !isHash(round) || !isHash(ids) || !isHash(sum)) return null;
  if (!isWhole(block, 0, 0xffff) || !isWhole(count, 1, most) || !isWhole(bytes, 4, most)) {
    return null;
  }
  const sums = { round, block, role, count, ids, sum, bytes };
  return sumsText(sums) === text ? sums : null;
}

/** Sums in an entry of the log, if the aggregator has signed them. */
export async function readSumsEntry(source: string, aggregator: Verifier): Promise<Sums | null> {
  const text = await signedText(source, [aggregator]);
  return text === null ? null : readSums(text);
}

/** Whether these bytes can be the sum of tables of this shape: their size is, and each number is below q. */
export const isSumOf = (shape: Shape, bytes: Bytes): boolean =>
  bytes.length === tableBytes(shape) && isInField(numbersAt(bytes));

/** Whether these are the two halves of one sum. */
export function isPair(a: Sums, b: Sums): boolean {
  const isOne = a.round === b.round && a.block === b.block && a.bytes === b.bytes;
  return isOne && a.role === 'a' && b.role === 'b' && a.count === b.count && a.ids === b.ids;
}

export const noIds = (): Bytes => new Uint8Array(HASH_BYTES);

/** checksum ^= hash, the SHA-256 of an id: in any order, and twice is not at all. */
export function addHash(checksum: Uint8Array, hash: Uint8Array): void {
  for (let i = 0; i < checksum.length; ++i) checksum[i] = (checksum[i] ?? 0) ^ (hash[i] ?? 0);
}
