/**
 * PostgreSQL with a synchronous standby: transactions of which nothing is lost when any one machine is. ADR 0021 says why it is done like this.
 *
 * A transaction may be done twice: when the connection ends while it commits, nobody can tell whether it did, and it is done again. What it does must be the
 * same the second time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { InputError, messageOf } from '../../errors.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Runs one statement of a transaction. Values of bytea are Buffer, of bigint string. */
export type Sql = (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

/** SQLSTATE: serialization failure and deadlock. */
const IN_THE_WAY: ReadonlySet<string | undefined> = new Set(['40001', '40P01']);
/** The server is shutting down, has crashed, is starting; takes no writes; has no connection left. */
const AWAY: ReadonlySet<string | undefined> = new Set([
  '57P01',
  '57P02',
  '57P03',
  '25006',
  '53300',
]);
/** A warning: somebody ended the wait for the standby, and the commit may be on the primary alone. */
const ALONE = '01000';

/** What is worth another try: the server went away, became a standby, or found transactions in each other's way. */
class Unavailable extends Error {
  /** Whether the connection is of no more use. */
  readonly isLost: boolean;

  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
    this.isLost = !(cause instanceof pg.DatabaseError) || !IN_THE_WAY.has(cause.code);
  }
}

function isTransient(cause: unknown): boolean {
  // Whatever else pg rejects with is about the connection.
  if (!(cause instanceof pg.DatabaseError)) return true;
  const { code } = cause;
  return IN_THE_WAY.has(code) || AWAY.has(code) || code?.startsWith('08') === true;
}

async function tried<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (cause) {
    throw isTransient(cause) ? new Unavailable(cause) : cause;
  }
}

const CONNECTIONS = 8;
/** A commit waits for the standby; one that waits longer than this may wait for a host that is gone. Below the patience, so that another host is tried, too. */
const ANSWER_MS = 10_000;
const PATIENCE_MS = 30_000;
const MOST_PAUSE_MS = 500;
/**
 * A commit waits for the standby only when its transaction has a record in the write-ahead log, so each gets one: then it waits also when it has only read, or
 * found everything done, and with it all that it has read.
 */
const COMMIT = "SELECT pg_logical_emit_message(true, 'ossicle', ''); COMMIT";

/** What libpq understands and `pg` does not: several hosts, "postgres://NAME:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?…". One URL for each. */
export function urlsOf(url: string): readonly string[] {
  const parts = /^(postgres(?:ql)?:\/\/(?:[^@/?]*@)?)([^@/?]+)(\/[^?]+(?:\?.*)?)$/.exec(url);
  const [, before = '', hosts = '', after = ''] = parts ?? [];
  const urls = hosts.split(',').map((host) => `${before}${host}${after}`);
  if (parts && urls.every((one) => URL.canParse(one))) return urls;
  // Not the URL itself: it may have a password.
  const what = 'The address of the PostgreSQL database cannot be read.';
  throw new InputError(`${what} Write postgres://NAME@HOST:PORT,HOST:PORT/DATABASE`);
}

function poolOf(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: 2000,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    // Whatever the server's own default is.
    options: '-c synchronous_commit=on -c default_transaction_isolation=read\\ committed',
  });
  // A connection that ends: who uses it finds out, and so does who takes it next.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', () => undefined);
  return pool;
}

const sqlOn =
  (client: pg.PoolClient): Sql =>
  async (text, values = []) =>
    (await tried(client.query<Row>(text, [...values]))).rows;

export class Postgres implements AsyncDisposable {
  readonly #pools: readonly pg.Pool[];
  readonly #writable = new WeakSet<pg.PoolClient>();
  /** Connections of which a commit may be on the primary alone. */
  readonly #alone = new WeakSet<pg.PoolClient>();
  /** The host that is tried first. */
  #at = 0;

  /** Errors: InputError (no URL of PostgreSQL). */
  constructor(url: string) {
    this.#pools = urlsOf(url).map(poolOf);
  }

  async #check(client: pg.PoolClient): Promise<void> {
    if (this.#writable.has(client)) return;
    const { rows } = await tried(client.query<Row>('SELECT pg_is_in_recovery() AS standby'));
    if (rows[0]?.['standby'] !== false) throw new Unavailable('it is a standby');
    this.#writable.add(client);
    client.on('notice', ({ code }) => {
      if (code === ALONE) this.#alone.add(client);
    });
  }

  async #connectTo(pool: pg.Pool): Promise<pg.PoolClient> {
    const client = await tried(pool.connect());
    try {
      await this.#check(client);
      return client;
    } catch (cause) {
      client.release(true);
      throw cause;
    }
  }

  /** A connection to the host that takes writes. */
  async #connect(): Promise<pg.PoolClient> {
    let failure: unknown;
    const from = this.#at;
    const pools = [...this.#pools.slice(from), ...this.#pools.slice(0, from)];
    for (const [i, pool] of pools.entries()) {
      try {
        const client = await this.#connectTo(pool);
        this.#at = (from + i) % pools.length;
        return client;
      } catch (cause) {
        if (!(cause instanceof Unavailable)) {
          const what = `PostgreSQL refuses the connection: ${messageOf(cause)}.`;
          throw new InputError(`${what} Check the address, the name and its rights.`, { cause });
        }
        failure = cause;
      }
    }
    throw failure;
  }

  /** Gives the connection back, or ends it. */
  async #giveBack(client: pg.PoolClient, cause: unknown): Promise<void> {
    if (cause instanceof Unavailable && cause.isLost) {
      client.release(true);
      // A host that is cut off from its standby takes connections and never commits.
      this.#at = (this.#at + 1) % this.#pools.length;
      return;
    }
    const rolledBack = client.query('ROLLBACK').then(
      () => false,
      () => true,
    );
    client.release(await rolledBack);
  }

  async #once<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    const sql = sqlOn(client);
    try {
      await sql('BEGIN');
      const result = await work(sql);
      await tried(client.query(COMMIT));
      if (this.#alone.has(client)) throw new Unavailable('the wait for the standby was ended');
      client.release();
      return result;
    } catch (cause) {
      await this.#giveBack(client, cause);
      throw cause;
    }
  }

  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const until = Date.now() + PATIENCE_MS;
    for (let pause = 10; ; pause = Math.min(2 * pause, MOST_PAUSE_MS)) {
      try {
        return await work();
      } catch (cause) {
        if (!(cause instanceof Unavailable)) throw cause;
        if (Date.now() >= until) {
          const what = `No PostgreSQL host of this aggregator takes writes: ${cause.message}.`;
          const then = 'What was acknowledged is kept; start a primary and its standby.';
          throw new InputError(`${what} ${then}`, { cause });
        }
        // Nodes that wait for the same do not come back at once.
        await sleep(pause * (0.5 + Math.random() / 2));
      }
    }
  }

  /** All or nothing, and durable on primary and standby: also what it has read, which a crash could have left on the primary alone. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#patiently(() => this.#once(work));
  }

  /** One statement that no transaction may have, or whose answer need not last. */
  ask(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.#patiently(async () => {
      const client = await this.#connect();
      try {
        const rows = await sqlOn(client)(text, values);
        client.release();
        return rows;
      } catch (cause) {
        client.release(true);
        throw cause;
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.end()));
  }
}
