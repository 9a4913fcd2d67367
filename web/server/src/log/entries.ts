/** Entries of the log, durable as soon as they are added: the files are made from them, and can be made again. */
import type { DatabaseSync } from 'node:sqlite';
import { MOST_ENTRY_BYTES, utf8, type Bytes } from '@ossicle/wire/log';
import { openDatabase, transaction } from '../database.ts';
import { InputError } from '../errors.ts';

// `kind`: the first line of an entry, by which it is found.
const SCHEMA = `CREATE TABLE IF NOT EXISTS entries (
  at INTEGER PRIMARY KEY, kind TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS entries_by_kind ON entries (kind, at)`;

export class Entries implements Disposable {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#database = openDatabase(path, SCHEMA);
  }

  #size(): number {
    const row = this.#database.prepare('SELECT count(*) AS n, max(at) AS last FROM entries').get();
    const [n, last] = [Number(row?.['n']), Number(row?.['last'] ?? -1)];
    if (last !== n - 1) {
      const what = `The database has ${n} entries, and the last is number ${last}.`;
      throw new InputError(`${what} Restore entries.sqlite from a copy.`);
    }
    return n;
  }

  get size(): number {
    return this.#size();
  }

  /** The number of the first. Errors: InputError (an entry is too long). */
  add(texts: readonly string[]): number {
    const rows = texts.map((text) => ({ kind: text.split('\n', 1)[0] ?? '', bytes: utf8(text) }));
    const long = rows.find(({ bytes }) => bytes.length > MOST_ENTRY_BYTES);
    if (long) {
      const what = `An entry has ${long.bytes.length} bytes, more than ${MOST_ENTRY_BYTES}.`;
      throw new InputError(`${what} Put less into it.`);
    }
    return transaction(this.#database, () => {
      const first = this.#size();
      const insert = this.#database.prepare(
        'INSERT INTO entries (at, kind, bytes) VALUES (?, ?, ?)',
      );
      rows.forEach(({ kind, bytes }, i) => insert.run(first + i, kind, bytes));
      return first;
    });
  }

  /** Those from `first` on, before `end`. */
  range(first: number, end: number): readonly Bytes[] {
    const rows = this.#database
      .prepare('SELECT bytes FROM entries WHERE at >= ? AND at < ? ORDER BY at')
      .all(first, end);
    return rows.map(({ bytes }) => new Uint8Array(bytes as Uint8Array));
  }

  /** Those with this first line, the oldest first. */
  ofKind(kind: string): readonly string[] {
    const rows = this.#database
      .prepare('SELECT bytes FROM entries WHERE kind = ? ORDER BY at')
      .all(kind);
    return rows.map(({ bytes }) => new TextDecoder().decode(bytes as Uint8Array));
  }

  has(text: string): boolean {
    const row = this.#database.prepare('SELECT 1 FROM entries WHERE bytes = ?').get(utf8(text));
    return row !== undefined;
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
