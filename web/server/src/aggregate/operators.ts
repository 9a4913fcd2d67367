/** Both aggregators of a log in one program, for trying it out: one operator who has both protects nobody from that operator. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { KEY_TYPES, toHex, type Signer } from '@ossicle/wire/log';
import { ROUND_KIND, varianceOf, type Role } from '@ossicle/wire/report';
import { blobPath } from '@ossicle/wire/snapshot';
import { openPrivacy, type Privacy } from 'ossicle/node';
import { InputError, messageOf } from '../errors.ts';
import type { DataFolder } from '../folder.ts';
import { makeKey, readKey } from '../keys.ts';
import { readText, writeFiles } from '../log/files.ts';
import type { OpenLog } from '../open.ts';
import { AggregatorA } from './aggregator-a.ts';
import { AggregatorB } from './aggregator-b.ts';
import { every, type Noise, type Publication } from './aggregator.ts';
import { aggregatorRoutes, askDirectly } from './routes.ts';
import { makeHpkeKey, type HpkeKey } from './sealing.ts';
import { digestOf } from './store.ts';

/** B's address below the one of A. */
export const B_PATH = 'b/';

export interface Operator {
  /** Signs the sums. */
  readonly signer: Signer;
  /** Opens the shares. */
  readonly hpke: HpkeKey;
}

export type Operators = Readonly<Record<Role, Operator>>;

const noteKey = (role: Role): string => `operator-${role}`;
const sealKey = (role: Role): string => `hpke-${role}`;

async function readSealKey(path: string): Promise<HpkeKey | null> {
  const text = await readText(path);
  if (text === null) return null;
  const [publicKey = '', privateKey = ''] = text.trim().split(' ');
  const bytes = new Uint8Array(Buffer.from(privateKey, 'base64'));
  if (bytes.length === 32 && Buffer.from(publicKey, 'base64').length === 32) {
    return { publicKey, privateKey: bytes };
  }
  throw new InputError(
    `${path} is no key of an aggregator. Restore it from a copy: two keys in base64.`,
  );
}

async function readOperator(folder: DataFolder, role: Role): Promise<Operator | null> {
  const hpke = await readSealKey(folder.key(sealKey(role)));
  return hpke && { hpke, signer: await readKey(folder.key(noteKey(role))) };
}

/** null: this folder has no aggregators. Errors: InputError (one of two; a key that is none). */
export async function readOperators(folder: DataFolder): Promise<Operators | null> {
  const [a, b] = [await readOperator(folder, 'a'), await readOperator(folder, 'b')];
  if (a === null && b === null) return null;
  if (a && b) return { a, b };
  const what = `${folder.key('')} has the keys of one aggregator.`;
  throw new InputError(`${what} Restore those of the other one from a copy.`);
}

/** Keys that are not there yet are made. */
export async function makeOperators(folder: DataFolder, origin: string): Promise<Operators> {
  const made = async (role: Role): Promise<Operator> => {
    const known = await readOperator(folder, role);
    if (known) return known;
    const name = `${origin}/${noteKey(role)}`;
    const path = folder.key(noteKey(role));
    const signer = await makeKey(path, folder.scratch, name, KEY_TYPES.ed25519);
    const hpke = await makeHpkeKey();
    const text = `${hpke.publicKey} ${Buffer.from(hpke.privateKey).toString('base64')}\n`;
    // Last: with it the aggregator exists.
    await writeFiles(folder.scratch, [[folder.key(sealKey(role)), text]], 0o600);
    return { signer, hpke };
  };
  return { a: await made('a'), b: await made('b') };
}

async function openNoise(): Promise<Noise> {
  const privacy: Privacy = await openPrivacy(
    new URL('./', import.meta.resolve('ossicle/assets/ossicle-private.wasm')),
  );
  return (n, deviation) => {
    const seed = new Uint8Array(randomBytes(32));
    const drawn = privacy.addNoise(new Uint32Array(n), varianceOf(deviation), seed);
    return new Int32Array(drawn.buffer);
  };
}

export interface OperatorsOptions {
  readonly opened: OpenLog;
  readonly operators: Operators;
  readonly now: () => Date;
  readonly notice: (text: string) => void;
  /** Reports wait this long before A brings them to B, in milliseconds. */
  readonly everyMs: number;
}

export interface RunningOperators extends AsyncDisposable {
  readonly a: AggregatorA;
  readonly b: AggregatorB;
  register(app: FastifyInstance): Promise<void>;
}

/** Starts both; rounds are found in the log, sums are published in it. Errors: InputError; those of ossicle-private. */
export async function startOperators(options: OperatorsOptions): Promise<RunningOperators> {
  const { opened, operators, now, notice, everyMs } = options;
  const { folder, keys, log } = opened;
  const noise = await openNoise();
  const common = (role: Role) => ({
    database: join(folder.path, `aggregate-${role}.sqlite`),
    key: operators[role].hpke,
    signer: operators[role].signer,
    publishers: keys.publishers,
    noise,
    now,
    // Both are here, and ask each other without HTTP.
    token: toHex(new Uint8Array(randomBytes(32))),
  });
  await using stack = new AsyncDisposableStack();
  const b = stack.use(await AggregatorB.start(common('b')));
  const a = stack.use(await AggregatorA.start({ ...common('a'), ask: askDirectly(b) }));

  const hand = async ({ blob, entry }: Publication): Promise<void> => {
    const path = folder.file(blobPath(toHex(digestOf(blob))));
    await writeFiles(folder.draftScratch, [[path, blob]]);
    // Again after a crash: the very same entry is there already.
    if (!log.entries.has(entry)) await log.append([entry]);
  };
  const told = new Set<string>();
  const failed = (cause: unknown): void => {
    const text = `aggregators: ${messageOf(cause)}`;
    if (!told.has(text)) notice(text);
    told.add(text);
  };
  let seen = 0;
  const findRounds = async (): Promise<void> => {
    const entries = log.entries.ofKind(ROUND_KIND);
    for (const entry of entries.slice(seen)) {
      for (const one of [b, a]) await one.addRound(entry).catch(failed);
      ++seen;
    }
  };
  const stop = new AbortController();
  const publishB = async (): Promise<void> => {
    await findRounds();
    await b.publish(hand);
  };
  await findRounds();
  const running = Promise.all([
    a.run(everyMs, hand, failed, stop.signal),
    every(everyMs, publishB, failed, stop.signal),
  ]);
  stack.defer(async () => {
    stop.abort();
    await running;
  });
  const kept = stack.move();
  return {
    ...{ a, b },
    register: async (app) => {
      await app.register(aggregatorRoutes(a), { prefix: '/sync' });
      await app.register(aggregatorRoutes(b), { prefix: `/sync/${B_PATH.slice(0, -1)}` });
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
