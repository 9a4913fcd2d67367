import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toHex, utf8, type Bytes } from '../src/log/bytes.ts';
import {
  consistencyProof,
  continuation,
  inclusionProof,
  isIncluded,
  leafHash,
  nodeHash,
  rootOf,
  type HashAt,
} from '../src/log/merkle.ts';

/** Entries and roots of the reference implementation of Certificate Transparency. */
const ENTRIES = [
  ...['', '00', '10', '2021', '3031', '40414243', '5051525354555657'],
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

function hashesOf(entries: readonly Bytes[]): HashAt {
  const hashAt: HashAt = async (level, index) =>
    level === 0
      ? leafHash(entries[index] ?? new Uint8Array())
      : nodeHash(await hashAt(level - 1, 2 * index), await hashAt(level - 1, 2 * index + 1));
  return hashAt;
}

function changed(hash: Bytes): Bytes {
  return hash.with(7, (hash[7] ?? 0) ^ 1);
}

describe('a tree', () => {
  test('has the roots of the reference implementation', async () => {
    for (const [size, root] of ROOTS.entries()) {
      assert.equal(toHex(await rootOf(size, hashesOf(ENTRIES))), root);
    }
  });

  test('proves every entry of every size, and nothing else', async () => {
    const entries = Array.from({ length: 20 }, (_, i) => utf8(`entry ${i}`));
    const hashAt = hashesOf(entries);
    for (let size = 1; size <= entries.length; ++size) {
      const root = await rootOf(size, hashAt);
      for (let i = 0; i < size; ++i) {
        const leaf = await hashAt(0, i);
        const proof = await inclusionProof(i, size, hashAt);
        assert(await isIncluded(leaf, i, size, proof, root));
        assert(!(await isIncluded(changed(leaf), i, size, proof, root)));
        assert(!(await isIncluded(leaf, i, size, proof, changed(root))));
        assert(!(await isIncluded(leaf, size, size, proof, root)));
        assert(!(await isIncluded(leaf, i, size, [...proof, root], root)));
        for (const j of proof.keys()) {
          const other = proof.map((hash, k) => (k === j ? changed(hash) : hash));
          assert(!(await isIncluded(leaf, i, size, other, root)));
          assert(!(await isIncluded(leaf, i, size, proof.toSpliced(j, 1), root)));
        }
      }
    }
  });

  test('proves that it goes on where it ended, for every two sizes', async () => {
    const entries = Array.from({ length: 20 }, (_, i) => utf8(`entry ${i}`));
    const hashAt = hashesOf(entries);
    const forkAt = hashesOf(entries.with(0, utf8('another one')));
    for (let size = 1; size <= entries.length; ++size) {
      const root = await rootOf(size, hashAt);
      const fork = await rootOf(size, forkAt);
      for (let before = 1; before <= size; ++before) {
        const old = await rootOf(before, hashAt);
        const proof = await consistencyProof(before, size, hashAt);
        assert.equal(await continuation(before, old, size, root, proof), 'continued');
        const other = await consistencyProof(before, size, forkAt);
        assert.equal(await continuation(before, old, size, fork, other), 'forked');
        for (const j of proof.keys()) {
          const wrong = proof.map((hash, k) => (k === j ? changed(hash) : hash));
          assert.notEqual(await continuation(before, old, size, root, wrong), 'continued');
          const short = proof.toSpliced(j, 1);
          assert.notEqual(await continuation(before, old, size, root, short), 'continued');
        }
      }
    }
    const root = await rootOf(20, hashAt);
    assert.equal(await continuation(21, root, 20, root, []), 'forked');
  });
});
