/** Noise from the core's exact sampler. */
import { randomBytes } from 'node:crypto';
import { varianceOf } from '@ossicle/wire/report';
import { openPrivacy } from 'ossicle/node';
import type { Noise } from './aggregator.ts';

/** Errors: those of ossicle-private. */
export async function openNoise(): Promise<Noise> {
  const privacy = await openPrivacy(
    new URL('./', import.meta.resolve('ossicle/assets/ossicle-private.wasm')),
  );
  return (n, deviation) => {
    const seed = new Uint8Array(randomBytes(32));
    const drawn = privacy.addNoise(new Uint32Array(n), varianceOf(deviation), seed);
    return new Int32Array(drawn.buffer);
  };
}
