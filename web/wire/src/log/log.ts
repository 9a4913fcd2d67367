/** Reading a transparency log that nobody has to be trusted for: each step fails with a reason of its own, and what was known before stays true. */
import { isSame, type Bytes } from './bytes.ts';
import { readCheckpoint, type Checkpoint } from './checkpoint.ts';
import {
  consistencyProof,
  continuation,
  inclusionProof,
  isIncluded,
  leafHash,
  rootOf,
  type HashAt,
} from './merkle.ts';
import { readNote, verified, type Note, type Verifier } from './note.ts';
import { LogError, readEntries, readTile, type ReadFile } from './read.ts';
import { hashesFrom, WIDTH, widthIn, type Tile } from './tiles.ts';

/** Whom a reader believes. */
export interface Policy {
  readonly origin: string;
  readonly log: Verifier;
  readonly witnesses: readonly Verifier[];
  /** How many of the witnesses have to have seen a checkpoint. */
  readonly quorum: number;
  /** Seconds since the quorum saw it, at most. */
  readonly freshSeconds: number;
}

function hashesOf({ size }: Checkpoint, read: ReadFile): HashAt {
  return hashesFrom(size, (tile: Tile) => readTile(tile, read));
}

async function checkWitnesses(note: Note, policy: Policy, now: Date): Promise<void> {
  const { witnesses, quorum, freshSeconds } = policy;
  const seen = await Promise.all(witnesses.map((witness) => verified(note, witness)));
  const times = seen.flatMap((found) => found?.seconds ?? []).toSorted((a, b) => b - a);
  if (times.length < quorum) {
    const what = `${times.length} of ${witnesses.length} witnesses have seen the checkpoint, and ${quorum} are needed.`;
    throw new LogError('missing_witness', what);
  }
  const since = now.getTime() / 1000 - (times[quorum - 1] ?? Infinity);
  if (quorum > 0 && since > freshSeconds) {
    const what = `The witnesses saw the checkpoint ${Math.round(since)} s ago, more than ${freshSeconds} s: newer ones may be kept back.`;
    throw new LogError('stale', what);
  }
}

/**
 * The checkpoint in `source`, if `policy` believes it and it goes on where `seen`, the last one that was accepted, ended. Throws a LogError; then `seen` is
 * still the last one.
 */
export async function acceptCheckpoint(
  source: string,
  policy: Policy,
  seen: Checkpoint | null,
  read: ReadFile,
  now: Date,
): Promise<Checkpoint> {
  const note = readNote(source);
  const checkpoint = note && readCheckpoint(note.text);
  if (!note || !checkpoint) throw new LogError('malformed', 'This is no signed checkpoint.');
  const { origin, size, root } = checkpoint;
  if (origin !== policy.origin) {
    throw new LogError('wrong_log', `The checkpoint is of ${origin}, not of ${policy.origin}.`);
  }
  if (!(await verified(note, policy.log))) {
    const what = `${policy.log.name} has not signed the checkpoint, or another one.`;
    throw new LogError('bad_signature', what);
  }
  await checkWitnesses(note, policy, now);
  if (seen === null) return checkpoint;
  if (size < seen.size) {
    const what = `The log has ${size} entries and had ${seen.size} before.`;
    throw new LogError('rolled_back', what);
  }
  const forked = `The first ${seen.size} entries of the log are not those that were seen before.`;
  if (size === seen.size) {
    if (isSame(root, seen.root)) return checkpoint;
    throw new LogError('forked', forked);
  }
  const hashAt = hashesOf(checkpoint, read);
  if (!isSame(await rootOf(size, hashAt), root)) {
    throw new LogError('altered', 'The tiles of the log are not those of its checkpoint.');
  }
  const proof = await consistencyProof(seen.size, size, hashAt);
  const found = await continuation(seen.size, seen.root, size, root, proof);
  if (found === 'continued') return checkpoint;
  if (found === 'forked') throw new LogError('forked', forked);
  throw new LogError('altered', 'The tiles of the log are not those of its checkpoint.');
}

/** Entry `index` of the log, and proof that it is in it: every byte is what the root of the checkpoint says. */
export async function readEntry(
  checkpoint: Checkpoint,
  index: number,
  read: ReadFile,
): Promise<Bytes> {
  const { size, root } = checkpoint;
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new LogError('no_such_entry', `The log has ${size} entries, and no number ${index}.`);
  }
  const bundle = Math.floor(index / WIDTH);
  const entries = await readEntries({ index: bundle, width: widthIn(size, 0, bundle) }, read);
  const entry = entries[index % WIDTH] ?? new Uint8Array();
  const proof = await inclusionProof(index, size, hashesOf(checkpoint, read));
  if (await isIncluded(await leafHash(entry), index, size, proof, root)) return entry;
  throw new LogError('altered', `Entry ${index} of the log is not what its checkpoint says.`);
}

export { fromBase64, join, sha256, toBase64, toHex, utf8, type Bytes } from './bytes.ts';
export { checkpointText, readCheckpoint, type Checkpoint } from './checkpoint.ts';
export { consistencyProof, continuation, rootOf, type HashAt } from './merkle.ts';
export {
  KEY_TYPES,
  readNote,
  readVerifier,
  sign,
  verified,
  verifierOf,
  verifierText,
  writeNote,
  type Note,
  type Signature,
  type Signer,
  type Verifier,
} from './note.ts';
export { entryText } from './signed.ts';
export { LogError, type LogErrorCode, type ReadFile } from './read.ts';
export { hashesFrom, MOST_ENTRY_BYTES, tilePath } from './tiles.ts';
