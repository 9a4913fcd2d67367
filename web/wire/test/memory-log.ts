/** A log in memory: its files as a server would have them. */
import { join, utf8, type Bytes } from '../src/log/bytes.ts';
import { checkpointText, type Checkpoint } from '../src/log/checkpoint.ts';
import { leafHash, nodeHash, rootOf, type HashAt } from '../src/log/merkle.ts';
import { sign, verifierOf, writeNote, type KeyType, type Signer } from '../src/log/note.ts';
import { entriesPath, newTiles, packEntries, tilePath, WIDTH } from '../src/log/tiles.ts';

export async function makeSigner(name: string, type: KeyType): Promise<Signer> {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  return { verifier: await verifierOf(name, type, raw), privateKey: pair.privateKey };
}

export interface MemoryLog {
  readonly checkpoint: Checkpoint;
  readonly files: Map<string, Bytes>;
}

/** The log of these entries, with every file of every size in `sizes`. */
export async function memoryLog(
  origin: string,
  entries: readonly string[],
  sizes: readonly number[] = [entries.length],
): Promise<MemoryLog> {
  const bytes = entries.map(utf8);
  const known = new Map<string, Promise<Bytes>>();
  const hashAt: HashAt = (level, index) => {
    const key = `${level} ${index}`;
    const making =
      known.get(key) ??
      (level === 0
        ? leafHash(bytes[index] ?? new Uint8Array())
        : Promise.all([hashAt(level - 1, 2 * index), hashAt(level - 1, 2 * index + 1)]).then(
            ([left, right]) => nodeHash(left, right),
          ));
    known.set(key, making);
    return making;
  };
  const files = new Map<string, Bytes>();
  for (const size of sizes) {
    for (const tile of newTiles(0, size)) {
      const { level, index, width } = tile;
      const at = index * WIDTH;
      const hashes = Array.from({ length: width }, (_, i) => hashAt(8 * level, at + i));
      files.set(tilePath(tile), join(...(await Promise.all(hashes))));
      if (level === 0) files.set(entriesPath(tile), packEntries(bytes.slice(at, at + width)));
    }
  }
  const size = entries.length;
  return { checkpoint: { origin, size, root: await rootOf(size, hashAt) }, files };
}

/** The checkpoint as a server publishes it. `seconds`: when the witnesses saw it. */
export async function published(
  checkpoint: Checkpoint,
  signers: readonly Signer[],
  seconds: number,
): Promise<string> {
  const text = checkpointText(checkpoint);
  const signatures = await Promise.all(signers.map((signer) => sign(text, signer, seconds)));
  return writeNote({ text, signatures });
}
