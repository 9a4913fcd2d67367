// sentencepiece and XNNPACK inside the modules: the numbers that the native tests check against a double reference and the library.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Core, root, variants } from './core.mjs';

const model = new Uint8Array(readFileSync(new URL('tests/golden/tokenizer/tiny.model', root)));

/** FNV-1a over 32-bit words, as in tests/unit. */
function digest(words, start = 1469598103934665603n) {
  return words.reduce((hash, word) => BigInt.asUintN(64, (hash ^ BigInt(word >>> 0)) * 1099511628211n), start);
}

/** noise() of tests/unit/nn/block_input.h. */
function noise(n, seed, scale) {
  return Float32Array.from({ length: n }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return ((seed >>> 8) * 2 ** -23 - 1) * scale;
  });
}

/** BlockInput of tests/unit/nn/block_input.h: the arrays one after the other. */
function blockWeights(c, f) {
  const sizes = [3 * c * c, 3 * c, c * c, c, c, c, f * c, f, c * f, c, c, c];
  const arrays = sizes.map((n, i) => noise(n, 1 + i, 0.125).map((x) => (i === 4 || i === 10 ? 1 + x : x)));
  const all = new Float32Array(sizes.reduce((a, b) => a + b));
  arrays.reduce((at, array) => (all.set(array, at), at + array.length), 0);
  return all;
}

function openTokenizer(core, bytes = model) {
  const at = core.put(bytes);
  try {
    core.call('osl_tokenizer_open', at, bytes.length, core.slot);
    return core.u32();
  } finally {
    core.give(at);
  }
}

function encode(core, tokenizer, text, cap = 512) {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const at = core.put(bytes.length === 0 ? new Uint8Array(1) : bytes);
  const out = core.take(cap * 4);
  try {
    core.call('osl_tokenizer_encode', tokenizer, at, bytes.length, out, cap, core.slot);
    return Array.from(new Int32Array(core.abi.memory.buffer, out, core.u32()));
  } finally {
    core.give(at);
    core.give(out);
  }
}

function openBlock(core, [c, h, f, t], weights) {
  const at = core.put(weights);
  try {
    core.call('osl_block_open', c, h, f, t, at, weights.length, core.slot);
    return core.u32();
  } finally {
    core.give(at);
  }
}

for (const variant of variants) {
  describe(`the tokenizer in the ${variant} build`, () => {
    it('cuts text into pieces, and bytes where it knows none', () => {
      const core = Core.load(variant);
      const tokenizer = openTokenizer(core);
      const ids = encode(core, tokenizer, 'the piano plays a sad song');
      assert.ok(ids.length >= 6 && ids.length < 26);
      assert.deepEqual(encode(core, tokenizer, ''), []);
      assert.equal(encode(core, tokenizer, 'Ж').length, 3); // white space and two bytes
    });

    it('stands broken UTF-8, NULs, emoji and a megabyte, and its heap does not creep', () => {
      const core = Core.load(variant);
      const tokenizer = openTokenizer(core);
      const texts = [
        Uint8Array.of(0xff, 0xfe, 0x80, 0xed, 0xa0, 0x80),
        Uint8Array.of(0, 97, 0, 0),
        '❤️🎵🎹👩‍🎤🇧🇷',
        'piano rain '.repeat(95326),
        '🎹'.repeat(262144),
        new Uint8Array(1 << 20).fill(0x80),
      ];
      for (const text of texts) assert.ok(encode(core, tokenizer, text).length > 0);
      const before = core.heapBytes;
      for (let round = 0; round < 3; ++round) for (const text of texts) encode(core, tokenizer, text);
      assert.equal(core.heapBytes, before);
    });

    it('refuses what is no model, with the place', () => {
      const core = Core.load(variant);
      assert.throws(() => openTokenizer(core, model.slice(0, 4000)), { code: 'corrupt' });
      assert.throws(() => openTokenizer(core, new TextEncoder().encode('no model')), { code: 'corrupt' });
    });
  });

  describe(`the Transformer block in the ${variant} build`, () => {
    const shape = [64, 4, 256, 17];
    it('gives the bytes of the native build', () => {
      const core = Core.load(variant);
      const block = openBlock(core, shape, blockWeights(64, 256));
      let hash = 1469598103934665603n;
      for (const tokens of [1, 5, 17]) {
        const at = core.put(noise(tokens * 64, tokens, 1));
        core.call('osl_block_run', block, at, tokens * 64, tokens);
        hash = digest(Array.from(new Uint32Array(core.abi.memory.buffer, at, tokens * 64)), hash);
      }
      assert.equal(hash, 0x39361d251b8c9712n); // tests/unit/nn/transformer_test.cpp
    });

    it('allocates nothing when it runs', () => {
      const core = Core.load(variant);
      const block = openBlock(core, shape, blockWeights(64, 256));
      const at = core.put(noise(17 * 64, 1, 1));
      const before = [core.heapBytes, core.abi.osl_memory_count()];
      for (let i = 0; i < 2000; ++i) core.call('osl_block_run', block, at, (1 + (i % 17)) * 64, 1 + (i % 17));
      assert.deepEqual([core.heapBytes, core.abi.osl_memory_count()], before);
    });

    it('refuses shapes, sizes and weights that are wrong', () => {
      const core = Core.load(variant);
      const weights = blockWeights(64, 256);
      assert.throws(() => openBlock(core, [64, 5, 256, 17], weights), { code: 'invalid_argument' });
      assert.throws(() => openBlock(core, [0xffffffff, 1, 0xffffffff, 17], weights), { code: 'invalid_argument' });
      assert.throws(() => openBlock(core, shape, weights.subarray(1)), { code: 'invalid_argument' });
      weights[3] = NaN;
      assert.throws(() => openBlock(core, shape, weights), { code: 'not_finite', at: 3 });
    });
  });
}
