/** What is kept of a server's snapshots: files of two of them at most, and one record that says which are in use. */
import type { Bytes } from '@ossicle/wire/log';
import type { SnapshotName, SnapshotProgress } from '@ossicle/wire/snapshot';

export interface StoredSnapshot {
  readonly epoch: number;
  readonly manifest: string;
  /** Milliseconds since 1970. */
  readonly publishedAt: number;
  readonly paths: readonly string[];
}

export interface SnapshotRecord {
  readonly server: string;
  /** Text of policy.json. */
  readonly policy: string;
  /** The log as it was accepted last, for a snapshot or for a round of contributions: one checkpoint, so that it cannot be rolled back for either. */
  readonly accepted: {
    readonly origin: string;
    readonly size: number;
    readonly root: Bytes;
    /** Entries that were looked through for snapshots. */
    readonly looked: number;
    /** The newest snapshot among them, whether it is in use or not; null: snapshots were never asked for. */
    readonly newest: SnapshotName | null;
  };
  readonly current: StoredSnapshot | null;
  readonly previous: StoredSnapshot | null;
  readonly reverted: boolean;
  /** When snapshots were looked for, in milliseconds since 1970; null: never. */
  readonly checkedAt: number | null;
}

/** As it was before contributions: the log was read for snapshots only. */
interface FirstRecord extends Omit<SnapshotRecord, 'accepted'> {
  readonly accepted: Omit<SnapshotRecord['accepted'], 'looked' | 'newest'> & SnapshotName;
}

/** A record of this version from one of this or the first. */
export function upgraded(record: SnapshotRecord | FirstRecord): SnapshotRecord {
  if (!('manifest' in record.accepted)) return record as SnapshotRecord;
  const { epoch, manifest, ...log } = record.accepted;
  return { ...record, accepted: { ...log, looked: log.size, newest: { epoch, manifest } } };
}

/** Errors of every call: store_unavailable, quota_exceeded. */
export interface SnapshotStore {
  record(): Promise<SnapshotRecord | null>;
  /** null: it is not there. */
  file(manifest: string, path: string): Promise<Bytes | null>;
  /** In one step, durable when it resolves: the record, and `files` of its current snapshot when they are new. Files of snapshots that it does not name go. */
  write(record: SnapshotRecord, files: ReadonlyMap<string, Bytes> | null): Promise<void>;
  /** Tells whoever listens how far an update is. Left out: nobody can listen. */
  readonly tell?: (progress: SnapshotProgress) => void;
  /** Runs `work` while no other tab does. */
  exclusive<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;

  /** What `writeContribution` stored; null: nothing ever was. What is damaged comes as something else, never as null. */
  contribution(): Promise<unknown>;
  /** In one step, durable when it resolves. Plain objects, numbers, texts and bytes. */
  writeContribution(record: object): Promise<void>;
  /** Runs `work` on the contribution while no other tab does. `or`: in its place, where another tab is at it; left out: waits. */
  contributing<T>(work: () => Promise<T>, or?: () => Promise<T>): Promise<T>;
}
