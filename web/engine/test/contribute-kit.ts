/** A server of rounds that the test speaks for, and clients of it whose histories the test makes up. */
import { constants, generateKeyPairSync, privateDecrypt, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { AEAD_AES_128_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke';
import {
  KEY_TYPES,
  sign,
  toBase64,
  utf8,
  verifierText,
  writeNote,
  type Bytes,
  type Signer,
} from '@ossicle/wire/log';
import {
  maxNormOf,
  readReport,
  readShareA,
  readShareB,
  ROLES,
  roundId,
  roundText,
  shareInfo,
  type ProvenShape,
  type Role,
  type Round,
} from '@ossicle/wire/report';
import { readTokenRequest, writeIssuerKey } from '@ossicle/wire/tokens';
import { makeSigner, memoryLog, published } from '../../wire/test/memory-log.ts';
import { fileAssets } from '../src/assets-node.ts';
import { OwnContributions } from '../src/contribute/contributions.ts';
import { ContributionHost, type Source } from '../src/contribute/host.ts';
import type { Random } from '../src/contribute/plan.ts';
import type { Journal } from '../src/journal.ts';
import { openPrivacy } from '../src/node.ts';
import { FileSnapshots } from '../src/snapshots/file.ts';
import type { SnapshotStore } from '../src/snapshots/store.ts';
import type { ContributionState } from '../src/types.ts';
import { assets } from './support.ts';

const ORIGIN = 'log.example';
export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The clock of every test. */
export const NOW = Date.now();
const FACTORS = 128;
/** Of the tables of every round here. */
export const SHAPE: ProvenShape = { rows: 512, factors: FACTORS, clip: 1, fractionBits: 10 };
/** Of the catalogue of every client here. */
const HEAD = '07'.repeat(32);

const suite = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_128_GCM);
type Pair = Awaited<ReturnType<typeof suite.GenerateKeyPair>>;

/** How the aggregator answers: a status and a code, or not at all. */
export type Answer = number | readonly [status: number, code: string] | 'nothing';

export interface TestServer extends AsyncDisposable {
  /** Address of its folder. */
  readonly url: string;
  readonly origin: string;
  /** Appends a round to its log, and gives its id. */
  readonly open: (changes?: Partial<Round>, signers?: readonly Signer[]) => Promise<string>;
  /** Takes the last entries of the log back. */
  readonly rollBack: (entries: number) => Promise<void>;
  readonly publishers: readonly Signer[];
  readonly aggregators: Round['aggregators'];
  /** Who gives out tokens, for rounds that name it. */
  readonly issuer: NonNullable<Round['issuer']>;
  /** What it answers from now on in the place of a token; null: a token. */
  issues: Answer | null;
  /** What the aggregator answers from now on; 201 at first. */
  answer: Answer;
  /** Bodies that came to the aggregator. */
  readonly received: Bytes[];
  /** Method and path of every request. */
  readonly asked: string[];
  /** What the two aggregators together find in a report: it throws where the proof is not one. */
  readonly table: (report: Bytes) => Promise<Int32Array<ArrayBuffer>>;
}

function answerWith(response: ServerResponse, answer: Answer): void {
  if (answer === 'nothing') return void response.destroy();
  if (typeof answer === 'number') return void response.writeHead(answer).end();
  const [status, code] = answer;
  const type = { 'content-type': 'application/problem+json' };
  response.writeHead(status, type).end(JSON.stringify({ status, code }));
}

/** RSA as it is: 2048 bits. */
function makeIssuer(): { readonly key: string; readonly sign: (request: Bytes) => Buffer } {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n = '' } = privateKey.export({ format: 'jwk' });
  const padding = constants.RSA_NO_PADDING;
  return {
    key: toBase64(writeIssuerKey(Buffer.from(n, 'base64url'))),
    sign: (request) => {
      const { blinded = new Uint8Array() } = readTokenRequest(request) ?? {};
      return privateDecrypt({ key: privateKey, padding }, blinded);
    },
  };
}

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.txt': 'text/plain' };

async function servePage(folder: string, path: string, response: ServerResponse): Promise<void> {
  const bytes = await readFile(join(folder, path)).catch(() => null);
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  response.writeHead(bytes ? 200 : 404, { 'content-type': type }).end(bytes);
}

async function aggregatorsAt(
  url: string,
  keys: Readonly<Record<Role, Pair>>,
): Promise<Round['aggregators']> {
  const keysOf = async (
    role: Role,
  ): Promise<{ readonly key: string; readonly signer: string }> => ({
    key: toBase64(await suite.SerializePublicKey(keys[role].publicKey)),
    signer: verifierText((await makeSigner(`${role}.example`, KEY_TYPES.ed25519)).verifier),
  });
  return [
    { role: 'a', url, ...(await keysOf('a')) },
    { role: 'b', url: `${url}b/`, ...(await keysOf('b')) },
  ];
}

/** A round that closes in a week. */
const roundFor = (aggregators: Round['aggregators'], epoch: number): Round => ({
  ...{ epoch, ...SHAPE, blocks: 2, sigma: 8, head: HEAD, minBatch: 1, issuer: null, aggregators },
  opens: new Date(NOW - HOUR_MS).toISOString(),
  closes: new Date(NOW + 7 * DAY_MS).toISOString(),
});

/** `page`: a folder that is served beside it. */
export async function startRounds(page?: string): Promise<TestServer> {
  const log = await makeSigner('log.example', KEY_TYPES.ed25519);
  const witness = await makeSigner('witness.example', KEY_TYPES.cosignature);
  const publishers = [
    await makeSigner('publisher.example/1', KEY_TYPES.ed25519),
    await makeSigner('publisher.example/2', KEY_TYPES.ed25519),
  ];
  const policy = JSON.stringify({
    ...{ origin: ORIGIN, log: verifierText(log.verifier), quorum: 1, freshSeconds: 3600 },
    witnesses: [verifierText(witness.verifier)],
    publishers: publishers.map(({ verifier }) => verifierText(verifier)),
    publisherQuorum: 2,
  });
  const keys = { a: await suite.GenerateKeyPair(), b: await suite.GenerateKeyPair() };
  let entries: string[] = ['ossicle-role/v1\n{"change":"granted"}\n'];
  let files = new Map<string, Bytes>();
  const serve = async (): Promise<void> => {
    const made = await memoryLog(ORIGIN, entries);
    const note = await published(made.checkpoint, [log, witness], Math.floor(NOW / 1000));
    files = made.files.set('checkpoint', utf8(note)).set('policy.json', utf8(policy));
  };
  await serve();
  const privacy = await openPrivacy(assets);
  const issuer = makeIssuer();

  const [received, asked]: [Bytes[], string[]] = [[], []];
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      if (page !== undefined && !pathname.startsWith('/sync/')) {
        await servePage(page, pathname, response);
        return;
      }
      const path = pathname.slice('/sync/'.length);
      asked.push(`${request.method} ${path}`);
      const parts = await Array.fromAsync<Buffer>(request);
      if (path.startsWith('tokens/')) {
        if (started.issues !== null) answerWith(response, started.issues);
        else response.end(issuer.sign(new Uint8Array(Buffer.concat(parts))));
        return;
      }
      if (request.method === 'POST') {
        received.push(new Uint8Array(Buffer.concat(parts)));
        answerWith(response, started.answer);
        return;
      }
      const bytes = files.get(path);
      response.writeHead(bytes ? 200 : 404).end(bytes);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const origin = `http://127.0.0.1:${port}`;
  const url = `${origin}/sync/`;

  const aggregators = await aggregatorsAt(url, keys);

  const started: TestServer = {
    ...{ aggregators, url, origin, publishers, received, asked, answer: 201, issues: null },
    issuer: { url, key: issuer.key },
    open: async (changes = {}, signers = publishers) => {
      const round = { ...roundFor(aggregators, entries.length), ...changes };
      const text = roundText(round);
      const signatures = await Promise.all(signers.map((one) => sign(text, one, 0)));
      entries = [...entries, writeNote({ text, signatures })];
      await serve();
      return Buffer.from(await roundId(text)).toString('hex');
    },
    rollBack: async (count) => {
      entries = entries.slice(0, -count);
      await serve();
    },
    table: async (bytes) => {
      const report = readReport(bytes, SHAPE);
      if (typeof report === 'string') throw new Error(report);
      const [plainA, plainB] = await Promise.all(
        ROLES.map((role) => {
          const sealed = role === 'a' ? report.sealedA : report.sealedB;
          const options = { info: shareInfo(role), aad: report.head };
          return suite.Open(keys[role], sealed.subarray(0, 32), sealed.subarray(32), options);
        }),
      );
      const [a, b] = [
        plainA && readShareA(new Uint8Array(plainA), SHAPE),
        plainB && readShareB(plainB),
      ];
      if (!a || !b) throw new Error('A half of the report is of another size.');
      const [numbers, maxNorm] = [a.share.length, maxNormOf(SHAPE)];
      const checked = { maxNorm, context: report.head, key: randomBytes(32) };
      const first = privacy.beginFirst({ ...checked, ...a });
      const { share, message: second } = privacy.beginSecond({ ...checked, numbers, ...b });
      privacy.verify({ numbers, maxNorm, first, second });
      return privacy.join(a.share, share);
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return started;
}

/** A listener of these items, whose taste is as `taste` says. */
export function sourceOf(items: readonly number[], taste = 1): Source {
  const heard = new Uint8Array(1024);
  for (const item of items) heard[item] = 1;
  const isAny = items.length > 0;
  const vector = Float64Array.from({ length: FACTORS }, (_, k) =>
    isAny ? Math.sin(taste * (k + 1)) : 0,
  );
  return {
    factors: FACTORS,
    head: () => Promise.resolve(HEAD),
    listener: () => ({ vector, heard }),
    nameOf: (item) => `artist ${item}`,
  };
}

/** A listener, where it does not matter which. */
export const SOURCE = sourceOf([3, 8, 15]);

/** The same bytes in each run. */
export function seeded(seed: number): Random {
  let state = seed >>> 0 || 1;
  return (n) =>
    Uint8Array.from({ length: n }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
}

export interface Client {
  readonly contributions: OwnContributions;
  readonly host: ContributionHost;
}

/** A browser with this store: what the package does with a worker, in process. */
export function clientOf(store: SnapshotStore | string, source: Source, random?: Random): Client {
  const snapshots = typeof store === 'string' ? new FileSnapshots(store) : store;
  const host = new ContributionHost(snapshots, fileAssets(assets.href), random);
  type Call = (args: never, signal?: AbortSignal) => Promise<unknown>;
  const calls: Readonly<Record<string, Call>> = {
    contributeState: ({ now }: { now: number }) => host.state(now),
    contributeOn: ({ now, ...on }: { now: number; server: string }) => host.turnOn(on, now),
    contributeOff: ({ now }: { now: number }) => host.turnOff(now),
    contributeLook: ({ now }: { now: number }, signal) => host.look(now, source, signal),
    contributeMake: ({ now }: { now: number }) => host.make(now, source),
    contributeSend: ({ now }: { now: number }, signal) => host.send(now, signal),
    contributeDiscard: () => host.discard(),
    contributeRound: ({ now, ...at }: { now: number; server: string }, signal) =>
      host.round(at, now, signal),
    contributePreview: ({ now, text }: { now: number; text: string }) =>
      host.preview(text, now, source),
  };
  const call = (name: string, args: never, signal?: AbortSignal): unknown =>
    calls[name]?.(args, signal);
  const journal = { beside: call, ask: call, serial: (work: () => unknown) => work() };
  return { contributions: new OwnContributions(journal as unknown as Journal), host };
}

/** What is due at `now`, and nothing before. */
export const step = ({ contributions }: Client, now = NOW): Promise<ContributionState> =>
  contributions.step({ now: new Date(now) });
