/** How long a proof of the norm is, and what aggregators tell each other about it (ossicle/norm_proof.h; core/docs/adr/0023-norm-proof.md). */
import { NUMBER_BYTES, maxNormOf, numbersOf, type Measure, type ProvenShape } from './shape.ts';

/** The most that a proof can be about, in steps. */
export const MOST_NORM = 1024;
/** Three SHA-256. */
export const PARTS_BYTES = 96;
export const SEED_BYTES = 32;
const HASH_BYTES = 32;
const ELEMENT_BYTES = 16;
/** Wraparound tests, and the bits of what each comes to. */
const TEST_BITS = 79 * 14;

/** L wires of N - 1 calls carry all of `size`; of those with N a power of two, the one with the least L + 2 N. */
function layoutOf(size: number): { readonly wires: number; readonly points: number } {
  let best = { wires: size, points: 2 };
  for (let points = 4; points <= 2 * size; points *= 2) {
    const wires = Math.ceil(size / (points - 1));
    if (wires + 2 * points < best.wires + 2 * best.points) best = { wires, points };
  }
  return best;
}

/** Whether there is a proof of this norm: of a step at least, and not of more than MOST_NORM. */
export function isProvable({ clip, fractionBits }: Measure): boolean {
  const norm = clip * 2 ** fractionBits;
  return norm >= 1 && norm <= MOST_NORM;
}

/** Bits that a proof shares beside the table: of the norm's square, of what is left to the most of it, and of the tests. */
export const proofBits = (measure: Measure): number =>
  2 * (maxNormOf(measure) ** 2).toString(2).length + TEST_BITS;

export interface ProofSizes {
  /** From the client to A. */
  readonly proof: number;
  /** From A to B, for each report. */
  readonly message: number;
}

/** In bytes. The core says the same (osl_norm_sizes). */
export function proofSizes(shape: ProvenShape): ProofSizes {
  const bits = proofBits(shape);
  const { wires, points } = layoutOf(numbersOf(shape) + bits);
  return {
    proof: SEED_BYTES + NUMBER_BYTES * bits + ELEMENT_BYTES * 2 * points,
    message: ELEMENT_BYTES * (wires + 2) + HASH_BYTES,
  };
}
