/** The tables of an aggregator in PostgreSQL, and the lock of a round. */
import type { Postgres, Sql } from './postgres-hosts.ts';

// `tokens` is apart from `reports`, so that no column says which report a token came with; the order of rows and the write-ahead log may still tell, and a token
// names nobody. `sums` is the one place of sums without noise: of one block any number of rows, as many as transactions ever added to it at once. Messages, shares
// and sums look random: to compress them would be in vain.
const TABLES = `
CREATE TABLE rounds (at bigint GENERATED ALWAYS AS IDENTITY, id bytea PRIMARY KEY, text text NOT NULL, closed boolean NOT NULL);
CREATE TABLE reports (round bytea, id bytea, block integer NOT NULL, digest bytea NOT NULL, state text NOT NULL, PRIMARY KEY (round, id));
CREATE TABLE tokens (round bytea, token bytea, PRIMARY KEY (round, token));
CREATE TABLE pending (at bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, round bytea NOT NULL, id bytea NOT NULL, block integer NOT NULL,
  head bytea NOT NULL, sealed bytea NOT NULL, claimed timestamptz NOT NULL DEFAULT '-infinity', message bytea NOT NULL, share bytea NOT NULL);
CREATE INDEX ON pending (round, at);
CREATE TABLE blocks (round bytea, block integer, state text NOT NULL, count bigint NOT NULL, ids bytea, noised bytea, published boolean NOT NULL,
  PRIMARY KEY (round, block));
CREATE TABLE sums (round bytea, block integer, shard integer, count bigint NOT NULL, ids bytea NOT NULL, numbers bytea NOT NULL,
  PRIMARY KEY (round, block, shard));
CREATE TABLE refusals (code text, shard integer, count bigint NOT NULL, PRIMARY KEY (code, shard));
ALTER TABLE pending ALTER message SET STORAGE EXTERNAL, ALTER share SET STORAGE EXTERNAL;
ALTER TABLE sums ALTER numbers SET STORAGE EXTERNAL;
ALTER TABLE blocks ALTER noised SET STORAGE EXTERNAL;
ALTER TABLE pending SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
  toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 20000);
ALTER TABLE sums SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
  toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 20000)`;

/** One lock for making the tables: any number that no round has by design. */
const MAKING = 0n;

/** Makes what is not there; nodes may start at once. */
export async function makeTables(postgres: Postgres): Promise<void> {
  await postgres.transaction(async (sql) => {
    await sql('SELECT pg_advisory_xact_lock($1)', [MAKING]);
    const [row] = await sql("SELECT to_regclass('refusals') IS NULL AS missing");
    if (row?.['missing'] !== true) return;
    for (const statement of TABLES.split(';')) await sql(statement);
  });
}

const lockOf = (round: Uint8Array): bigint => Buffer.from(round).readBigInt64BE();

/** Waits until nobody ends this round or a block of it; then nobody does until the transaction is over. */
export async function shareRound(sql: Sql, round: Uint8Array): Promise<void> {
  await sql('SELECT pg_advisory_xact_lock_shared($1)', [lockOf(round)]);
}

/** Waits until nobody adds to this round; then nobody does until the transaction is over. */
export async function ownRound(sql: Sql, round: Uint8Array): Promise<void> {
  await sql('SELECT pg_advisory_xact_lock($1)', [lockOf(round)]);
}
