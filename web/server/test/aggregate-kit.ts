/** Two aggregators on loopback, and clients for them: for tests, kills and measurements. */
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify';
import {
  KEY_TYPES,
  sign,
  verifierOf,
  verifierText,
  writeNote,
  type Bytes,
  type Signer,
} from '@ossicle/wire/log';
import {
  bytesOf,
  maxNormOf,
  numbersOf,
  readSumsEntry,
  REPORT_ID_BYTES,
  roundText,
  SEED_BYTES,
  writeHeader,
  writeReport,
  type ProvenShape,
  type Role,
  type Round,
  type Seal,
  type Sums,
} from '@ossicle/wire/report';
import type { Privacy } from 'ossicle/node';
import { AggregatorA, type Ask } from '../src/aggregate/aggregator-a.ts';
import { AggregatorB } from '../src/aggregate/aggregator-b.ts';
import type { AggregatorOptions, Publication } from '../src/aggregate/aggregator.ts';
import { openInstalled, Proofs, type Noise } from '../src/aggregate/proofs.ts';
import { askOverHttp, routesOfA, routesOfB, type Peers } from '../src/aggregate/routes.ts';
import { makeHpkeKey, sealTo, type HpkeKey } from '../src/aggregate/sealing.ts';

export const CLOSES = new Date('2026-12-02T00:00:00Z');
export const noNoise: Noise = (n) => new Uint32Array(n);

export async function makeNoteKey(name: string): Promise<Signer> {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const verifier = await verifierOf(name, KEY_TYPES.ed25519, raw);
  return { verifier, privateKey: pair.privateKey };
}

export interface Keys {
  readonly hpke: Readonly<Record<Role, HpkeKey>>;
  readonly signers: Readonly<Record<Role, Signer>>;
  readonly publishers: readonly Signer[];
}

export async function makeKeys(): Promise<Keys> {
  return {
    hpke: { a: await makeHpkeKey(), b: await makeHpkeKey() },
    signers: { a: await makeNoteKey('operator-a'), b: await makeNoteKey('operator-b') },
    publishers: [await makeNoteKey('publisher-1'), await makeNoteKey('publisher-2')],
  };
}

/** Open from 1 December 2026 on, until CLOSES. */
export function roundOf(keys: Keys, urlB: string, changes: Partial<Round> = {}): Round {
  const { hpke, signers } = keys;
  const named = (role: Role, url: string) => {
    const signer = verifierText(signers[role].verifier);
    return { role, url, key: hpke[role].publicKey, signer };
  };
  return {
    ...{ epoch: 3, blocks: 3, rows: 512, factors: 128, clip: 1, fractionBits: 10, sigma: 8 },
    ...{
      head: '07'.repeat(32),
      minBatch: 2,
      opens: '2026-12-01T00:00:00Z',
      closes: CLOSES.toISOString(),
    },
    aggregators: [named('a', 'https://a.example/sync/'), named('b', urlB)],
    issuer: null,
    ...changes,
  };
}

export async function roundEntry(round: Round, publishers: readonly Signer[]): Promise<string> {
  const text = roundText(round);
  const signatures = await Promise.all(publishers.map((signer) => sign(text, signer, 0)));
  return writeNote({ text, signatures });
}

/** Numbers as clipped tables have them: small, of both signs. */
export function randomTable(shape: ProvenShape): Int32Array<ArrayBuffer> {
  const table = Int32Array.from(new Int8Array(randomBytes(numbersOf(shape))));
  const norm = Math.sqrt(table.reduce((sum, one) => sum + one ** 2, 0));
  const scale = Math.min(1, maxNormOf(shape) / norm);
  return table.map((one) => Math.trunc(scale * one));
}

let opening: Promise<Privacy> | null = null;
/** What clients and aggregators have of the core, loaded once. */
export function openedPrivacy(): Promise<Privacy> {
  return (opening ??= openInstalled());
}

export interface Target {
  /** Id of the round. */
  readonly id: Bytes;
  readonly block: number;
}

/** What a client that lies says instead. */
export interface Lie {
  /** Of another report, instead of a new one. */
  readonly id?: Bytes;
  /** The norm that the proof is about, in steps. */
  readonly maxNorm?: number;
  /** The header that the proof is about. */
  readonly context?: Bytes;
}

export async function makeReport(
  { id: round, block }: Target,
  shape: ProvenShape,
  table: Int32Array<ArrayBuffer>,
  seal: Seal,
  lie: Lie = {},
): Promise<Bytes> {
  const privacy = await openedPrivacy();
  const { id = new Uint8Array(randomBytes(REPORT_ID_BYTES)) } = lie;
  const header = { round, block, id };
  const seeds = new Uint8Array(randomBytes(2 * SEED_BYTES));
  const { maxNorm = maxNormOf(shape), context = writeHeader(header) } = lie;
  const { share, proof, parts } = privacy.prove({ table, maxNorm, context, seeds });
  const proven = { share: bytesOf(share), proof, seed: seeds.slice(SEED_BYTES), parts };
  return writeReport(header, proven, shape, seal);
}

export interface Published {
  readonly sums: Sums;
  readonly blob: Bytes;
  readonly entry: string;
}

export interface Pair extends AsyncDisposable {
  readonly a: AggregatorA;
  readonly b: AggregatorB;
  readonly keys: Keys;
  readonly round: Round;
  /** Id of the round. */
  readonly id: Bytes;
  readonly hex: string;
  readonly seal: Seal;
  /** Sets the clock of both. */
  readonly at: (now: Date) => void;
  readonly post: (bytes: Uint8Array, hex?: string, type?: string) => Promise<Response>;
  /** The code of a refusal; 201 when accepted. */
  readonly answer: (bytes: Uint8Array, hex?: string, type?: string) => Promise<string | number>;
  /** Ends the round at both, and gives what they published. */
  readonly end: () => Promise<readonly Published[]>;
  readonly published: (from: AggregatorA | AggregatorB) => Promise<readonly Published[]>;
  readonly urlB: string;
  /** What A asks, as it asks. */
  readonly ask: Ask;
  /** What each was started with. */
  readonly options: Readonly<Record<Role, AggregatorOptions>>;
  /** Where reports of the round go. */
  readonly address: string;
}

export interface PairOptions {
  readonly round?: Partial<Round>;
  readonly noise?: Noise;
  /** As openStore() takes it; SQLite when left out. */
  readonly database?: (role: Role) => string;
  /** What A asks, instead of B alone. */
  readonly ask?: (asked: Ask) => Ask;
}

async function listen(routes: FastifyPluginAsync): Promise<FastifyInstance> {
  const server = fastify();
  await server.register(routes, { prefix: '/sync' });
  await server.listen({ port: 0, host: '127.0.0.1' });
  return server;
}

const urlOf = (server: FastifyInstance): string => {
  const [address] = server.addresses();
  const port = typeof address === 'object' ? address.port : 0;
  return `http://127.0.0.1:${port}/sync/`;
};

export async function startPair(options: PairOptions = {}): Promise<Pair> {
  const folder = mkdtempSync(join(tmpdir(), 'ossicle-aggregate-'));
  const keys = await makeKeys();
  let clock = new Date('2026-12-01T12:00:00Z');
  const proofs = new Proofs(await openedPrivacy());
  const optionsOf = (role: Role): AggregatorOptions => ({
    database: options.database?.(role) ?? join(folder, `${role}.sqlite`),
    key: keys.hpke[role],
    signer: keys.signers[role],
    publishers: keys.publishers.map(({ verifier }) => verifier),
    proofs,
    noise: options.noise ?? noNoise,
    now: () => clock,
  });
  const own = { a: optionsOf('a'), b: optionsOf('b') };
  const b = await AggregatorB.start(own.b);
  const peers = (role: Role, other: Role): Peers => ({
    signer: keys.signers[role],
    peer: keys.signers[other].verifier,
  });
  const serverB = await listen(routesOfB(b, peers('b', 'a')));
  const urlB = urlOf(serverB);
  const asked = askOverHttp(() => urlB, peers('a', 'b'));
  const ask = options.ask?.(asked) ?? asked;
  const a = await AggregatorA.start({ ...own.a, ask });
  const serverA = await listen(routesOfA(a));
  const round = roundOf(keys, urlB, options.round);
  const entry = await roundEntry(round, keys.publishers);
  await b.addRound(entry);
  const known = await a.addRound(entry);
  const { id, hex } = known;

  const post: Pair['post'] = (bytes, to = hex, type = 'application/octet-stream') =>
    fetch(new URL(`reports/${to}`, urlOf(serverA)), {
      method: 'POST',
      body: new Uint8Array(bytes),
      headers: { 'content-type': type },
    });
  const answer: Pair['answer'] = async (bytes, to, type) => {
    const found = await post(bytes, to, type);
    if (found.status === 201) return 201;
    const body = (await found.json()) as { code: string; status: number };
    return body.status === found.status ? body.code : 'another status';
  };
  const published: Pair['published'] = async (from) => {
    const all: Publication[] = [];
    await from.publish((one) => Promise.resolve(void all.push(one)));
    const { verifier } = keys.signers[from.role];
    return Promise.all(
      all.map(async (one) => {
        const sums = await readSumsEntry(one.entry, verifier);
        if (!sums) throw new Error('This is no entry of sums.');
        return { ...one, sums };
      }),
    );
  };
  return {
    ...{ a, b, keys, round, id, hex, post, answer, published, urlB, ask, options: own },
    address: `${urlOf(serverA)}reports/${hex}`,
    seal: await sealTo({ a: keys.hpke.a.publicKey, b: keys.hpke.b.publicKey }),
    at: (now) => {
      clock = now;
    },
    end: async () => {
      clock = CLOSES;
      await a.close(known);
      return [...(await published(a)), ...(await published(b))];
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([serverA.close(), serverB.close()]);
      await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
      rmSync(folder, { recursive: true });
    },
  };
}

export const randomBlock = ({ blocks }: Round): number => randomInt(blocks);
