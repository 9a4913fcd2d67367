// The same history through native, simd and relaxed gives the same list, bit for bit: items, scores, reasons.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { OslListen, OslRecommended, OslScored } from '../../web/engine/src/abi.gen.ts';
import { Core, folderReader, root } from './core.mjs';
import { makeHistory } from './histories.mjs';
import { Lister, REASONS, RESULTS } from './lists.mjs';

const newest = ['native-release', 'native-debug']
  .map((preset) => fileURLToPath(new URL(`build/${preset}/tests/wasm/native_lists`, root)))
  .filter((path) => existsSync(path))
  // The newest: one of an older tree would be blamed on WebAssembly.
  .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
const native = process.env.OSSICLE_NATIVE_LISTS ?? newest[0];
const scratch = mkdtempSync(join(tmpdir(), 'ossicle-lists-'));
after(() => rmSync(scratch, { recursive: true }));

function runNative(...args) {
  assert.ok(native, 'native_lists is not built: cmake --build --preset native-release --target native_lists');
  const result = spawnSync(native, args, { encoding: 'utf8' });
  assert.equal(result.status, 0, result.stderr);
}

function describeList(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const n = view.getUint32(0, true);
  return Array.from({ length: Math.min(n, 10) }, (_, i) => OslScored.read(view, OslRecommended.size + i * OslScored.size));
}

function compare(folder, count) {
  const listers = ['simd', 'relaxed'].map((variant) => {
    const core = Core.load(variant);
    return new Lister(core, core.openEngine(folderReader(folder)));
  });
  const ids = listers[0].ids();
  assert.deepEqual(listers[1].ids(), ids);

  const histories = Array.from({ length: count }, (_, seed) => makeHistory(seed + 1, ids));
  const input = Buffer.concat(
    histories.flatMap((events) => [Buffer.from(Uint32Array.of(events.length / OslListen.size).buffer), events]),
  );
  writeFileSync(join(scratch, 'histories'), input);
  runNative('lists', fileURLToPath(folder), join(scratch, 'histories'), join(scratch, 'results'));
  const results = new Uint8Array(readFileSync(join(scratch, 'results')));
  const size = listers[0].bytesPerList;
  assert.equal(results.length, count * size);

  let personal = 0;
  histories.forEach((events, i) => {
    const expected = results.slice(i * size, (i + 1) * size);
    const [simd, relaxed] = listers.map((lister) => lister.of(events, i));
    if (Buffer.compare(simd, relaxed) !== 0) assert.deepEqual(describeList(relaxed), describeList(simd), `history ${i + 1}: relaxed`);
    if (Buffer.compare(simd, expected) !== 0) assert.deepEqual(describeList(simd), describeList(expected), `history ${i + 1}: native`);
    assert.equal(Buffer.compare(simd, relaxed), 0, `history ${i + 1}: relaxed differs in the reasons`);
    assert.equal(Buffer.compare(simd, expected), 0, `history ${i + 1}: native differs in the reasons`);
    const view = new DataView(simd.buffer);
    assert.equal(view.getUint32(0, true), RESULTS);
    const reasonN = size - RESULTS * 4;
    if (view.getUint32(reasonN, true) === REASONS) ++personal;
  });
  // The comparison would be of little worth over empty or unexplained lists.
  assert.ok(personal > count / 2, `${personal} of ${count} first items have ${REASONS} reasons`);
}

describe('native, simd and relaxed', () => {
  it('give bit-identical lists, with and without knobs, for 1,000 histories over a synthetic catalogue', () => {
    runNative('bundle', scratch);
    compare(pathToFileURL(`${scratch}/`), 1000);
  });

  const starter = new URL('models/items/bundle/', root);
  const skip = existsSync(starter) ? false : 'SKIPPED: models/items/bundle is not there';
  it('give bit-identical lists for 1,000 histories over the starter catalogue', { skip }, () => compare(starter, 1000));
});
