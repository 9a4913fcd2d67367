/**
 * What A asks B. A job: u32 LE count, then for each report its header and the share that is sealed to B. The answer is one byte a report, in the same order.
 */
import { join, type Bytes } from '../log/bytes.ts';
import { HEADER_BYTES, REPORT_VERSION, SEALED_SEED_BYTES } from './report.ts';

export interface Task {
  readonly head: Bytes;
  readonly sealedB: Bytes;
}

const TASK_BYTES = HEADER_BYTES + SEALED_SEED_BYTES;
const COUNT_BYTES = 4;
export const MOST_TASKS = 1000;
export const MOST_JOB_BYTES = COUNT_BYTES + MOST_TASKS * TASK_BYTES;

export function writeJob(tasks: readonly Task[]): Bytes {
  const count = new Uint8Array(Uint32Array.of(tasks.length).buffer);
  return join(count, ...tasks.flatMap(({ head, sealedB }) => [head, sealedB]));
}

/** null: not a job. */
export function readJob(bytes: Uint8Array): readonly Task[] | null {
  if (bytes.length < COUNT_BYTES) return null;
  const count = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (count > MOST_TASKS || bytes.length !== COUNT_BYTES + count * TASK_BYTES) return null;
  const tasks = Array.from({ length: count }, (_, i) => {
    const at = COUNT_BYTES + i * TASK_BYTES;
    const head = new Uint8Array(bytes.subarray(at, at + HEADER_BYTES));
    const sealedB = new Uint8Array(bytes.subarray(at + HEADER_BYTES, at + TASK_BYTES));
    return { head, sealedB };
  });
  return tasks.every(({ head }) => head[0] === REPORT_VERSION) ? tasks : null;
}

/** What became of a report at B. `taken`: it is counted there, now or before. */
export const VERDICTS = ['taken', 'wrong_key', 'wrong_block', 'replayed', 'round_closed'] as const;
export type Verdict = (typeof VERDICTS)[number];

export function writeVerdicts(verdicts: readonly Verdict[]): Bytes {
  return Uint8Array.from(verdicts, (verdict) => VERDICTS.indexOf(verdict));
}

/** null: not the answer to a job of `count` reports. */
export function readVerdicts(bytes: Uint8Array, count: number): readonly Verdict[] | null {
  const verdicts = Array.from(bytes).flatMap((byte) => VERDICTS[byte] ?? []);
  return bytes.length === count && verdicts.length === count ? verdicts : null;
}
