// Playlists inside the modules: those of the native tool, bit for bit, all valid, no memory taken, and what the ABI refuses.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { OslListen } from '../../web/engine/src/abi.gen.ts';
import { Core, folderReader, root, variants } from './core.mjs';
import { NO_ITEM, openSequence, Playlists, randomBundles } from './sequence.mjs';

const ITEMS = 17632;
const LISTS = 12;
const bundles = randomBundles();
const ossicle = fileURLToPath(new URL('build/native-release/core/tools/ossicle', root));
const read = folderReader(bundles.sequence);
const released = () => [read('bundle.json'), read('sequence.safetensors')];

function open(variant) {
  const core = Core.load(variant);
  const engine = core.openEngine(folderReader(bundles.catalogue));
  return { core, engine, playlists: new Playlists(core, engine, openSequence(core, engine, ...released())) };
}

function assertValid(list, { from = NO_ITEM, to = NO_ITEM } = {}) {
  const rows = list.map(({ item }) => item);
  assert.ok(rows.every((row) => Number.isInteger(row) && row >= 0 && row < ITEMS), `${rows}`);
  assert.equal(new Set(rows).size, rows.length, 'a repeat');
  if (from !== NO_ITEM) assert.equal(rows[0], from);
  if (to !== NO_ITEM) assert.equal(rows.at(-1), to);
}

/** Lists of 50 by the native tool. */
function native(...words) {
  const args = ['playlist', '--json', '--length', '50', '--lists', String(LISTS), ...words];
  const paths = ['--bundle', fileURLToPath(bundles.catalogue), '--sequence', fileURLToPath(bundles.sequence)];
  return execFileSync(ossicle, [...args, ...paths], { encoding: 'utf8', maxBuffer: 1 << 28 })
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).items.map(({ row, score }) => ({ item: row, score })));
}

describe('playlists', () => {
  const forms = [
    { words: [], knobs: {} },
    { words: ['--from', 'artist 7', '--to', 'artist 9000', '--adventure', '0.8'], knobs: { from: 7, to: 9000, adventure: 0.8 } },
  ];
  for (const { words, knobs } of forms) {
    const expected = native(...words);
    for (const variant of variants) {
      it(`are in the ${variant} build those of the native one: ${words.join(' ') || 'no knobs'}`, () => {
        const { playlists } = open(variant);
        for (const [seed, list] of expected.entries()) {
          assert.deepEqual(playlists.write(50, { seed: BigInt(seed), ...knobs }), list);
        }
      });
    }
  }

  it('are valid, 1,000 of 50 artists whatever the seed and the knobs, and take no memory', () => {
    const { core, playlists } = open('relaxed');
    playlists.write(50);
    const before = core.abi.osl_memory_count();
    for (let n = 0; n < 1000; ++n) {
      const from = n % 2 === 0 ? (n * 7919) % ITEMS : NO_ITEM;
      const to = n % 3 === 0 ? (n * 104729 + 1) % ITEMS : NO_ITEM;
      const ends = from === to ? { from } : { from, to };
      const knobs = { seed: BigInt(n), adventure: (n % 11) / 10, beams: 1 + (n % 4), ...ends };
      assertValid(playlists.write(50, knobs), ends);
    }
    assert.equal(core.abi.osl_memory_count(), before);
  });

  it('go on from the history and leave out what is banned', () => {
    const { core, engine, playlists } = open('simd');
    const plain = playlists.write(50, { adventure: 0 });
    const [played, banned] = [plain[0].item, plain[1].item];
    const id = core.take(72);
    const idOf = (row) => {
      core.check(core.abi.osl_item_get(engine, row, id, 0, 0, 0, 0));
      return core.bytes(id, 16).slice();
    };
    const events = new Uint8Array(2 * OslListen.size);
    const event = { atS: 1767225600n, trackHash: 0n, playedMs: 0, durationMs: 0, reserved: 0 };
    const view = new DataView(events.buffer);
    OslListen.write(view, 0, { ...event, artist: idOf(played), kind: 1 });
    OslListen.write(view, OslListen.size, { ...event, artist: idOf(banned), kind: 4 });
    core.record(engine, events);
    const after = playlists.write(50, { adventure: 0 }).map(({ item }) => item);
    assert.ok(!after.includes(played) && !after.includes(banned));
    assert.notDeepEqual(after, plain.map(({ item }) => item));
    assert.throws(() => playlists.write(5, { from: banned }), { code: 'invalid_argument', at: banned });
    assert.equal(playlists.write(5, { from: played })[0].item, played);
    assert.ok(playlists.write(500, { recent: 0 }).some(({ item }) => item === played));
  });

  it('follow a curve', () => {
    const { core, playlists } = open('simd');
    const value = Float32Array.from({ length: ITEMS }, (_, i) => (i % 101) / 100);
    const curve = Float32Array.from({ length: 50 }, (_, i) => i / 49);
    const [valueAt, curveAt] = [core.put(value), core.put(curve)];
    const list = playlists.write(50, { curveWeight: 100 }, valueAt, curveAt);
    assertValid(list);
    const off = list.reduce((sum, { item }, i) => sum + Math.abs(value[item] - curve[i]), 0) / 50;
    assert.ok(off < 0.1, `off by ${off}`);
    assert.throws(() => playlists.write(50, {}, valueAt, 0), { code: 'invalid_argument' });
  });

  it('are refused for altered files, other catalogues, and what is out of range', () => {
    const { core, engine, playlists } = open('simd');
    const [json, file] = released();
    const mismatch = { code: 'checksum_mismatch' };
    assert.throws(() => openSequence(core, engine, json, file.with(9, file[9] ^ 1)), mismatch);
    assert.throws(() => openSequence(core, engine, json, file.subarray(1)), mismatch);
    assert.throws(() => openSequence(core, engine, json.subarray(0, 50), file), { code: 'corrupt' });
    const other = core.openEngine(folderReader(new URL('models/items/bundle/', root)));
    assert.throws(() => openSequence(core, other, json, file), mismatch);
    const wrong = new Playlists(core, other, playlists.sequence);
    assert.throws(() => wrong.write(5), { code: 'invalid_argument' });
    assert.throws(() => playlists.write(0), { code: 'invalid_argument', at: 0 });
    assert.throws(() => playlists.write(501), { code: 'invalid_argument', at: 501 });
    assert.throws(() => playlists.write(5, { beams: 9 }), { code: 'invalid_argument', at: 9 });
    assert.throws(() => playlists.write(5, { adventure: Number.NaN }), { code: 'invalid_argument' });
    assert.throws(() => playlists.write(5, { from: ITEMS }), { code: 'out_of_range', at: ITEMS });
    assert.throws(() => playlists.write(5, { from: 3, to: 3 }), { code: 'invalid_argument', at: 3 });
    core.abi.osl_sequence_close(0);
  });
});
