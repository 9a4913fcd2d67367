/** A primary and its synchronous standby, of Debian's PostgreSQL, in a folder of their own: for tests. Nothing of the system's own servers is touched. */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);
const DEBIAN = '/usr/lib/postgresql';
const NAME = 'ossicle';
/** Names of sockets in a folder of their own: nothing listens on a network. */
const PORTS = [5432, 5433] as const;
const SETTINGS = {
  listen_addresses: '',
  synchronous_standby_names: '*',
  synchronous_commit: 'on',
  // Processes are killed here, and never the machine: what was written is there without a wait for the disk.
  fsync: 'off',
  // Keeps what a standby that was away for a while has still to get.
  wal_keep_size: '256MB',
  max_wal_size: '512MB',
  wal_retrieve_retry_interval: '100ms',
  shared_buffers: '64MB',
  max_connections: '80',
  autovacuum_naptime: '5s',
  log_checkpoints: 'off',
} as const;

/** null: it is not installed. */
function programs(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map(Number) : [];
  const newest = Math.max(0, ...versions.filter((version) => version > 0));
  const folder = join(DEBIAN, String(newest), 'bin');
  return existsSync(join(folder, 'postgres')) ? folder : null;
}

export const noPostgres = (): string | false =>
  programs() === null && 'PostgreSQL is not installed: make setup-test';

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** It refuses to run as root. */
function account(): Account {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

const MOST_MS = 60_000;

/** Errors: not within a minute; with the end of the server's log. */
async function until({ log }: Server, what: string, isSo: () => Promise<boolean>): Promise<void> {
  const start = Date.now();
  while (!(await isSo().catch(() => false))) {
    if (Date.now() - start > MOST_MS) {
      const lines = readFileSync(log, 'utf8').trim().split('\n').slice(-20);
      throw new Error(`${what} within a minute. The end of its log:\n${lines.join('\n')}`);
    }
    await sleep(50);
  }
}

/** Not one that has ended and waits to be noticed. */
function isRunning(pid: string): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const childrenOf = (pid: number): readonly string[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((child) => child !== '');

/** In microseconds; proc(5) counts in hundredths of a second. */
function cpuOf(pid: string): number {
  const [, user = 0, system = 0] =
    /\) (?:\S+ ){11}(\d+) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.map(Number) ?? [];
  return 10_000 * (user + system);
}

class Server {
  readonly data: string;
  readonly log: string;
  readonly port: number;
  readonly #folder: string;
  readonly #account: Account;
  #program: ChildProcess | null = null;

  constructor(folder: string, port: number, own: Account) {
    this.#folder = folder;
    this.#account = own;
    this.port = port;
    this.data = join(folder, `data-${port}`);
    this.log = `${this.data}.log`;
    // Nothing stays behind when the test itself is ended.
    process.on('exit', () => this.#program?.kill('SIGQUIT'));
  }

  async tool(name: string, ...args: readonly string[]): Promise<void> {
    const options = { cwd: this.#folder, timeout: 120_000, ...this.#account };
    await run(join(programs() ?? '', name), args, options);
  }

  /** "host=… port=… user=…", for PostgreSQL's own programs. */
  get address(): string {
    return `host=${this.#folder} port=${this.port} user=${NAME}`;
  }

  /** One statement, in a connection of its own. */
  async sql(text: string): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client({
      ...{ host: this.#folder, port: this.port, user: NAME, database: 'postgres' },
      ...{ connectionTimeoutMillis: 5000, query_timeout: 60_000 },
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** `source`: whose standby it is; null: a primary. Waits until it answers. */
  async start(source: Server | null): Promise<void> {
    const settings = Object.entries({
      ...SETTINGS,
      unix_socket_directories: this.#folder,
      ...(source && { primary_conninfo: source.address }),
    });
    const signal = join(this.data, 'standby.signal');
    rmSync(signal, { force: true });
    if (source) writeFileSync(signal, '');
    const { uid, gid } = this.#account;
    if (source && uid !== undefined && gid !== undefined) chownSync(signal, uid, gid);
    const log = openSync(this.log, 'a');
    this.#program = spawn(
      join(programs() ?? '', 'postgres'),
      [
        ...['-D', this.data, '-p', String(this.port)],
        ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      { cwd: this.#folder, stdio: ['ignore', log, log], ...this.#account },
    );
    await until(this, 'PostgreSQL did not start', async () => {
      await this.sql('SELECT 1');
      return true;
    });
  }

  processes(): readonly string[] {
    const pid = this.#program?.pid;
    return pid === undefined ? [] : [String(pid), ...childrenOf(pid)];
  }

  /** Stops all its processes where they are, or lets them go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    for (const pid of this.processes()) process.kill(Number(pid), signal);
  }

  /** As a power cut ends it: the server and all its processes at once. */
  async kill(): Promise<void> {
    const program = this.#program;
    const { pid } = program ?? {};
    if (!program || pid === undefined || program.exitCode !== null) return;
    program.kill('SIGSTOP');
    const running = childrenOf(pid).filter(isRunning);
    for (const child of running) {
      try {
        process.kill(Number(child), 'SIGKILL');
      } catch {
        // It has just ended.
      }
    }
    const exit = once(program, 'exit');
    program.kill('SIGKILL');
    await exit;
    // The next one does not start while one of them still has the shared memory.
    await until(this, 'PostgreSQL did not end', () => Promise.resolve(!running.some(isRunning)));
    this.#program = null;
  }
}

export class PostgresServers implements AsyncDisposable {
  readonly #folder: string;
  #primary: Server;
  #standby: Server;

  private constructor(folder: string, primary: Server, standby: Server) {
    this.#folder = folder;
    this.#primary = primary;
    this.#standby = standby;
  }

  /** Empty databases of these names. */
  static async start(databases: readonly string[]): Promise<PostgresServers> {
    const own = account();
    const folder = mkdtempSync(join(tmpdir(), 'ossicle-pg-'));
    if (own.uid !== undefined && own.gid !== undefined) chownSync(folder, own.uid, own.gid);
    const [primary, standby] = PORTS.map((port) => new Server(folder, port, own));
    if (!primary || !standby) throw new Error('Two servers have two ports.');
    const servers = new PostgresServers(folder, primary, standby);
    try {
      const options = [
        '--auth=trust',
        '--encoding=UTF8',
        '--locale=C',
        '--data-checksums',
        '--no-sync',
      ];
      await primary.tool('initdb', '-D', primary.data, '-U', NAME, ...options);
      await primary.start(null);
      await servers.#copy();
      await standby.start(primary);
      for (const name of databases) await primary.sql(`CREATE DATABASE ${name}`);
      return servers;
    } catch (cause) {
      await servers[Symbol.asyncDispose]();
      throw cause;
    }
  }

  /** Makes the standby's files from the primary's. */
  async #copy(): Promise<void> {
    const { data } = this.#standby;
    rmSync(data, { recursive: true, force: true });
    const from = ['-d', this.#primary.address, '-c', 'fast', '-X', 'stream', '--no-sync'];
    await this.#standby.tool('pg_basebackup', '-D', data, ...from);
  }

  /** As openStore() takes it. */
  url(database: string): string {
    const host = encodeURIComponent(this.#folder);
    return `postgres://${NAME}@${PORTS.map((port) => `${host}:${port}`).join()}/${database}`;
  }

  /** Waits until the standby has all that the primary has, and gets the rest as it comes. Only such a standby may take over. */
  async inStep(): Promise<void> {
    const state =
      "SELECT FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'";
    await until(
      this.#standby,
      'The standby did not follow',
      async () => (await this.#primary.sql(state)).length === 1,
    );
  }

  /** Does `work` while the standby stands still. */
  async withoutStandby(work: () => Promise<void>): Promise<void> {
    this.#standby.signal('SIGSTOP');
    try {
      await work();
    } finally {
      this.#standby.signal('SIGCONT');
    }
  }

  /** Waits until a commit waits for the standby. */
  async commitWaits(): Promise<void> {
    const waits = "SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    await until(
      this.#primary,
      'No commit waited for the standby',
      async () => (await this.#primary.sql(waits)).length > 0,
    );
  }

  /** Processor time of all their processes that run now, in microseconds. */
  cpu(): number {
    const all = [this.#primary, this.#standby].flatMap((server) => server.processes());
    return all.reduce((sum, pid) => sum + cpuOf(pid), 0);
  }

  async restartStandby(): Promise<void> {
    await this.#standby.kill();
    await this.#standby.start(this.#primary);
    await this.inStep();
  }

  async restartPrimary(): Promise<void> {
    await this.#primary.kill();
    await this.#primary.start(null);
    await this.inStep();
  }

  /** The primary is killed, its standby takes over, and the old primary comes back as standby of the new one. */
  async failOver(): Promise<void> {
    await this.#primary.kill();
    await this.#standby.tool('pg_ctl', 'promote', '-D', this.#standby.data, '-w', '-t', '60');
    [this.#primary, this.#standby] = [this.#standby, this.#primary];
    // So that its files say that it has a history of its own now.
    await this.#primary.sql('CHECKPOINT');
    const source = ['--source-server', `${this.#primary.address} dbname=postgres`];
    await this.#standby
      .tool('pg_rewind', '--no-sync', '--target-pgdata', this.#standby.data, ...source)
      .catch(() => this.#copy());
    await this.#standby.start(this.#primary);
    await this.inStep();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#primary.kill(), this.#standby.kill()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
