/** Both aggregators on loopback, in programs and on cores as a measurement wants them, with a database of their own each. */
import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  makeKeys,
  roundEntry,
  roundOf,
  type Keys,
} from '../../../web/server/test/aggregate-kit.ts';
import { freePort, keysOf } from '../../../web/server/test/aggregate-nodes.ts';
import { PostgresServers } from '../../../web/server/test/postgres-servers.ts';
import { sealTo } from '../../../web/server/src/aggregate/sealing.ts';
import { toHex, type Bytes } from '../../../web/wire/src/log/bytes.ts';
import {
  roundId,
  roundText,
  type Role,
  type Round,
  type Seal,
} from '../../../web/wire/src/report/index.ts';
import type { Used } from './program.ts';

const PROGRAM = join(import.meta.dirname, 'program.ts');

/** Now: later this program has one of them. Only Linux can be told which. */
const CORES = process.platform === 'linux' ? availableParallelism() : 0;

/** Whether A can have a core, and B and all the rest another. */
export const hasTwoCores = CORES > 1;

/** Puts all threads of a program, and whatever it starts later, on one core. */
function pin(pid: number | undefined, core: number): void {
  if (core >= CORES) return;
  spawnSync('taskset', ['-a', '-p', '-c', `${core}`, `${pid}`]);
}

/** One round for all that is measured: its reports are made once. */
export interface Setting {
  readonly keys: Keys;
  readonly ports: Readonly<Record<Role, number>>;
  readonly round: Round;
  readonly id: Bytes;
  readonly seal: Seal;
}

export async function makeSetting(): Promise<Setting> {
  const keys = await makeKeys();
  const { a, b } = keys.hpke;
  const ports = { a: await freePort(), b: await freePort() };
  const round = roundOf(keys, `http://127.0.0.1:${ports.b}/sync/`, { blocks: 2, minBatch: 1 });
  const id = await roundId(roundText(round));
  const seal = await sealTo({ a: a.publicKey, b: b.publicKey });
  return { keys, ports, round, id, seal };
}

/** Roles that are one program, B first, and its core. */
export interface Placed {
  readonly roles: readonly Role[];
  readonly core: number;
}

interface Program {
  readonly name: string;
  readonly process: ChildProcess;
}

async function startProgram(
  { roles, core }: Placed,
  { keys, ports, round }: Setting,
  folder: string,
  servers: PostgresServers | null,
): Promise<Program> {
  const entry = await roundEntry(round, keys.publishers);
  const program = fork(PROGRAM);
  pin(program.pid, core);
  const configs = roles.map(async (role) => ({
    ...(await keysOf(keys, role)),
    ...{ folder, port: ports[role], urlsB: [round.aggregators[1].url], entry },
    database: servers?.url(role) ?? join(folder, `${role}.sqlite`),
    now: '2026-12-01T12:00:00Z',
  }));
  program.send(await Promise.all(configs));
  await once(program, 'message');
  const names = roles.map((role) => role.toUpperCase()).toSorted();
  return { name: names.join(' and '), process: program };
}

export class Operators implements AsyncDisposable {
  /** Where reports go. */
  readonly address: string;
  readonly #programs: readonly Program[];
  readonly #servers: PostgresServers | null;
  readonly #folder: string;

  private constructor(
    address: string,
    programs: readonly Program[],
    servers: PostgresServers | null,
    folder: string,
  ) {
    this.address = address;
    this.#programs = programs;
    this.#servers = servers;
    this.#folder = folder;
  }

  /** `isPostgres`: its servers are on the core of A. Nothing is stored yet. */
  static async start(
    setting: Setting,
    placed: readonly Placed[],
    isPostgres: boolean,
  ): Promise<Operators> {
    const folder = mkdtempSync(join(tmpdir(), 'ossicle-bench-'));
    // Servers start where this program is.
    pin(process.pid, 0);
    const servers = isPostgres ? await PostgresServers.start(['a', 'b']) : null;
    // Clients are never where A is, if there is another place.
    pin(process.pid, 1);
    const programs: Program[] = [];
    for (const one of placed) programs.push(await startProgram(one, setting, folder, servers));
    const address = `http://127.0.0.1:${setting.ports.a}/sync/reports/${toHex(setting.id)}`;
    return new Operators(address, programs, servers, folder);
  }

  async #used(): Promise<readonly Used[]> {
    return Promise.all(
      this.#programs.map(async ({ process: program }) => {
        const answer = once(program, 'message');
        program.send('');
        const [used] = (await answer) as [Used];
        return used;
      }),
    );
  }

  /** Processor time until now in microseconds, by what used it, when B has all that A has taken. */
  async settled(): Promise<ReadonlyMap<string, number>> {
    let used = await this.#used();
    while (used.some(({ waiting }) => waiting > 0)) {
      await sleep(20);
      used = await this.#used();
    }
    const cpu = this.#programs.map(({ name }, i) => [name, used[i]?.cpu ?? 0] as const);
    return new Map(
      this.#servers ? [...cpu, ['primary and standby', this.#servers.cpu()] as const] : cpu,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process: program } of this.#programs) {
      program.disconnect();
      await once(program, 'exit');
    }
    await this.#servers?.[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true });
  }
}
