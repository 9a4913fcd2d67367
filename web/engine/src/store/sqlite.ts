import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { messageOf, OssicleError } from '../errors.ts';
import type { Store, StoredBatch, StoredEvent } from '../types.ts';
import { corruptRecord, decodeRecord, encodeRecord, noSuchBatch } from './records.ts';
import { seal, unseal } from './seal.ts';

export interface SqliteOptions {
  /** Seals each record with AES-GCM: 32 bytes, or a key of WebCrypto. Whoever has it can read the history; it is not stored. */
  readonly key?: Uint8Array<ArrayBuffer> | CryptoKey;
  /** Bytes that the file may have; then quota_exceeded. Default: what the disk has. */
  readonly mostBytes?: number;
}

/** "OSSI": what `PRAGMA application_id` of our files is. */
const APPLICATION = 0x4f535349;
/** Statements that lead from one version of the schema to the next; `PRAGMA user_version` counts them. Append-only. */
const MIGRATIONS = [
  // iv: null where the record is not sealed.
  'CREATE TABLE batches (seq INTEGER PRIMARY KEY, iv BLOB, record BLOB NOT NULL) STRICT',
] as const;
const PAGE = 64;
const WAIT_MS = 5000;
const FULL = 13;
const NOT_A_DATABASE = 26;

interface Row {
  readonly seq: number;
  readonly iv: Uint8Array<ArrayBuffer> | null;
  readonly record: Uint8Array<ArrayBuffer>;
}

function failure(path: string, cause: unknown): OssicleError {
  if (cause instanceof OssicleError) return cause;
  const code = (cause as { readonly errcode?: unknown } | null)?.errcode;
  if (code === FULL) {
    const what = `No room is left for ${path}. What was stored before is kept.`;
    return new OssicleError('quota_exceeded', what, path, { cause });
  }
  if (code === NOT_A_DATABASE) {
    const what = `${path} is no history of Ossicle. It was left as it is.`;
    return new OssicleError('store_corrupt', what, path, { cause });
  }
  const what = `${path} cannot be used: ${messageOf(cause)}.`;
  return new OssicleError('store_unavailable', what, path, { cause });
}

function keyOf(key: Uint8Array<ArrayBuffer> | CryptoKey): Promise<CryptoKey> {
  if (key instanceof CryptoKey) return Promise.resolve(key);
  if (key.length === 32) {
    return crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']);
  }
  const what = `key has ${key.length} bytes, but AES-GCM needs 32.`;
  throw new OssicleError('invalid_argument', what, 'key');
}

class SqliteStore implements Store {
  readonly #path: string;
  readonly #given: SqliteOptions['key'];
  readonly #mostBytes: number | undefined;
  #key: CryptoKey | null = null;
  #db: DatabaseSync | null = null;
  /** Sealing takes a moment, and a record is bound to its number: one writes at a time. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(path: string, { key, mostBytes }: SqliteOptions) {
    this.#path = path;
    this.#mostBytes = mostBytes;
    this.#given = key;
  }

  async open(): Promise<void> {
    this.#key = this.#given === undefined ? null : await keyOf(this.#given);
    let db: DatabaseSync | null = null;
    try {
      db = new DatabaseSync(this.#path, { timeout: WAIT_MS });
      // Deleted words are overwritten; an acknowledged batch is on the disk, whatever is killed.
      db.exec('PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      this.#migrate(db);
      this.#limit(db);
      this.#db = db;
    } catch (cause) {
      db?.close();
      throw failure(this.#path, cause);
    }
  }

  append(events: readonly StoredEvent[]): Promise<number> {
    return this.#writing(async () => {
      for (;;) {
        const seq = await this.#insertAfter(this.#last(), events);
        if (seq !== null) return seq;
      }
    });
  }

  appendAfter(after: number, events: readonly StoredEvent[]): Promise<number | null> {
    return this.#writing(() => this.#insertAfter(after, events));
  }

  async *read(after: number): AsyncGenerator<StoredBatch> {
    let from = after;
    for (;;) {
      const rows = this.#page(from);
      for (const row of rows) {
        yield { seq: row.seq, events: await this.#opened(row) };
        from = row.seq;
      }
      if (rows.length < PAGE) return;
    }
  }

  replace(seq: number, events: readonly StoredEvent[]): Promise<void> {
    return this.#writing(async () => {
      const { iv, record } = await this.#sealed(seq, events);
      this.#transaction(() => {
        const changed = this.#run(
          'UPDATE batches SET iv = ?, record = ? WHERE seq = ?',
          ...[iv, record, seq],
        );
        if (changed === 0) throw noSuchBatch(this.#path, seq);
      });
      this.#forgetJournal();
    });
  }

  erase(): Promise<void> {
    return this.#writing(() => {
      this.#transaction(() => {
        this.#run('DELETE FROM batches');
      });
      this.#open.exec('VACUUM');
      this.#forgetJournal();
      return Promise.resolve();
    });
  }

  storedBytes(): Promise<number | null> {
    return this.#guarded(() => {
      const row = this.#prepare('SELECT coalesce(sum(length(record)), 0) AS n FROM batches').get();
      return Number(row?.['n'] ?? 0);
    });
  }

  onExternalChange(): () => void {
    return () => undefined;
  }

  async close(): Promise<void> {
    await this.#tail;
    this.#db?.close();
    this.#db = null;
  }

  async #insertAfter(last: number, events: readonly StoredEvent[]): Promise<number | null> {
    const seq = last + 1;
    const { iv, record } = await this.#sealed(seq, events);
    return this.#transaction(() => {
      // Another process may have taken the number while the record was sealed.
      if (this.#last() !== last) return null;
      this.#run('INSERT INTO batches (seq, iv, record) VALUES (?, ?, ?)', seq, iv, record);
      return seq;
    });
  }

  get #open(): DatabaseSync {
    if (this.#db) return this.#db;
    throw new OssicleError('store_unavailable', `${this.#path} is not open.`, this.#path);
  }

  #limit(db: DatabaseSync): void {
    if (this.#mostBytes === undefined) return;
    const page = Number(db.prepare('PRAGMA page_size').get()?.['page_size'] ?? 4096);
    // A file that is larger already is not cut: it only does not grow.
    db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(this.#mostBytes / page))}`);
  }

  #migrate(db: DatabaseSync): void {
    const pragma = (name: string): number => {
      return Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
    };
    const tables = db.prepare('SELECT count(*) AS n FROM sqlite_schema').get();
    const application = pragma('application_id');
    if (application !== APPLICATION && Number(tables?.['n'] ?? 0) > 0) {
      const what = `${this.#path} is the database of another program. It was left as it is.`;
      throw new OssicleError('store_corrupt', what, this.#path);
    }
    const version = pragma('user_version');
    if (version > MIGRATIONS.length) {
      const what = `${this.#path} was written by a newer Ossicle (version ${version}). Update to read it.`;
      throw new OssicleError('unsupported_version', what, this.#path);
    }
    if (version === MIGRATIONS.length) return;
    db.exec('BEGIN IMMEDIATE');
    try {
      // Another process may have been here first.
      for (let next = pragma('user_version'); next < MIGRATIONS.length; ++next) {
        db.exec(MIGRATIONS[next] ?? '');
      }
      db.exec(`PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${MIGRATIONS.length}`);
      db.exec('COMMIT');
    } catch (cause) {
      db.exec('ROLLBACK');
      throw cause;
    }
  }

  #prepare(sql: string): StatementSync {
    return this.#open.prepare(sql);
  }

  #run(sql: string, ...values: (number | Uint8Array | null)[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  #transaction<T>(work: () => T): T {
    const db = this.#open;
    db.exec('BEGIN IMMEDIATE');
    let result: T;
    try {
      result = work();
      db.exec('COMMIT');
    } catch (cause) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw cause;
    }
    return result;
  }

  /** The write-ahead log still has what the tables have no more. */
  #forgetJournal(): void {
    this.#open.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  #writing<T>(work: () => Promise<T>): Promise<T> {
    const job = this.#tail.then(() => this.#guarded(work));
    this.#tail = job.catch(() => undefined);
    return job;
  }

  async #guarded<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw failure(this.#path, cause);
    }
  }

  #last(): number {
    const row = this.#prepare('SELECT coalesce(max(seq), 0) AS last FROM batches').get();
    return Number(row?.['last'] ?? 0);
  }

  #page(after: number): readonly Row[] {
    try {
      const sql = 'SELECT seq, iv, record FROM batches WHERE seq > ? ORDER BY seq LIMIT ?';
      return this.#prepare(sql).all(after, PAGE) as unknown as readonly Row[];
    } catch (cause) {
      throw failure(this.#path, cause);
    }
  }

  #placeOf(seq: number): string {
    return `ossicle/sqlite/1/${seq}`;
  }

  async #sealed(
    seq: number,
    events: readonly StoredEvent[],
  ): Promise<{ readonly iv: Uint8Array | null; readonly record: Uint8Array }> {
    const text = encodeRecord(events);
    if (this.#key === null) return { iv: null, record: new TextEncoder().encode(text) };
    const { iv, sealed } = await seal(this.#key, this.#placeOf(seq), text);
    return { iv, record: new Uint8Array(sealed) };
  }

  async #opened({ seq, iv, record }: Row): Promise<readonly StoredEvent[]> {
    if (iv === null) return decodeRecord(new TextDecoder().decode(record), this.#path, seq);
    if (this.#key === null) {
      const what = `${this.#path} is sealed: it can be read with the key that it was written with.`;
      throw new OssicleError('store_unavailable', what, this.#path);
    }
    const sealed = record.slice().buffer;
    const text = await unseal(this.#key, this.#placeOf(seq), { iv, sealed }).catch(() => {
      throw corruptRecord(this.#path, seq, 'its seal is broken, or the key is another one');
    });
    return decodeRecord(text, this.#path, seq);
  }
}

/**
 * A history in a SQLite database, for Node: one record per batch, sealed where a key is given; several processes may write it.
 * A batch whose promise resolved is on the disk. What is deleted is overwritten.
 */
export function sqliteStore(path: string, options: SqliteOptions = {}): Store {
  return new SqliteStore(path, options);
}
