/** The entry of the log that says how a snapshot was learnt, so that anybody can do it again: a note that the publishers sign. */
import { entryText, readNote, type Note } from '@ossicle/wire/log';

export const LEARNT_KIND = 'ossicle-learnt/v1';
/** Of which items of the public listeners are held out: a number that nobody chose. */
export const SEED = 1;

export interface Learnt {
  /** Id of the round whose sums were used, in hex. */
  readonly round: string;
  /** Hash of the manifest that contributors used. */
  readonly base: string;
  /** SHA-256 of blobs: what is public before the first epoch, the listeners who were asked, and what is known of the rows before (null: nothing) and after. */
  readonly prior: string;
  readonly listeners: string;
  readonly varianceBefore: string | null;
  readonly varianceAfter: string;
  /** Those of the round. */
  readonly clip: number;
  readonly sigma: number;
  readonly fractionBits: number;
  /** SEED: who could choose it could look for one that lets a worse catalogue pass. */
  readonly seed: number;
  /** Rows that were put back, rising. */
  readonly held: readonly number[];
  /** SHA-256 of the tool's report, a blob. */
  readonly report: string;
  /** Hash of the manifest that came of it. */
  readonly manifest: string;
}

/** The text that publishers sign. */
export function learntText(learnt: Learnt): string {
  const { round, base, prior, listeners, varianceBefore, varianceAfter } = learnt;
  const { clip, sigma, fractionBits, seed, held, report, manifest } = learnt;
  const inputs = { round, base, prior, listeners, varianceBefore, varianceAfter };
  return entryText(LEARNT_KIND, {
    ...inputs,
    ...{ clip, sigma, fractionBits, seed, held, report, manifest },
  });
}

const isHash = (value: unknown): boolean =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isAmount = (value: unknown): boolean => Number.isFinite(value) && Number(value) > 0;

function isLearnt(value: Learnt): boolean {
  const { round, base, prior, listeners, varianceBefore, varianceAfter, report, manifest } = value;
  const hashes = [round, base, prior, listeners, varianceAfter, report, manifest];
  const areNumbers =
    isAmount(value.clip) &&
    isAmount(value.sigma) &&
    isCount(value.fractionBits) &&
    isCount(value.seed);
  return (
    hashes.every(isHash) &&
    (varianceBefore === null || isHash(varianceBefore)) &&
    areNumbers &&
    Array.isArray(value.held) &&
    value.held.every((row, i) => isCount(row) && row > (value.held[i - 1] ?? -1))
  );
}

/** null: an entry of another kind, or not written in the one way that there is. */
export function readLearnt(source: string): { note: Note; learnt: Learnt } | null {
  const note = readNote(source);
  const [kind, line = ''] = note?.text.split('\n') ?? [];
  if (!note || kind !== LEARNT_KIND) return null;
  try {
    const learnt = JSON.parse(line) as Learnt;
    return isLearnt(learnt) && learntText(learnt) === note.text ? { note, learnt } : null;
  } catch {
    return null;
  }
}
