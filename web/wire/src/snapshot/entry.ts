/** The entry of the log that names a snapshot: a note that the publishers sign. */
import { toHex } from '../log/bytes.ts';
import { isOfKind } from '../log/newest.ts';
import { entryText as textOf, isHash } from '../log/signed.ts';
import { readNote, verified, type Note, type Verifier } from '../log/note.ts';

export interface SnapshotEntry {
  readonly epoch: number;
  /** SHA-256 of the manifest, 64 hexadecimal digits. */
  readonly manifest: string;
  /** Of the manifest. */
  readonly bytes: number;
  /** ISO 8601. */
  readonly at: string;
}

export const SNAPSHOT_KIND = 'ossicle-snapshot/v1';

/** The text that publishers sign. */
export function entryText({ epoch, manifest, bytes, at }: SnapshotEntry): string {
  return textOf(SNAPSHOT_KIND, { epoch, manifest, bytes, at });
}

/** Whether it is an entry of a snapshot, as its first line says. */
export function isSnapshotEntry(entry: Uint8Array): boolean {
  return isOfKind(SNAPSHOT_KIND, entry);
}

/** null: an entry of another kind, or not written as it should be. */
export function readSnapshotEntry(entry: Uint8Array): { note: Note; entry: SnapshotEntry } | null {
  if (!isSnapshotEntry(entry)) return null;
  try {
    const note = readNote(new TextDecoder('utf-8', { fatal: true }).decode(entry));
    const line = note?.text.split('\n')[1] ?? '';
    const { epoch, manifest, bytes, at } = JSON.parse(line) as SnapshotEntry;
    const read: SnapshotEntry = { epoch, manifest, bytes, at };
    // Only one way of writing it: whoever signs knows what.
    if (!note || note.text !== entryText(read)) return null;
    const isRight = [epoch, bytes].every((n) => Number.isSafeInteger(n) && n > 0);
    return isHash(manifest) && isRight && !Number.isNaN(Date.parse(at))
      ? { note, entry: read }
      : null;
  } catch {
    return null;
  }
}

/** How many of `publishers` have signed it; a key that is listed twice counts once. */
export async function publishersOf(note: Note, publishers: readonly Verifier[]): Promise<number> {
  const found = await Promise.all(publishers.map((one) => verified(note, one)));
  const keys = publishers.filter((_, i) => found[i] !== null).map(({ publicKey }) => publicKey);
  return new Set(keys.map(toHex)).size;
}
