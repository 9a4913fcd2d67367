/**
 * Both aggregators are killed at random again and again while clients send: afterwards what was acknowledged, what is stored and what is summed is the same, and
 * tables that are too long are in no sum.
 */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { roundId, roundText, type Role, type Shape } from '@ossicle/wire/report';
import { sealTo } from '../src/aggregate/sealing.ts';
import { CLOSES, makeKeys, roundEntry, roundOf } from './aggregate-kit.ts';
import { AggregatorNode, freePort, keysOf, Load, ROLES, summed } from './aggregate-nodes.ts';

export interface KillsResult {
  readonly kills: number;
  /** Of honest reports. */
  readonly acknowledged: number;
  /** Reports of tables that are too long. */
  readonly liars: number;
  /** Ids that count, at each role. */
  readonly stored: Readonly<Record<Role, number>>;
  /** Ids that were found to be too long, at each role. */
  readonly refused: Readonly<Record<Role, number>>;
  /** How many refusals of such a table each has counted; A also those of a client that asks again when it is settled. */
  readonly refusals: Readonly<Record<Role, number>>;
  /** Counts that each role published. */
  readonly summed: Readonly<Record<Role, number>>;
  /** Whether the published sums are those of the acknowledged tables, number by number. */
  readonly isExact: boolean;
}

const IDS = 'SELECT count(*) AS n FROM reports WHERE state = ?';
const REFUSALS = 'SELECT count AS n FROM refusals WHERE code = ?';

function countIn(path: string, select: string, code: string): number {
  using database = new DatabaseSync(path);
  return Number(database.prepare(select).get(code)?.['n'] ?? 0);
}

/** How many times as many kills there are at most, until a slow machine has acknowledged the reports that are asked for. */
const MOST_TIMES = 5;

/**
 * `kills` in all, the last fifth while the round ends, and as many more as it takes until `reports` are acknowledged. Rejects when a round does not end within
 * a minute after the last kill.
 */
export async function runKills(kills: number, shape: Shape, reports = 0): Promise<KillsResult> {
  const folder = mkdtempSync(join(tmpdir(), 'ossicle-kills-'));
  const keys = await makeKeys();
  const ports = { a: await freePort(), b: await freePort() };
  const urlB = `http://127.0.0.1:${ports.b}/sync/`;
  const round = roundOf(keys, urlB, { ...shape, minBatch: 1 });
  const id = await roundId(roundText(round));
  const entry = await roundEntry(round, keys.publishers);
  const database = (role: Role): string => join(folder, `${role}.sqlite`);
  const nodes = {
    a: new AggregatorNode(join(folder, 'a.json')),
    b: new AggregatorNode(join(folder, 'b.json')),
  };
  const configure = async (now: string): Promise<void> => {
    for (const role of ROLES) {
      nodes[role].configure({
        ...(await keysOf(keys, role)),
        ...{ folder, database: database(role), port: ports[role], urlsB: [urlB], entry, now },
      });
    }
  };
  let killed = 0;
  const killUntil = async (isDone: () => boolean): Promise<void> => {
    while (!isDone()) {
      // Mostly while both work, and sometimes while one starts.
      if (randomInt(5) > 0) await Promise.all(ROLES.map((role) => nodes[role].ready));
      await sleep(randomInt(150));
      const node = nodes[ROLES[randomInt(2)] ?? 'a'];
      await node.kill();
      ++killed;
      node.start();
    }
  };

  try {
    await configure('2026-12-01T12:00:00Z');
    for (const role of ROLES) nodes[role].start();
    const seal = await sealTo({ a: keys.hpke.a.publicKey, b: keys.hpke.b.publicKey });
    const url = `http://127.0.0.1:${ports.a}/sync/`;
    const load = new Load({ round, id, seal, url: () => url });
    const first = Math.ceil(0.8 * kills);
    const isUnderWay = (): boolean =>
      killed >= first && (load.acknowledged >= reports || killed >= MOST_TIMES * first);
    await Promise.race([killUntil(isUnderWay), load.done]);
    const sent = await load.end();

    await configure(CLOSES.toISOString());
    for (const role of ROLES) {
      await nodes[role].kill();
      ++killed;
      nodes[role].start();
    }
    const all = killed + kills - first - ROLES.length;
    await killUntil(() => killed >= all);
    const { counts, isExact } = await summed(folder, id, sent, 60);
    const count = (select: string, code: string): Record<Role, number> => ({
      a: countIn(database('a'), select, code),
      b: countIn(database('b'), select, code),
    });
    const [stored, refused] = [count(IDS, 'counted'), count(IDS, 'norm_exceeded')];
    const refusals = count(REFUSALS, 'norm_exceeded');
    const { acknowledged, liars } = sent;
    const found = { stored, refused, refusals, isExact, summed: counts };
    return { kills: killed, acknowledged, liars, ...found };
  } finally {
    await Promise.all(ROLES.map((role) => nodes[role].kill()));
    rmSync(folder, { recursive: true, force: true });
  }
}
