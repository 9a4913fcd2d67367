import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AbiExports } from '../src/abi.gen.ts';
import { CoreEncoder } from '../src/core-encoder.ts';
import { Core } from '../src/core.ts';

/** How many milliseconds either way to multiply takes. */
interface World {
  readonly pairs: number;
  readonly quads: number;
  /** Steps of the clock in milliseconds. */
  readonly step?: number;
}

/** What the encoder was told to use: 0 pairs, 1 quads, null nothing. */
function chosenIn({ pairs, quads, step = 0.001 }: World): number | null {
  let now = 0;
  let taken = 64;
  let chosen: number | null = null;
  const module: Partial<AbiExports> = {
    memory: new WebAssembly.Memory({ initial: 200 }),
    osl_memory_take(size) {
      const at = taken;
      taken += Math.ceil(size / 64) * 64;
      return at;
    },
    osl_memory_give: () => undefined,
    osl_encoder_begin: () => 0,
    osl_encoder_file: () => 0,
    osl_encoder_open: () => 0,
    osl_encoder_rehearse(_, products) {
      now += products === 0 ? pairs : quads;
      return 0;
    },
    osl_encoder_use(_, products) {
      chosen = products;
      return 0;
    },
  };
  const core = new Core(module as AbiExports);
  const encoder = new CoreEncoder(core, new Uint8Array(2), 'bundle.json', '');
  encoder.open(() => Math.floor(now / step) * step);
  return chosen;
}

suite('how an encoder multiplies', () => {
  test('is quads where they are clearly the faster', () => {
    assert.equal(chosenIn({ pairs: 0.2, quads: 0.1 }), 1);
    assert.equal(chosenIn({ pairs: 0.2, quads: 0.1, step: 0.1 }), 1);
  });

  test('stays pairs where those are, or where neither is', () => {
    assert.equal(chosenIn({ pairs: 0.2, quads: 0.3 }), null);
    assert.equal(chosenIn({ pairs: 0.2, quads: 0.19 }), null);
  });

  test('stays pairs where the clock is too coarse to tell', () => {
    assert.equal(chosenIn({ pairs: 0.2, quads: 0.1, step: 100 }), null);
    assert.equal(chosenIn({ pairs: 0.2, quads: 0.2, step: 1 }), null);
  });
});
