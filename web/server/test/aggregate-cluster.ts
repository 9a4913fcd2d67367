/**
 * Several nodes of both aggregators over PostgreSQL: nodes, the primary and its standby are killed at random while clients send and while rounds end. Afterwards
 * what was acknowledged, what is stored and what is summed is the same, and tables that are too long are in no sum. One pair of servers has the databases of both aggregators.
 */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { roundId, roundText, type Role, type Shape } from '@ossicle/wire/report';
import type { Bytes } from '@ossicle/wire/log';
import { sealTo } from '../src/aggregate/sealing.ts';
import { Postgres } from '../src/aggregate/store/postgres-hosts.ts';
import { CLOSES, makeKeys, roundEntry, roundOf, type Keys } from './aggregate-kit.ts';
import { AggregatorNode, freePort, keysOf, Load, ROLES, summed } from './aggregate-nodes.ts';
import { PostgresServers } from './postgres-servers.ts';

export const KINDS = ['node', 'standby', 'primary', 'failOver'] as const;
export type Kills = Record<(typeof KINDS)[number], number>;

export interface ClusterOptions {
  /** Of the tables of each round, in turn. */
  readonly shapes: readonly Shape[];
  readonly nodes: number;
  /** Rounds, one after the other. */
  readonly rounds: number;
  /** Kills in each round, the last fifth of them while it ends. */
  readonly kills: number;
  /** Of the order of kills; when each comes depends on the machine. */
  readonly seed: number;
  readonly onRound?: (result: RoundResult) => void;
}

export interface RoundResult {
  readonly kills: Readonly<Kills>;
  /** Of honest reports. */
  readonly acknowledged: number;
  /** Reports of tables that are too long. */
  readonly liars: number;
  /** Ids of the round at each role; those that count; and those that were found to be too long. */
  readonly stored: Readonly<Record<Role, number>>;
  readonly counted: Readonly<Record<Role, number>>;
  readonly refused: Readonly<Record<Role, number>>;
  /** Counts that each role published. */
  readonly summed: Readonly<Record<Role, number>>;
  /** Whether the published sums are those of the acknowledged tables, number by number. */
  readonly isExact: boolean;
}

/** Between two kills of servers, at most: long enough for nodes to work in. */
const SERVER_PAUSE_MS = 8000;
/** How long a node works, at most. */
const NODE_PAUSE_MS = 4000;

/** Whether both have counted all that is honest and found all that is not, and the sums are right. */
export function isRight(result: RoundResult): boolean {
  const { acknowledged, liars, stored, counted, refused, summed, isExact } = result;
  const isAt = (role: Role): boolean =>
    stored[role] === acknowledged + liars &&
    counted[role] === acknowledged &&
    refused[role] === liars &&
    summed[role] === acknowledged;
  return isExact && ROLES.every(isAt);
}

/** Mulberry32: [0, 1). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Ids {
  readonly stored: number;
  readonly counted: number;
  readonly refused: number;
}

class Cluster implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ossicle-cluster-'));
  readonly #keys: Keys;
  readonly #servers: PostgresServers;
  readonly #ports: Readonly<Record<Role, readonly number[]>>;
  readonly #nodes: Readonly<Record<Role, readonly AggregatorNode[]>>;
  readonly #random: () => number;

  private constructor(
    keys: Keys,
    servers: PostgresServers,
    ports: Record<Role, readonly number[]>,
    seed: number,
  ) {
    this.#keys = keys;
    this.#servers = servers;
    this.#ports = ports;
    this.#random = randomFrom(seed);
    const nodesOf = (role: Role): readonly AggregatorNode[] =>
      ports[role].map((port) => new AggregatorNode(join(this.#folder, `${role}-${port}.json`)));
    this.#nodes = { a: nodesOf('a'), b: nodesOf('b') };
  }

  static async start({ nodes, seed }: ClusterOptions): Promise<Cluster> {
    const free = (): Promise<number[]> =>
      Promise.all(Array.from({ length: nodes }, () => freePort()));
    const ports = { a: await free(), b: await free() };
    const keys = await makeKeys();
    return new Cluster(keys, await PostgresServers.start(ROLES), ports, seed);
  }

  #urls(role: Role): readonly string[] {
    return this.#ports[role].map((port) => `http://127.0.0.1:${port}/sync/`);
  }

  get #all(): readonly AggregatorNode[] {
    return [...this.#nodes.a, ...this.#nodes.b];
  }

  #pick<T>(all: readonly T[]): T {
    return all[Math.floor(this.#random() * all.length)] as T;
  }

  async #configure(entry: string, now: string): Promise<void> {
    for (const role of ROLES) {
      const keys = await keysOf(this.#keys, role);
      for (const [i, node] of this.#nodes[role].entries()) {
        const port = this.#ports[role][i] ?? 0;
        const database = this.#servers.url(role);
        const urlsB = this.#urls('b');
        node.configure({ ...keys, folder: this.#folder, database, port, urlsB, entry, now });
      }
    }
  }

  async #restartNodes(): Promise<void> {
    for (const node of this.#all) {
      await node.kill();
      node.start();
    }
  }

  async #killNode(node: AggregatorNode, kills: Kills, isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      // Mostly while it works, and sometimes while it starts.
      if (this.#random() < 0.8) await node.ready;
      await sleep(this.#random() * NODE_PAUSE_MS);
      if (isDone()) return;
      await node.kill();
      ++kills.node;
      node.start();
    }
  }

  async #killServers(kills: Kills, isDone: () => boolean): Promise<void> {
    const actions = [
      ['standby', () => this.#servers.restartStandby()],
      ['primary', () => this.#servers.restartPrimary()],
      ['failOver', () => this.#servers.failOver()],
    ] as const;
    while (!isDone()) {
      const [kind, action] = this.#pick(actions);
      ++kills[kind];
      await action();
      await sleep(this.#random() * SERVER_PAUSE_MS);
    }
  }

  /** Kills until there were so many in all. */
  async #killUntil(kills: Kills, most: number): Promise<void> {
    let hasFailed = false;
    const isDone = (): boolean =>
      hasFailed || KINDS.reduce((sum, kind) => sum + kills[kind], 0) >= most;
    const fail = (cause: unknown): never => {
      hasFailed = true;
      throw cause;
    };
    const killers = [
      ...this.#all.map((node) => this.#killNode(node, kills, isDone)),
      this.#killServers(kills, isDone),
    ];
    await Promise.all(killers.map((killer) => killer.catch(fail)));
  }

  async #ids(role: Role, round: Bytes): Promise<Ids> {
    await using database = new Postgres(this.#servers.url(role));
    const [row] = await database.ask(
      `SELECT count(*) AS stored, count(*) FILTER (WHERE state = 'counted') AS counted,
       count(*) FILTER (WHERE state = 'norm_exceeded') AS refused FROM reports WHERE round = $1`,
      [round],
    );
    const { stored, counted, refused } = row ?? {};
    return { stored: Number(stored), counted: Number(counted), refused: Number(refused) };
  }

  async round(epoch: number, { shapes, kills: most }: ClusterOptions): Promise<RoundResult> {
    const { hpke, publishers } = this.#keys;
    const [urlB = ''] = this.#urls('b');
    const shape = shapes[(epoch - 1) % shapes.length];
    const round = roundOf(this.#keys, urlB, { ...shape, epoch, minBatch: 1 });
    const id = await roundId(roundText(round));
    const entry = await roundEntry(round, publishers);
    const kills = { node: 0, standby: 0, primary: 0, failOver: 0 };
    await this.#configure(entry, '2026-12-01T12:00:00Z');
    await this.#restartNodes();
    await Promise.all(this.#all.map(({ ready }) => ready));
    const seal = await sealTo({ a: hpke.a.publicKey, b: hpke.b.publicKey });
    const urls = this.#urls('a');
    const load = new Load({ round, id, seal, url: () => urls[randomInt(urls.length)] ?? '' });
    await Promise.race([this.#killUntil(kills, Math.ceil(0.8 * most)), load.done]);
    const sent = await load.end();
    await this.#configure(entry, CLOSES.toISOString());
    await this.#restartNodes();
    await this.#killUntil(kills, most);
    const { counts, isExact } = await summed(this.#folder, id, sent, 120);
    if (this.#all.some(({ hasFailed }) => hasFailed)) {
      throw new Error('A node ended that nobody had killed.');
    }
    const [a, b] = [await this.#ids('a', id), await this.#ids('b', id)];
    return {
      ...{ kills, acknowledged: sent.acknowledged, liars: sent.liars, summed: counts, isExact },
      stored: { a: a.stored, b: b.stored },
      counted: { a: a.counted, b: b.counted },
      refused: { a: a.refused, b: b.refused },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map((node) => node.kill()));
    await this.#servers[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Rejects when a round does not end within two minutes after its last kill, a report is refused, or a node ends by itself. */
export async function runCluster(options: ClusterOptions): Promise<readonly RoundResult[]> {
  await using cluster = await Cluster.start(options);
  const results: RoundResult[] = [];
  for (let epoch = 1; epoch <= options.rounds; ++epoch) {
    const result = await cluster.round(epoch, options);
    options.onRound?.(result);
    results.push(result);
  }
  return results;
}
