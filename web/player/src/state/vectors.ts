/**
 * The text vectors of the library, so that a track is encoded once: in the parts in which they were made, each written once. Who guesses titles could
 * tell from a vector whether the guess is right, so they are sealed.
 */
import { openDB, type IDBPDatabase } from 'idb';
import { keyIn, seal, unseal, type KeyPlace, type Sealed } from '../library/seal.ts';

const DATABASE = 'ossicle-vectors';
const PLACE = 'text vectors';
/** More parts than these are put together, so that a library that grows by an album a day still opens at once. */
export const MOST_PARTS = 64;

interface Schema extends KeyPlace {
  parts: { key: number; value: Sealed };
}

function open(): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(DATABASE, 2, {
    upgrade(db, from) {
      // Version 1 kept them unsealed; they can be made again.
      if (from === 1) (db as unknown as IDBDatabase).deleteObjectStore('vectors');
      db.createObjectStore('facts');
      db.createObjectStore('parts', { autoIncrement: true });
    },
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
}

async function withDatabase<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
  const db = await open();
  try {
    return await work(db);
  } finally {
    db.close();
  }
}

/** All parts, the oldest first. A store that fails, or whose key is gone, is an empty one. */
export async function keptVectors(): Promise<readonly Uint8Array[]> {
  try {
    return await withDatabase(async (db) => {
      const key = await db.get('facts', 'key');
      if (!key) return [];
      const parts = await db.getAll('parts');
      return Promise.all(parts.map(async (part) => new Uint8Array(await unseal(key, PLACE, part))));
    });
  } catch {
    return [];
  }
}

/** Keeps one part more; how many there are now. */
export async function keepVectors(part: Uint8Array<ArrayBuffer>): Promise<number> {
  try {
    return await withDatabase(async (db) => {
      const sealed = await seal(await keyIn(db as unknown as IDBPDatabase<KeyPlace>), PLACE, part);
      await db.add('parts', sealed);
      return db.count('parts');
    });
  } catch {
    // Made again at the next visit.
    return 0;
  }
}

/** How many bytes the parts have. */
export async function vectorBytes(): Promise<number> {
  return (await keptVectors()).reduce((sum, { length }) => sum + length, 0);
}

/** Keeps `all` instead of the parts that are there. */
export async function replaceVectors(all: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    await withDatabase(async (db) => {
      const sealed = await seal(await keyIn(db as unknown as IDBPDatabase<KeyPlace>), PLACE, all);
      const tx = db.transaction('parts', 'readwrite');
      await Promise.all([tx.store.clear(), tx.store.add(sealed), tx.done]);
    });
  } catch {
    // The parts are still there.
  }
}

/** The key first: from then on nothing can be read any more, whatever happens next. */
export async function forgetVectors(): Promise<void> {
  await withDatabase(async (db) => {
    const first = db.transaction('facts', 'readwrite', { durability: 'strict' });
    await Promise.all([first.store.delete('key'), first.done]);
    await db.clear('parts');
  });
}
