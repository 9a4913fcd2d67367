/** Writing a transparency log: which files a longer tree has. Touches no disk: its caller writes them, and the checkpoint last. */
import { join, type Bytes } from './bytes.ts';
import { checkpointText, type Checkpoint } from './checkpoint.ts';
import { HASH_BYTES, leafHash, nodeHash, rootOf } from './merkle.ts';
import { sign, writeNote, type Signer } from './note.ts';
import { readEntries, readTile, type ReadFile } from './read.ts';
import {
  entriesPath,
  hashesFrom,
  newTiles,
  packEntries,
  tilePath,
  WIDTH,
  widthIn,
  type Tile,
} from './tiles.ts';

export interface Growth {
  readonly checkpoint: Checkpoint;
  /** New files by their paths: all of them have to be there before anybody sees the checkpoint. */
  readonly files: ReadonlyMap<string, Bytes>;
}

/** Root of a full tile: the hash of it one tile higher. */
async function rootOfTile(tile: Bytes): Promise<Bytes> {
  let hashes = Array.from({ length: WIDTH }, (_, i) =>
    tile.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
  while (hashes.length > 1) {
    const pairs = hashes.flatMap((left, i) => {
      const right = hashes[i + 1];
      return i % 2 === 0 && right ? [nodeHash(left, right)] : [];
    });
    hashes = await Promise.all(pairs);
  }
  return hashes[0] ?? new Uint8Array();
}

/** The beginning of a tile that the shorter tree has already. */
async function beginningOf(tile: Tile, before: number, read: ReadFile): Promise<Bytes> {
  const width = widthIn(before, tile.level, tile.index);
  return width === 0 ? new Uint8Array() : readTile({ ...tile, width }, read);
}

async function entriesBefore(
  index: number,
  before: number,
  read: ReadFile,
): Promise<readonly Bytes[]> {
  const width = widthIn(before, 0, index);
  return width === 0 ? [] : readEntries({ index, width }, read);
}

/**
 * The log `origin` of `before` entries with `entries` behind them. `read` gives the files of the log as it is. The same entries give the same files, however
 * they came, so that what a crash left half written can be written again. Errors: those of `read`; LogError truncated; entries of more than 65,535 bytes.
 */
export async function grow(
  origin: string,
  before: number,
  entries: readonly Bytes[],
  read: ReadFile,
): Promise<Growth> {
  const size = before + entries.length;
  const files = new Map<string, Bytes>();
  for (const tile of newTiles(before, size)) {
    const { level, index, width } = tile;
    const known = await beginningOf(tile, before, read);
    const first = index * WIDTH + known.length / HASH_BYTES;
    const last = index * WIDTH + width;
    if (level === 0) {
      const fresh = entries.slice(first - before, last - before);
      const packed = packEntries([...(await entriesBefore(index, before, read)), ...fresh]);
      files.set(entriesPath(tile), packed);
      files.set(tilePath(tile), join(known, ...(await Promise.all(fresh.map(leafHash)))));
      continue;
    }
    const hashes: Bytes[] = [];
    for (let below = first; below < last; ++below) {
      // It was not full before, so it is one of the new ones.
      const full = files.get(tilePath({ level: level - 1, index: below, width: WIDTH }));
      hashes.push(await rootOfTile(full ?? new Uint8Array()));
    }
    files.set(tilePath(tile), join(known, ...hashes));
  }
  const hashAt = hashesFrom(size, async (tile) => {
    const path = tilePath(tile);
    return files.get(path) ?? (await read(path));
  });
  return { checkpoint: { origin, size, root: await rootOf(size, hashAt) }, files };
}

/** The checkpoint as a signed note, with the log's own signature only. */
export async function signedCheckpoint(checkpoint: Checkpoint, log: Signer): Promise<string> {
  const text = checkpointText(checkpoint);
  return writeNote({ text, signatures: [await sign(text, log, 0)] });
}
