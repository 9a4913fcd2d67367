/** Taking the newest snapshot of a server in: fetched, verified, checked by a core of its own, and only then stored. */
import { LogError, type Bytes, type ReadFile } from '@ossicle/wire/log';
import { fetchSnapshot, SnapshotError, type SnapshotProgress } from '@ossicle/wire/snapshot';
import { acceptedOf, believed, policyText, refused } from './policy.ts';
import type { SnapshotRecord, SnapshotStore } from './store.ts';

export interface UpdateHost {
  readonly store: SnapshotStore;
  /** Files of the server, by their paths below its address. */
  readonly read: ReadFile;
  /** Files of the catalogue that would be opened now, by path. */
  readonly inUse: (record: SnapshotRecord | null) => Promise<ReadonlyMap<string, Bytes>>;
  /** Throws an OssicleError when `next` may not take the place of `now`. */
  readonly check: (
    now: ReadonlyMap<string, Bytes>,
    next: ReadonlyMap<string, Bytes>,
  ) => Promise<void>;
  /** Of the snapshot, bytes that came and all that have to. */
  readonly onProgress?: ((progress: SnapshotProgress) => void) | undefined;
}

export interface Updated {
  readonly record: SnapshotRecord;
  readonly changed: boolean;
  readonly fetchedBytes: number;
  readonly totalBytes: number;
}

/** Errors: snapshot_refused (`at`: the check), those of `read` and of the store, AbortError. */
export async function updateSnapshot(
  { store, read, inUse, check, onProgress }: UpdateHost,
  server: string,
  given: string | undefined,
  now: Date,
  signal: AbortSignal | undefined,
): Promise<Updated> {
  const known = await store.record();
  const policy = await policyText(known, given, read);
  const whom = await believed(policy);
  const accepted = acceptedOf(known, whom.origin);
  const files = await inUse(known);
  const checkedAt = now.getTime();
  try {
    const options = { read, policy: whom, accepted, files, now, signal, onProgress };
    const { checkpoint, snapshot } = await fetchSnapshot(options);
    if (snapshot === null) {
      if (known === null) throw refused('no_snapshot', 'The server has no snapshot.');
      const log = { ...checkpoint, looked: checkpoint.size };
      const record = { ...known, accepted: { ...known.accepted, ...log }, checkedAt };
      await store.write(record, null);
      return { record, changed: false, fetchedBytes: 0, totalBytes: 0 };
    }
    await check(files, snapshot.files);
    signal?.throwIfAborted();
    const { epoch, manifest, entry, fetchedBytes, totalBytes } = snapshot;
    const record: SnapshotRecord = {
      server,
      policy,
      accepted: { ...checkpoint, looked: checkpoint.size, newest: { epoch, manifest } },
      current: {
        ...{ epoch, manifest, publishedAt: Date.parse(entry.at) },
        paths: [...snapshot.files.keys()],
      },
      previous: known?.current ?? null,
      reverted: false,
      checkedAt,
    };
    await store.write(record, snapshot.files);
    return { record, changed: true, fetchedBytes, totalBytes };
  } catch (cause) {
    if (cause instanceof LogError || cause instanceof SnapshotError) {
      throw refused(cause.code, cause.message, cause);
    }
    throw cause;
  }
}
