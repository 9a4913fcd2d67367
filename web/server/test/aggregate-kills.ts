/** Both aggregators are killed at random again and again while clients send: afterwards what was acknowledged, what is stored and what is summed is the same. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { toHex, verifierText, type Signer } from '@ossicle/wire/log';
import {
  combine,
  numbersOf,
  roundId,
  roundText,
  type Shape,
  type Sums,
} from '@ossicle/wire/report';
import { sealTo } from '../src/aggregate/sealing.ts';
import type { ChildConfig } from './aggregate-child.ts';
import {
  CLOSES,
  makeKeys,
  makeReport,
  randomBlock,
  randomTable,
  roundEntry,
  roundOf,
} from './aggregate-kit.ts';

const CHILD = fileURLToPath(new URL('aggregate-child.ts', import.meta.url));
const CLIENTS = 4;
const ROLES = ['a', 'b'] as const;
type Role = (typeof ROLES)[number];

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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}

async function exportSigner({ verifier, privateKey }: Signer): Promise<ChildConfig['signer']> {
  const secret = await crypto.subtle.exportKey('pkcs8', privateKey);
  return {
    privateKey: Buffer.from(secret).toString('base64'),
    publicKey: Buffer.from(verifier.publicKey).toString('base64'),
  };
}

class Child {
  #program: ChildProcess | null = null;
  /** Until it answers, or has ended. */
  ready: Promise<unknown> = Promise.resolve();
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  configure(config: ChildConfig): void {
    writeFileSync(this.#path, JSON.stringify(config));
  }

  /** Does not wait until it is ready: it may be killed while it starts, too. */
  start(): void {
    this.#program = spawn(process.execPath, [CHILD, this.#path], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    });
    const { stdout } = this.#program;
    const said = stdout ? once(stdout, 'data') : Promise.resolve();
    this.ready = Promise.race([said.catch(() => null), once(this.#program, 'exit')]);
  }

  async kill(): Promise<void> {
    const program = this.#program;
    if (program?.exitCode !== null || program.signalCode !== null) return;
    program.kill('SIGKILL');
    await once(program, 'exit');
  }
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
  const signers = {
    a: await exportSigner(keys.signers.a),
    b: await exportSigner(keys.signers.b),
  };
  const children = {
    a: new Child(join(folder, 'a.json')),
    b: new Child(join(folder, 'b.json')),
  };
  const configure = (now: string): void => {
    for (const role of ROLES) {
      const { publicKey, privateKey } = keys.hpke[role];
      children[role].configure({
        ...{ role, folder, port: ports[role], urlB, token: keys.token, entry, now },
        hpke: { publicKey, privateKey: Buffer.from(privateKey).toString('base64') },
        signer: signers[role],
        publishers: keys.publishers.map(({ verifier }) => verifierText(verifier)),
      });
    }
  };
  let killed = 0;
  const killUntil = async (all: number): Promise<void> => {
    while (killed < all) {
      // Mostly while both work, and sometimes while one starts.
      if (randomInt(5) > 0) await Promise.all(ROLES.map((role) => children[role].ready));
      await sleep(randomInt(150));
      const child = children[ROLES[randomInt(2)] ?? 'a'];
      await child.kill();
      ++killed;
      child.start();
    }
  };

  const seal = await sealTo({ a: keys.hpke.a.publicKey, b: keys.hpke.b.publicKey });
  const address = `http://127.0.0.1:${ports.a}/sync/reports/${toHex(id)}`;
  const expected = Array.from({ length: round.blocks }, () => new Int32Array(numbersOf(shape)));
  const reported = new Set<number>();
  let acknowledged = 0;
  let isSending = true;
  const client = async (): Promise<void> => {
    while (isSending) {
      const block = randomBlock(round);
      const table = randomTable(shape);
      const report = await makeReport({ id, block }, shape, table, seal);
      for (;;) {
        const answer = await fetch(address, {
          method: 'POST',
          body: report,
          headers: { 'content-type': 'application/octet-stream' },
        }).catch(() => null);
        if (answer?.status === 201) break;
        if (answer && answer.status < 500) throw new Error(`Refused: ${await answer.text()}`);
        await sleep(10);
      }
      ++acknowledged;
      reported.add(block);
      const sum = expected[block];
      table.forEach((one, i) => {
        if (sum) sum[i] = (sum[i] ?? 0) + one;
      });
    }
  };

  try {
    configure('2026-12-01T12:00:00Z');
    for (const role of ROLES) children[role].start();
    const clients = Promise.all(Array.from({ length: CLIENTS }, client));
    await Promise.race([killUntil(Math.ceil(0.8 * kills)), clients]);
    isSending = false;
    await clients;

    configure(CLOSES.toISOString());
    for (const role of ROLES) {
      await children[role].kill();
      ++killed;
      children[role].start();
    }
    await killUntil(kills);
    const pathOf = (role: Role, block: number): string =>
      join(folder, `published-${role}-${block}.json`);
    const blocks = [...reported];
    const isOver = (): boolean =>
      ROLES.every((role) => blocks.every((block) => existsSync(pathOf(role, block))));
    for (let waited = 0; !isOver(); waited += 50) {
      if (waited > 60_000) throw new Error(`The round did not end. See ${folder}.`);
      await sleep(50);
    }
    const read = (role: Role, block: number): { sums: Sums; blob: Buffer } => {
      const text = readFileSync(pathOf(role, block), 'utf8');
      const { sums, blob } = JSON.parse(text) as { sums: Sums; blob: string };
      return { sums, blob: Buffer.from(blob, 'base64') };
    };
    const countOf = (role: Role): number =>
      blocks.reduce((sum, block) => sum + read(role, block).sums.count, 0);
    const isExact = blocks.every((block) => {
      const sum = combine(read('a', block).blob, read('b', block).blob);
      return sum.every((one, i) => one === expected[block]?.[i]);
    });
    const stored = { a: storedIn(join(folder, 'a.sqlite')), b: storedIn(join(folder, 'b.sqlite')) };
    return {
      ...{ kills: killed, acknowledged, stored, isExact },
      summed: { a: countOf('a'), b: countOf('b') },
    };
  } finally {
    isSending = false;
    await Promise.all(ROLES.map((role) => children[role].kill()));
    rmSync(folder, { recursive: true, force: true });
  }
}
