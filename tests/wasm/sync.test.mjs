// Sync inside the modules: what a client checks before it takes a snapshot.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { checkSnapshot } from '../../web/engine/src/core-sync.ts';
import { Core } from '../../web/engine/src/core.ts';
import { load } from '../../web/engine/src/loader.ts';
import { OssicleError } from '../../web/engine/src/errors.ts';
import { root, variants, wasmFile } from './core.mjs';

const SHARD = 'catalogue-0.safetensors';
const read = (folder) => ({
  json: new Uint8Array(readFileSync(new URL(`${folder}/bundle.json`, root))),
  shard: new Uint8Array(readFileSync(new URL(`${folder}/${SHARD}`, root))),
});
const released = read('models/items/bundle');
const golden = read('tests/golden/catalogue-v3');

/** The released bundle with one f32 of a tensor changed, and vouched for again. */
function edited(tensor, index, change) {
  const shard = released.shard.slice();
  const data = new DataView(shard.buffer);
  const headerBytes = Number(data.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(shard.subarray(8, 8 + headerBytes)));
  const at = 8 + headerBytes + header[tensor].data_offsets[0] + 4 * index;
  data.setFloat32(at, change(data.getFloat32(at, true)), true);
  return { json: signed((json) => json, shard), shard };
}

function signed(change, shard) {
  const json = JSON.parse(new TextDecoder().decode(released.json));
  Object.assign(json.files[0], { bytes: shard.length, sha256: createHash('sha256').update(shard).digest('hex') });
  return new TextEncoder().encode(JSON.stringify(change(json)));
}

/** A core with the released catalogue open. */
async function opened(variant) {
  const core = new Core(await load(new Uint8Array(readFileSync(wasmFile(variant))), 'module'));
  core.beginBundle(released.json, 'bundle.json', '');
  core.addFile(0, { bytes: released.shard, digest: null }, SHARD, '');
  core.openEngine({}, undefined);
  return { core };
}

for (const variant of variants) {
  describe(`sync in the ${variant} build`, () => {
    it('takes the snapshot that is in use already, and refuses others with their code and row', async () => {
      const { core } = await opened(variant);
      const check = ({ json, shard }) => checkSnapshot(core, json, new Map([[SHARD, shard]]));
      const refused = (bundle, code, at) =>
        assert.throws(
          () => check(bundle),
          (error) => {
            assert.ok(error instanceof OssicleError, String(error));
            assert.deepEqual([error.code, error.at], [code, at ?? error.at]);
            assert.match(error.message, /stays\.$/);
            return true;
          },
        );
      check(released);
      // Cold rows, which have no part in the sums that the reader checks.
      const cold = 7_000;
      refused(edited('item.scale', cold, () => Number.NaN), 'not_finite', cold);
      refused(edited('item.bias', 3, () => Number.POSITIVE_INFINITY), 'not_finite', 3);
      refused(edited('item.bias', 3, () => 0.5), 'norm_exceeded', 3);
      refused(edited('item.scale', cold, () => 1e9), 'norm_exceeded', cold);
      check(edited('item.scale', cold, (scale) => scale * 1.5));
      refused(edited('item.scale', 0, (scale) => scale * 1.01), 'corrupt');
      const constant = signed((json) => ({ ...json, catalogue: { ...json.catalogue, alpha0: 0.5 } }), released.shard);
      refused({ json: constant, shard: released.shard }, 'drift');
      refused(golden, 'incompatible', 5);
      refused({ json: released.json, shard: released.shard.with(99_999, 1) }, 'checksum_mismatch');
      refused({ json: released.json.subarray(0, 99), shard: released.shard }, 'corrupt');
      assert.throws(() => checkSnapshot(core, released.json, new Map()), { code: 'missing', at: SHARD });
      check(released);
    });

    it('leaves no memory behind when it refuses', async () => {
      const { core } = await opened(variant);
      const far = edited('item.scale', 7_000, () => 1e9);
      const checkIt = () => assert.throws(() => checkSnapshot(core, far.json, new Map([[SHARD, far.shard]])));
      checkIt();
      const before = core.abi.memory.buffer.byteLength;
      for (let i = 0; i < 5; ++i) checkIt();
      assert.equal(core.abi.memory.buffer.byteLength, before);
    });
  });
}
