/** Statements about sums and blocks in PostgreSQL: parts of transactions. */
import { randomInt } from 'node:crypto';
import type { Bytes } from '@ossicle/wire/log';
import { addHash, addTo, bytesOf, noIds, numbersAt, type BlockState } from '@ossicle/wire/report';
import type { Row, Sql } from './postgres-hosts.ts';
import { bytesAt } from './postgres-reports.ts';
import { shareRound } from './postgres-tables.ts';
import { digestOf, type Block } from './store.ts';

interface Sum {
  readonly round: Bytes;
  readonly block: number;
  readonly ids: Bytes;
  readonly numbers: Uint32Array<ArrayBuffer>;
  count: number;
}

/** What one transaction adds, by blocks: added up here, so that a shard is locked only while it is read and written. */
export class Increments {
  readonly #sums = new Map<string, Sum>();

  add(
    { round, block, id }: { readonly round: Bytes; readonly block: number; readonly id: Bytes },
    numbers: Uint32Array,
  ): void {
    const key = `${Buffer.from(round).toString('hex')} ${block}`;
    const fresh = {
      round,
      block,
      ids: noIds(),
      numbers: new Uint32Array(numbers.length),
      count: 0,
    };
    const sum = this.#sums.get(key) ?? fresh;
    this.#sums.set(key, sum);
    addTo(sum.numbers, numbers);
    addHash(sum.ids, digestOf(id));
    ++sum.count;
  }

  /** The rounds are locked by now. Errors: a block has ended. */
  async write(sql: Sql): Promise<void> {
    const sorted = [...this.#sums].toSorted(([x], [y]) => (x < y ? -1 : 1));
    for (const [, sum] of sorted) await writeSum(sql, sum);
  }
}

async function writeSum(sql: Sql, { round, block, ids, numbers, count }: Sum): Promise<void> {
  await sql(
    "INSERT INTO blocks VALUES ($1, $2, 'open', 0, NULL, NULL, false) ON CONFLICT DO NOTHING",
    [round, block],
  );
  const [found] = await sql('SELECT state FROM blocks WHERE round = $1 AND block = $2', [
    round,
    block,
  ]);
  if (found?.['state'] !== 'open') throw new Error(`Block ${block} has ended.`);
  // Any shard that nobody else writes just now.
  const [free] = await sql(
    `SELECT shard, ids, numbers FROM sums WHERE round = $1 AND block = $2
     ORDER BY shard LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [round, block],
  );
  if (!free) {
    await sql('INSERT INTO sums VALUES ($1, $2, $3, $4, $5, $6)', [
      ...[round, block, randomInt(2 ** 31), count, ids, bytesOf(numbers)],
    ]);
    return;
  }
  addTo(numbers, numbersAt(free['numbers'] as Bytes));
  addHash(ids, free['ids'] as Uint8Array);
  await sql(
    'UPDATE sums SET count = count + $4, ids = $5, numbers = $6 WHERE round = $1 AND block = $2 AND shard = $3',
    [round, block, free['shard'], count, ids, bytesOf(numbers)],
  );
}

/** Count and checksum of a block over its shards. */
function combined(shards: readonly Row[]): { readonly count: number; readonly ids: Bytes } {
  const ids = noIds();
  for (const shard of shards) addHash(ids, shard['ids'] as Uint8Array);
  return { count: shards.reduce((sum, { count }) => sum + Number(count), 0), ids };
}

/** While a block is open, its shards have its count and checksum; afterwards it has them itself. */
export async function readBlocks(sql: Sql, round: Bytes): Promise<readonly Block[]> {
  // So that none ends between the two.
  await shareRound(sql, round);
  const rows = await sql(
    'SELECT block, state, count, ids FROM blocks WHERE round = $1 ORDER BY block',
    [round],
  );
  const shards = await sql('SELECT block, count, ids FROM sums WHERE round = $1', [round]);
  return rows.map((row) => {
    const own = shards.filter((shard) => shard['block'] === row['block']);
    const ended = { count: Number(row['count']), ids: bytesAt(row['ids'] ?? noIds()) };
    const state = row['state'] as BlockState;
    return { block: Number(row['block']), state, ...(state === 'open' ? combined(own) : ended) };
  });
}

/** Ends a block if it is open. Its round is owned by now. */
export async function endBlock(
  sql: Sql,
  { round, block }: { readonly round: Bytes; readonly block: number },
  state: BlockState,
  noise: Uint32Array | null,
): Promise<void> {
  const [open] = await sql(
    "SELECT FROM blocks WHERE round = $1 AND block = $2 AND state = 'open' FOR UPDATE",
    [round, block],
  );
  if (!open) return;
  const shards = await sql(
    'DELETE FROM sums WHERE round = $1 AND block = $2 RETURNING count, ids, numbers',
    [round, block],
  );
  const { count, ids } = combined(shards);
  const noised = noise && new Uint32Array(noise.length);
  if (noised) {
    addTo(noised, noise);
    for (const { numbers } of shards) addTo(noised, numbersAt(numbers as Bytes));
  }
  await sql(
    'UPDATE blocks SET state = $3, count = $4, ids = $5, noised = $6 WHERE round = $1 AND block = $2',
    [round, block, state, count, ids, noised && bytesOf(noised)],
  );
}
