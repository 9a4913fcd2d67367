import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from 'idb';
import { isNamed, messageOf, OssicleError } from '../errors.ts';
import type { Store, StoreChange, StoredBatch, StoredEvent } from '../types.ts';
import { corruptRecord, decodeRecord, encodeRecord, noSuchBatch } from './records.ts';
import { newKey, seal, unseal, type Sealed } from './seal.ts';

const SCHEMA_VERSION = 1;
/** Batches that are read in one transaction. */
const PAGE = 16;

interface Batch extends Sealed {
  readonly seq: number;
}

interface Schema extends DBSchema {
  batches: { key: number; value: Batch };
  facts: { key: string; value: unknown };
}

type Database = IDBPDatabase<Schema>;
type Write = IDBPTransaction<Schema, ['batches', 'facts'], 'readwrite'>;

function failure(name: string, cause: unknown): OssicleError {
  if (cause instanceof OssicleError) return cause;
  if (isNamed(cause, 'QuotaExceededError')) {
    return new OssicleError(
      'quota_exceeded',
      'The browser gives this page no more room. What was stored before is kept; free some space, then try again.',
      name,
      { cause },
    );
  }
  if (isNamed(cause, 'VersionError')) {
    return new OssicleError(
      'unsupported_version',
      `The history "${name}" was written by a newer Ossicle. Reload the page to get it.`,
      name,
      { cause },
    );
  }
  return new OssicleError(
    'store_unavailable',
    `The history "${name}" cannot be used: ${messageOf(cause)}. ` +
      'Private windows and blocked site data cause this; a reload helps when another tab upgraded it.',
    name,
    { cause },
  );
}

function requireBrowser(name: string): void {
  // DOM types call them present; outside https they are not.
  const place = globalThis as {
    readonly indexedDB?: IDBFactory;
    readonly crypto?: { readonly subtle?: SubtleCrypto };
    readonly navigator?: { readonly locks?: LockManager };
  };
  const apis = {
    IndexedDB: place.indexedDB,
    WebCrypto: place.crypto?.subtle,
    'Web Locks': place.navigator?.locks,
  };
  const absent = Object.entries(apis).find(([, api]) => api === undefined);
  if (absent === undefined) return;
  const what = `This page has no ${absent[0]}, which the sealed history needs.`;
  throw new OssicleError(
    'store_unavailable',
    `${what} Open it over https or from localhost.`,
    name,
  );
}

class IndexedDbStore implements Store {
  readonly #name: string;
  readonly #listeners = new Set<(change: StoreChange) => void>();
  #db: Database | null = null;
  #channel: BroadcastChannel | null = null;

  constructor(name: string) {
    this.#name = name;
  }

  async open(): Promise<void> {
    requireBrowser(this.#name);
    try {
      const db = await openDB<Schema>(this.#name, SCHEMA_VERSION, {
        upgrade(database) {
          database.createObjectStore('batches', { keyPath: 'seq' });
          database.createObjectStore('facts');
        },
        // A newer page wants the database: step aside, and say so at the next call.
        blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
      });
      this.#db = db;
      await this.#locked(() => this.#finishErasing());
    } catch (cause) {
      throw failure(this.#name, cause);
    }
    this.#channel = new BroadcastChannel(this.#lockName);
    this.#channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (data === 'appended' || data === 'changed' || data === 'erased') {
        for (const listener of this.#listeners) listener(data);
      }
    });
  }

  append(events: readonly StoredEvent[]): Promise<number> {
    return this.#appending((last) => this.#appendLocked(last, encodeRecord(events)));
  }

  appendAfter(after: number, events: readonly StoredEvent[]): Promise<number | null> {
    return this.#appending((last) =>
      last === after ? this.#appendLocked(last, encodeRecord(events)) : Promise.resolve(null),
    );
  }

  async *read(after: number): AsyncGenerator<StoredBatch> {
    let from = after;
    for (;;) {
      const page = await this.#page(from);
      for (const { seq, events } of page) {
        yield { seq, events };
        from = seq;
      }
      if (page.length < PAGE) return;
    }
  }

  async replace(seq: number, events: readonly StoredEvent[]): Promise<void> {
    try {
      await this.#locked(() => this.#replaceLocked(seq, encodeRecord(events)));
      this.#channel?.postMessage('changed' satisfies StoreChange);
    } catch (cause) {
      throw failure(this.#name, cause);
    }
  }

  async erase(): Promise<void> {
    try {
      await this.#locked(async () => {
        try {
          // Once this is on the disk nothing can be read any more, whatever happens next.
          await this.#write('strict', (tx) => [
            tx.objectStore('facts').put(true, 'erasing'),
            tx.objectStore('facts').delete('key'),
          ]);
        } catch (cause) {
          if (!isNamed(cause, 'QuotaExceededError')) throw cause;
          // A full store has no room for the note, and all of it for an erasing that writes nothing.
          await this.#clear();
          return;
        }
        await this.#finishErasing();
      });
      this.#channel?.postMessage('erased' satisfies StoreChange);
    } catch (cause) {
      throw failure(this.#name, cause);
    }
  }

  async storedBytes(): Promise<number | null> {
    try {
      return await this.#number('bytes');
    } catch (cause) {
      throw failure(this.#name, cause);
    }
  }

  onExternalChange(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#channel?.close();
    this.#db?.close();
    this.#channel = null;
    this.#db = null;
    this.#listeners.clear();
    return Promise.resolve();
  }

  get #lockName(): string {
    return `ossicle:${this.#name}`;
  }

  get #open(): Database {
    if (this.#db) return this.#db;
    throw new OssicleError(
      'store_unavailable',
      `The history "${this.#name}" is not open.`,
      this.#name,
    );
  }

  /** One writer at a time, over all tabs. */
  #locked<T>(work: () => Promise<T>): Promise<T> {
    return navigator.locks.request(this.#lockName, work);
  }

  /** All of `work` or nothing. */
  async #write(
    durability: 'strict' | 'relaxed',
    work: (tx: Write) => readonly Promise<unknown>[],
  ): Promise<void> {
    const tx = this.#open.transaction(['batches', 'facts'], 'readwrite', { durability });
    let requests: readonly Promise<unknown>[];
    try {
      requests = work(tx);
    } catch (cause) {
      tx.done.catch(() => undefined);
      tx.abort();
      throw cause;
    }
    await Promise.all([...requests, tx.done]);
  }

  async #number(fact: 'last' | 'bytes'): Promise<number> {
    const value = await this.#open.get('facts', fact);
    return typeof value === 'number' ? value : 0;
  }

  async #key(): Promise<CryptoKey | null> {
    const key = await this.#open.get('facts', 'key');
    return key instanceof CryptoKey ? key : null;
  }

  /** `work` is given the number of the newest batch. */
  async #appending<Seq extends number | null>(work: (last: number) => Promise<Seq>): Promise<Seq> {
    try {
      const seq = await this.#locked(async () => work(await this.#number('last')));
      if (seq !== null) this.#channel?.postMessage('appended' satisfies StoreChange);
      return seq;
    } catch (cause) {
      throw failure(this.#name, cause);
    }
  }

  async #appendLocked(last: number, text: string): Promise<number> {
    const seq = last + 1;
    const bytes = await this.#number('bytes');
    const key = (await this.#key()) ?? (await this.#createKey());
    const record = await seal(key, this.#placeOf(seq), text);
    // A play may be lost with the power, not with the tab or the browser (measured; privacy.md).
    await this.#write('relaxed', (tx) => [
      tx.objectStore('batches').add({ seq, ...record }),
      tx.objectStore('facts').put(seq, 'last'),
      tx.objectStore('facts').put(bytes + record.sealed.byteLength, 'bytes'),
    ]);
    return seq;
  }

  async #replaceLocked(seq: number, text: string): Promise<void> {
    const old = await this.#open.get('batches', seq);
    if (old === undefined) throw noSuchBatch(`the history "${this.#name}"`, seq);
    const key = await this.#key();
    if (key === null) throw this.#keyLost();
    const record = await seal(key, this.#placeOf(seq), text);
    const bytes = (await this.#number('bytes')) + record.sealed.byteLength - old.sealed.byteLength;
    // What somebody deleted must not come back with the power.
    await this.#write('strict', (tx) => [
      tx.objectStore('batches').put({ seq, ...record }),
      tx.objectStore('facts').put(bytes, 'bytes'),
    ]);
  }

  async #createKey(): Promise<CryptoKey> {
    if ((await this.#open.count('batches')) > 0) throw this.#keyLost();
    const key = await newKey();
    await this.#write('strict', (tx) => [tx.objectStore('facts').put(key, 'key')]);
    return key;
  }

  /** After the key is gone: also called at open, for an erasing that was cut short. */
  async #finishErasing(): Promise<void> {
    if ((await this.#open.get('facts', 'erasing')) === true) await this.#clear();
  }

  #clear(): Promise<void> {
    return this.#write('strict', (tx) => [
      tx.objectStore('batches').clear(),
      tx.objectStore('facts').clear(),
    ]);
  }

  async #page(after: number): Promise<StoredBatch[]> {
    let records: Batch[];
    let key: CryptoKey | null;
    try {
      const tx = this.#open.transaction(['batches', 'facts']);
      const range = IDBKeyRange.lowerBound(after, true);
      const [found, value] = await Promise.all([
        tx.objectStore('batches').getAll(range, PAGE),
        tx.objectStore('facts').get('key'),
        tx.done,
      ]);
      records = found;
      key = value instanceof CryptoKey ? value : null;
    } catch (cause) {
      throw failure(this.#name, cause);
    }
    if (records.length === 0) return [];
    if (key === null) throw this.#keyLost();
    return Promise.all(records.map((record) => this.#unsealed(key, record)));
  }

  async #unsealed(key: CryptoKey, record: Batch): Promise<StoredBatch> {
    const { seq } = record;
    const where = `the history "${this.#name}"`;
    const text = await unseal(key, this.#placeOf(seq), record).catch((cause: unknown) => {
      throw corruptRecord(where, seq, `its seal is broken (${messageOf(cause)})`);
    });
    return { seq, events: decodeRecord(text, where, seq) };
  }

  #placeOf(seq: number): string {
    return `ossicle/${SCHEMA_VERSION}/${this.#name}/${seq}`;
  }

  #keyLost(): OssicleError {
    return new OssicleError(
      'store_corrupt',
      `The key of the history "${this.#name}" is gone, so that it cannot be read. erase() of the store starts afresh.`,
      this.#name,
    );
  }
}

/**
 * A history in IndexedDB, one sealed record per batch; tabs of one origin share it by `name`.
 * The key is made at the first append, cannot be exported, and goes first when the history is erased.
 */
export function indexedDbStore(name: string): Store {
  return new IndexedDbStore(name);
}
