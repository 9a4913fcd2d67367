/** A round from its opening to its published sums, in the server that a person starts. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readNote, toHex, type Bytes } from '@ossicle/wire/log';
import {
  combine,
  deviationOf,
  isPair,
  numbersOf,
  readSums,
  ROUND_KIND,
  SUMS_KIND,
  type Sums,
} from '@ossicle/wire/report';
import { challengeHeader, challengeOf, tokenHeader } from '@ossicle/wire/tokens';
import { roundOfEntry } from '../src/aggregate/remote/log-rounds.ts';
import { sealTo } from '../src/aggregate/sealing.ts';
import { startServer, type Server } from '../src/server.ts';
import { makeReport, randomTable } from './aggregate-kit.ts';
import { freePort } from './aggregate-nodes.ts';
import { BUNDLE, newLog, run } from './kit.ts';
import { makeLiar } from './liar.ts';
import { authorizationFor } from './token-kit.ts';

/** SHA-256 of the released catalogue's first ids, read out of its file. */
function hashOfIds(items: number): string {
  const shard = readFileSync(join(BUNDLE, 'catalogue-0.safetensors'));
  const size = Number(shard.readBigUInt64LE(0));
  const header = JSON.parse(shard.toString('utf8', 8, 8 + size)) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const from = 8 + size + (header['item.id']?.data_offsets[0] ?? NaN);
  return createHash('sha256')
    .update(shard.subarray(from, from + 16 * items))
    .digest('hex');
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let waited = 0; !isSo(); waited += 20) {
    assert(waited < 30_000, `${what}: not within half a minute`);
    await sleep(20);
  }
}

test('a round is opened, reported to across a restart, closed, and its sums are in the log', async (t) => {
  const folder = await newLog(t);
  const data = ['--data', folder.path];
  const early = await run('round', 'open', ...data);
  assert.match(early.error, /no snapshot yet/);
  assert.equal((await run('publish', BUNDLE, ...data)).code, 0);
  const large = await run('round', 'open', '--sigma', '800', ...data);
  assert.match(large.error, /product may be at most 128/);
  for (const clip of ['1.001', '1.0005', '0.0009']) {
    const unproved = await run('round', 'open', '--clip', clip, ...data);
    assert.equal(unproved.code, 2);
    assert.match(unproved.error, /cannot be proved\. --clip is from 0\.0009765625 to 1\./);
  }
  // Nothing was made on the way: a server of this folder takes no reports.
  const port = await freePort();
  const options = { data: folder.path, port, addEveryMs: 20, tokensPerAddress: 6 };
  {
    await using server = await startServer(options);
    assert.equal(server.operators?.a.rounds().length ?? 0, 0);
  }
  const url = ['--url', `http://localhost:${port}/sync/`];
  const opened = await run('round', 'open', '--sigma', '0.01', '--min-batch', '2', ...url, ...data);
  assert.match(opened.out, /^Round 1: [0-9a-f]{64}, 2 blocks, open until.*\nKeys were made/);
  const again = await run('round', 'open', ...data);
  assert.equal(again.code, 2);
  assert.match(again.error, /A round is open until/);
  assert.match((await run('status', ...data)).out, /round {5}1, from .*\n(.*\n)*operator-a/);

  let clock = new Date();
  const start = (): Promise<Server> => startServer({ ...options, now: () => clock });
  let server = await start();
  // Before the folder goes.
  await using end = new AsyncDisposableStack();
  end.defer(() => server.close());
  const round = roundOfEntry(server.log.log.entries.ofKind(ROUND_KIND)[0] ?? '');
  assert(round);
  assert.equal(round.head, hashOfIds(2 * 512));
  const { id, hex } = server.operators?.a.rounds()[0] ?? {};
  assert(id && hex !== undefined);
  const [a, b] = round.aggregators;
  const seal = await sealTo({ a: a.key, b: b.key });
  const expected = [0, 1].map(() => new Int32Array(numbersOf(round)));
  const post = (body: Bytes, authorization: string | null): Promise<Response> =>
    fetch(`${server.origin}/sync/reports/${hex}`, {
      ...{ method: 'POST', body },
      headers: {
        'content-type': 'application/octet-stream',
        ...(authorization === null ? {} : { authorization }),
      },
    });
  const codeOf = async (answer: Response): Promise<string> =>
    ((await answer.json()) as { code: string }).code;
  const report = async (block: number): Promise<Bytes> => {
    const table = randomTable(round);
    table.forEach((one, i) => (expected[block]![i]! += one));
    return makeReport({ id, block }, round, table, seal);
  };
  for (const block of [0, 1]) {
    const token = await authorizationFor(round, id);
    assert.equal((await post(await report(block), token)).status, 201);
  }
  const body = await report(0);
  const missing = await post(body, null);
  assert.equal(missing.status, 401);
  const challenge = challengeOf(round, id);
  assert(challenge);
  const wanted = challengeHeader(challenge.challenge, challenge.key);
  assert.equal(missing.headers.get('www-authenticate'), wanted);
  assert.equal(await codeOf(missing), 'token_missing');
  assert.equal(await codeOf(await post(body, 'Bearer abc')), 'token_missing');
  assert.equal(await codeOf(await post(body, tokenHeader(new Uint8Array(354)))), 'token_invalid');
  const token = await authorizationFor(round, id);
  const target = { id, block: 0 };
  const context = new Uint8Array();
  const unproven = await makeReport(target, round, randomTable(round), seal, { context });
  assert.equal(await codeOf(await post(unproven, token)), 'proof_invalid', 'and spends no token');
  for (let i = 0; i < 2; ++i) assert.equal((await post(body, token)).status, 201, 'and again');
  const spent = await makeReport(target, round, randomTable(round), seal);
  assert.equal(await codeOf(await post(spent, token)), 'token_spent');
  assert.equal(await codeOf(await post(unproven, token)), 'token_spent', 'without a look at it');
  assert.equal(await codeOf(await post(new Uint8Array(100).fill(2), null)), 'malformed');
  await server.close();
  server = await start();
  for (const block of [1, 0]) {
    const fresh = await authorizationFor(round, id);
    assert.equal((await post(await report(block), fresh)).status, 201);
  }
  assert.equal(await codeOf(await post(spent, token)), 'token_spent', 'after a restart, too');
  assert.deepEqual(await server.operators?.a.refusals(), {
    ...{ malformed: 1, proof_invalid: 1, token_invalid: 1, token_missing: 2, token_spent: 3 },
  });
  const liar = await makeLiar(target, round, seal);
  const liarsToken = await authorizationFor(round, id);
  assert.equal((await post(liar, liarsToken)).status, 201, 'A alone cannot tell');

  clock = new Date(Date.parse(round.closes) + 1000);
  const { entries } = server.log.log;
  await until('four halves of sums', () => entries.ofKind(SUMS_KIND).length === 4);
  const sums = entries
    .ofKind(SUMS_KIND)
    .map((source) => readSums(readNote(source)?.text ?? ''))
    .filter((one): one is Sums => one !== null);
  for (const block of [0, 1]) {
    const [mine, other] = (['a', 'b'] as const).map((role) =>
      sums.find((one) => one.block === block && one.role === role),
    );
    assert(mine && other && isPair(mine, other));
    assert.equal(mine.count, block === 0 ? 3 : 2);
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
  assert.equal(await codeOf(await post(liar, liarsToken)), 'norm_exceeded');
  assert.equal(await codeOf(await post(await report(0), token)), 'round_closed');
  await server.close();
  assert.equal(
    (await run('round', 'open', '--days', '0.001', ...data)).code,
    2,
    'by the real clock',
  );
  assert.equal(toHex(id), hex);
});

test('of two rounds that are opened at once there is one', async (t) => {
  const folder = await newLog(t);
  const data = ['--data', folder.path];
  assert.equal((await run('publish', BUNDLE, ...data)).code, 0);
  const opened = await Promise.all([run('round', 'open', ...data), run('round', 'open', ...data)]);
  const [bad, good] = opened.toSorted((x, y) => y.code - x.code);
  assert.equal(good?.code, 0, good?.error);
  assert.match(bad?.error ?? '', /A round is open until/);
});
