/** Tables of numbers modulo q, u32 little-endian, as shares and sums carry them. */
import type { Bytes } from '../log/bytes.ts';

/** Of a block: `rows` items, and `factors` numbers and a count for each. */
export interface Shape {
  readonly rows: number;
  readonly factors: number;
}

/** What the numbers of a table are measured by. */
export interface Measure {
  /** Most of a table's L2 norm. */
  readonly clip: number;
  /** Numbers are multiples of 2^-fractionBits. */
  readonly fractionBits: number;
}

export interface ProvenShape extends Shape, Measure {}

export const NUMBER_BYTES = 4;
/** q = 2^32 - 2^20 + 1, a prime. */
export const FIELD_MODULUS = 4_293_918_721;

/** Most of a table's L2 norm, in its steps. */
export const maxNormOf = ({ clip, fractionBits }: Measure): number =>
  Math.floor(clip * 2 ** fractionBits);

/** Numbers of a table: rows x (factors + 1). */
export const numbersOf = ({ rows, factors }: Shape): number => rows * (factors + 1);

export const tableBytes = (shape: Shape): number => NUMBER_BYTES * numbersOf(shape);

/** [n] from 4 n bytes; a copy, so that the bytes may lie anywhere. */
export function numbersIn(bytes: Uint8Array): Uint32Array<ArrayBuffer> {
  // Not slice(): of a Buffer it is no copy.
  return new Uint32Array(new Uint8Array(bytes).buffer);
}

/** [n] where these 4 n bytes lie, or a copy where they are not aligned: for reading only. */
export function numbersAt(bytes: Uint8Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  if (byteOffset % NUMBER_BYTES !== 0) return numbersIn(bytes);
  return new Uint32Array(buffer, byteOffset, byteLength / NUMBER_BYTES);
}

export function bytesOf(numbers: Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): Bytes {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** Whether each number is below q. */
export const isInField = (numbers: Uint32Array): boolean =>
  numbers.every((one) => one < FIELD_MODULUS);

/** The numbers that stand for signed ones. */
export function toField(table: Int32Array): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(table, (one) => (one < 0 ? one + FIELD_MODULUS : one));
}

/** 2^32 modulo q. */
const WRAP = 2 ** 20 - 1;

/** sum += more, modulo q; both [n], and all numbers below q. */
export function addTo(sum: Uint32Array, more: Uint32Array): void {
  if (sum.length !== more.length) {
    throw new RangeError(`A table has ${more.length} numbers, not ${sum.length}.`);
  }
  for (let i = 0; i < sum.length; ++i) {
    const x = sum[i] ?? 0;
    const y = more[i] ?? 0;
    const both = (x + y) | 0;
    const less = (both + WRAP) | 0; // less q
    // It is q or more where the first sum leaves 32 bits or the second does: all ones then. Integers and no branch, because every other number of random ones is.
    const isMore = ((x & y) | ((x | y) & ~both) | (both & ~less)) >> 31;
    sum[i] = both + (isMore & WRAP);
  }
}

/** What both aggregators' sums say together: [n], each number the one nearest to 0. Each alone is random. Errors: RangeError (sizes; a number that is not below q). */
export function combine(a: Uint8Array, b: Uint8Array): Int32Array<ArrayBuffer> {
  const [sum, other] = [numbersIn(a), numbersIn(b)];
  if (!isInField(sum) || !isInField(other)) {
    throw new RangeError(`A number of a sum is not below ${FIELD_MODULUS}.`);
  }
  addTo(sum, other);
  return Int32Array.from(sum, (one) => (one > FIELD_MODULUS / 2 ? one - FIELD_MODULUS : one));
}
