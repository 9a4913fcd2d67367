/** Aggregators as programs that may be killed, clients that send until they are answered, and what must come out. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { toHex, verifierText, type Bytes, type Signer } from '@ossicle/wire/log';
import {
  combine,
  numbersOf,
  type Role,
  type Round,
  type Seal,
  type Sums,
} from '@ossicle/wire/report';
import { publishedPath, type ChildConfig } from './aggregate-child-config.ts';
import { makeReport, randomBlock, randomTable, type Keys } from './aggregate-kit.ts';
import { makeLiar } from './liar.ts';

const PROGRAM = fileURLToPath(new URL('aggregate-child.ts', import.meta.url));
export const ROLES = ['a', 'b'] as const satisfies readonly Role[];
/** Nodes start again and again. */
const COMPILED = join(tmpdir(), 'ossicle-compiled');
const CLIENTS = 4;
/** One of so many reports is of a table that is too long. */
const LIAR_EVERY = 5;
/** A client that is not answered for so long asks again, perhaps another node. */
const ANSWER_MS = 20_000;

export async function freePort(): Promise<number> {
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

/** What a node of this role is told of its keys. */
export async function keysOf(
  keys: Keys,
  role: Role,
): Promise<Pick<ChildConfig, 'role' | 'peer' | 'hpke' | 'signer' | 'publishers'>> {
  const { publicKey, privateKey } = keys.hpke[role];
  return {
    role,
    peer: verifierText(keys.signers[role === 'a' ? 'b' : 'a'].verifier),
    hpke: { publicKey, privateKey: Buffer.from(privateKey).toString('base64') },
    signer: await exportSigner(keys.signers[role]),
    publishers: keys.publishers.map(({ verifier }) => verifierText(verifier)),
  };
}

export class AggregatorNode {
  #program: ChildProcess | null = null;
  #isKilled = false;
  /** Until it answers, or has ended. */
  ready: Promise<unknown> = Promise.resolve();
  /** Whether it once ended without being killed. */
  hasFailed = false;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    // Nothing stays behind when the test itself is ended.
    process.on('exit', () => this.#program?.kill('SIGKILL'));
  }

  configure(config: ChildConfig): void {
    writeFileSync(this.#path, JSON.stringify(config));
  }

  /** Does not wait until it is ready: it may be killed while it starts, too. */
  start(): void {
    const program = spawn(process.execPath, [PROGRAM, this.#path], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_NO_WARNINGS: '1', NODE_COMPILE_CACHE: COMPILED },
    });
    this.#program = program;
    this.#isKilled = false;
    const ended = once(program, 'exit').then(() => {
      if (!this.#isKilled) this.hasFailed = true;
    });
    this.ready = Promise.race([once(program.stdout, 'data').catch(() => null), ended]);
  }

  async kill(): Promise<void> {
    const program = this.#program;
    this.#isKilled = true;
    if (program?.exitCode !== null || program.signalCode !== null) return;
    program.kill('SIGKILL');
    await once(program, 'exit');
  }
}

export interface Sent {
  /** Of honest reports. */
  readonly acknowledged: number;
  /** Reports that must not count. */
  readonly liars: number;
  /** Sums of the acknowledged tables, by block. */
  readonly sums: ReadonlyMap<number, Int32Array>;
}

export interface LoadOptions {
  readonly round: Round;
  readonly id: Bytes;
  readonly seal: Seal;
  /** Of any node of A, asked anew for every try. */
  readonly url: () => string;
}

/** Until A has it, or says that it had it and B found it too long. */
async function sendUntilAnswered(
  address: () => string,
  report: Bytes,
  isLiar: boolean,
): Promise<void> {
  for (;;) {
    const answer = await fetch(address(), {
      method: 'POST',
      body: report,
      headers: { 'content-type': 'application/octet-stream' },
      signal: AbortSignal.timeout(ANSWER_MS),
    }).catch(() => null);
    if (answer?.status === 201) return;
    if (answer && answer.status < 500) {
      const text = await answer.text();
      if (isLiar && text.includes('norm_exceeded')) return;
      throw new Error(`Refused: ${text}`);
    }
    await sleep(10);
  }
}

/** Clients that send one report after the other, each until it is answered. */
export class Load {
  #isSending = true;
  #acknowledged = 0;
  #liars = 0;
  readonly #sums = new Map<number, Int32Array>();
  /** Rejects when an honest report is refused. */
  readonly done: Promise<unknown>;

  constructor(options: LoadOptions) {
    this.done = Promise.all(Array.from({ length: CLIENTS }, () => this.#client(options)));
  }

  async #client({ round, id, seal, url }: LoadOptions): Promise<void> {
    const address = (): string => `${url()}reports/${toHex(id)}`;
    for (let i = 1; this.#isSending; ++i) {
      const block = randomBlock(round);
      if (i % LIAR_EVERY === 0) {
        await sendUntilAnswered(address, await makeLiar({ id, block }, round, seal), true);
        ++this.#liars;
        continue;
      }
      const table = randomTable(round);
      const report = await makeReport({ id, block }, round, table, seal);
      await sendUntilAnswered(address, report, false);
      ++this.#acknowledged;
      const sum = this.#sums.get(block) ?? new Int32Array(numbersOf(round));
      this.#sums.set(block, sum);
      table.forEach((one, i) => (sum[i] = (sum[i] ?? 0) + one));
    }
  }

  /** Of honest reports, so far. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Every report that was begun is answered first. */
  async end(): Promise<Sent> {
    this.#isSending = false;
    await this.done;
    return { acknowledged: this.#acknowledged, liars: this.#liars, sums: this.#sums };
  }
}

export interface Summed {
  /** Counts that each role published. */
  readonly counts: Readonly<Record<Role, number>>;
  /** Whether the published sums are those of the acknowledged tables, number by number. */
  readonly isExact: boolean;
}

/** Waits for what both roles publish in `folder`. Errors: they do not within `seconds`. */
export async function summed(
  folder: string,
  id: Bytes,
  { sums }: Sent,
  seconds: number,
): Promise<Summed> {
  const path = (role: Role, block: number): string =>
    join(folder, publishedPath({ round: toHex(id), role, block }));
  const blocks = [...sums.keys()];
  const isOver = (): boolean =>
    ROLES.every((role) => blocks.every((block) => existsSync(path(role, block))));
  for (let waited = 0; !isOver(); waited += 50) {
    if (waited > 1000 * seconds) throw new Error(`The round did not end. See ${folder}.`);
    await sleep(50);
  }
  const read = (role: Role, block: number): { sums: Sums; blob: Buffer } => {
    const text = readFileSync(path(role, block), 'utf8');
    const { sums, blob } = JSON.parse(text) as { sums: Sums; blob: string };
    return { sums, blob: Buffer.from(blob, 'base64') };
  };
  const countOf = (role: Role): number =>
    blocks.reduce((sum, block) => sum + read(role, block).sums.count, 0);
  const isExact = blocks.every((block) => {
    const sum = combine(read('a', block).blob, read('b', block).blob);
    return sum.every((one, i) => one === sums.get(block)?.[i]);
  });
  return { counts: { a: countOf('a'), b: countOf('b') }, isExact };
}
