/** What an aggregator keeps, in one SQLite file: for one node. store.ts has the contract. */
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { Bytes } from '@ossicle/wire/log';
import {
  addHash,
  addTo,
  bytesOf,
  noIds,
  numbersAt,
  numbersIn,
  type BlockState,
} from '@ossicle/wire/report';
import { openDatabase, transaction } from '../../database.ts';
import {
  digestOf,
  type Addend,
  type AggregateStore,
  type Answer,
  type Arrival,
  type Arrived,
  type Block,
  type Known,
  type NoisedBlock,
  type StoredRound,
  type Waiting,
} from './store.ts';

// `tokens` is apart from `reports`, so that no column says which report a token came with; `pending`, so that a row that stays does not carry a table that goes.
// `raw` is the one place of sums without noise.
const SCHEMA = `
CREATE TABLE IF NOT EXISTS rounds (id BLOB PRIMARY KEY, text TEXT NOT NULL, closed INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS reports (at INTEGER PRIMARY KEY, round BLOB NOT NULL, id BLOB NOT NULL, block INTEGER NOT NULL,
  digest BLOB NOT NULL, state TEXT NOT NULL, UNIQUE (round, id)) STRICT;
CREATE TABLE IF NOT EXISTS tokens (round BLOB NOT NULL, token BLOB NOT NULL, PRIMARY KEY (round, token)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pending (at INTEGER PRIMARY KEY, round BLOB NOT NULL, head BLOB NOT NULL, sealed BLOB NOT NULL,
  message BLOB NOT NULL, share BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS pending_by_round ON pending (round, at);
CREATE TABLE IF NOT EXISTS blocks (round BLOB NOT NULL, block INTEGER NOT NULL, state TEXT NOT NULL, count INTEGER NOT NULL,
  ids BLOB NOT NULL, noised BLOB, published INTEGER NOT NULL, PRIMARY KEY (round, block)) STRICT;
CREATE TABLE IF NOT EXISTS raw (round BLOB NOT NULL, block INTEGER NOT NULL, sums BLOB NOT NULL, PRIMARY KEY (round, block)) STRICT;
CREATE TABLE IF NOT EXISTS refusals (code TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT`;

const bytesAt = (value: SQLOutputValue | undefined): Bytes => new Uint8Array(value as Uint8Array);

const blockOf = ({ block, state, count, ids }: Record<string, SQLOutputValue>): Block => ({
  block: Number(block),
  state: state as BlockState,
  count: Number(count),
  ids: bytesAt(ids),
});

/** Its file is in this program: nothing here waits, and the promises are those of the contract. */
const promised = <T>(work: () => T): Promise<T> => new Promise((resolve) => resolve(work()));

export class SqliteStore implements AggregateStore {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string) {
    this.#database = openDatabase(path, SCHEMA);
    // Whoever closed a block may have ended before it cut the journal, which still has the sum without noise.
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  #sql(text: string): StatementSync {
    const known = this.#statements.get(text) ?? this.#database.prepare(text);
    this.#statements.set(text, known);
    return known;
  }

  addRound(id: Bytes, text: string): Promise<void> {
    return promised(
      () => void this.#sql('INSERT OR IGNORE INTO rounds VALUES (?, ?, 0)').run(id, text),
    );
  }

  rounds(): Promise<readonly StoredRound[]> {
    return promised(() =>
      this.#sql('SELECT * FROM rounds ORDER BY rowid')
        .all()
        .map(({ id, text, closed }) => ({
          id: bytesAt(id),
          text: String(text),
          closed: closed !== 0,
        })),
    );
  }

  closeRound(round: Bytes): Promise<void> {
    return promised(() => void this.#sql('UPDATE rounds SET closed = 1 WHERE id = ?').run(round));
  }

  #isClosed(round: Bytes): boolean {
    return this.#sql('SELECT closed FROM rounds WHERE id = ?').get(round)?.['closed'] !== 0;
  }

  #known(round: Bytes, id: Bytes): Known | null {
    const row = this.#sql('SELECT digest, state FROM reports WHERE round = ? AND id = ?').get(
      round,
      id,
    );
    return row ? { digest: bytesAt(row['digest']), state: String(row['state']) } : null;
  }

  known(round: Bytes, ids: readonly Bytes[]): Promise<readonly (Known | null)[]> {
    return promised(() => ids.map((id) => this.#known(round, id)));
  }

  #insert({ round, id, block, digest }: Arrived | Addend, state: string): number {
    const { lastInsertRowid } = this.#sql(
      'INSERT INTO reports (round, id, block, digest, state) VALUES (?, ?, ?, ?, ?)',
    ).run(round, id, block, digest, state);
    return Number(lastInsertRowid);
  }

  /** Whether it is spent by this. */
  #spend(round: Bytes, token: Bytes): boolean {
    return this.#sql('INSERT OR IGNORE INTO tokens VALUES (?, ?)').run(round, token).changes === 1;
  }

  isSpent(round: Bytes, token: Bytes): Promise<boolean> {
    const select = this.#sql('SELECT 1 FROM tokens WHERE round = ? AND token = ?');
    return promised(() => select.get(round, token) !== undefined);
  }

  arrive(items: readonly Arrived[]): Promise<readonly Arrival[]> {
    const arrive = (item: Arrived): Arrival => {
      const { round, id, token } = item;
      const known = this.#known(round, id);
      if (known) return known;
      if (this.#isClosed(round)) return 'round_closed';
      if (token && !this.#spend(round, token)) return 'token_spent';
      const at = this.#insert(item, 'pending');
      const { head, sealed, message, share } = item;
      const insert = this.#sql('INSERT INTO pending VALUES (?, ?, ?, ?, ?, ?)');
      insert.run(at, round, head, sealed, message, share);
      return 'new';
    };
    return promised(() => transaction(this.#database, () => items.map(arrive)));
  }

  #refuse(code: string, n = 1): void {
    this.#sql(
      'INSERT INTO refusals VALUES (?, ?) ON CONFLICT (code) DO UPDATE SET count = count + excluded.count',
    ).run(code, n);
  }

  refuse(counts: ReadonlyMap<string, number>): Promise<void> {
    return promised(() =>
      transaction(this.#database, () => {
        for (const [code, n] of counts) this.#refuse(code, n);
      }),
    );
  }

  claim(round: Bytes, most: number): Promise<readonly Waiting[]> {
    return promised(() =>
      this.#sql('SELECT at, head, sealed, message FROM pending WHERE round = ? ORDER BY at LIMIT ?')
        .all(round, most)
        .map(({ at, head, sealed, message }) => ({
          ...{ at: Number(at), head: bytesAt(head) },
          ...{ sealed: bytesAt(sealed), message: bytesAt(message) },
        })),
    );
  }

  pending(round: Bytes): Promise<number> {
    return promised(() =>
      Number(this.#sql('SELECT count(*) AS n FROM pending WHERE round = ?').get(round)?.['n']),
    );
  }

  settle(answers: readonly Answer[]): Promise<void> {
    const take = this.#sql('DELETE FROM pending WHERE at = ? RETURNING share');
    const update = this.#sql(
      'UPDATE reports SET state = ? WHERE at = ? RETURNING round, id, block',
    );
    const settle = (tables: Tables, { at, state }: Answer): void => {
      const share = take.get(at)?.['share'];
      if (share === undefined) return;
      const row = update.get(state, at);
      if (state !== 'counted') {
        this.#refuse(state);
        return;
      }
      const key = { round: bytesAt(row?.['round']), block: Number(row?.['block']) };
      tables.add({ ...key, id: bytesAt(row?.['id']) }, numbersAt(share as Bytes));
    };
    return promised(() => this.#adding((tables) => answers.forEach((one) => settle(tables, one))));
  }

  add(addends: readonly Addend[]): Promise<readonly Known[]> {
    const add = (tables: Tables, addend: Addend): Known => {
      const { round, id, digest, numbers, state } = addend;
      const before = this.#known(round, id);
      if (before) return before;
      if (this.#isClosed(round)) return { digest, state: 'round_closed' };
      this.#insert(addend, state);
      if (numbers) tables.add(addend, numbers);
      else this.#refuse(state);
      return { digest, state };
    };
    return promised(() => this.#adding((tables) => addends.map((one) => add(tables, one))));
  }

  #adding<T>(work: (tables: Tables) => T): T {
    return transaction(this.#database, () => {
      const tables = new Tables((text) => this.#sql(text));
      const result = work(tables);
      tables.write();
      return result;
    });
  }

  blocks(round: Bytes): Promise<readonly Block[]> {
    return promised(() =>
      this.#sql('SELECT block, state, count, ids FROM blocks WHERE round = ? ORDER BY block')
        .all(round)
        .map(blockOf),
    );
  }

  #endBlock(round: Bytes, block: number, state: BlockState, noise: Uint32Array | null): void {
    const end = this.#sql(
      "UPDATE blocks SET state = ? WHERE round = ? AND block = ? AND state = 'open'",
    );
    if (end.run(state, round, block).changes === 0) return;
    const taken = this.#sql('DELETE FROM raw WHERE round = ? AND block = ? RETURNING sums').get(
      round,
      block,
    );
    if (noise === null) return;
    const sums = numbersIn(bytesAt(taken?.['sums']));
    addTo(sums, noise);
    this.#sql('UPDATE blocks SET noised = ? WHERE round = ? AND block = ?').run(
      bytesOf(sums),
      round,
      block,
    );
  }

  closeBlock(
    round: Bytes,
    block: number,
    state: Exclude<BlockState, 'open'>,
    noise: Uint32Array | null,
  ): Promise<void> {
    return promised(() => {
      // Overwrites what it deletes, in the file and in the journal.
      this.#database.exec('PRAGMA secure_delete = ON');
      transaction(this.#database, () => this.#endBlock(round, block, state, noise));
      this.#database.exec('PRAGMA secure_delete = OFF; PRAGMA wal_checkpoint(TRUNCATE)');
    });
  }

  rawBlocks(round: Bytes): Promise<number> {
    return promised(() =>
      Number(this.#sql('SELECT count(*) AS n FROM raw WHERE round = ?').get(round)?.['n']),
    );
  }

  noised(round: Bytes, block: number): Promise<Bytes | null> {
    return promised(() => {
      const row = this.#sql('SELECT noised FROM blocks WHERE round = ? AND block = ?').get(
        round,
        block,
      );
      return row?.['noised'] ? bytesAt(row['noised']) : null;
    });
  }

  unpublished(): Promise<readonly NoisedBlock[]> {
    return promised(() =>
      this.#sql('SELECT * FROM blocks WHERE noised IS NOT NULL AND published = 0')
        .all()
        .map((row) => ({
          ...blockOf(row),
          round: bytesAt(row['round']),
          noised: bytesAt(row['noised']),
        })),
    );
  }

  markPublished(round: Bytes, block: number): Promise<void> {
    const mark = 'UPDATE blocks SET published = 1 WHERE round = ? AND block = ?';
    return promised(() => void this.#sql(mark).run(round, block));
  }

  refusals(): Promise<Readonly<Record<string, number>>> {
    return promised(() => {
      const rows = this.#sql('SELECT code, count FROM refusals').all();
      return Object.fromEntries(rows.map(({ code, count }) => [String(code), Number(count)]));
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return promised(() => this.#database.close());
  }
}

interface Sum {
  readonly round: Bytes;
  readonly block: number;
  readonly numbers: Uint32Array<ArrayBuffer>;
  readonly ids: Bytes;
  count: number;
}

/** Sums of the blocks that a transaction adds to: each is read and written once. */
class Tables {
  readonly #sql: (text: string) => StatementSync;
  readonly #sums = new Map<string, Sum>();

  constructor(sql: (text: string) => StatementSync) {
    this.#sql = sql;
  }

  #read(round: Bytes, block: number, n: number): Sum {
    const raw = this.#sql('SELECT sums FROM raw WHERE round = ? AND block = ?').get(round, block);
    const row = this.#sql('SELECT count, ids, state FROM blocks WHERE round = ? AND block = ?').get(
      round,
      block,
    );
    if (row && row['state'] !== 'open') throw new Error(`Block ${block} has ended.`);
    const numbers = raw ? numbersIn(raw['sums'] as Uint8Array) : new Uint32Array(n);
    const ids = row ? bytesAt(row['ids']) : noIds();
    return { round, block, numbers, ids, count: Number(row?.['count'] ?? 0) };
  }

  add(
    { round, block, id }: { readonly round: Bytes; readonly block: number; readonly id: Bytes },
    numbers: Uint32Array,
  ): void {
    const key = `${Buffer.from(round).toString('hex')} ${block}`;
    const sum = this.#sums.get(key) ?? this.#read(round, block, numbers.length);
    this.#sums.set(key, sum);
    addTo(sum.numbers, numbers);
    addHash(sum.ids, digestOf(id));
    ++sum.count;
  }

  write(): void {
    const table = this.#sql(
      'INSERT INTO raw VALUES (?, ?, ?) ON CONFLICT (round, block) DO UPDATE SET sums = excluded.sums',
    );
    const row = this.#sql(
      `INSERT INTO blocks VALUES (?, ?, 'open', ?, ?, NULL, 0)
       ON CONFLICT (round, block) DO UPDATE SET count = excluded.count, ids = excluded.ids`,
    );
    for (const { round, block, numbers, ids, count } of this.#sums.values()) {
      table.run(round, block, bytesOf(numbers));
      row.run(round, block, count, ids);
    }
  }
}
