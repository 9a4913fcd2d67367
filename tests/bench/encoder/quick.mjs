// The smoke version of this bench for `make test`: no peer, no time; the builds and their ways give the same bits.
import { readFileSync } from 'node:fs';
import { openOurs, WAYS } from './measure.mjs';

const SHAPE = { layers: 2, channels: 64, heads: 4, feedForward: 256 };
const TOKENS = 19;

/** Numbers in [-size, size), the same everywhere. */
function noise(n, size) {
  let seed = 1;
  return Float32Array.from({ length: n }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return ((seed >>> 8) / 2 ** 23 - 1) * size;
  });
}

/** `moduleFile(variant)`: the path of ossicle_bench_encoder.wasm. Resolves to [name, ok] of each check. */
export async function checkEncoder(moduleFile) {
  const { layers, channels: c, feedForward: f } = SHAPE;
  const weights = noise(layers * (4 * c * c + 2 * c * f + 9 * c + f), 0.125).buffer;
  const checks = [];
  let reference;
  for (const [way, { variant, dot }] of Object.entries(WAYS)) {
    const ours = await openOurs(readFileSync(moduleFile(variant)), dot, SHAPE, weights);
    ours.prepare(noise(TOKENS * c, 1));
    const ran = ours.run(TOKENS) === 0;
    const output = ours.output(TOKENS * c);
    reference ??= output;
    checks.push([`encoder, ${way}: runs, and every number is finite`, ran && output.every(Number.isFinite)]);
    checks.push([`encoder, ${way}: the same bits as the other ways`, output.every((v, i) => Object.is(v, reference[i]))]);
    checks.push([`encoder, ${way}: the peak loop multiplies`, ours.core.encoder_peak(0, 10) > 0]);
  }
  return checks;
}
