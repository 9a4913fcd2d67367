/** A client that lies about how long its table is: it commits itself to that table, and proves the norm of another one. */
import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { Bytes } from '@ossicle/wire/log';
import {
  addTo,
  bytesOf,
  maxNormOf,
  NUMBER_BYTES,
  numbersOf,
  proofBits,
  REPORT_ID_BYTES,
  SEED_BYTES,
  toField,
  writeHeader,
  writeReport,
  type ProvenShape,
  type Seal,
} from '@ossicle/wire/report';
import { openedPrivacy, type Target } from './aggregate-kit.ts';

const HASH_BYTES = 32;
const LANES = [0, 1, 2, 3];
/** A block of SHA-256 for each lane. */
const LANE_NUMBERS = 16 * LANES.length;

/** As the core hashes what a client commits itself to (core/src/privacy/norm_proof_statement.cpp). */
function hashOf(tag: string, ...values: readonly Uint8Array[]): Bytes {
  const hash = createHash('sha256').update(`ossicle norm proof v1: ${tag}\0`);
  for (const value of values) hash.update(value);
  return new Uint8Array(hash.digest());
}

/** What the core hashes of a share: the hashes of four lanes, which begin with `prefix`, and the numbers that fill no block of each. */
function lanesOf(
  prefix: readonly Uint8Array[],
  share: Uint32Array<ArrayBuffer>,
): readonly Uint8Array[] {
  const whole = share.length - (share.length % LANE_NUMBERS);
  const lanes = LANES.map((lane) =>
    share.subarray(0, whole).filter((_, i) => i % LANES.length === lane),
  );
  const digests = lanes.map((lane) => {
    const hash = createHash('sha256');
    for (const part of [...prefix, bytesOf(lane)]) hash.update(part);
    return hash.digest();
  });
  return [...digests, bytesOf(share.subarray(whole))];
}

/** One number, a step longer than a table may be. */
function longTable(shape: ProvenShape): Int32Array<ArrayBuffer> {
  const table = new Int32Array(numbersOf(shape));
  table[randomInt(table.length)] = (maxNormOf(shape) + 1) * (randomInt(2) === 0 ? 1 : -1);
  return table;
}

/** A report that can be told from an honest one only by both aggregators together. */
export async function makeLiar(
  { id: round, block }: Target,
  shape: ProvenShape,
  seal: Seal,
  table = longTable(shape),
): Promise<Bytes> {
  const privacy = await openedPrivacy();
  const header = { round, block, id: new Uint8Array(randomBytes(REPORT_ID_BYTES)) };
  const context = writeHeader(header);
  const seeds = new Uint8Array(randomBytes(2 * SEED_BYTES));
  const maxNorm = maxNormOf(shape);
  const nothing = new Int32Array(numbersOf(shape));
  const { share, proof, parts } = privacy.prove({ table: nothing, maxNorm, context, seeds });
  addTo(share, toField(table));

  const seed = seeds.subarray(0, SEED_BYTES);
  const bits = proof.subarray(SEED_BYTES, SEED_BYTES + NUMBER_BYTES * proofBits(shape));
  const limits = Uint32Array.of(numbersOf(shape), maxNorm);
  const bound = hashOf('context', bytesOf(limits), context);
  const first = hashOf('first', bound, seed, ...lanesOf([bound, seed], share));
  const second = parts.subarray(HASH_BYTES, 2 * HASH_BYTES);
  parts.set(first);
  parts.set(hashOf('bits', hashOf('tests', bound, first, second), seed, bits), 2 * HASH_BYTES);
  const sent = { share: bytesOf(share), proof, seed: seeds.slice(SEED_BYTES), parts };
  return writeReport(header, sent, shape, seal);
}
