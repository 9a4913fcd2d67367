/** Statements about reports and their tokens in PostgreSQL: parts of transactions. */
import type { Bytes } from '@ossicle/wire/log';
import type { Row, Sql } from './postgres-hosts.ts';
import { shareRound } from './postgres-tables.ts';
import type { Arrived, Known } from './store.ts';

export const bytesAt = (value: unknown): Bytes => new Uint8Array(value as Uint8Array);
const hexOf = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString('hex');

/** Says which report this is. */
export const keyOf = ({ round, id }: { readonly round?: unknown; readonly id?: unknown }): string =>
  `${hexOf(round)} ${hexOf(id)}`;
const tokenOf = ({
  round,
  token,
}: {
  readonly round?: unknown;
  readonly token?: unknown;
}): string => `${hexOf(round)} ${hexOf(token)}`;

export const knownOf = ({ digest, state }: Row): Known => ({
  digest: bytesAt(digest),
  state: String(state),
});

export type Report = Pick<Arrived, 'round' | 'id' | 'block' | 'digest'> & {
  readonly state: string;
};

/** The first of each key. In the order of the keys, which is the same everywhere: so no two transactions wait for each other. */
function firsts<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, T> {
  const first = new Map(items.toReversed().map((item) => [keyOf(item), item]));
  return new Map([...first].toSorted(([x], [y]) => (x < y ? -1 : 1)));
}

const columns = <T>(items: Iterable<T>, ...columns: readonly ((item: T) => unknown)[]) => {
  const all = [...items];
  return columns.map((column) => all.map(column));
};

/** Locks the rounds of these, and gives their ids. */
export async function shareRounds(
  sql: Sql,
  reports: readonly Pick<Report, 'round'>[],
): Promise<readonly Bytes[]> {
  const rounds = [
    ...firsts(
      reports.map(({ round }) => round),
      hexOf,
    ).values(),
  ];
  for (const round of rounds) await shareRound(sql, round);
  return rounds;
}

/** Locks the rounds of these, and gives the ids in hex of those that take reports. */
async function openRounds(sql: Sql, reports: readonly Report[]): Promise<ReadonlySet<string>> {
  const rounds = await shareRounds(sql, reports);
  const rows = await sql('SELECT id FROM rounds WHERE id = ANY($1) AND NOT closed', [rounds]);
  return new Set(rows.map(({ id }) => hexOf(id)));
}

/** Stores those that are new, of rounds that take reports: which they are. */
export async function storeNew<T extends Report>(
  sql: Sql,
  reports: readonly T[],
): Promise<ReadonlySet<T>> {
  const open = await openRounds(sql, reports);
  const fit = firsts(
    reports.filter(({ round }) => open.has(hexOf(round))),
    keyOf,
  );
  const rows = await sql(
    `INSERT INTO reports (round, id, block, digest, state)
     SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::integer[], $4::bytea[], $5::text[])
     ON CONFLICT DO NOTHING RETURNING round, id`,
    columns(
      fit.values(),
      ({ round }) => round,
      ({ id }) => id,
      ({ block }) => block,
      ({ digest }) => digest,
      ({ state }) => state,
    ),
  );
  const stored = new Set(rows.map(keyOf));
  return new Set([...fit].flatMap(([key, report]) => (stored.has(key) ? [report] : [])));
}

/** What is known of reports, by their keys. */
export async function knownAmong(
  sql: Sql,
  reports: readonly Report[],
): Promise<ReadonlyMap<string, Known>> {
  if (reports.length === 0) return new Map();
  const rows = await sql(
    `SELECT round, id, digest, state FROM reports
     JOIN unnest($1::bytea[], $2::bytea[]) AS asked (round, id) USING (round, id)`,
    columns(
      reports,
      ({ round }) => round,
      ({ id }) => id,
    ),
  );
  return new Map(rows.map((row) => [keyOf(row), knownOf(row)]));
}

/** Spends the tokens of what was just stored: those whose token was spent before. Of them nothing is kept. */
export async function spend(
  sql: Sql,
  stored: readonly (Arrived & Report)[],
): Promise<ReadonlySet<Report>> {
  const paid = stored.filter(({ token }) => token !== null);
  if (paid.length === 0) return new Set();
  const payers = firsts(paid, tokenOf);
  const rows = await sql(
    `INSERT INTO tokens (round, token) SELECT * FROM unnest($1::bytea[], $2::bytea[])
     ON CONFLICT DO NOTHING RETURNING round, token`,
    columns(
      payers.values(),
      ({ round }) => round,
      ({ token }) => token,
    ),
  );
  const good = new Set(rows.map((row) => payers.get(tokenOf(row))));
  const bad = paid.filter((one) => !good.has(one));
  await sql(
    `DELETE FROM reports USING unnest($1::bytea[], $2::bytea[]) AS bad (round, id)
     WHERE reports.round = bad.round AND reports.id = bad.id`,
    columns(
      bad,
      ({ round }) => round,
      ({ id }) => id,
    ),
  );
  return new Set(bad);
}

export async function storePending(sql: Sql, stored: readonly Arrived[]): Promise<void> {
  if (stored.length === 0) return;
  // Each as a value of its own: an array travels as text, at twice the length.
  const values = stored.flatMap((one) => [
    ...[one.round, one.id, one.block, one.head, one.sealed, one.message, one.share],
  ]);
  const columns = [1, 2, 3, 4, 5, 6, 7];
  const rows = stored.map((_, i) => `(${columns.map((j) => `$${columns.length * i + j}`).join()})`);
  await sql(
    `INSERT INTO pending (round, id, block, head, sealed, message, share) VALUES ${rows.join()}`,
    values,
  );
}

export async function setStates(
  sql: Sql,
  reports: readonly Omit<Report, 'digest'>[],
): Promise<void> {
  await sql(
    `UPDATE reports SET state = now.state FROM unnest($1::bytea[], $2::bytea[], $3::text[]) AS now (round, id, state)
     WHERE reports.round = now.round AND reports.id = now.id`,
    columns(
      reports,
      ({ round }) => round,
      ({ id }) => id,
      ({ state }) => state,
    ),
  );
}
