/**
 * Snapshots in a browser: an IndexedDB database of their own. They are the same for everyone, so that they are not sealed. Beside them, and not sealed either, is the record of contributions: of this
 * browser alone, with no play or title in it, but with the sealed report while that is being sent.
 */
import type { SnapshotProgress } from '@ossicle/wire/snapshot';
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { isNamed, messageOf, OssicleError } from '../errors.ts';
import { upgraded, type SnapshotRecord, type SnapshotStore } from './store.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** 2: contributions. A page of version 1 that is still open cannot write its records over those of this one. */
const SCHEMA_VERSION = 2;
const RECORD = 'record';

interface Schema extends DBSchema {
  files: { key: [manifest: string, path: string]; value: Bytes };
  facts: { key: string; value: SnapshotRecord };
  contributions: { key: string; value: object };
}

function failure(name: string, cause: unknown): OssicleError {
  if (cause instanceof OssicleError) return cause;
  if (isNamed(cause, 'QuotaExceededError')) {
    const what = 'The browser gives this page no more room for a newer catalogue.';
    const advice = 'The one in use stays; free some space, then try again.';
    return new OssicleError('quota_exceeded', `${what} ${advice}`, name, { cause });
  }
  const what = `The snapshots in "${name}" cannot be used: ${messageOf(cause)}.`;
  return new OssicleError('store_unavailable', `${what} Reload the page.`, name, { cause });
}

export class IndexedDbSnapshots implements SnapshotStore {
  readonly #name: string;
  #db: Promise<IDBPDatabase<Schema>> | null = null;
  /** While an update runs. */
  #channel: BroadcastChannel | null = null;

  constructor(name: string) {
    this.#name = name;
  }

  record(): Promise<SnapshotRecord | null> {
    return this.#guarded(async (db) => {
      const record = await db.get('facts', RECORD);
      return record ? upgraded(record) : null;
    });
  }

  file(manifest: string, path: string): Promise<Bytes | null> {
    return this.#guarded(async (db) => (await db.get('files', [manifest, path])) ?? null);
  }

  write(record: SnapshotRecord, files: ReadonlyMap<string, Bytes> | null): Promise<void> {
    return this.#guarded(async (db) => {
      const tx = db.transaction(['files', 'facts'], 'readwrite', { durability: 'strict' });
      const asked: Promise<unknown>[] = [tx.done];
      try {
        const stored = tx.objectStore('files');
        const kept = new Set([record.current?.manifest, record.previous?.manifest]);
        const gone = (await stored.getAllKeys()).filter(([manifest]) => !kept.has(manifest));
        const manifest = record.current?.manifest ?? '';
        for (const [path, bytes] of files ?? []) asked.push(stored.put(bytes, [manifest, path]));
        for (const key of gone) asked.push(stored.delete(key));
        asked.push(tx.objectStore('facts').put(record, RECORD));
        await Promise.all(asked);
      } catch (cause) {
        // What was asked for before a call that threw would be stored all the same.
        void Promise.allSettled(asked);
        if (tx.error === null) tx.abort();
        throw cause;
      }
    });
  }

  contribution(): Promise<unknown> {
    return this.#guarded(async (db) => (await db.get('contributions', RECORD)) ?? null);
  }

  writeContribution(record: object): Promise<void> {
    return this.#guarded(async (db) => {
      const tx = db.transaction('contributions', 'readwrite', { durability: 'strict' });
      await Promise.all([tx.store.put(record, RECORD), tx.done]);
    });
  }

  contributing<T>(work: () => Promise<T>, or?: () => Promise<T>): Promise<T> {
    const options = { ifAvailable: or !== undefined };
    return navigator.locks.request(`ossicle-contribution:${this.#name}`, options, (lock) =>
      lock === null && or ? or() : work(),
    );
  }

  /** On a channel, so that every tab can show it, whichever of them fetches. */
  tell(progress: SnapshotProgress): void {
    this.#channel ??= new BroadcastChannel(this.#shared);
    this.#channel.postMessage(progress);
  }

  exclusive<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const options = signal ? { signal } : {};
    return navigator.locks.request(this.#shared, options, async () => {
      try {
        return await work();
      } finally {
        this.#channel?.close();
        this.#channel = null;
      }
    });
  }

  /** The lock and the channel of everybody who has this database open. */
  get #shared(): string {
    return `ossicle-snapshots:${this.#name}`;
  }

  async #guarded<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    try {
      this.#db ??= openDB<Schema>(this.#name, SCHEMA_VERSION, {
        upgrade(database, before) {
          if (before < 1) {
            database.createObjectStore('files');
            database.createObjectStore('facts');
          }
          database.createObjectStore('contributions');
        },
        // Another tab erases everything, or has a newer page: step aside.
        blocking: (_current, _blocked, event) => {
          (event.target as IDBDatabase).close();
          this.#db = null;
        },
        terminated: () => {
          this.#db = null;
        },
      });
      return await work(await this.#db);
    } catch (cause) {
      this.#db = null;
      throw failure(this.#name, cause);
    }
  }
}
