/** Files of a log, and why one is refused. */
import type { Bytes } from './bytes.ts';
import { HASH_BYTES } from './merkle.ts';
import { entriesPath, tilePath, unpackEntries, type Tile } from './tiles.ts';

export type LogErrorCode =
  /** Not a signed note, or not a checkpoint in it. */
  | 'malformed'
  /** A checkpoint of another log. */
  | 'wrong_log'
  /** Not signed by the log's key, or another text was. */
  | 'bad_signature'
  /** Fewer witnesses than are asked for have seen it. */
  | 'missing_witness'
  /** The witnesses saw it too long ago: somebody keeps newer ones back. */
  | 'stale'
  /** Shorter than what was seen before. */
  | 'rolled_back'
  /** Not the log that was seen before: its beginning is another one. */
  | 'forked'
  /** A tile or an entry that is not what the root says. */
  | 'altered'
  /** A tile or a bundle of entries of another length than the tree has there. */
  | 'truncated'
  /** The log is not as long. */
  | 'no_such_entry';

export class LogError extends Error {
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LogError';
    this.code = code;
  }
}

/** Files of the log by their paths: "checkpoint", "tile/0/000.p/3". Rejects when one cannot be had. */
export type ReadFile = (path: string) => Promise<Bytes>;

/** The hashes of a tile, all of them. Errors: LogError truncated; those of `read`. */
export async function readTile(tile: Tile, read: ReadFile): Promise<Bytes> {
  const path = tilePath(tile);
  const bytes = await read(path);
  const expected = tile.width * HASH_BYTES;
  if (bytes.length === expected) return bytes;
  throw new LogError('truncated', `${path} has ${bytes.length} bytes, not ${expected}.`);
}

/** The entries whose hashes are in a tile of level 0. Errors: LogError truncated; those of `read`. */
export async function readEntries(
  tile: Omit<Tile, 'level'>,
  read: ReadFile,
): Promise<readonly Bytes[]> {
  const path = entriesPath(tile);
  const entries = unpackEntries(await read(path));
  if (entries?.length === tile.width) return entries;
  throw new LogError('truncated', `${path} is not as long as it says.`);
}
