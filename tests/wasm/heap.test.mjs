import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OslListen } from '../../web/engine/src/abi.gen.ts';
import { Core, folderReader, root, variants } from './core.mjs';
import { makeHistory, NOW_S } from './histories.mjs';
import { Lister } from './lists.mjs';

const golden = folderReader(new URL('tests/golden/catalogue-v1/', root));
const starter = folderReader(new URL('models/items/bundle/', root));
const CALLS = 10000;
const knobs = { neighbours: 0.5, novelty: 0.7, diversity: 0.3, perArtist: 1, shownRestDays: 7 };

for (const variant of variants) {
  describe(`after open, the ${variant} build`, () => {
    for (const [name, read] of [
      ['golden', golden],
      ['starter', starter],
    ]) {
      it(`allocates nothing in ${CALLS} recommendations over the ${name} catalogue, and the heap stays as it is`, () => {
        const core = Core.load(variant);
        const lister = new Lister(core, core.openEngine(read));
        const history = makeHistory(3, lister.ids());
        const nEvents = history.length / OslListen.size;
        const events = core.put(history);
        const error = core.error;
        const user = core.take(8 * 1025);
        const before = { heap: core.heapBytes, allocations: core.abi.osl_memory_count() };
        for (let i = 0; i < CALLS; ++i) {
          if (i % 100 === 0) core.abi.osl_history_forget(lister.engine);
          assert.equal(core.abi.osl_history_record(lister.engine, events + OslListen.size * (i % nEvents), 1, 0, error), 0);
          lister.recommend(NOW_S + BigInt(i), i % 2 === 0 ? {} : knobs);
          if (i % 50 !== 0) continue;
          assert.equal(
            core.abi.osl_explain_run(lister.engine, NOW_S, i % 5, lister.list, lister.reasons, 3, lister.reasonN, error),
            0,
          );
          assert.equal(core.abi.osl_user_get(lister.engine, NOW_S, user, 1025, core.slot, error), 0);
        }
        const after = { heap: core.heapBytes, allocations: core.abi.osl_memory_count() };
        assert.deepEqual(after, before);
      });
    }
  });
}

describe('the allocation count', () => {
  it('rises with every open, so that a constant count means something', () => {
    const core = Core.load('simd');
    const before = core.abi.osl_memory_count();
    core.openEngine(golden);
    assert.ok(core.abi.osl_memory_count() > before);
  });

  it('the starter catalogue opens within the memory a module starts with', () => {
    const core = Core.load('simd');
    const before = core.heapBytes;
    core.openEngine(starter);
    assert.equal(core.heapBytes, before);
  });
});
