import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';
import { ABI_HASH } from '../../web/engine/src/abi.gen.ts';
import { Core, root, variants, wasmFile } from './core.mjs';

const lines = (name) =>
  readFileSync(new URL(`wasm/${name}`, root), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

function check(file) {
  const program = fileURLToPath(new URL('wasm/check-module.mjs', root));
  return spawnSync(process.execPath, [program, file, 'exports.txt', '307200'], { encoding: 'utf8' });
}

for (const variant of variants) {
  describe(`the ${variant} build`, () => {
    const module = new WebAssembly.Module(readFileSync(wasmFile(variant)));

    it('imports and exports what the lists say and nothing else', () => {
      const imports = WebAssembly.Module.imports(module).map((entry) => `${entry.module}.${entry.name}`);
      const exports = WebAssembly.Module.exports(module).map((entry) => entry.name);
      assert.deepEqual(imports.sort(), lines('imports.txt').sort());
      assert.deepEqual(exports.sort(), lines('exports.txt').sort());
    });

    it('has the ABI of the generated bindings', () => {
      assert.equal(BigInt.asUintN(64, Core.load(variant).abi.osl_abi_hash()), ABI_HASH);
    });

    it('has its stack below its data, so that running out of it traps', () => {
      assert.ok(Core.load(variant).abi.emscripten_stack_get_current() <= 256 * 1024);
    });

    it('keeps within the size budget', () => {
      const result = check(fileURLToPath(wasmFile(variant)));
      assert.equal(result.status, 0, result.stderr);
    });

    it('names its version, and says how long it is when there is no room', () => {
      const core = Core.load(variant);
      const text = core.take(32);
      core.abi.osl_version_get(text, 32, core.slot);
      assert.match(new TextDecoder().decode(core.bytes(text, core.u32())), /^\d+\.\d+\.\d+$/);
      const needed = core.u32();
      assert.equal(core.abi.osl_version_get(0, 0, core.slot), 0);
      assert.equal(core.u32(), needed);
    });

    it('hands out memory that is aligned and zeroed, and none when there is none', () => {
      const core = Core.load(variant);
      for (const size of [0, 1, 63, 64, 65, 100000]) {
        const at = core.abi.osl_memory_take(size);
        assert.ok(at > 0 && at % 64 === 0);
        assert.ok(core.bytes(at, size).every((byte) => byte === 0));
        core.bytes(at, size).fill(0xff);
        core.give(at);
      }
      assert.equal(core.abi.osl_memory_take(0xffffffff), 0);
      assert.equal(core.abi.osl_memory_take(0xf0000000), 0);
    });
  });
}

describe('the module check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ossicle-check-'));
  const header = [0, 97, 115, 109, 1, 0, 0, 0];
  // (module (import "env" "now" (func)))
  const importing = [...header, 1, 4, 1, 96, 0, 0, 2, 11, 1, 3, 101, 110, 118, 3, 110, 111, 119, 0, 0];
  const file = join(folder, 'stranger.wasm');

  it('fails for an import that is not listed and an export that is missing', () => {
    writeFileSync(file, Uint8Array.from(importing));
    const result = check(file);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /imports not in wasm\/imports\.txt: env\.now/);
    assert.match(result.stderr, /missing exports: .*osl_abi_hash/);
  });

  it('fails for a module over the size budget', () => {
    // A custom section of noise, which gzip cannot make smaller.
    const noise = new Uint8Array(400000);
    for (let i = 0, x = 1; i < noise.length; ++i) noise[i] = (x = (Math.imul(x, 1664525) + 1013904223) >>> 0) >>> 24;
    const n = noise.length + 2; // and a name: its length, 1, and "x"
    const size = [(n & 0x7f) | 0x80, ((n >> 7) & 0x7f) | 0x80, n >> 14];
    writeFileSync(file, Uint8Array.from([...header, 0, ...size, 1, 120, ...noise]));
    assert.match(check(file).stderr, /over the budget/);
    rmSync(folder, { recursive: true });
  });
});
