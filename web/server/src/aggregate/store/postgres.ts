/** What an aggregator keeps, in PostgreSQL: for any number of nodes. store.ts has the contract, ADR 0021 the reasons. */
import { randomInt } from 'node:crypto';
import type { Bytes } from '@ossicle/wire/log';
import { numbersAt, type BlockState } from '@ossicle/wire/report';
import { Postgres, type Row, type Sql } from './postgres-hosts.ts';
import {
  bytesAt,
  keyOf,
  knownAmong,
  knownOf,
  setStates,
  shareRounds,
  spend,
  storeNew,
  storePending,
} from './postgres-reports.ts';
import { endBlock, Increments, readBlocks } from './postgres-sums.ts';
import { makeTables, ownRound } from './postgres-tables.ts';
import type {
  Addend,
  AggregateStore,
  Answer,
  Arrival,
  Arrived,
  Block,
  Known,
  NoisedBlock,
  StoredRound,
  Waiting,
} from './store.ts';

/** After this time another node gets what one has claimed. Both may then bring it; it counts once. */
const CLAIM_SECONDS = 15;
/** A refusal is counted in one of so many rows, so that nodes do not wait for each other. */
const REFUSAL_SHARDS = 16;

/**
 * Makes room of deleted rows that no transaction can see any more: their bytes go when something else is written there, or, at an empty end of the table that
 * nobody is using, with the end of the file. ADR 0021 says what the disk and the write-ahead log still have.
 */
const CLEAR = 'VACUUM sums';

async function hasClosed(postgres: Postgres): Promise<boolean> {
  return (await postgres.ask('SELECT FROM rounds WHERE closed LIMIT 1')).length > 0;
}

const countsOf = (refused: readonly { readonly state: string }[]): ReadonlyMap<string, number> =>
  new Map([...Map.groupBy(refused, ({ state }) => state)].map(([code, all]) => [code, all.length]));

async function countRefusals(sql: Sql, counts: ReadonlyMap<string, number>): Promise<void> {
  const shard = randomInt(REFUSAL_SHARDS);
  for (const [code, count] of [...counts].toSorted(([x], [y]) => (x < y ? -1 : 1))) {
    await sql(
      `INSERT INTO refusals VALUES ($1, $2, $3)
       ON CONFLICT (code, shard) DO UPDATE SET count = refusals.count + excluded.count`,
      [code, shard, count],
    );
  }
}

export class PostgresStore implements AggregateStore {
  readonly #postgres: Postgres;

  private constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  /** `url`: as libpq reads it, several hosts included. Errors: InputError (no URL; no host takes writes). */
  static async open(url: string): Promise<PostgresStore> {
    await using stack = new AsyncDisposableStack();
    const postgres = stack.use(new Postgres(url));
    await makeTables(postgres);
    // Whoever closed a block may have ended before it did this.
    if (await hasClosed(postgres)) await postgres.ask(CLEAR);
    stack.move();
    return new PostgresStore(postgres);
  }

  /** Rows that others act upon. That there are none need not last: then nothing waits for the standby. */
  async #found(select: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    if ((await this.#postgres.ask(select, values)).length === 0) return [];
    return this.#postgres.transaction((sql) => sql(select, values));
  }

  async addRound(id: Bytes, text: string): Promise<void> {
    await this.#postgres.transaction((sql) =>
      sql('INSERT INTO rounds (id, text, closed) VALUES ($1, $2, false) ON CONFLICT DO NOTHING', [
        id,
        text,
      ]),
    );
  }

  async rounds(): Promise<readonly StoredRound[]> {
    const select = 'SELECT id, text, closed FROM rounds ORDER BY at';
    const rows = await this.#postgres.transaction((sql) => sql(select));
    return rows.map(({ id, text, closed }) => ({
      id: bytesAt(id),
      text: String(text),
      closed: closed === true,
    }));
  }

  async closeRound(round: Bytes): Promise<void> {
    await this.#postgres.transaction(async (sql) => {
      const [open] = await sql('SELECT FROM rounds WHERE id = $1 AND NOT closed', [round]);
      if (!open) return;
      await ownRound(sql, round);
      await sql('UPDATE rounds SET closed = true WHERE id = $1', [round]);
    });
  }

  async known(round: Bytes, ids: readonly Bytes[]): Promise<readonly (Known | null)[]> {
    const select = 'SELECT round, id, digest, state FROM reports WHERE round = $1 AND id = ANY($2)';
    const rows = await this.#found(select, [round, ids]);
    const known = new Map(rows.map((row) => [keyOf(row), knownOf(row)]));
    return ids.map((id) => known.get(keyOf({ round, id })) ?? null);
  }

  async isSpent(round: Bytes, token: Bytes): Promise<boolean> {
    const select = 'SELECT FROM tokens WHERE round = $1 AND token = $2';
    return (await this.#found(select, [round, token])).length > 0;
  }

  arrive(items: readonly Arrived[]): Promise<readonly Arrival[]> {
    const reports = items.map((item) => ({ ...item, state: 'pending' }));
    return this.#postgres.transaction(async (sql) => {
      const fresh = await storeNew(sql, reports);
      // In their own order: of two with the same token the first one has it.
      const stored = reports.filter((one) => fresh.has(one));
      const unpaid = await spend(sql, stored);
      await storePending(
        sql,
        stored.filter((one) => !unpaid.has(one)),
      );
      const others = reports.filter((one) => !fresh.has(one));
      const known = await knownAmong(sql, others);
      const refused = new Set([...unpaid].map(keyOf));
      return reports.map((one) => {
        if (fresh.has(one) && !unpaid.has(one)) return 'new';
        const missing = refused.has(keyOf(one)) ? 'token_spent' : 'round_closed';
        return known.get(keyOf(one)) ?? missing;
      });
    });
  }

  async refuse(counts: ReadonlyMap<string, number>): Promise<void> {
    await this.#postgres.transaction((sql) => countRefusals(sql, counts));
  }

  async claim(round: Bytes, most: number): Promise<readonly Waiting[]> {
    const free = `SELECT at FROM pending
      WHERE round = $1 AND claimed < now() - make_interval(secs => ${CLAIM_SECONDS}) ORDER BY at LIMIT $2`;
    if ((await this.#postgres.ask(free, [round, 1])).length === 0) return [];
    const rows = await this.#postgres.transaction((sql) =>
      sql(
        // Materialized: what skips locked rows must not run twice, or it would find more than the limit.
        `WITH free AS MATERIALIZED (${free} FOR UPDATE SKIP LOCKED)
         UPDATE pending SET claimed = now() FROM free WHERE pending.at = free.at
         RETURNING pending.at, head, sealed, message`,
        [round, most],
      ),
    );
    const waiting = rows.map(({ at, head, sealed, message }) => ({
      ...{ at: Number(at), head: bytesAt(head) },
      ...{ sealed: bytesAt(sealed), message: bytesAt(message) },
    }));
    return waiting.toSorted((x, y) => x.at - y.at);
  }

  async pending(round: Bytes): Promise<number> {
    const count = 'SELECT count(*) AS n FROM pending WHERE round = $1';
    const [row] = await this.#postgres.transaction((sql) => sql(count, [round]));
    return Number(row?.['n']);
  }

  async settle(answers: readonly Answer[]): Promise<void> {
    const states = new Map(answers.map(({ at, state }) => [at, state]));
    await this.#postgres.transaction(async (sql) => {
      const rows = await sql(
        `DELETE FROM pending WHERE at IN (SELECT at FROM pending WHERE at = ANY($1::bigint[]) ORDER BY at FOR UPDATE)
         RETURNING at, round, id, block, share`,
        [[...states.keys()]],
      );
      const settled = rows.map(({ at, round, id, block, share }) => ({
        ...{ round: bytesAt(round), id: bytesAt(id), block: Number(block) },
        ...{ state: states.get(Number(at)) ?? '', share: share as Bytes },
      }));
      await shareRounds(sql, settled);
      await setStates(sql, settled);
      const increments = new Increments();
      for (const { share, ...one } of settled) {
        if (one.state === 'counted') increments.add(one, numbersAt(share));
      }
      await increments.write(sql);
      const refused = settled.filter(({ state }) => state !== 'counted');
      await countRefusals(sql, countsOf(refused));
    });
  }

  add(addends: readonly Addend[]): Promise<readonly Known[]> {
    return this.#postgres.transaction(async (sql) => {
      const fresh = await storeNew(sql, addends);
      const increments = new Increments();
      for (const one of fresh) if (one.numbers) increments.add(one, one.numbers);
      await increments.write(sql);
      const refused = [...fresh].filter(({ numbers }) => numbers === null);
      await countRefusals(sql, countsOf(refused));
      const others = addends.filter((one) => !fresh.has(one));
      const known = await knownAmong(sql, others);
      return addends.map((one) => {
        const { digest, state } = one;
        const before = known.get(keyOf(one)) ?? { digest, state: 'round_closed' };
        return fresh.has(one) ? { digest, state } : before;
      });
    });
  }

  blocks(round: Bytes): Promise<readonly Block[]> {
    return this.#postgres.transaction((sql) => readBlocks(sql, round));
  }

  async closeBlock(
    round: Bytes,
    block: number,
    state: Exclude<BlockState, 'open'>,
    noise: Uint32Array | null,
  ): Promise<void> {
    await this.#postgres.transaction(async (sql) => {
      await ownRound(sql, round);
      await endBlock(sql, { round, block }, state, noise);
    });
    // Now, and not when the server gets to it.
    await this.#postgres.ask(CLEAR);
  }

  async rawBlocks(round: Bytes): Promise<number> {
    const count = 'SELECT count(DISTINCT block) AS n FROM sums WHERE round = $1';
    const [row] = await this.#postgres.transaction((sql) => sql(count, [round]));
    return Number(row?.['n']);
  }

  async noised(round: Bytes, block: number): Promise<Bytes | null> {
    const [row] = await this.#postgres.transaction((sql) =>
      sql('SELECT noised FROM blocks WHERE round = $1 AND block = $2', [round, block]),
    );
    return row?.['noised'] ? bytesAt(row['noised']) : null;
  }

  async unpublished(): Promise<readonly NoisedBlock[]> {
    const rows = await this.#found(
      'SELECT round, block, count, ids, noised FROM blocks WHERE noised IS NOT NULL AND NOT published ORDER BY round, block',
    );
    return rows.map(({ round, block, count, ids, noised }) => ({
      ...{ round: bytesAt(round), block: Number(block), state: 'closed' },
      ...{ count: Number(count), ids: bytesAt(ids), noised: bytesAt(noised) },
    }));
  }

  async markPublished(round: Bytes, block: number): Promise<void> {
    await this.#postgres.transaction((sql) =>
      sql('UPDATE blocks SET published = true WHERE round = $1 AND block = $2', [round, block]),
    );
  }

  async refusals(): Promise<Readonly<Record<string, number>>> {
    const select = 'SELECT code, sum(count)::bigint AS count FROM refusals GROUP BY code';
    const rows = await this.#postgres.transaction((sql) => sql(select));
    return Object.fromEntries(rows.map(({ code, count }) => [String(code), Number(count)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#postgres[Symbol.asyncDispose]();
  }
}
