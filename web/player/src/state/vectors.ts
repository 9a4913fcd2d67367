import { openDB } from 'idb';

const DATABASE = 'ossicle-vectors';
const STORE = 'vectors';
const KEY = 'library';

const open = () =>
  openDB(DATABASE, 1, {
    upgrade(db) {
      db.createObjectStore(STORE);
    },
  });

/** The text vectors of the library, so that a track is encoded once. They can always be made again: a store that fails is an empty one. */
export async function keptVectors(): Promise<Uint8Array | null> {
  try {
    const db = await open();
    const bytes: unknown = await db.get(STORE, KEY);
    db.close();
    return bytes instanceof Uint8Array ? bytes : null;
  } catch {
    return null;
  }
}

export async function keepVectors(bytes: Uint8Array): Promise<void> {
  try {
    const db = await open();
    await db.put(STORE, bytes, KEY);
    db.close();
  } catch {
    // Made again at the next visit.
  }
}

export async function vectorBytes(): Promise<number> {
  return (await keptVectors())?.byteLength ?? 0;
}

export async function forgetVectors(): Promise<void> {
  const db = await open();
  await db.clear(STORE);
  db.close();
}
