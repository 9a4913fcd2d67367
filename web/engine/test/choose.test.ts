import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AbiExports } from '../src/abi.gen.ts';
import { OslError } from '../src/abi.gen.ts';
import { choose } from '../src/choose.ts';
import type { Variant } from '../src/protocol.ts';
import { ossicleError } from './support.ts';

/** How a build answers its self-test, by the run's number from 0. */
type Answers = (run: number, rounds: number) => 'right' | 'wrong' | 'trap';

const right: Answers = () => 'right';

function abi(answers: Answers): AbiExports {
  const memory = new WebAssembly.Memory({ initial: 200 });
  let taken = 64;
  let run = 0;
  const module: Partial<AbiExports> = {
    memory,
    osl_memory_take(size) {
      const at = taken;
      taken += Math.ceil(size / 64) * 64;
      return at;
    },
    osl_selftest_run(rounds, error) {
      const answer = answers(run, rounds);
      run += 1;
      if (answer === 'right') return 0;
      if (answer === 'trap') throw new WebAssembly.RuntimeError('unreachable');
      const what = new Uint8Array(112);
      const { written } = new TextEncoder().encodeInto('dot_s8u7: -120, not 40', what);
      OslError.write(new DataView(memory.buffer), error, {
        at: 7n,
        code: 13,
        whatN: written,
        what,
      });
      return 13;
    },
  };
  return module as AbiExports;
}

interface World {
  readonly read: string[];
  choose(forced?: Variant): ReturnType<typeof choose>;
}

function world(builds: { readonly simd: Answers; readonly relaxed: Answers }): World {
  const read: string[] = [];
  return {
    read,
    choose: (forced) =>
      choose(
        (file) => {
          read.push(file);
          return Promise.resolve(new Uint8Array(0));
        },
        forced,
        (_, file) => Promise.resolve(abi(file.includes('relaxed') ? builds.relaxed : builds.simd)),
      ),
  };
}

/** Makes WebAssembly.validate say so for each probe; the relaxed one is the longer. */
function validates(t: { after: (end: () => void) => void }, simd: boolean, relaxed: boolean): void {
  const { validate } = WebAssembly;
  t.after(() => void (WebAssembly.validate = validate));
  WebAssembly.validate = (bytes) => (bytes.byteLength > 35 ? relaxed : simd);
}

suite('choosing a build', () => {
  test('the probes are modules that this Node knows', async () => {
    const { read, choose: chosen } = world({ simd: right, relaxed: right });
    assert.equal((await chosen()).variant, 'relaxed');
    assert.deepEqual(read, ['ossicle-relaxed.wasm']);
  });

  test('without SIMD says "unsupported_browser" and what to do, and loads nothing', async (t) => {
    validates(t, false, false);
    const { read, choose: chosen } = world({ simd: right, relaxed: right });
    await assert.rejects(chosen(), ossicleError('unsupported_browser', /SIMD.*update/));
    assert.deepEqual(read, []);
  });

  test('without relaxed SIMD takes simd and says why', async (t) => {
    validates(t, true, false);
    const { read, choose: chosen } = world({ simd: right, relaxed: right });
    const { variant, reason } = await chosen();
    assert.deepEqual([variant, reason], ['simd', 'this browser has no relaxed SIMD']);
    assert.deepEqual(read, ['ossicle-simd.wasm']);
    await assert.rejects(chosen('relaxed'), ossicleError('unsupported_browser', /relaxed/));
  });

  test('a relaxed build that is wrong when cold is refused, with what was wrong', async () => {
    const { choose: chosen } = world({
      simd: right,
      relaxed: (run) => (run === 0 ? 'wrong' : 'right'),
    });
    const { variant, reason } = await chosen();
    assert.equal(variant, 'simd');
    assert.match(reason, /dot_s8u7: -120, not 40 \(at 7\), cold/);
  });

  test('a relaxed build that is wrong only after tier-up is refused', async () => {
    const { choose: chosen } = world({
      simd: right,
      relaxed: (run) => (run === 9 ? 'wrong' : 'right'),
    });
    const { variant, reason } = await chosen();
    assert.equal(variant, 'simd');
    assert.match(reason, /after tier-up/);
  });

  test('the self-test runs long enough to tier up', async () => {
    let all = 0;
    const relaxed: Answers = (_, rounds) => ((all += rounds), 'right');
    await world({ simd: right, relaxed }).choose();
    assert.ok(all >= 2000);
  });

  test('a relaxed build that traps is refused', async () => {
    const { choose: chosen } = world({ simd: right, relaxed: () => 'trap' });
    assert.match((await chosen()).reason, /it trapped: unreachable/);
  });

  test('a relaxed build that is wrong is not used even when asked for', async () => {
    const { choose: chosen } = world({ simd: right, relaxed: () => 'wrong' });
    await assert.rejects(chosen('relaxed'), ossicleError('unsupported_browser', /relaxed build/));
  });

  test('a simd build that is wrong leaves nothing to run', async () => {
    const { choose: chosen } = world({ simd: () => 'wrong', relaxed: () => 'wrong' });
    await assert.rejects(chosen(), ossicleError('unsupported_browser', /simd build/));
  });

  test('simd can be asked for', async () => {
    const { read, choose: chosen } = world({ simd: right, relaxed: right });
    assert.equal((await chosen('simd')).reason, 'asked for');
    assert.deepEqual(read, ['ossicle-simd.wasm']);
  });
});
