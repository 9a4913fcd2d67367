/** The tree as static files: https://c2sp.org/tlog-tiles */
import type { Bytes } from './bytes.ts';
import { HASH_BYTES, nodeHash, type HashAt } from './merkle.ts';

/** Levels of the tree in one tile, and hashes in a full one. */
const HEIGHT = 8;
export const WIDTH = 256;

export interface Tile {
  /** 0: hashes of entries; 1: of full tiles of level 0, and so on. */
  readonly level: number;
  readonly index: number;
  /** Hashes in it, 1..256. */
  readonly width: number;
}

/** "x001/x234/067": groups of three digits, all but the last marked. */
function pathOf(index: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
}

function partOf(width: number): string {
  return width === WIDTH ? '' : `.p/${width}`;
}

export function tilePath({ level, index, width }: Tile): string {
  return `tile/${level}/${pathOf(index)}${partOf(width)}`;
}

/** Where the entries themselves are: those whose hashes are in tile `index` of level 0. */
export function entriesPath({ index, width }: Omit<Tile, 'level'>): string {
  return `tile/entries/${pathOf(index)}${partOf(width)}`;
}

/** Hashes that a tile has in a tree of `size` entries; 0: it is not there. */
export function widthIn(size: number, level: number, index: number): number {
  const hashes = Math.floor(size / WIDTH ** level);
  return Math.max(0, Math.min(WIDTH, hashes - index * WIDTH));
}

/** Every tile of a tree of `size` entries that a tree of `before` entries did not have, as full. */
export function newTiles(before: number, size: number): readonly Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; WIDTH ** level <= size; ++level) {
    const hashes = Math.floor(size / WIDTH ** level);
    const first = Math.floor(Math.floor(before / WIDTH ** level) / WIDTH);
    for (let index = first; index * WIDTH < hashes; ++index) {
      const width = widthIn(size, level, index);
      if (width > widthIn(before, level, index)) tiles.push({ level, index, width });
    }
  }
  return tiles;
}

/** Hashes of complete subtrees out of the tiles of a tree of `size` entries. `read` gives a tile whole, or rejects; each is read once. */
export function hashesFrom(size: number, read: (tile: Tile) => Promise<Bytes>): HashAt {
  const tiles = new Map<string, Promise<Bytes>>();
  const tileAt = (level: number, index: number): Promise<Bytes> => {
    const tile = { level, index, width: widthIn(size, level, index) };
    const path = tilePath(tile);
    const known = tiles.get(path);
    if (known) return known;
    const reading = read(tile);
    tiles.set(path, reading);
    return reading;
  };
  const hashAt: HashAt = async (level, index) => {
    const inside = level % HEIGHT;
    if (inside > 0) {
      const [left, right] = [2 * index, 2 * index + 1];
      return nodeHash(await hashAt(level - 1, left), await hashAt(level - 1, right));
    }
    const bytes = await tileAt(level / HEIGHT, Math.floor(index / WIDTH));
    const at = (index % WIDTH) * HASH_BYTES;
    return bytes.slice(at, at + HASH_BYTES);
  };
  return hashAt;
}

const LENGTH_BYTES = 2;
export const MOST_ENTRY_BYTES = 0xffff;

/** Entries one after the other, each after its length in two bytes, the high one first. */
export function packEntries(entries: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(entries.reduce((sum, e) => sum + LENGTH_BYTES + e.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MOST_ENTRY_BYTES) {
      throw new Error(`An entry has ${entry.length} bytes, more than ${MOST_ENTRY_BYTES}.`);
    }
    view.setUint16(at, entry.length);
    out.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return out;
}

/** null: cut short, or more than it says. */
export function unpackEntries(bytes: Bytes): readonly Bytes[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Bytes[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + LENGTH_BYTES > bytes.length) return null;
    const end = at + LENGTH_BYTES + view.getUint16(at);
    if (end > bytes.length) return null;
    entries.push(bytes.slice(at + LENGTH_BYTES, end));
    at = end;
  }
  return entries;
}
