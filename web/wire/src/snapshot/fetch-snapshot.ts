/** The newest snapshot of a log, fetched and verified: nobody on the way, the server included, has to be trusted. What the core thinks of its numbers comes afterwards. */
import type { Bytes } from '../log/bytes.ts';
import type { Checkpoint, Policy, ReadFile } from '../log/log.ts';
import { newestEntry, remembering } from '../log/newest.ts';
import type { Verifier } from '../log/note.ts';
import { cut } from './cut.ts';
import { publishersOf, readSnapshotEntry, SNAPSHOT_KIND, type SnapshotEntry } from './entry.ts';
import {
  blobPath,
  hashOf,
  MOST_MANIFEST_BYTES,
  readManifest,
  type Manifest,
  type Piece,
  type SnapshotFile,
} from './manifest.ts';

export type SnapshotErrorCode =
  /** The log names none. */
  | 'no_snapshot'
  /** The newest entry of a snapshot is not written as it should be. */
  | 'malformed_entry'
  /** Fewer publishers than are asked for have signed it. */
  | 'missing_publisher'
  /** The newest snapshot is older than the one in use, or another one of its age. */
  | 'older_snapshot'
  /** The manifest is not the one that the log names. */
  | 'altered_manifest'
  /** The manifest is the right one and says what cannot be. */
  | 'malformed_manifest'
  /** It does not follow the snapshot in use, though its epoch does. */
  | 'wrong_predecessor'
  /** A piece is not the one that the manifest names. */
  | 'altered_block'
  /** A piece has another length than the manifest says. */
  | 'truncated_block'
  /** The pieces are right, and are not the file that the manifest names. */
  | 'altered_file';

export class SnapshotError extends Error {
  readonly code: SnapshotErrorCode;

  constructor(code: SnapshotErrorCode, message: string) {
    super(message);
    this.name = 'SnapshotError';
    this.code = code;
  }
}

/** Whom a client believes. */
export interface SnapshotPolicy extends Policy {
  readonly publishers: readonly Verifier[];
  /** How many of them have to have signed a snapshot. */
  readonly publisherQuorum: number;
}

export interface SnapshotName {
  readonly epoch: number;
  /** Hash of the manifest. */
  readonly manifest: string;
}

/** What a client accepted last. */
export interface Accepted {
  /** Whatever it was accepted for. */
  readonly checkpoint: Checkpoint;
  /** Entries that were looked through for snapshots. */
  readonly looked: number;
  /** The newest of them; null: there was none. */
  readonly newest: SnapshotName | null;
}

export interface FetchOptions {
  readonly read: ReadFile;
  readonly policy: SnapshotPolicy;
  /** null: nothing yet. */
  readonly accepted: Accepted | null;
  /** Files that are here already, by path: pieces of them need not be fetched. */
  readonly files: ReadonlyMap<string, Bytes>;
  readonly now: Date;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: SnapshotProgress) => void) | undefined;
}

export interface SnapshotProgress {
  /** Of the pieces that have to be fetched. */
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

export interface Snapshot extends SnapshotName {
  readonly entry: SnapshotEntry;
  readonly previous: string | null;
  readonly files: ReadonlyMap<string, Bytes>;
  /** Of the pieces that were fetched, and of all of them. */
  readonly fetchedBytes: number;
  readonly totalBytes: number;
}

export interface Fetched {
  /** The log as it is now; to be kept, even when there is nothing newer. */
  readonly checkpoint: Checkpoint;
  /** null: what is in use is the newest. */
  readonly snapshot: Snapshot | null;
}

/** Pieces that are fetched at once. */
const LANES = 4;

async function checkEntry(bytes: Bytes, policy: SnapshotPolicy): Promise<SnapshotEntry> {
  const found = readSnapshotEntry(bytes);
  if (!found) {
    const what = 'The newest snapshot in the log is not written as it should be.';
    throw new SnapshotError('malformed_entry', what);
  }
  const { publishers, publisherQuorum } = policy;
  const signed = await publishersOf(found.note, publishers);
  if (signed < publisherQuorum) {
    const what = `${signed} of ${publishers.length} publishers have signed the snapshot, and ${publisherQuorum} are needed.`;
    throw new SnapshotError('missing_publisher', what);
  }
  return found.entry;
}

/** Whether it is newer than what is in use. */
function isNewer({ epoch, manifest }: SnapshotEntry, known: SnapshotName | null): boolean {
  if (known === null || epoch > known.epoch) return true;
  if (epoch === known.epoch && manifest === known.manifest) return false;
  const what =
    epoch === known.epoch
      ? `Another snapshot has number ${epoch}, too.`
      : `The newest snapshot has number ${epoch}, and ${known.epoch} is in use.`;
  throw new SnapshotError('older_snapshot', what);
}

async function readListed(entry: SnapshotEntry, read: ReadFile): Promise<Manifest> {
  const altered = (what: string): SnapshotError =>
    new SnapshotError('altered_manifest', `The manifest ${what}, not what the log names.`);
  if (entry.bytes > MOST_MANIFEST_BYTES) {
    const what = `The manifest has ${entry.bytes} bytes, more than ${MOST_MANIFEST_BYTES}.`;
    throw new SnapshotError('malformed_manifest', what);
  }
  const bytes = await read(blobPath(entry.manifest));
  if (bytes.length !== entry.bytes) throw altered(`has ${bytes.length} bytes`);
  if ((await hashOf(bytes)) !== entry.manifest) throw altered('has another hash');
  const manifest = readManifest(bytes);
  if (typeof manifest === 'string') {
    throw new SnapshotError('malformed_manifest', `The manifest is right and wrong: ${manifest}`);
  }
  if (manifest.epoch !== entry.epoch) {
    const what = `The manifest is of number ${manifest.epoch}, and the log says ${entry.epoch}.`;
    throw new SnapshotError('malformed_manifest', what);
  }
  return manifest;
}

async function piecesOf(files: ReadonlyMap<string, Bytes>): Promise<Map<string, Bytes>> {
  const known = new Map<string, Bytes>();
  for (const [path, bytes] of files) {
    for (const piece of cut(path, bytes)) known.set(await hashOf(piece), piece);
  }
  return known;
}

async function readPiece({ bytes: size, sha256 }: Piece, read: ReadFile): Promise<Bytes> {
  const bytes = await read(blobPath(sha256));
  if (bytes.length !== size) {
    const what = `A block of the snapshot has ${bytes.length} bytes, not ${size}.`;
    throw new SnapshotError('truncated_block', what);
  }
  if ((await hashOf(bytes)) !== sha256) {
    throw new SnapshotError('altered_block', 'A block of the snapshot has another hash.');
  }
  return bytes;
}

async function put(
  { path, bytes: size, sha256, pieces }: SnapshotFile,
  known: ReadonlyMap<string, Bytes>,
): Promise<Bytes> {
  const file = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    const bytes = known.get(piece.sha256);
    // A piece that is here already, or is listed twice, was not measured against this line of the manifest.
    if (bytes?.length !== piece.bytes) {
      const what = `The manifest gives a block of ${path} another length than it has.`;
      throw new SnapshotError('malformed_manifest', what);
    }
    file.set(bytes, at);
    at += piece.bytes;
  }
  if ((await hashOf(file)) === sha256) return file;
  const what = `${path} is not what the manifest names, though its blocks are.`;
  throw new SnapshotError('altered_file', what);
}

/**
 * Fetches what is missing of the newest snapshot, always all of it, so that the server learns nothing from what is asked. Errors: LogError, SnapshotError, those
 * of `read`, AbortError. Nothing that was handed in is changed: what was in use still can be.
 */
export async function fetchSnapshot({
  policy,
  accepted,
  files: old,
  now,
  signal,
  onProgress,
  ...given
}: FetchOptions): Promise<Fetched> {
  const read = remembering(given.read, signal);
  const { checkpoint, entry: found } = await newestEntry({
    ...{ kind: SNAPSHOT_KIND, policy, read, now, signal },
    seen: accepted?.checkpoint ?? null,
    looked: accepted?.looked ?? 0,
  });
  const before = accepted?.newest ?? null;
  if (found === null) {
    if (before !== null) return { checkpoint, snapshot: null };
    throw new SnapshotError('no_snapshot', 'The log names no snapshot yet.');
  }
  const entry = await checkEntry(found, policy);
  if (!isNewer(entry, before)) return { checkpoint, snapshot: null };
  const { files, previous } = await readListed(entry, read);
  if (before !== null && entry.epoch === before.epoch + 1 && previous !== before.manifest) {
    const what = `Snapshot ${entry.epoch} does not follow the snapshot ${before.epoch} that is in use.`;
    throw new SnapshotError('wrong_predecessor', what);
  }
  const known = await piecesOf(old);
  const all = files.flatMap(({ pieces }) => pieces);
  const missing = [
    ...new Map(all.filter((p) => !known.has(p.sha256)).map((p) => [p.sha256, p])).values(),
  ];
  const toFetch = missing.reduce((sum, { bytes }) => sum + bytes, 0);
  let loadedBytes = 0;
  const tell = (): void => onProgress?.({ loadedBytes, totalBytes: toFetch });
  tell();
  const queue = missing.values();
  let failed = false;
  const lane = async (): Promise<void> => {
    for (const piece of queue) {
      // What is refused already is not worth another request.
      if (failed) return;
      try {
        known.set(piece.sha256, await readPiece(piece, read));
      } catch (cause) {
        failed = true;
        throw cause;
      }
      loadedBytes += piece.bytes;
      tell();
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const whole = new Map<string, Bytes>();
  for (const file of files) whole.set(file.path, await put(file, known));
  const { epoch, manifest } = entry;
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const result = { epoch, manifest, entry, previous, files: whole };
  return { checkpoint, snapshot: { ...result, fetchedBytes: toFetch, totalBytes } };
}
