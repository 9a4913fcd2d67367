import { PostgresStore } from './postgres.ts';
import { SqliteStore } from './sqlite.ts';
import type { AggregateStore } from './store.ts';

/**
 * `where`: postgres://NAME@HOST:PORT,HOST:PORT/DATABASE, or the path of a SQLite file, made when it is not there. Two aggregators never share one; nodes of one
 * aggregator share a database of PostgreSQL. Errors: InputError (no such database).
 */
export async function openStore(where: string): Promise<AggregateStore> {
  if (/^postgres(ql)?:\/\//.test(where)) return PostgresStore.open(where);
  return new SqliteStore(where);
}
