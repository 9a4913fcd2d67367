/** What an aggregator keeps. Every method is one transaction: what it returns is durable, and what it did not return has not happened. */
import { createHash } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Bytes } from '@ossicle/wire/log';
import { addHash, addTo, bytesOf, noIds, numbersIn, type BlockState } from '@ossicle/wire/report';
import { openDatabase, transaction } from '../database.ts';

// `pending` is apart from `reports`, so that a row that stays does not carry a table that goes. `raw` is the one place of sums without noise.
const SCHEMA = `
CREATE TABLE IF NOT EXISTS rounds (id BLOB PRIMARY KEY, text TEXT NOT NULL, closed INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS reports (at INTEGER PRIMARY KEY, round BLOB NOT NULL, id BLOB NOT NULL, block INTEGER NOT NULL,
  digest BLOB NOT NULL, state TEXT NOT NULL, UNIQUE (round, id)) STRICT;
CREATE TABLE IF NOT EXISTS pending (at INTEGER PRIMARY KEY, round BLOB NOT NULL, head BLOB NOT NULL, sealed BLOB NOT NULL,
  share BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS pending_by_round ON pending (round, at);
CREATE TABLE IF NOT EXISTS blocks (round BLOB NOT NULL, block INTEGER NOT NULL, state TEXT NOT NULL, count INTEGER NOT NULL,
  ids BLOB NOT NULL, noised BLOB, published INTEGER NOT NULL, PRIMARY KEY (round, block)) STRICT;
CREATE TABLE IF NOT EXISTS raw (round BLOB NOT NULL, block INTEGER NOT NULL, sums BLOB NOT NULL, PRIMARY KEY (round, block)) STRICT;
CREATE TABLE IF NOT EXISTS refusals (code TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT`;

export interface Block {
  readonly block: number;
  readonly state: BlockState;
  readonly count: number;
  /** Checksum of the reports' ids. */
  readonly ids: Bytes;
}

export interface Known {
  readonly digest: Bytes;
  /** pending, counted, or why it was refused. */
  readonly state: string;
}

export interface Arrived {
  readonly round: Bytes;
  readonly id: Bytes;
  readonly block: number;
  /** SHA-256 of the whole report. */
  readonly digest: Bytes;
  readonly head: Bytes;
  readonly sealed: Bytes;
  readonly share: Bytes;
}

export interface Waiting {
  readonly at: number;
  readonly head: Bytes;
  readonly sealed: Bytes;
}

export interface Addend {
  readonly round: Bytes;
  readonly id: Bytes;
  readonly block: number;
  readonly digest: Bytes;
  /** Called when the report is new, and counts: its numbers. null: refused as `state`. */
  readonly numbers: (() => Uint32Array) | null;
  /** counted, or why it is refused. */
  readonly state: string;
}

const bytesAt = (value: SQLOutputValue | undefined): Bytes => new Uint8Array(value as Uint8Array);

export const digestOf = (...parts: readonly Uint8Array[]): Bytes => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

export class AggregateStore implements Disposable {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#database = openDatabase(path, SCHEMA);
  }

  addRound(id: Bytes, text: string): void {
    this.#database.prepare('INSERT OR IGNORE INTO rounds VALUES (?, ?, 0)').run(id, text);
  }

  rounds(): readonly { readonly id: Bytes; readonly text: string; readonly closed: boolean }[] {
    const rows = this.#database.prepare('SELECT * FROM rounds ORDER BY rowid').all();
    return rows.map(({ id, text, closed }) => ({
      id: bytesAt(id),
      text: String(text),
      closed: closed !== 0,
    }));
  }

  /** From now on no report is new. */
  closeRound(round: Bytes): void {
    this.#database.prepare('UPDATE rounds SET closed = 1 WHERE id = ?').run(round);
  }

  isClosed(round: Bytes): boolean {
    const row = this.#database.prepare('SELECT closed FROM rounds WHERE id = ?').get(round);
    return row?.['closed'] !== 0;
  }

  known(round: Bytes, id: Bytes): Known | null {
    const row = this.#database
      .prepare('SELECT digest, state FROM reports WHERE round = ? AND id = ?')
      .get(round, id);
    return row ? { digest: bytesAt(row['digest']), state: String(row['state']) } : null;
  }

  #insert({ round, id, block, digest }: Arrived | Addend, state: string): number | null {
    const { changes, lastInsertRowid } = this.#database
      .prepare(
        'INSERT OR IGNORE INTO reports (round, id, block, digest, state) VALUES (?, ?, ?, ?, ?)',
      )
      .run(round, id, block, digest, state);
    return changes === 0 ? null : Number(lastInsertRowid);
  }

  #refuse(code: string): void {
    this.#database
      .prepare(
        'INSERT INTO refusals VALUES (?, 1) ON CONFLICT (code) DO UPDATE SET count = count + 1',
      )
      .run(code);
  }

  /** Stores reports and counts refusals (codes), all in one transaction. For each report: whether it is new. */
  arrive(items: readonly (Arrived | string)[]): readonly boolean[] {
    const insert = this.#database.prepare('INSERT INTO pending VALUES (?, ?, ?, ?, ?)');
    return transaction(this.#database, () =>
      items.map((item) => {
        if (typeof item === 'string') {
          this.#refuse(item);
          return false;
        }
        if (this.isClosed(item.round)) return false;
        const at = this.#insert(item, 'pending');
        if (at === null) return false;
        insert.run(at, item.round, item.head, item.sealed, item.share);
        return true;
      }),
    );
  }

  waiting(round: Bytes, most: number): readonly Waiting[] {
    const rows = this.#database
      .prepare('SELECT at, head, sealed FROM pending WHERE round = ? ORDER BY at LIMIT ?')
      .all(round, most);
    return rows.map(({ at, head, sealed }) => ({
      at: Number(at),
      head: bytesAt(head),
      sealed: bytesAt(sealed),
    }));
  }

  /** What B said of reports that waited; one that waits no longer was settled before, and is passed over. */
  settle(answers: readonly { readonly at: number; readonly state: string }[]): void {
    const take = this.#database.prepare('DELETE FROM pending WHERE at = ? RETURNING share');
    const update = this.#database.prepare(
      'UPDATE reports SET state = ? WHERE at = ? RETURNING round, id, block',
    );
    transaction(this.#database, () => {
      const tables = new Tables(this.#database);
      for (const { at, state } of answers) {
        const share = take.get(at)?.['share'];
        if (share === undefined) continue;
        const row = update.get(state, at);
        if (state !== 'counted') this.#refuse(state);
        else {
          const key = { round: bytesAt(row?.['round']), block: Number(row?.['block']) };
          tables.add({ ...key, id: bytesAt(row?.['id']) }, numbersIn(share as Uint8Array));
        }
      }
      tables.write();
    });
  }

  /** Adds what is new. For each: what is known of it now. */
  add(addends: readonly Addend[]): readonly Known[] {
    return transaction(this.#database, () => {
      const tables = new Tables(this.#database);
      const all = addends.map((addend) => {
        const { round, id, digest, numbers } = addend;
        const before = this.known(round, id);
        if (before) return before;
        if (this.isClosed(round)) return { digest, state: 'round_closed' };
        this.#insert(addend, addend.state);
        if (numbers) tables.add(addend, numbers());
        else this.#refuse(addend.state);
        return { digest, state: addend.state };
      });
      tables.write();
      return all;
    });
  }

  blocks(round: Bytes): readonly Block[] {
    const rows = this.#database
      .prepare('SELECT block, state, count, ids FROM blocks WHERE round = ? ORDER BY block')
      .all(round);
    return rows.map(({ block, state, count, ids }) => ({
      block: Number(block),
      state: state as BlockState,
      count: Number(count),
      ids: bytesAt(ids),
    }));
  }

  /**
   * Ends a block for good. `noise`, [n]: its sum is published with it; null: it has none. The sum without noise is gone in the same transaction, and a block
   * that has ended stays as it is: a second noise would average the first one away.
   */
  closeBlock(
    round: Bytes,
    block: number,
    state: Exclude<BlockState, 'open'>,
    noise: Int32Array | null,
  ): void {
    // Overwrites what it deletes, in the file and in the journal.
    this.#database.exec('PRAGMA secure_delete = ON');
    transaction(this.#database, () => {
      const end = this.#database.prepare(
        "UPDATE blocks SET state = ? WHERE round = ? AND block = ? AND state = 'open'",
      );
      if (end.run(state, round, block).changes === 0) return;
      const taken = this.#database
        .prepare('DELETE FROM raw WHERE round = ? AND block = ? RETURNING sums')
        .get(round, block);
      if (noise === null) return;
      const sums = numbersIn(bytesAt(taken?.['sums']));
      addTo(sums, noise);
      this.#database
        .prepare('UPDATE blocks SET noised = ? WHERE round = ? AND block = ?')
        .run(bytesOf(sums), round, block);
    });
    this.#database.exec('PRAGMA secure_delete = OFF; PRAGMA wal_checkpoint(TRUNCATE)');
  }

  /** Blocks whose sum without noise is there. */
  rawBlocks(round: Bytes): number {
    const row = this.#database.prepare('SELECT count(*) AS n FROM raw WHERE round = ?').get(round);
    return Number(row?.['n']);
  }

  /** null: the block has no noised sum. */
  noised(round: Bytes, block: number): Bytes | null {
    const row = this.#database
      .prepare('SELECT noised FROM blocks WHERE round = ? AND block = ?')
      .get(round, block);
    return row?.['noised'] ? bytesAt(row['noised']) : null;
  }

  /** Noised sums that nobody has seen yet. */
  unpublished(): readonly (Block & { readonly round: Bytes; readonly noised: Bytes })[] {
    const rows = this.#database
      .prepare('SELECT * FROM blocks WHERE noised IS NOT NULL AND published = 0')
      .all();
    return rows.map(({ round, block, count, ids, noised }) => ({
      round: bytesAt(round),
      block: Number(block),
      state: 'closed',
      count: Number(count),
      ids: bytesAt(ids),
      noised: bytesAt(noised),
    }));
  }

  markPublished(round: Bytes, block: number): void {
    this.#database
      .prepare('UPDATE blocks SET published = 1 WHERE round = ? AND block = ?')
      .run(round, block);
  }

  /** How many were refused, by code. */
  refusals(): Readonly<Record<string, number>> {
    const rows = this.#database.prepare('SELECT code, count FROM refusals').all();
    return Object.fromEntries(rows.map(({ code, count }) => [String(code), Number(count)]));
  }

  [Symbol.dispose](): void {
    this.#database.close();
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
  readonly #database: DatabaseSync;
  readonly #sums = new Map<string, Sum>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  #read(round: Bytes, block: number, n: number): Sum {
    const raw = this.#database
      .prepare('SELECT sums FROM raw WHERE round = ? AND block = ?')
      .get(round, block);
    const row = this.#database
      .prepare('SELECT count, ids, state FROM blocks WHERE round = ? AND block = ?')
      .get(round, block);
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
    const table = this.#database.prepare(
      'INSERT INTO raw VALUES (?, ?, ?) ON CONFLICT (round, block) DO UPDATE SET sums = excluded.sums',
    );
    const row = this.#database.prepare(
      `INSERT INTO blocks VALUES (?, ?, 'open', ?, ?, NULL, 0)
       ON CONFLICT (round, block) DO UPDATE SET count = excluded.count, ids = excluded.ids`,
    );
    for (const { round, block, numbers, ids, count } of this.#sums.values()) {
      table.run(round, block, bytesOf(numbers));
      row.run(round, block, count, ids);
    }
  }
}
