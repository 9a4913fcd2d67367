/**
 * What A asks B. A job: u32 LE count, then for each report its header, the half that is sealed to B, and what A has to say about the proof. The answer is one
 * byte a report, in the same order.
 */
import { join, type Bytes } from '../log/bytes.ts';
import { HEADER_BYTES, REPORT_VERSION, SEALED_B_BYTES } from './report.ts';

export interface Task {
  readonly head: Bytes;
  readonly sealedB: Bytes;
  /** proofSizes().message: the answer of A's check. */
  readonly message: Bytes;
}

const ASKED_BYTES = HEADER_BYTES + SEALED_B_BYTES;
const COUNT_BYTES = 4;
/** B has their shares in memory at once. */
export const MOST_TASKS = 64;

export const jobBytes = (tasks: number, messageBytes: number): number =>
  COUNT_BYTES + tasks * (ASKED_BYTES + messageBytes);

export function writeJob(tasks: readonly Task[]): Bytes {
  const count = new Uint8Array(Uint32Array.of(tasks.length).buffer);
  return join(count, ...tasks.flatMap(({ head, sealedB, message }) => [head, sealedB, message]));
}

/** null: not a job of a round with messages of this size. */
export function readJob(bytes: Uint8Array, messageBytes: number): readonly Task[] | null {
  if (bytes.length < COUNT_BYTES) return null;
  const count = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (count > MOST_TASKS || bytes.length !== jobBytes(count, messageBytes)) return null;
  const tasks = Array.from({ length: count }, (_, i) => {
    const at = jobBytes(i, messageBytes);
    const part = (from: number, to: number) => new Uint8Array(bytes.subarray(at + from, at + to));
    return {
      head: part(0, HEADER_BYTES),
      sealedB: part(HEADER_BYTES, ASKED_BYTES),
      message: part(ASKED_BYTES, ASKED_BYTES + messageBytes),
    };
  });
  return tasks.every(({ head }) => head[0] === REPORT_VERSION) ? tasks : null;
}

/** What became of a report at B. `taken`: it is counted there, now or before. */
export const VERDICTS = [
  'taken',
  'wrong_key',
  'wrong_block',
  'replayed',
  'round_closed',
  'proof_invalid',
  'norm_exceeded',
] as const;
export type Verdict = (typeof VERDICTS)[number];

export function writeVerdicts(verdicts: readonly Verdict[]): Bytes {
  return Uint8Array.from(verdicts, (verdict) => VERDICTS.indexOf(verdict));
}

/** null: not the answer to a job of `count` reports. */
export function readVerdicts(bytes: Uint8Array, count: number): readonly Verdict[] | null {
  const verdicts = Array.from(bytes).flatMap((byte) => VERDICTS[byte] ?? []);
  return bytes.length === count && verdicts.length === count ? verdicts : null;
}
