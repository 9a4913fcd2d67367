/** Merkle trees of RFC 6962 and RFC 9162: proofs that an entry is in a tree, and that one tree goes on where another ended. */
import { isSame, join, sha256, type Bytes } from './bytes.ts';

/** The hash of the complete subtree of 2^level entries that is number `index` among those, from the left. */
export type HashAt = (level: number, index: number) => Promise<Bytes>;

export const HASH_BYTES = 32;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export function leafHash(entry: Uint8Array): Promise<Bytes> {
  return sha256(join(LEAF, entry));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return sha256(join(NODE, left, right));
}

/** The largest power of two below n. */
function split(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/** Hash of the entries from `lo` on, before `hi`. `lo` is a multiple of the largest subtree in it. */
async function range(lo: number, hi: number, hashAt: HashAt): Promise<Bytes> {
  const n = hi - lo;
  const level = Math.log2(n);
  if (Number.isInteger(level)) return hashAt(level, lo / n);
  const k = split(n);
  return nodeHash(await range(lo, lo + k, hashAt), await range(lo + k, hi, hashAt));
}

/** Root of the tree of the first `size` entries. */
export function rootOf(size: number, hashAt: HashAt): Promise<Bytes> {
  return size === 0 ? sha256(new Uint8Array()) : range(0, size, hashAt);
}

/** RFC 9162, 2.1.3.1. */
export async function inclusionProof(
  index: number,
  size: number,
  hashAt: HashAt,
): Promise<readonly Bytes[]> {
  const path = async (lo: number, hi: number): Promise<readonly Bytes[]> => {
    if (hi - lo === 1) return [];
    const middle = lo + split(hi - lo);
    return index < middle
      ? [...(await path(lo, middle)), await range(middle, hi, hashAt)]
      : [...(await path(middle, hi)), await range(lo, middle, hashAt)];
  };
  return path(0, size);
}

/** RFC 9162, 2.1.4.1. */
export async function consistencyProof(
  before: number,
  size: number,
  hashAt: HashAt,
): Promise<readonly Bytes[]> {
  const proof = async (lo: number, hi: number, isWhole: boolean): Promise<readonly Bytes[]> => {
    if (before === hi) return isWhole ? [] : [await range(lo, hi, hashAt)];
    const middle = lo + split(hi - lo);
    return before <= middle
      ? [...(await proof(lo, middle, isWhole)), await range(middle, hi, hashAt)]
      : [...(await proof(middle, hi, false)), await range(lo, middle, hashAt)];
  };
  return before === 0 || before === size ? [] : proof(0, size, true);
}

const isOdd = (n: number): boolean => n % 2 === 1;
const half = (n: number): number => Math.floor(n / 2);

/** Whether the tree of `size` entries with this root has this leaf hash at `index`. RFC 9162, 2.1.3.2. */
export async function isIncluded(
  leaf: Bytes,
  index: number,
  size: number,
  proof: readonly Bytes[],
  root: Bytes,
): Promise<boolean> {
  if (index >= size) return false;
  let [at, last] = [index, size - 1];
  let hash = leaf;
  for (const other of proof) {
    if (last === 0) return false;
    if (isOdd(at) || at === last) {
      hash = await nodeHash(other, hash);
      for (; !isOdd(at) && at !== 0; at = half(at)) last = half(last);
    } else {
      hash = await nodeHash(hash, other);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && isSame(hash, root);
}

/**
 * 'continued': the tree of `size` entries begins with that of `before`. 'forked': its beginning is another one: something was taken away or changed.
 * 'altered': these hashes are not of the tree with this root, so they tell nothing. RFC 9162, 2.1.4.2.
 */
export type Continuation = 'continued' | 'forked' | 'altered';

export async function continuation(
  before: number,
  beforeRoot: Bytes,
  size: number,
  root: Bytes,
  proof: readonly Bytes[],
): Promise<Continuation> {
  if (before > size) return 'forked';
  if (before === 0) return proof.length === 0 ? 'continued' : 'altered';
  if (before === size) return isSame(beforeRoot, root) ? 'continued' : 'forked';
  const path = Number.isInteger(Math.log2(before)) ? [beforeRoot, ...proof] : proof;
  const [first, ...rest] = path;
  if (first === undefined) return 'altered';
  let [at, last] = [before - 1, size - 1];
  for (; isOdd(at); at = half(at)) last = half(last);
  let [old, fresh] = [first, first];
  for (const other of rest) {
    if (last === 0) return 'altered';
    if (isOdd(at) || at === last) {
      old = await nodeHash(other, old);
      fresh = await nodeHash(other, fresh);
      for (; !isOdd(at) && at !== 0; at = half(at)) last = half(last);
    } else {
      fresh = await nodeHash(fresh, other);
    }
    [at, last] = [half(at), half(last)];
  }
  // Of a beginning of 2^n entries the old root itself is part of the proof.
  const isWhole = last === 0 && isSame(fresh, root);
  if (isWhole) return isSame(old, beforeRoot) ? 'continued' : 'forked';
  return Number.isInteger(Math.log2(before)) ? 'forked' : 'altered';
}
