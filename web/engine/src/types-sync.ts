/** Newer item vectors: types of the public API. */

/** A snapshot of the catalogue that was fetched, verified and stored. */
export interface SnapshotFacts {
  /** Its number; grows with every snapshot of a server. */
  readonly epoch: number;
  /** SHA-256 of its manifest, 64 hexadecimal digits: its entry in the server's log names it. */
  readonly manifest: string;
  readonly publishedAt: Date;
}

export interface SyncState {
  /** Where the snapshots came from; null: none was fetched yet. */
  readonly server: string | null;
  /** What the next `openEngine` opens; null: the catalogue of the assets. */
  readonly current: SnapshotFacts | null;
  /** What `revert` goes back to; null: the catalogue of the assets. */
  readonly previous: SnapshotFacts | null;
  /** Whether the newest was left for the one before. It comes back with a newer one only. */
  readonly reverted: boolean;
  /** The log that was accepted last: its name and its entries. */
  readonly log: { readonly origin: string; readonly entries: number } | null;
  readonly checkedAt: Date | null;
}

export interface UpdateOptions {
  /** Address of the folder that a server of Ossicle publishes in, ".../sync/". Nothing else is asked. */
  readonly server: URL | string;
  /** Text of policy.json: whom to believe. Default: what the server said the first time, which is kept; another text later on is refused. */
  readonly policy?: string;
  readonly signal?: AbortSignal;
}

export interface SyncUpdate extends SyncState {
  /** Whether there was a newer snapshot. The open engine goes on with its own; the next `openEngine` has the new one. */
  readonly changed: boolean;
  /** Of the snapshot, bytes that had to be fetched, and all of them. */
  readonly fetchedBytes: number;
  readonly totalBytes: number;
}

/** Newer item vectors. Nothing is sent but requests for files, which are the same for everybody who has the same snapshot. */
export interface Sync {
  /** The snapshot that this engine has open; null: the catalogue of the assets. */
  readonly opened: SnapshotFacts | null;
  state(): Promise<SyncState>;
  /**
   * Fetches the newest snapshot and verifies it: signatures, witnesses, the log's history, hashes, numbers and how far they moved. Whatever fails, what was in
   * use stays. Errors: snapshot_refused (`at` names the check), network, missing, store_unavailable, quota_exceeded, AbortError.
   */
  update(options: UpdateOptions): Promise<SyncUpdate>;
  /** Goes back to the snapshot before, or to the catalogue of the assets; with the next `openEngine`. */
  revert(): Promise<SyncState>;
}
