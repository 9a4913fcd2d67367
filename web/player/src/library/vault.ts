/**
 * What the library keeps on the device: tracks, lyrics, covers, playlists and logins, sealed with AES-GCM under a key that WebCrypto does not hand out, so that
 * erasing the key makes the rest unreadable. Handles of folders cannot be sealed: the name of a chosen folder is all that can be read of it.
 */
import { openDB, type IDBPDatabase } from 'idb';
import { SourceError, type SourceKind } from '../sources/types.ts';
import type { StoredSizes } from './types.ts';
import { migrate, SCHEMA_VERSION, type Schema } from './schema.ts';
import { makeKey, seal, unseal, type Sealed } from './seal.ts';

/** What one commit writes; null deletes. All of it or nothing is stored. */
export interface Changes {
  readonly sources?: ReadonlyMap<string, SourceWrite | null>;
  readonly chunks?: ReadonlyMap<
    number,
    { readonly sourceId: string; readonly text: string } | null
  >;
  readonly lyrics?: ReadonlyMap<string, string | null>;
  readonly covers?: ReadonlyMap<string, Blob | null>;
}

export interface SourceWrite {
  readonly kind: SourceKind;
  readonly handle: FileSystemDirectoryHandle | null;
  readonly text: string;
}

/** What is about the listener. */
const KEPT = ['sources', 'chunks', 'lyrics', 'covers', 'playlists'] as const;

interface HeldKey {
  readonly key: CryptoKey;
  /** Tells one key from another: keys themselves cannot be compared. */
  readonly id: string;
}

function failure(cause: unknown): SourceError {
  if (cause instanceof SourceError) return cause;
  const name = cause instanceof Error ? cause.name : '';
  const message = cause instanceof Error ? cause.message : String(cause);
  if (name === 'QuotaExceededError') {
    return new SourceError(
      'quota_exceeded',
      'There is no room left on this device. What was read before is kept; free some space, then scan again.',
      null,
      cause,
    );
  }
  return new SourceError(
    'store_unavailable',
    `The library cannot be kept in this browser: ${message}. Private windows and blocked site data cause this.`,
    null,
    cause,
  );
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw failure(cause);
  }
}

export class Vault {
  readonly #db: IDBPDatabase<Schema>;
  /** null: nothing was sealed yet. */
  #key: HeldKey | null;
  revision: number;

  private constructor(db: IDBPDatabase<Schema>, key: HeldKey | null, revision: number) {
    this.#db = db;
    this.#key = key;
    this.revision = revision;
  }

  static open(name: string): Promise<Vault> {
    return guarded(async () => {
      const db = await openDB<Schema>(name, SCHEMA_VERSION, {
        upgrade: migrate,
        // A newer page wants the database: step aside, and say so at the next call.
        blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
      });
      return new Vault(db, await storedKey(db), await revisionOf(db));
    });
  }

  close(): void {
    this.#db.close();
  }

  /** Whether no other tab has changed tracks, or erased and made a key of its own, since this one looked. */
  isCurrent(): Promise<boolean> {
    return guarded(async () => {
      const key = await storedKey(this.#db);
      return key?.id === this.#key?.id && (await revisionOf(this.#db)) === this.revision;
    });
  }

  /** After another tab erased: the key is another one. */
  async renew(): Promise<void> {
    await guarded(async () => {
      this.#key = await storedKey(this.#db);
      this.revision = await revisionOf(this.#db);
    });
  }

  async sources(): Promise<
    { id: string; kind: SourceKind; handle: FileSystemDirectoryHandle | null; text: string }[]
  > {
    return guarded(async () => {
      const stored = await this.#db.getAll('sources');
      return Promise.all(
        stored.map(async ({ id, kind, handle, facts }) => ({
          id,
          kind,
          handle,
          text: await this.#text(`source ${id}`, facts),
        })),
      );
    });
  }

  async *chunks(): AsyncGenerator<{ id: number; sourceId: string; text: string }> {
    for (const id of await guarded(() => this.#db.getAllKeys('chunks'))) {
      const chunk = await guarded(() => this.#db.get('chunks', id));
      if (!chunk) continue;
      const { sourceId, tracks } = chunk;
      yield {
        id,
        sourceId,
        text: await guarded(() => this.#text(`chunk ${String(id)}`, tracks)),
      };
    }
  }

  lyrics(key: string): Promise<string | null> {
    return guarded(async () => {
      const stored = await this.#db.get('lyrics', key);
      return stored ? this.#text(`lyrics ${key}`, stored) : null;
    });
  }

  cover(key: string): Promise<Blob | null> {
    return guarded(async () => {
      const stored = await this.#db.get('covers', key);
      if (!stored) return null;
      const bytes = new Uint8Array(await this.#open(`cover ${key}`, stored));
      const end = bytes.indexOf(0);
      const type = new TextDecoder().decode(bytes.subarray(0, end));
      return new Blob([bytes.subarray(end + 1)], { type });
    });
  }

  hasCover(key: string): Promise<boolean> {
    return guarded(async () => (await this.#db.getKey('covers', key)) !== undefined);
  }

  coverKeys(): Promise<string[]> {
    return guarded(() => this.#db.getAllKeys('covers'));
  }

  /** Of each playlist its id and text. */
  playlists(): Promise<(readonly [string, string])[]> {
    return guarded(async () => {
      const tx = this.#db.transaction('playlists');
      const [ids, stored] = await Promise.all([tx.store.getAllKeys(), tx.store.getAll(), tx.done]);
      return Promise.all(
        stored.map(async (record, i) => {
          const id = ids[i] ?? '';
          return [id, await this.#text(`playlist ${id}`, record)] as const;
        }),
      );
    });
  }

  /** null deletes. Each playlist stands for itself: what is known of tracks stays true, and so does the revision. */
  async keepPlaylists(changes: ReadonlyMap<string, string | null>): Promise<void> {
    await guarded(async () => {
      const sealed = await all(changes, (id, text) => this.#seal(`playlist ${id}`, text));
      const tx = this.#db.transaction('playlists', 'readwrite');
      const writes = sealed.map(([id, value]) =>
        value ? tx.store.put(value, id) : tx.store.delete(id),
      );
      await Promise.all([...writes, tx.done]);
    });
  }

  async commit({ sources, chunks, lyrics, covers }: Changes): Promise<void> {
    await guarded(async () => {
      // Sealing waits, and a transaction ends when nothing waits for it: so all is sealed first.
      const sealedSources = await all(sources, async (id, { kind, handle, text }) => ({
        id,
        kind,
        handle,
        facts: await this.#seal(`source ${id}`, text),
      }));
      const sealedChunks = await all(chunks, async (id, { sourceId, text }) => ({
        id,
        sourceId,
        tracks: await this.#seal(`chunk ${String(id)}`, text),
      }));
      const sealedLyrics = await all(lyrics, (id, text) => this.#seal(`lyrics ${id}`, text));
      const sealedCovers = await all(covers, async (id, blob) => {
        const head = new TextEncoder().encode(`${blob.type}\0`);
        const bytes = await new Blob([head, blob]).arrayBuffer();
        return this.#seal(`cover ${id}`, bytes);
      });

      const tx = this.#db.transaction(
        ['facts', 'sources', 'chunks', 'lyrics', 'covers'],
        'readwrite',
      );
      const revision = Number((await tx.objectStore('facts').get('revision')) ?? 0) + 1;
      const writes: Promise<unknown>[] = [tx.objectStore('facts').put(revision, 'revision')];
      for (const [id, value] of sealedSources) {
        const store = tx.objectStore('sources');
        writes.push(value ? store.put(value) : store.delete(id));
      }
      for (const [id, value] of sealedChunks) {
        const store = tx.objectStore('chunks');
        writes.push(value ? store.put(value) : store.delete(id));
      }
      for (const [id, value] of sealedLyrics) {
        const store = tx.objectStore('lyrics');
        writes.push(value ? store.put(value, id) : store.delete(id));
      }
      for (const [id, value] of sealedCovers) {
        const store = tx.objectStore('covers');
        writes.push(value ? store.put(value, id) : store.delete(id));
      }
      await Promise.all([...writes, tx.done]);
      this.revision = revision;
    });
  }

  /** The key first: from then on nothing can be read any more, whatever happens next. Writes nothing: a full store can be erased. */
  async erase(): Promise<void> {
    await guarded(async () => {
      const first = this.#db.transaction('facts', 'readwrite', { durability: 'strict' });
      await Promise.all([first.store.delete('key'), first.done]);
      const stores = ['facts', ...KEPT] as const;
      const tx = this.#db.transaction(stores, 'readwrite');
      await Promise.all([...stores.map((name) => tx.objectStore(name).clear()), tx.done]);
      this.#key = null;
      this.revision = 0;
    });
  }

  async stored(): Promise<StoredSizes> {
    return guarded(async () => {
      const sizes = {
        tracks: { count: 0, bytes: 0 },
        lyrics: { count: 0, bytes: 0 },
        covers: { count: 0, bytes: 0 },
        playlists: { count: 0, bytes: 0 },
      };
      const add = (size: { count: number; bytes: number }, { sealed }: Sealed): void => {
        size.count += 1;
        size.bytes += sealed.byteLength;
      };
      const tx = this.#db.transaction(KEPT);
      for await (const { value } of tx.objectStore('sources')) add(sizes.tracks, value.facts);
      for await (const { value } of tx.objectStore('chunks')) add(sizes.tracks, value.tracks);
      for (const name of ['lyrics', 'covers', 'playlists'] as const) {
        for await (const { value } of tx.objectStore(name)) add(sizes[name], value);
      }
      return sizes;
    });
  }

  async #seal(place: string, plain: string | ArrayBuffer): Promise<Sealed> {
    return seal((this.#key ??= await keyFor(this.#db)).key, place, plain);
  }

  async #open(place: string, record: Sealed): Promise<ArrayBuffer> {
    return unseal((this.#key ??= await keyFor(this.#db)).key, place, record);
  }

  async #text(place: string, record: Sealed): Promise<string> {
    return new TextDecoder().decode(await this.#open(place, record));
  }
}

async function all<Key, In, Out>(
  changes: ReadonlyMap<Key, In | null> | undefined,
  sealed: (key: Key, value: In) => Promise<Out>,
): Promise<readonly (readonly [Key, Out | null])[]> {
  return Promise.all(
    [...(changes ?? [])].map(
      async ([key, value]) => [key, value === null ? null : await sealed(key, value)] as const,
    ),
  );
}

async function storedKey(db: IDBPDatabase<Schema>): Promise<HeldKey | null> {
  const { store } = db.transaction('facts');
  const [key, id] = await Promise.all([store.get('key'), store.get('keyId')]);
  return key instanceof CryptoKey ? { key, id: typeof id === 'string' ? id : 'first' } : null;
}

/** The key, made when there is none. Two tabs that begin at once end up with one. */
async function keyFor(db: IDBPDatabase<Schema>): Promise<HeldKey> {
  const stored = await storedKey(db);
  if (stored) return stored;
  const made = { key: await makeKey(), id: crypto.randomUUID() };
  const tx = db.transaction('facts', 'readwrite', { durability: 'strict' });
  const isFirst = (await tx.store.get('key')) === undefined;
  if (isFirst) await Promise.all([tx.store.put(made.key, 'key'), tx.store.put(made.id, 'keyId')]);
  await tx.done;
  return isFirst ? made : keyFor(db);
}

async function revisionOf(db: IDBPDatabase<Schema>): Promise<number> {
  return Number((await db.get('facts', 'revision')) ?? 0);
}
