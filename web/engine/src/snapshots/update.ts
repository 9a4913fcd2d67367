/** Taking the newest snapshot of a server in: fetched, verified, checked by a core of its own, and only then stored. */
import { LogError, type Bytes, type ReadFile } from '@ossicle/wire/log';
import {
  fetchSnapshot,
  SnapshotError,
  type Accepted,
  type SnapshotProgress,
} from '@ossicle/wire/snapshot';
import { OssicleError } from '../errors.ts';
import { believed } from './policy.ts';
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

const POLICY = 'policy.json';
const STAYS = 'What is in use stays.';

function refused(check: string, what: string, cause?: unknown): OssicleError {
  return new OssicleError('snapshot_refused', `${what} ${STAYS}`, check, { cause });
}

/** The policy that was pinned, or given, or seen first. */
async function policyText(
  known: SnapshotRecord | null,
  given: string | undefined,
  read: ReadFile,
): Promise<string> {
  if (given !== undefined) return given;
  const text = new TextDecoder().decode(await read(POLICY));
  if (known === null || known.policy === text) return text;
  const what = 'The server names other keys than it did at first.';
  throw refused('policy_changed', `${what} Ask who runs it before you erase what was fetched.`);
}

/** What was accepted of this log. Of another one nothing was. */
function acceptedOf(record: SnapshotRecord | null, origin: string): Accepted | null {
  if (record?.accepted.origin !== origin) return null;
  const { size, root, epoch, manifest } = record.accepted;
  return { checkpoint: { origin, size, root }, epoch, manifest };
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
      const { size, root } = checkpoint;
      const record = { ...known, accepted: { ...known.accepted, size, root }, checkedAt };
      await store.write(record, null);
      return { record, changed: false, fetchedBytes: 0, totalBytes: 0 };
    }
    await check(files, snapshot.files);
    signal?.throwIfAborted();
    const { epoch, manifest, entry, fetchedBytes, totalBytes } = snapshot;
    const record: SnapshotRecord = {
      server,
      policy,
      accepted: { ...checkpoint, epoch, manifest },
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

/** The snapshot before takes the place of the newest; the catalogue of the assets, where there is none. */
export function reverted(record: SnapshotRecord): SnapshotRecord {
  return { ...record, current: record.previous, previous: null, reverted: true };
}
