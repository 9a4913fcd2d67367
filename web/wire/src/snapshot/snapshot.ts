/** Snapshots of the catalogue: how they are published, and how a client gets the newest without trusting anybody. */
export { cut, PIECE_BYTES } from './cut.ts';
export {
  entryText,
  isSnapshotEntry,
  publishersOf,
  readSnapshotEntry,
  SNAPSHOT_KIND,
  type SnapshotEntry,
} from './entry.ts';
export {
  fetchSnapshot,
  SnapshotError,
  type Accepted,
  type Fetched,
  type FetchOptions,
  type Snapshot,
  type SnapshotName,
  type SnapshotErrorCode,
  type SnapshotPolicy,
  type SnapshotProgress,
} from './fetch-snapshot.ts';
export { readPolicy, type PolicyFile } from './policy.ts';
export {
  blobPath,
  hashOf,
  makeManifest,
  readManifest,
  type Manifest,
  type Piece,
  type SnapshotFile,
} from './manifest.ts';
