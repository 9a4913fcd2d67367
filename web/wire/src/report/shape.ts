/** Tables of numbers modulo 2^32, little-endian, as reports, shares and sums carry them. */
import type { Bytes } from '../log/bytes.ts';

/** Of a block: `rows` items, and `factors` numbers and a count for each. */
export interface Shape {
  readonly rows: number;
  readonly factors: number;
}

export const NUMBER_BYTES = 4;

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

/** sum += more, modulo 2^32; both [n]. */
export function addTo(sum: Uint32Array, more: Uint32Array | Int32Array): void {
  if (sum.length !== more.length) {
    throw new RangeError(`A table has ${more.length} numbers, not ${sum.length}.`);
  }
  for (let i = 0; i < sum.length; ++i) sum[i] = (sum[i] ?? 0) + (more[i] ?? 0);
}

/** What both aggregators' sums say together: [n], signed. Each alone is random. */
export function combine(a: Uint8Array, b: Uint8Array): Int32Array<ArrayBuffer> {
  const sum = numbersIn(a);
  addTo(sum, numbersIn(b));
  return new Int32Array(sum.buffer);
}
