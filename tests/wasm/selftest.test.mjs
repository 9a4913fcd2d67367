import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';
import { choose } from '../../web/engine/src/choose.ts';
import { Core, CoreError, variants, wasmFile } from './core.mjs';

const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('the self-test', () => {
  for (const variant of variants) {
    it(`passes on the ${variant} build, cold and after tier-up`, async () => {
      const core = Core.load(variant);
      core.selftest(1);
      core.selftest(3000);
      await turn();
      core.selftest(1);
    });
  }

  it('rejects a build whose relaxed dot product is wrong, cold and after tier-up', async () => {
    const core = Core.load('relaxed', 'relaxed-wrong');
    const rejected = (error) => {
      assert.ok(error instanceof CoreError);
      assert.equal(error.code, 'internal');
      assert.match(error.what, /dot/);
      return true;
    };
    assert.throws(() => core.selftest(1), rejected);
    assert.throws(() => core.selftest(3000), rejected);
    await turn();
    assert.throws(() => core.selftest(1), rejected);
  });
});

// V8 11.3 doubles i32x4.relaxed_dot_i8x16_i7x16_add_s in its baseline compiler: the real fault that the fixture above imitates.
describe('the self-test on Node 20', () => {
  const node20 = ['/usr/local/bin/node', '/usr/bin/node', ...(process.env.PATH ?? '').split(':').map((folder) => `${folder}/node`)]
    .filter((path) => existsSync(path))
    .find((path) => spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.startsWith('v20.'));
  const skip = node20 === undefined ? 'SKIPPED: no Node 20 on this machine' : false;
  const script = `
    const { readFileSync } = require('node:fs');
    const { exports: abi } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(process.argv[1])));
    abi._initialize();
    console.log(abi.osl_selftest_run(1, 0));`;
  const run = (variant, ...flags) =>
    spawnSync(node20, ['--experimental-wasm-relaxed-simd', ...flags, '-e', script, fileURLToPath(wasmFile(variant))], {
      encoding: 'utf8',
    });

  it('rejects the relaxed build under the baseline compiler', { skip }, () => {
    const result = run('relaxed', '--liftoff', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering');
    assert.equal(result.stdout.trim(), '13', result.stderr);
  });
  it('accepts the relaxed build under the optimising compiler', { skip }, () => {
    assert.equal(run('relaxed', '--no-liftoff').stdout.trim(), '0');
  });
  it('accepts the simd build under the baseline compiler', { skip }, () => {
    assert.equal(run('simd', '--liftoff', '--no-wasm-tier-up').stdout.trim(), '0');
  });
});

describe('the package', () => {
  const read = (files) => async (file) => new Uint8Array(readFileSync(files[file]));
  const right = { 'ossicle-simd.wasm': wasmFile('simd'), 'ossicle-relaxed.wasm': wasmFile('relaxed') };
  const wrong = { ...right, 'ossicle-relaxed.wasm': wasmFile('relaxed', 'relaxed-wrong') };

  it('takes the relaxed build where it computes right', async () => {
    assert.equal((await choose(read(right))).variant, 'relaxed');
  });
  it('takes the simd build where the relaxed one computes wrong, and says so', async () => {
    const chosen = await choose(read(wrong));
    assert.equal(chosen.variant, 'simd');
    assert.match(chosen.reason, /failed the self-test here: .*dot/);
  });
  it('refuses a relaxed build that was asked for and computes wrong', async () => {
    await assert.rejects(choose(read(wrong), 'relaxed'), { code: 'unsupported_browser' });
  });
});
