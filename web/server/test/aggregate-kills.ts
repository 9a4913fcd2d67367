/** Both aggregators are killed at random again and again while clients send: afterwards what was acknowledged, what is stored and what is summed is the same. */
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
  readonly acknowledged: number;
  /** Ids that count, at each role. */
  readonly stored: Readonly<Record<Role, number>>;
  /** Counts that each role published. */
  readonly summed: Readonly<Record<Role, number>>;
  /** Whether the published sums are those of the acknowledged tables, number by number. */
  readonly isExact: boolean;
}

function storedIn(path: string): number {
  using database = new DatabaseSync(path);
  const row = database.prepare("SELECT count(*) AS n FROM reports WHERE state = 'counted'").get();
  return Number(row?.['n']);
}

/** `kills` in all, the last fifth while the round ends. Rejects when a round does not end within a minute after the last kill. */
export async function runKills(kills: number, shape: Shape): Promise<KillsResult> {
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
  const killUntil = async (all: number): Promise<void> => {
    while (killed < all) {
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
    await Promise.race([killUntil(Math.ceil(0.8 * kills)), load.done]);
    const sent = await load.end();

    await configure(CLOSES.toISOString());
    for (const role of ROLES) {
      await nodes[role].kill();
      ++killed;
      nodes[role].start();
    }
    await killUntil(kills);
    const { counts, isExact } = await summed(folder, id, sent, 60);
    const stored = { a: storedIn(database('a')), b: storedIn(database('b')) };
    const { acknowledged } = sent;
    return { kills: killed, acknowledged, stored, isExact, summed: counts };
  } finally {
    await Promise.all(ROLES.map((role) => nodes[role].kill()));
    rmSync(folder, { recursive: true, force: true });
  }
}
