/** The newest entry of a kind. There is no "latest" file, which could keep one back unseen: it is found by reading the log from its end. */
import { utf8, type Bytes } from './bytes.ts';
import { acceptCheckpoint, readEntry, type Checkpoint, type Policy, type ReadFile } from './log.ts';

/** Whether an entry is of this kind, as its first line says. */
export function isOfKind(kind: string, entry: Uint8Array): boolean {
  return utf8(`${kind}\n`).every((byte, i) => entry[i] === byte);
}

/** Each file once. */
export function remembering(read: ReadFile, signal: AbortSignal | undefined): ReadFile {
  const known = new Map<string, Promise<Bytes>>();
  return (path) => {
    signal?.throwIfAborted();
    const reading = known.get(path) ?? read(path);
    known.set(path, reading);
    return reading;
  };
}

export interface NewestOptions {
  readonly kind: string;
  readonly policy: Policy;
  /** The last checkpoint that was accepted of this log, whatever was looked for then; null: none was. */
  readonly seen: Checkpoint | null;
  /** Entries that were looked through for this kind already: from the first one on. */
  readonly looked: number;
  readonly read: ReadFile;
  readonly now: Date;
  readonly signal: AbortSignal | undefined;
}

/**
 * The checkpoint that the log has now, if it is accepted, and the last entry of a kind that was not looked through yet, with proof that it is in the log;
 * null: there is none. Errors: LogError, those of `read`, AbortError.
 */
export async function newestEntry({
  kind,
  policy,
  seen,
  looked,
  read,
  now,
  signal,
}: NewestOptions): Promise<{ readonly checkpoint: Checkpoint; readonly entry: Bytes | null }> {
  const source = new TextDecoder().decode(await read('checkpoint'));
  const checkpoint = await acceptCheckpoint(source, policy, seen, read, now);
  for (let index = checkpoint.size - 1; index >= looked; --index) {
    signal?.throwIfAborted();
    const entry = await readEntry(checkpoint, index, read);
    if (isOfKind(kind, entry)) return { checkpoint, entry };
  }
  return { checkpoint, entry: null };
}
