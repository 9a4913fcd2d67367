/**
 * What the library keeps on the device: tracks, lyrics, covers and logins, sealed with AES-GCM under a key that WebCrypto does not hand out, so that
 * erasing the key makes the rest unreadable. Handles of folders cannot be sealed: the name of a chosen folder is all that can be read of it.
 */
import { openDB, type IDBPDatabase } from 'idb';
import { SourceError, type SourceKind } from '../sources/types.ts';
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
  #key: CryptoKey;
  revision: number;

  private constructor(db: IDBPDatabase<Schema>, key: CryptoKey, revision: number) {
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
      return new Vault(db, await keyOf(db), await revisionOf(db));
    });
  }

  close(): void {
    this.#db.close();
  }

  storedRevision(): Promise<number> {
    return guarded(() => revisionOf(this.#db));
  }

  /** After another tab erased: the key is another one. */
  async renew(): Promise<void> {
    await guarded(async () => {
      this.#key = await keyOf(this.#db);
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

  /** The key first: from then on nothing can be read any more, whatever happens next. */
  async erase(): Promise<void> {
    await guarded(async () => {
      const first = this.#db.transaction('facts', 'readwrite', { durability: 'strict' });
      await Promise.all([first.store.delete('key'), first.done]);
      const tx = this.#db.transaction(
        ['facts', 'sources', 'chunks', 'lyrics', 'covers'],
        'readwrite',
      );
      const revision = Number((await tx.objectStore('facts').get('revision')) ?? 0) + 1;
      await Promise.all([
        ...(['sources', 'chunks', 'lyrics', 'covers'] as const).map((name) =>
          tx.objectStore(name).clear(),
        ),
        tx.objectStore('facts').put(revision, 'revision'),
        tx.done,
      ]);
      this.#key = await keyOf(this.#db);
      this.revision = revision;
    });
  }

  async storedBytes(): Promise<number> {
    return guarded(async () => {
      let bytes = 0;
      const tx = this.#db.transaction(['sources', 'chunks', 'lyrics', 'covers']);
      for await (const { value } of tx.objectStore('sources'))
        bytes += value.facts.sealed.byteLength;
      for await (const { value } of tx.objectStore('chunks'))
        bytes += value.tracks.sealed.byteLength;
      for (const name of ['lyrics', 'covers'] as const) {
        for await (const { value } of tx.objectStore(name)) bytes += value.sealed.byteLength;
      }
      return bytes;
    });
  }

  #seal(place: string, plain: string | ArrayBuffer): Promise<Sealed> {
    return seal(this.#key, place, plain);
  }

  #open(place: string, record: Sealed): Promise<ArrayBuffer> {
    return unseal(this.#key, place, record);
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

/** Two tabs that open an empty database at once end up with one key. */
async function keyOf(db: IDBPDatabase<Schema>): Promise<CryptoKey> {
  const stored = (await db.get('facts', 'key')) as CryptoKey | undefined;
  if (stored) return stored;
  const made = await makeKey();
  const tx = db.transaction('facts', 'readwrite', { durability: 'strict' });
  const first = (await tx.store.get('key')) as CryptoKey | undefined;
  if (!first) await tx.store.put(made, 'key');
  await tx.done;
  return first ?? made;
}

async function revisionOf(db: IDBPDatabase<Schema>): Promise<number> {
  return Number((await db.get('facts', 'revision')) ?? 0);
}
