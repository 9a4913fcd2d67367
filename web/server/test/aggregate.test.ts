import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { toHex, type Bytes, type Signer } from '@ossicle/wire/log';
import {
  combine,
  FIELD_MODULUS,
  HEADER_BYTES,
  isPair,
  numbersOf,
  readVerdicts,
  writeJob,
  type Role,
} from '@ossicle/wire/report';
import { digestOf } from '../src/aggregate/store/store.ts';
import { makeHpkeKey, sealTo } from '../src/aggregate/sealing.ts';
import type { Ask } from '../src/aggregate/aggregator-a.ts';
import { requestFields, signedHeaders } from '../src/aggregate/remote/signed-http.ts';
import { askOverHttp } from '../src/aggregate/routes.ts';
import {
  CLOSES,
  makeNoteKey,
  makeReport,
  randomBlock,
  randomTable,
  roundEntry,
  roundOf,
  startPair,
  type Pair,
} from './aggregate-kit.ts';

const SMALL = { rows: 8, factors: 3 };
const known = (pair: Pair) => pair.a.rounds()[0]!;
const small = (pair: Pair, block = 0): Promise<Uint8Array> =>
  makeReport({ id: pair.id, block }, pair.round, randomTable(pair.round), pair.seal);

async function send(pair: Pair, n: number, block = 0): Promise<void> {
  for (let i = 0; i < n; ++i) assert.equal(await pair.answer(await small(pair, block)), 201);
}

test('thirty reports are summed over both aggregators, and only both together say anything', async () => {
  await using pair = await startPair({ round: { minBatch: 1 } });
  const { round, id, seal } = pair;
  const expected = new Map<number, { sum: Int32Array<ArrayBuffer>; count: number }>();
  for (let i = 0; i < 30; ++i) {
    const block = randomBlock(round);
    const table = randomTable(round);
    const known = expected.get(block) ?? { sum: new Int32Array(numbersOf(round)), count: 0 };
    table.forEach((one, at) => (known.sum[at]! += one));
    expected.set(block, { ...known, count: known.count + 1 });
    const report = await makeReport({ id, block }, round, table, seal);
    assert.equal(report.length, 277_379);
    assert.equal(await pair.answer(report), 201);
  }
  const published = await pair.end();
  assert.equal(published.length, 2 * expected.size);
  for (const [block, { sum, count }] of expected) {
    const [a, b] = published.filter(({ sums }) => sums.block === block);
    assert.ok(a && b && isPair(a.sums, b.sums));
    assert.equal(a.sums.count, count);
    assert.equal(a.sums.sum, toHex(digestOf(a.blob)));
    assert.deepEqual(combine(a.blob, b.blob), sum);
    assert.notDeepEqual(new Int32Array(a.blob.slice().buffer), sum);
  }
});

test('both add noise of their own, of the deviation that the round states', async () => {
  const asked: number[] = [];
  await using pair = await startPair({
    round: SMALL,
    noise: (n, deviation) => {
      asked.push(n, deviation);
      return new Uint32Array(n).fill(asked.length === 2 ? 1000 : FIELD_MODULUS - 7);
    },
  });
  const table = new Int32Array(numbersOf(pair.round)).fill(5);
  for (let i = 0; i < 2; ++i) {
    await pair.post(await makeReport({ id: pair.id, block: 1 }, pair.round, table, pair.seal));
  }
  const [a, b] = await pair.end();
  assert.deepEqual(asked, [32, 8 * 1024, 32, 8 * 1024]);
  assert.deepEqual(combine(a!.blob, b!.blob), new Int32Array(32).fill(10 + 1000 - 7));
});

test('a second noise is impossible: the sum without noise is gone, and the first one stays', async () => {
  let draws = 0;
  await using pair = await startPair({
    round: SMALL,
    noise: (n) => new Uint32Array(n).fill(++draws),
  });
  await send(pair, 3);
  const [a, b] = await pair.end();
  const again = { state: 'closed', noise: new Uint32Array(32).fill(999) } as const;
  for (const { store } of [pair.a, pair.b]) {
    await store.closeBlock(pair.id, 0, again.state, again.noise);
  }
  await pair.a.close(known(pair));
  const stated = (await pair.a.store.blocks(pair.id)).map((one) => ({
    ...one,
    ids: toHex(one.ids),
  }));
  await pair.b.close(pair.b.rounds()[0]!, stated);
  assert.equal(draws, 2);
  assert.deepEqual(await pair.published(pair.a), []);
  for (const [one, first] of [
    [pair.a, a],
    [pair.b, b],
  ] as const) {
    assert.equal(await one.store.rawBlocks(pair.id), 0);
    assert.deepEqual(await one.store.noised(pair.id, 0), first!.blob);
  }
});

test('two endings at once draw twice, and publish one', async () => {
  let draws = 0;
  await using pair = await startPair({
    round: SMALL,
    noise: (n) => Promise.resolve(new Uint32Array(n).fill(++draws)),
  });
  await send(pair, 2);
  pair.at(CLOSES);
  await Promise.all([pair.a.close(known(pair)), pair.a.close(known(pair))]);
  assert.equal((await pair.published(pair.a)).length, 1);
  assert.equal((await pair.published(pair.b)).length, 1);
});

test('fewer reports than the batch: nothing is published, and nothing is kept', async () => {
  await using pair = await startPair({ round: { ...SMALL, minBatch: 3 } });
  await send(pair, 2, 0);
  await send(pair, 3, 1);
  const published = await pair.end();
  assert.deepEqual(
    published.map(({ sums }) => [sums.role, sums.block, sums.count]),
    [
      ['a', 1, 3],
      ['b', 1, 3],
    ],
  );
  for (const { store } of [pair.a, pair.b]) {
    assert.deepEqual(
      (await store.blocks(pair.id)).map(({ state }) => state),
      ['too_few', 'closed'],
    );
    assert.equal(await store.rawBlocks(pair.id), 0);
  }
});

for (const role of ['a', 'b'] as const) {
  test(`${role} counts a report that the other does not: neither publishes`, async () => {
    await using pair = await startPair({ round: SMALL });
    await send(pair, 3);
    await pair.a.bring(known(pair));
    const more = { round: pair.id, id: new Uint8Array(randomBytes(16)), block: 0 };
    const numbers = new Uint32Array(32).fill(1);
    await pair[role].store.add([{ ...more, digest: digestOf(more.id), numbers, state: 'counted' }]);
    assert.deepEqual(await pair.end(), []);
    for (const { store } of [pair.a, pair.b]) {
      assert.deepEqual(
        (await store.blocks(pair.id)).map(({ state }) => state),
        ['disputed'],
      );
      assert.equal(await store.rawBlocks(pair.id), 0);
    }
  });
}

test('as many reports but not the same ones: neither publishes', async () => {
  await using pair = await startPair({ round: SMALL });
  await send(pair, 2);
  await pair.a.bring(known(pair));
  for (const { store } of [pair.a, pair.b]) {
    const id = new Uint8Array(randomBytes(16));
    const numbers = new Uint32Array(32);
    const digest = digestOf(id);
    await store.add([{ round: pair.id, id, block: 0, digest, numbers, state: 'counted' }]);
  }
  assert.deepEqual(await pair.end(), []);
});

test('a report that only A can open is counted by neither', async () => {
  await using pair = await startPair({ round: SMALL });
  await send(pair, 2);
  const other = await sealTo({
    a: pair.keys.hpke.a.publicKey,
    b: (await makeHpkeKey()).publicKey,
  });
  const report = await makeReport(
    { id: pair.id, block: 0 },
    pair.round,
    randomTable(pair.round),
    other,
  );
  assert.equal(await pair.answer(report), 201);
  await pair.a.bring(known(pair));
  assert.equal(await pair.answer(report), 'wrong_key');
  const published = await pair.end();
  assert.deepEqual(
    published.map(({ sums }) => sums.count),
    [2, 2],
  );
  assert.deepEqual(await pair.b.store.refusals(), { wrong_key: 1 });
  assert.deepEqual(await pair.a.refusals(), { wrong_key: 2 });
});

test('every refusal has its code, is counted, and changes nothing', async () => {
  await using pair = await startPair({ round: SMALL });
  const good = await small(pair);
  assert.equal(await pair.answer(good), 201);
  const changed = (at: number, to: number): Uint8Array => good.with(at, to);
  const idAt = HEADER_BYTES - 16;
  const otherKey = await sealTo({
    a: (await makeHpkeKey()).publicKey,
    b: pair.keys.hpke.b.publicKey,
  });
  const swapped = (
    role: Role,
    ...rest: [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]
  ) => pair.seal(role === 'a' ? 'b' : 'a', ...rest);
  const table = randomTable(pair.round);
  const target = { id: pair.id, block: 0 };
  const badlySealed = await makeReport(target, pair.round, table, otherKey);
  const wrongRole = await makeReport(target, pair.round, table, swapped);
  const otherRound = await makeReport(
    { id: digestOf(good), block: 0 },
    pair.round,
    table,
    pair.seal,
  );
  const noBlock = await small(pair, 3);
  const cases: readonly (readonly [string, Uint8Array, string?, string?])[] = [
    ['malformed', new Uint8Array()],
    ['malformed', good.subarray(0, -1)],
    ['malformed', good, pair.hex, 'text/plain'],
    ['too_large', new Uint8Array([...good, 0])],
    ['too_large', new Uint8Array(600_000).fill(1)],
    ['wrong_version', changed(0, 1)],
    ['unknown_round', good, 'ab'.repeat(32)],
    ['unknown_round', good, 'nonsense'],
    ['wrong_round', otherRound],
    ['wrong_block', noBlock],
    ['wrong_key', badlySealed],
    ['wrong_key', wrongRole],
    // What both seals authenticate, and each share itself.
    ['wrong_key', changed(idAt, good[idAt]! ^ 1)],
    ['replayed', changed(HEADER_BYTES + 40, good[HEADER_BYTES + 40]! ^ 1)],
  ];
  const before = await pair.a.store.claim(pair.id, 10);
  for (const [code, bytes, hex, type] of cases) {
    assert.equal(await pair.answer(bytes, hex, type), code);
  }
  pair.at(new Date('2026-11-30T00:00:00Z'));
  assert.equal(await pair.answer(await small(pair)), 'round_not_open');
  pair.at(CLOSES);
  assert.equal(await pair.answer(await small(pair)), 'round_closed');
  assert.deepEqual(await pair.a.store.claim(pair.id, 10), before);
  assert.deepEqual(await pair.a.store.blocks(pair.id), []);
  const counted: Record<string, number> = { round_not_open: 1, round_closed: 1 };
  for (const [code] of cases) counted[code] = (counted[code] ?? 0) + 1;
  assert.deepEqual(await pair.a.refusals(), counted);
});

test('the same bytes again get the same answer, also at once and after all is over, and count once', async () => {
  await using pair = await startPair({ round: { ...SMALL, minBatch: 1 } });
  const report = await small(pair);
  const answers = await Promise.all(Array.from({ length: 8 }, () => pair.answer(report)));
  assert.deepEqual(answers, Array(8).fill(201));
  const published = await pair.end();
  assert.deepEqual(
    published.map(({ sums }) => sums.count),
    [1, 1],
  );
  assert.equal(await pair.answer(report), 201);
  assert.deepEqual(await pair.a.refusals(), {});
});

test('an answer of B that gets lost changes nothing: A asks again, and both count once', async () => {
  let lost = 0;
  const losing =
    (asked: Ask): Ask =>
    async (path, body) => {
      const answer = await asked(path, body);
      if (++lost % 2 === 1) throw new Error('The answer got lost.');
      return answer;
    };
  await using pair = await startPair({ round: SMALL, ask: losing });
  await send(pair, 20);
  await assert.rejects(pair.a.bring(known(pair)), /got lost/);
  // As many jobs as it takes: every other answer is lost.
  while ((await pair.a.store.pending(pair.id)) > 0) {
    await pair.a.bring(known(pair)).catch(() => null);
  }
  await assert.rejects(pair.end(), /got lost/);
  const published = await pair.end();
  assert.deepEqual(
    published.map(({ sums }) => sums.count),
    [20, 20],
  );
});

test('B counts only what A brings, and never another report under the same id', async () => {
  await using pair = await startPair({ round: SMALL });
  await send(pair, 2);
  // What A would bring.
  const [task, other] = (await pair.a.store.claim(pair.id, 2)).map(({ sealed, ...rest }) => ({
    ...{ ...rest, sealedB: sealed },
  }));
  assert(task && other);
  const forged = { ...task, sealedB: other.sealedB };
  const { a, b } = pair.keys.signers;
  const ask = (signer: Signer, body: Uint8Array<ArrayBuffer>, peer = b): Promise<Bytes> =>
    askOverHttp(() => pair.urlB, { signer, peer: peer.verifier })(`aggregate/${pair.hex}`, body);
  const job = writeJob([task, task, forged]);
  const stranger = await makeNoteKey(a.verifier.name);
  await assert.rejects(ask(stranger, job), /answered 401/);
  const unsigned = await fetch(new URL(`aggregate/${pair.hex}`, pair.urlB), {
    ...{ method: 'POST', body: job, headers: { 'content-type': 'application/octet-stream' } },
  });
  assert.equal(unsigned.status, 401);
  assert.deepEqual(await pair.b.store.blocks(pair.id), []);
  await assert.rejects(ask(a, job, stranger), /not aggregator B: its key has not signed/);
  const verdicts = readVerdicts(await ask(a, job), 3);
  assert.deepEqual(verdicts, ['taken', 'taken', 'replayed']);
  assert.equal((await pair.b.store.blocks(pair.id))[0]?.count, 1);
  await assert.rejects(ask(a, job.slice(1)), /answered 400/);
});

test('B looks at who asks before it takes a body', async () => {
  await using pair = await startPair({ round: SMALL });
  const { signers } = pair.keys;
  const url = new URL(`aggregate/${pair.hex}`, pair.urlB);
  const fields = requestFields(url.pathname);
  const job = writeJob([]);
  const type = { 'content-type': 'application/octet-stream' };
  const forged = await signedHeaders(fields, job, await makeNoteKey('operator-a'));
  // Of the megabytes that it announces nothing is ever sent.
  const asking = request(url, {
    ...{ method: 'POST', headers: { ...type, ...forged, 'content-length': 10_000_000 } },
  });
  asking.flushHeaders();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  assert.equal(answer.statusCode, 401);
  asking.destroy();
  const headers = { ...type, ...(await signedHeaders(fields, job, signers.a)) };
  const post = (body: Bytes): Promise<Response> => fetch(url, { method: 'POST', headers, body });
  assert.equal((await post(new Uint8Array([...job, 0]))).status, 401);
  assert.notEqual((await post(job)).status, 401);
});

test('nothing ends before its time, whoever asks', async () => {
  await using pair = await startPair({ round: SMALL });
  await send(pair, 2);
  await pair.a.close(known(pair));
  assert.equal(await pair.b.close(pair.b.rounds()[0]!, []), null);
  assert.equal(await pair.answer(await small(pair)), 201);
});

test('a round counts when every publisher signed it and it names the key of this aggregator', async () => {
  await using pair = await startPair({ round: SMALL });
  const { keys, round } = pair;
  const one = await roundEntry({ ...round, epoch: 4 }, keys.publishers.slice(0, 1));
  await assert.rejects(pair.a.addRound(one), /all publishers signed/);
  const key = (await makeHpkeKey()).publicKey;
  const [a, b] = roundOf(keys, pair.urlB).aggregators;
  const others = await roundEntry({ ...round, aggregators: [{ ...a, key }, b] }, keys.publishers);
  await assert.rejects(pair.a.addRound(others), /another key for aggregator a/);
  await pair.b.addRound(others);
  assert.equal(pair.a.rounds().length, 1);
});

test('what was handed over is handed over once, and again with the same bytes when that failed', async () => {
  await using pair = await startPair({ round: SMALL });
  await send(pair, 2);
  pair.at(CLOSES);
  await pair.a.close(known(pair));
  const tried: unknown[] = [];
  const fail = pair.a.publish((one) => {
    tried.push(one);
    return Promise.reject(new Error('The log cannot be reached.'));
  });
  await assert.rejects(fail, /cannot be reached/);
  const [again] = await pair.published(pair.a);
  assert.deepEqual(tried[0], { blob: again!.blob, entry: again!.entry });
  assert.deepEqual(await pair.published(pair.a), []);
});
