/** Two operators on machines of their own, and the publishers' log on a third one. */
import assert from 'node:assert/strict';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readNote, toHex, type Bytes } from '@ossicle/wire/log';
import {
  combine,
  deviationOf,
  HEADER_BYTES,
  isPair,
  numbersOf,
  readSums,
  roundId,
  roundText,
  ROLES,
  SUMS_KIND,
  type Sums,
} from '@ossicle/wire/report';
import { startAggregate } from '../src/aggregate/remote/aggregate-server.ts';
import { openStore } from '../src/aggregate/store/open.ts';
import { SqliteStore } from '../src/aggregate/store/sqlite.ts';
import { readOperator } from '../src/aggregate/remote/operator-keys.ts';
import { RemoteLog } from '../src/aggregate/remote/remote-log.ts';
import { sealTo } from '../src/aggregate/sealing.ts';
import { InputError } from '../src/errors.ts';
import type { DataFolder } from '../src/folder.ts';
import { startServer } from '../src/server.ts';
import { makeReport, randomTable } from './aggregate-kit.ts';
import { freePort } from './aggregate-nodes.ts';
import { emptyFolder, newLog, run } from './kit.ts';
import { authorizationFor } from './token-kit.ts';
import { deploy, roundIn, TWO_DAYS_MS, until } from './operator-kit.ts';

async function filesOf(folder: DataFolder): Promise<Buffer> {
  const names = (await readdir(folder.path)).filter((name) => name.includes('sqlite'));
  return Buffer.concat(await Promise.all(names.map((name) => readFile(join(folder.path, name)))));
}

test('two operators sum up apart, whoever is killed, and their sums get into the log', async (t) => {
  const { log, port, folders, operators } = await deploy(t);
  const { a, b } = operators;
  let aheadMs = 0;
  const now = (): Date => new Date(Date.now() + aheadMs);
  await using server = await startServer({ data: log.path, port, tokensPerAddress: 10, now });
  assert.equal(server.operators, null, 'no aggregator runs beside the log');
  const round = roundIn(server);
  const id = await roundId(roundText(round));
  const seal = await sealTo({ a: round.aggregators[0].key, b: round.aggregators[1].key });
  const expected = [0, 1].map(() => new Int32Array(numbersOf(round)));
  const sealedA: Bytes[] = [];
  /** Sends until A has acknowledged it: the very same report, with the same token. */
  const send = async (block: number): Promise<void> => {
    const table = randomTable(round);
    table.forEach((one, i) => (expected[block]![i]! += one));
    const body = await makeReport({ id, block }, round, table, seal);
    sealedA.push(body.slice(HEADER_BYTES + 1000, HEADER_BYTES + 1064));
    const authorization = await authorizationFor(round, id);
    const headers = { 'content-type': 'application/octet-stream', authorization };
    const post = (): Promise<Response> =>
      fetch(new URL(`reports/${toHex(id)}`, round.aggregators[0].url), {
        ...{ method: 'POST', body, headers },
      });
    for (;;) {
      const answer = await post().catch(() => null);
      if (answer?.status === 201) return;
      assert(answer === null, `${answer?.status}`);
      await sleep(50);
    }
  };

  await a.start();
  await send(0);
  // B was away until now; A is killed while it brings what it has, and B while it counts.
  await b.start();
  await a.kill();
  const sending = send(1);
  await a.start();
  await sending;
  await b.kill();
  for (const block of [0, 1]) await send(block);
  await b.start();

  // After the end of the round, in the operators' clocks as in the log's.
  aheadMs = TWO_DAYS_MS;
  await Promise.all([a.kill(), b.kill()]);
  await Promise.all([a.start({ aheadMs }), b.start({ aheadMs })]);
  const { entries } = server.log.log;
  await until('four halves of sums', () => entries.ofKind(SUMS_KIND).length === 4);
  const sums = entries
    .ofKind(SUMS_KIND)
    .map((source) => readSums(readNote(source)?.text ?? ''))
    .filter((one): one is Sums => one !== null);
  for (const block of [0, 1]) {
    const [mine, other] = ROLES.map((role) =>
      sums.find((one) => one.block === block && one.role === role),
    );
    assert(mine && other && isPair(mine, other));
    assert.equal(mine.count, 2);
    const blob = async ({ sum }: Sums): Promise<Bytes> => {
      const answer = await fetch(`${server.origin}/sync/blob/${sum}`);
      return new Uint8Array(await answer.arrayBuffer());
    };
    const whole = combine(await blob(mine), await blob(other));
    const noise = whole.map((x, i) => x - (expected[block]?.[i] ?? 0));
    const most = noise.reduce((so, x) => Math.max(so, Math.abs(x)), 0);
    // 66,048 samples of two noises: beyond seven deviations lies one in a hundred thousand runs.
    assert(most > 0 && most < 7 * Math.SQRT2 * deviationOf(round), `${most}`);
  }
  await Promise.all([a.kill(), b.kill()]);

  // A keeps the shares of those that wait; B never has them, sealed or open.
  const kept = await filesOf(folders.b);
  assert(kept.length > 0);
  for (const part of sealedA) assert(!kept.includes(Buffer.from(part)), 'B has a share of A');
});

test('an aggregator whose peer has another key brings nothing, and says why', async (t) => {
  const { log, port, folders, operators } = await deploy(t);
  await using server = await startServer({ data: log.path, port });
  const round = roundIn(server);
  const id = await roundId(roundText(round));
  const [a, b] = round.aggregators;
  const seal = await sealTo({ a: a.key, b: b.key });
  await operators.a.start();
  // B was told that A has the key that B itself has.
  await operators.b.start({ peer: operators.a.config.peer });
  const body = await makeReport({ id, block: 0 }, round, randomTable(round), seal);
  const authorization = await authorizationFor(round, id);
  const headers = { 'content-type': 'application/octet-stream', authorization };
  const address = new URL(`reports/${toHex(id)}`, a.url);
  assert.equal((await fetch(address, { method: 'POST', body, headers })).status, 201);
  await until('a refusal', () => /Aggregator B answered 401/.test(operators.a.heard));
  await operators.b.kill();
  const store = await openStore(join(folders.b.path, 'aggregate-b.sqlite'));
  assert.deepEqual(await store.blocks(id), []);
  await store[Symbol.asyncDispose]();
});

test('a round that could not be stored is read from the log again', async (t) => {
  const { log, port, folders } = await deploy(t);
  await using server = await startServer({ data: log.path, port });
  const operator = await readOperator(folders.a, 'a');
  const peer = (await readOperator(folders.b, 'b'))?.signer.verifier;
  assert(operator && peer);
  const away = (): Promise<void> => Promise.reject(new InputError('No host takes writes.'));
  const { mock } = t.mock.method(SqliteStore.prototype, 'addRound', away);
  const heard: string[] = [];
  await using running = await startAggregate({
    ...{ role: 'a', folder: folders.a, operator, peer, policy: null, port: 0 },
    ...{ log: `${server.origin}/sync/`, requestsPerMinute: 1000, everyMs: 20, logEveryMs: 20 },
    onNotice: (text) => void heard.push(text),
  });
  assert.deepEqual(heard, ['No host takes writes.']);
  assert.equal(running.aggregator.rounds().length, 0);
  mock.restore();
  await until('the round', () => running.aggregator.rounds().length === 1);
});

test('an operator reads the log as a client does: pinned, and never back', async (t) => {
  const folder = await newLog(t);
  const port = await freePort();
  const url = `http://localhost:${port}/sync/`;
  const own = await emptyFolder(t);
  await own.make();
  const seen: string[] = [];
  const take = (entry: string): Promise<void> => Promise.resolve(void seen.push(entry));
  const options = { url, folder: own, policy: null, now: () => new Date() };
  const before = join(folder.path, '../before');
  {
    await using server = await startServer({ data: folder.path, port });
    const log = await RemoteLog.open(options);
    await log.read(take);
    assert.equal(seen.length, server.log.log.entries.size);
    await log.read(take);
    assert.equal(seen.length, 3, 'nothing twice');
    seen.length = 0;
  }
  await cp(folder.path, before, { recursive: true });
  assert.equal((await run('role', 'grant', 'auditor', 'x', '--data', folder.path)).code, 0);
  {
    await using server = await startServer({ data: folder.path, port });
    const log = await RemoteLog.open(options);
    const failing = log.read(() => Promise.reject(new Error('The disk is full.')));
    await assert.rejects(failing, /disk is full/);
    await log.read(take);
    assert.equal(seen.length, 4, 'what failed is read again');
    assert.match(seen[3] ?? '', /"role":"auditor"/);
    assert.equal(server.log.log.entries.size, 4);
  }
  {
    await using server = await startServer({ data: before, port });
    assert.equal(server.log.log.entries.size, 3);
    const log = await RemoteLog.open(options);
    await assert.rejects(log.read(take), { code: 'rolled_back' });
  }
  const other = await newLog(t);
  {
    await using server = await startServer({ data: other.path, port });
    assert.equal(server.log.log.entries.size, 3);
    const log = await RemoteLog.open(options);
    await assert.rejects(log.read(take), { code: 'bad_signature' });
    const policy = await readFile(other.file('policy.json'), 'utf8');
    await assert.rejects(RemoteLog.open({ ...options, policy }), /pins another policy/);
  }
  assert.equal(seen.length, 4);
});

test('the log’s server passes reports on to A elsewhere, and what A says back', async (t) => {
  const { log, port, operators } = await deploy(t);
  const reportsTo = `http://127.0.0.1:${operators.a.config.port}/sync/`;
  await using server = await startServer({ data: log.path, port, reportsTo });
  const round = roundIn(server);
  const id = await roundId(roundText(round));
  const [a, b] = round.aggregators;
  const seal = await sealTo({ a: a.key, b: b.key });
  const body = await makeReport({ id, block: 0 }, round, randomTable(round), seal);
  const post = (sent: Bytes, authorization = '', hex = toHex(id)): Promise<Response> =>
    fetch(`${server.origin}/sync/reports/${hex}`, {
      ...{ method: 'POST', body: sent },
      headers: { 'content-type': 'application/octet-stream', authorization },
    });
  const codeOf = async (answer: Response): Promise<string> =>
    ((await answer.json()) as { code: string }).code;
  const token = await authorizationFor(round, id);
  assert.equal((await post(body, token)).status, 503, 'A is away');
  await operators.a.start();
  const missing = await post(body);
  assert.match(missing.headers.get('www-authenticate') ?? '', /^PrivateToken challenge=/);
  assert.equal(missing.headers.get('access-control-allow-origin'), '*');
  assert.equal(await codeOf(missing), 'token_missing');
  for (let i = 0; i < 2; ++i) assert.equal((await post(body, token)).status, 201);
  const other = await makeReport({ id, block: 0 }, round, randomTable(round), seal);
  assert.equal(await codeOf(await post(other, token)), 'token_spent');
  assert.equal(await codeOf(await post(body, token, '..%2fentries')), 'unknown_round');
  assert.equal(await codeOf(await post(new Uint8Array(600_000), token)), 'too_large');
});

test('what an operator cannot do is told with what to do', async (t) => {
  const folder = await newLog(t);
  const own = await emptyFolder(t);
  const data = ['--data', folder.path];
  const keys = (await run('aggregate', '--role', 'a', '--keys', '--data', own.path)).out.trim();
  assert.equal(
    (await run('aggregate', '--role', 'a', '--keys', '--data', own.path)).out.trim(),
    keys,
  );
  const a = `https://a.example/sync/,${keys}`;
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['aggregate'], /aggregate --role a\|b/],
    [['aggregate', '--role', 'a', '--data', own.path], /--log URL --peer KEYS/],
    [
      ['aggregate', '--role', 'a', '--peer', keys, '--log', 'http://x', '--data', own.path],
      /--log "http:\/\/x" is no address that ends with a slash/,
    ],
    [['round', 'open', '--aggregator-a', a, ...data], /belong together/],
    [
      ['round', 'open', '--aggregator-a', a, '--aggregator-b', 'https://b.example/', ...data],
      /--aggregator-b wants an address and the keys .* URL,KEYS/,
    ],
    [['round', 'open', '--no-tokens', '--invitations', '2', ...data], /leave --no-tokens or/],
  ];
  for (const [args, message] of cases) {
    const { code, error } = await run(...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(error, message);
  }
});
