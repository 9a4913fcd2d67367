// A library of 20,000 tracks: the same lists in native, simd and relaxed; no memory taken by lists; what the ABI refuses.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { OslCatalogueInfo, OslScoredTrack } from '../../web/engine/src/abi.gen.ts';
import { Core, folderReader, root, variants } from './core.mjs';
import { artistNames, makeEvents, makeInput, pack, Tracks } from './library.mjs';

const native = ['native-release', 'native-debug']
  .map((preset) => fileURLToPath(new URL(`build/${preset}/tests/wasm/native_library`, root)))
  .find((path) => existsSync(path));
const bundle = new URL('models/items/bundle/', root);
const TRACKS = 20000;
const room = mkdtempSync(join(tmpdir(), 'ossicle-library-'));
after(() => rmSync(room, { recursive: true }));

function open(variant) {
  const core = Core.load(variant);
  const engine = core.openEngine(folderReader(bundle));
  const at = core.take(OslCatalogueInfo.size);
  core.abi.osl_catalogue_get(engine, at);
  const { nItems, nFactors } = OslCatalogueInfo.read(core.view, at);
  return { core, engine, nItems, nFactors };
}

const listed = (bytes) =>
  Array.from({ length: bytes.readUInt32LE(0) }, (_, i) =>
    OslScoredTrack.read(new DataView(bytes.buffer, bytes.byteOffset), 4 + i * OslScoredTrack.size),
  );

const best = (times, run) => {
  let least = Infinity;
  for (let i = 0; i < times; ++i) {
    const before = performance.now();
    run();
    least = Math.min(least, performance.now() - before);
  }
  return least;
};

describe('a library of 20,000 tracks', { skip: existsSync(bundle) ? false : 'SKIPPED: models/items/bundle is not there' }, () => {
  it('gives the same lists in native, simd and relaxed, and takes no memory for them', (t) => {
    assert.ok(native, 'native_library is not built: cmake --build --preset native-release --target native_library');
    const first = open(variants[0]);
    const input = makeInput(artistNames(first.core, first.engine, first.nItems), TRACKS, first.nFactors);
    const events = makeEvents(first.core, input, 3000);
    writeFileSync(join(room, 'input'), pack(input, events));
    const run = spawnSync(native, [fileURLToPath(bundle), join(room, 'input'), join(room, 'results')], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    const expected = readFileSync(join(room, 'results'));

    for (const variant of variants) {
      const { core, engine } = open(variant);
      const tracks = new Tracks(core, engine, input);
      tracks.record(events);
      const lists = tracks.lists();
      assert.ok(lists.every((list) => list.readUInt32LE(0) > 0), 'every list has tracks');
      const all = Buffer.concat(lists);
      if (!all.equals(expected)) {
        let at = 0;
        for (const [i, list] of lists.entries()) {
          assert.deepEqual(listed(list), listed(expected.subarray(at, at + list.length)), `${variant}: list ${i}`);
          at += list.length;
        }
      }
      assert.ok(all.equals(expected), variant);

      const before = core.heapBytes;
      const recommendMs = best(30, () => tracks.recommend());
      const similarMs = best(30, () => tracks.similar(7));
      assert.equal(core.heapBytes, before);
      const mib = Number(tracks.info.bytes) / 2 ** 20;
      const times = `added in ${tracks.addMs.toFixed(0)} ms, a list ${recommendMs.toFixed(1)} ms, similar ${similarMs.toFixed(1)} ms`;
      t.diagnostic(`${variant}: ${TRACKS} tracks, d ${first.nFactors}, t 128: ${times}; ${mib.toFixed(1)} MiB`);
    }
  });

  it('refuses what is not in the batch, rows that are not there, and null', () => {
    const { core, engine, nItems, nFactors } = open('simd');
    const input = makeInput(artistNames(core, engine, Math.min(nItems, 50)), 20, nFactors);
    const tracks = new Tracks(core, engine, input, 30);
    const refused = (code, name, ...args) => assert.throws(() => core.call(name, ...args), (e) => e.code === code);
    const text = core.put(input.text);
    const structs = core.put(input.structs);
    const { library } = tracks;
    // A text or vectors that end too early; the first track has no vector, the second has one.
    refused('invalid_argument', 'osl_library_add', library, engine, text, 3, structs, 20, 0, 0);
    assert.equal(tracks.info.tracks, 20);
    refused('invalid_argument', 'osl_library_add', library, engine, text, input.text.length, structs, 20, text, 1);
    assert.equal(tracks.info.tracks, 21);
    refused('invalid_argument', 'osl_library_add', library, engine, 0, 0, structs, 1, 0, 0);
    refused('out_of_range', 'osl_library_hide', library, 21, 1);
    refused('out_of_range', 'osl_library_similar', library, 0n, 21, tracks.knobs, tracks.out, 5, core.slot);
    refused('out_of_range', 'osl_library_track', library, 21, tracks.out, 0, 0, core.slot);
    refused('invalid_argument', 'osl_library_recommend', library, engine, 0n, 0, tracks.out, 5, core.slot);
    refused('invalid_argument', 'osl_library_recommend', library, engine, -1n, tracks.knobs, tracks.out, 5, core.slot);
    for (let n = 0; n < 300; ++n) tracks.recommend();
    const before = core.abi.osl_memory_count();
    for (let n = 0; n < 300; ++n) tracks.similar(n % 20);
    assert.equal(core.abi.osl_memory_count(), before);
    core.abi.osl_library_close(library, engine);
    core.abi.osl_library_close(0, 0);
  });
});
