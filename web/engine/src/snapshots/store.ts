/** What is kept of a server's snapshots: files of two of them at most, and one record that says which are in use. */
import type { Bytes } from '@ossicle/wire/log';
import type { SnapshotProgress } from '@ossicle/wire/snapshot';

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
  /** The last that was accepted, whether it is in use or not. */
  readonly accepted: {
    readonly origin: string;
    readonly size: number;
    readonly root: Bytes;
    readonly epoch: number;
    readonly manifest: string;
  };
  readonly current: StoredSnapshot | null;
  readonly previous: StoredSnapshot | null;
  readonly reverted: boolean;
  /** Milliseconds since 1970. */
  readonly checkedAt: number;
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
}
