import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { InputError } from './errors.ts';

/** A database of which a committed transaction survives whatever is killed. */
export function openDatabase(path: string, schema: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec('PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  database.exec(schema);
  return database;
}

/** All or nothing. `work` does not wait for anything. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (cause) {
    database.exec('ROLLBACK');
    throw cause;
  }
}

const WAIT_MS = 30_000;
const STEP_MS = 20;

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN IMMEDIATE');
    return true;
  } catch (cause) {
    // SQLITE_BUSY.
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === 5) return false;
    throw cause;
  }
}

/** Runs `work` while no other program with this lock does; one that dies lets go of it. Errors: InputError after half a minute. */
export async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  using database = new DatabaseSync(path, { timeout: 0 });
  for (let waited = 0; !tryLock(database); waited += STEP_MS) {
    if (waited >= WAIT_MS) {
      const what = `Another program has held ${path} for half a minute.`;
      throw new InputError(`${what} End the one that hangs, and try again.`);
    }
    await sleep(STEP_MS);
  }
  try {
    return await work();
  } finally {
    database.exec('ROLLBACK');
  }
}
