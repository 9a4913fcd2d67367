import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8, type Bytes } from '../src/log/bytes.ts';
import { acceptCheckpoint, LogError, readEntry, type Policy } from '../src/log/log.ts';
import { rootOf } from '../src/log/merkle.ts';
import { KEY_TYPES } from '../src/log/note.ts';
import { hashesFrom, packEntries, tilePath } from '../src/log/tiles.ts';
import { readAddCheckpoint, writeAddCheckpoint } from '../src/log/witness.ts';
import { grow, signedCheckpoint } from '../src/log/writer.ts';
import { makeSigner, memoryLog } from './memory-log.ts';

const ORIGIN = 'log.example';
const entriesOf = (first: number, n: number): readonly Bytes[] =>
  Array.from({ length: n }, (_, i) => utf8(`entry ${first + i}`));

function reader(files: ReadonlyMap<string, Bytes>): (path: string) => Promise<Bytes> {
  return (path) => {
    const bytes = files.get(path);
    return bytes ? Promise.resolve(bytes) : Promise.reject(new Error(`${path} is not there.`));
  };
}

test('a log that grew in steps has the files and the root of one written at once', async () => {
  const sizes = [1, 2, 255, 256, 257, 511, 700];
  const all = Array.from({ length: 700 }, (_, i) => `entry ${i}`);
  const expected = await memoryLog(ORIGIN, all, sizes);
  const files = new Map<string, Bytes>();
  let before = 0;
  for (const size of sizes) {
    const grown = await grow(ORIGIN, before, entriesOf(before, size - before), reader(files));
    for (const [path, bytes] of grown.files) files.set(path, bytes);
    assert.equal(grown.checkpoint.size, size);
    before = size;
    if (size === 700) assert.deepEqual(grown.checkpoint, expected.checkpoint);
  }
  assert.deepEqual([...files.keys()].toSorted(), [...expected.files.keys()].toSorted());
  for (const [path, bytes] of expected.files) assert.deepEqual(files.get(path), bytes, path);
});

test('a tile of the third level begins when the second level has a full one', async () => {
  // 65,534 entries of which only the right edge is there: nothing else may be needed.
  const before = 256 * 256 - 2;
  const hashes = (n: number): Bytes => crypto.getRandomValues(new Uint8Array(32 * n));
  const files = new Map([
    ['tile/0/255.p/254', hashes(254)],
    ['tile/entries/255.p/254', packEntries(entriesOf(before - 254, 254))],
    ['tile/1/000.p/255', hashes(255)],
  ]);
  const grown = await grow(ORIGIN, before, entriesOf(before, 5), reader(files));
  for (const [path, bytes] of grown.files) files.set(path, bytes);
  const paths = [...grown.files.keys()].filter((path) => !path.includes('entries'));
  assert.deepEqual(paths, ['tile/0/255', 'tile/0/256.p/3', 'tile/1/000', 'tile/2/000.p/1']);
  const hashAt = hashesFrom(256 * 256, (tile) => reader(files)(tilePath(tile)));
  assert.deepEqual(files.get('tile/2/000.p/1'), await hashAt(16, 0));
  const below = await rootOf(256, (level, i) => hashAt(8 + level, i));
  assert.deepEqual(files.get('tile/2/000.p/1'), below);
  assert.deepEqual(files.get('tile/1/000')?.slice(-32), await hashAt(8, 255));
});

test('readers accept what is written, and each checkpoint goes on where the last ended', async () => {
  const log = await makeSigner(ORIGIN, KEY_TYPES.ed25519);
  const policy: Policy = {
    origin: ORIGIN,
    log: log.verifier,
    witnesses: [],
    quorum: 0,
    freshSeconds: 60,
  };
  const files = new Map<string, Bytes>();
  let seen = null;
  for (const size of [1, 3, 300]) {
    const before: number = seen?.size ?? 0;
    const grown = await grow(ORIGIN, before, entriesOf(before, size - before), reader(files));
    for (const [path, bytes] of grown.files) files.set(path, bytes);
    const source = await signedCheckpoint(grown.checkpoint, log);
    seen = await acceptCheckpoint(source, policy, seen, reader(files), new Date());
    assert.deepEqual(await readEntry(seen, size - 1, reader(files)), utf8(`entry ${size - 1}`));
  }
});

test('a tile that was cut short is not gone on from', async () => {
  const { files } = await memoryLog(ORIGIN, ['a', 'b', 'c']);
  const cut = new Map(files).set('tile/0/000.p/3', new Uint8Array(95));
  const isTruncated = (error: unknown): boolean =>
    error instanceof LogError && error.code === 'truncated';
  await assert.rejects(grow(ORIGIN, 3, [utf8('d')], reader(cut)), isTruncated);
  const short = new Map(files).set('tile/entries/000.p/3', new Uint8Array([0, 1, 97]));
  await assert.rejects(grow(ORIGIN, 3, [utf8('d')], reader(short)), isTruncated);
});

test('what a log asks a witness reads as it was written, and nothing else does', async () => {
  const log = await makeSigner(ORIGIN, KEY_TYPES.ed25519);
  const { checkpoint } = await memoryLog(ORIGIN, ['a', 'b']);
  const source = await signedCheckpoint(checkpoint, log);
  const asked = { old: 1, proof: [new Uint8Array(32).fill(7)], source };
  const text = writeAddCheckpoint(asked);
  const { note, ...read } = readAddCheckpoint(text) ?? {};
  assert.deepEqual(read, asked);
  assert.equal(note?.signatures.length, 1);
  const none = writeAddCheckpoint({ old: 0, proof: [], source });
  assert.deepEqual(readAddCheckpoint(none)?.proof, []);
  for (const other of [
    '',
    'old 1\n\n',
    text.replace('old 1', 'old 01'),
    text.replace('old 1', 'new 1'),
    text.replace('old 1', 'old 99999999999999999999'),
    text.replace('BwcH', 'Bwc'),
    `old 1\n${'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n'.repeat(64)}\n${source}`,
  ]) {
    assert.equal(readAddCheckpoint(other), null, JSON.stringify(other.slice(0, 40)));
  }
});
