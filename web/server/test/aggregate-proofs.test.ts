/** Tables that are too long, and proofs that are none: in no sum, whatever is altered where. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Bytes } from '@ossicle/wire/log';
import {
  combine,
  HEADER_BYTES,
  numbersOf,
  PARTS_BYTES,
  proofSizes,
  readJob,
  readHeader,
  REPORT_ID_BYTES,
  SEALED_B_BYTES,
  SEED_BYTES,
  tableBytes,
  writeHeader,
  type ProvenShape,
  type Role,
  type Seal,
  type Task,
  type Verdict,
} from '@ossicle/wire/report';
import { OssicleError } from 'ossicle/node';
import { AggregatorA, type Ask } from '../src/aggregate/aggregator-a.ts';
import { RefusedRound } from '../src/aggregate/problems.ts';
import { Proofs } from '../src/aggregate/proofs.ts';
import {
  makeReport,
  openedPrivacy,
  randomTable,
  roundEntry,
  startPair,
  type Lie,
  type Pair,
} from './aggregate-kit.ts';
import { emptyFolder } from './kit.ts';
import { makeLiar } from './liar.ts';

/** Of 512 steps. */
const SMALL = { rows: 8, factors: 3, clip: 0.5 };
/** Of 140 numbers: two blocks for each of the lanes in which a share is hashed, and a rest. */
const IN_LANES = { ...SMALL, rows: 35 };
const known = (pair: Pair) => pair.a.rounds()[0]!;
const target = ({ id }: Pair, block = 0) => ({ id, block });

/** An honest table, its proof and its seals as `lie` and `seal` have it. */
const reportOf = (pair: Pair, lie: Lie = {}, seal: Seal = pair.seal): Promise<Bytes> =>
  makeReport(target(pair), pair.round, randomTable(pair.round), seal, lie);

/** Sends a report and brings it to B: what A says of it in the end. */
async function outcome(pair: Pair, report: Uint8Array): Promise<string | number> {
  const first = await pair.answer(report);
  if (first !== 201) return first;
  await pair.a.bring(known(pair));
  return pair.answer(report);
}

/** What A would bring to B. */
async function waiting({ a, id }: Pair): Promise<readonly Task[]> {
  const found = await a.store.claim(id, 64);
  return found.map(({ head, sealed, message }) => ({ head, sealedB: sealed, message }));
}

/** Neither has counted any. */
async function assertNothingCounted({ a, b, id }: Pair): Promise<void> {
  for (const { store } of [a, b]) {
    assert.deepEqual(await store.blocks(id), []);
    assert.equal(await store.rawBlocks(id), 0);
    assert.equal(await store.pending(id), 0);
  }
}

/** Flips the lowest bit of a byte of what one of the two gets. */
const flipping =
  (seal: Seal, role: Role, at: number): Seal =>
  (to, plain, info, aad) =>
    seal(to, to === role ? plain.with(at, plain[at]! ^ 1) : plain, info, aad);

test('a table that is too long is in no sum, whatever it brings as a proof, and its sender is told', async () => {
  await using pair = await startPair({ round: SMALL });
  const tables = [randomTable(pair.round), randomTable(pair.round)];
  for (const table of tables) {
    const report = await makeReport(target(pair), pair.round, table, pair.seal);
    assert.equal(await outcome(pair, report), 201);
  }
  const liars = [];
  for (let i = 0; i < 3; ++i) liars.push(await makeLiar(target(pair), pair.round, pair.seal));
  for (const liar of liars) assert.equal(await pair.answer(liar), 201);
  await pair.a.bring(known(pair));
  assert.deepEqual(await pair.a.refusals(), { norm_exceeded: 3 });
  assert.deepEqual(await pair.b.store.refusals(), { norm_exceeded: 3 });
  for (const liar of liars) assert.equal(await pair.answer(liar), 'norm_exceeded');
  // Each is told; B was not asked again.
  assert.deepEqual(await pair.a.refusals(), { norm_exceeded: 6 });
  assert.deepEqual(await pair.b.store.refusals(), { norm_exceeded: 3 });
  const [a, b] = await pair.end();
  assert.deepEqual([a?.sums.count, b?.sums.count], [2, 2]);
  const sum = tables[0]!.map((one, i) => one + tables[1]![i]!);
  assert.deepEqual(combine(a!.blob, b!.blob), sum);
});

test('a table of just the norm counts, and one that is a step longer does not', async () => {
  await using pair = await startPair({ round: SMALL });
  const table = new Int32Array(numbersOf(pair.round));
  for (const norm of [512, -512]) {
    table[5] = norm;
    const report = await makeReport(target(pair), pair.round, table, pair.seal);
    assert.equal(await outcome(pair, report), 201);
  }
  // A step too long, and as long as it can be.
  for (const norm of [513, -513, 0x7fffffff]) {
    table[5] = norm;
    const report = await makeLiar(target(pair), pair.round, pair.seal, table);
    assert.equal(await outcome(pair, report), 'norm_exceeded', `${norm}`);
  }
  assert.equal((await pair.b.store.blocks(pair.id))[0]?.count, 2);
});

test('a proof of a larger norm than the round’s is none of this round', async () => {
  await using pair = await startPair({ round: SMALL });
  const table = new Int32Array(numbersOf(pair.round)).fill(100);
  // Of the same size as one of 512.
  const report = await makeReport(target(pair), pair.round, table, pair.seal, { maxNorm: 600 });
  assert.equal(await pair.answer(report), 'proof_invalid');
  await assertNothingCounted(pair);
});

test('a proof of another report, round or block is refused at once, and nothing is kept of it', async () => {
  await using pair = await startPair({ round: SMALL });
  const id = new Uint8Array(randomBytes(REPORT_ID_BYTES));
  const contexts = [
    writeHeader({ round: pair.id, block: 0, id }),
    writeHeader({ round: new Uint8Array(32), block: 0, id }),
    writeHeader({ round: pair.id, block: 1, id }),
    new Uint8Array(),
  ];
  for (const context of contexts) {
    const report = await reportOf(pair, { context });
    assert.equal(await pair.answer(report), 'proof_invalid');
    assert.equal(await pair.answer(report), 'proof_invalid', 'and again');
    const [stored] = await pair.a.store.known(pair.id, [
      report.slice(HEADER_BYTES - REPORT_ID_BYTES, HEADER_BYTES),
    ]);
    assert.equal(stored, null);
  }
  assert.deepEqual(await pair.a.refusals(), { proof_invalid: 2 * contexts.length });
  await assertNothingCounted(pair);
});

/** Bytes of what A and B open, as their roles, what is there, and where. */
function placesIn(shape: ProvenShape): readonly (readonly [Role, string, number])[] {
  const table = tableBytes(shape);
  const { proof } = proofSizes(shape);
  // Of each lane, at both ends of the lanes, and of what is left over, if there is any.
  const share = [0, 5, 10, 15, 4 * 63, 4 * 64, 4 * 127, 4 * 128, table - 1];
  const atA = {
    share: share.filter((at) => at < table),
    seed: [table, table + SEED_BYTES - 1],
    // Also of the polynomial, of which only both together can tell.
    proof: [table + SEED_BYTES, table + proof - 16, table + proof - 1],
    parts: [0, 32, 64].map((part) => table + proof + part),
  };
  const atB = { seed: [0, SEED_BYTES - 1], parts: [0, 32, 64].map((part) => SEED_BYTES + part) };
  return [
    ...Object.entries(atA).flatMap(([what, all]) => all.map((at) => ['a', what, at] as const)),
    ...Object.entries(atB).flatMap(([what, all]) => all.map((at) => ['b', what, at] as const)),
  ];
}

for (const [n, round] of [
  [32, SMALL],
  [140, IN_LANES],
] as const) {
  test(`one altered bit anywhere in what A or B opens of ${n} numbers, and the report is counted by neither`, async () => {
    await using pair = await startPair({ round });
    const table = tableBytes(pair.round);
    for (const [role, what, at] of placesIn(pair.round)) {
      const report = await reportOf(pair, {}, flipping(pair.seal, role, at));
      const found = await outcome(pair, report);
      const expected =
        role === 'a' && what === 'proof' && at > table + SEED_BYTES
          ? /^(norm_exceeded|proof_invalid)$/
          : /^proof_invalid$/;
      assert.match(`${found}`, expected, `${role} ${what} ${at}`);
    }
    await assertNothingCounted(pair);
  });
}

test('the same altered parts for both, or parts of another report, are none of this one', async () => {
  await using pair = await startPair({ round: SMALL });
  const other = new Uint8Array(randomBytes(PARTS_BYTES));
  const partsAt =
    (at: number): Seal =>
    (to, plain, info, aad) => {
      const altered = plain.slice();
      altered.set(other.subarray(at, at + 32), plain.length - PARTS_BYTES + at);
      return pair.seal(to, altered, info, aad);
    };
  for (const at of [0, 32, 64]) {
    assert.equal(await outcome(pair, await reportOf(pair, {}, partsAt(at))), 'proof_invalid');
  }
  await assertNothingCounted(pair);
});

test('numbers that are not below q are none', async () => {
  await using pair = await startPair({ round: SMALL });
  for (const at of [0, tableBytes(pair.round) + SEED_BYTES, tableBytes(pair.round) - 4]) {
    const seal: Seal = (to, plain, info, aad) => {
      const altered = plain.slice();
      if (to === 'a') altered.fill(0xff, at, at + 4);
      return pair.seal(to, altered, info, aad);
    };
    assert.equal(await pair.answer(await reportOf(pair, {}, seal)), 'proof_invalid', `${at}`);
  }
  await assertNothingCounted(pair);
});

test('B counts nothing of which A says something else, and keeps to what it found first', async () => {
  await using pair = await startPair({ round: SMALL });
  const [round] = pair.b.rounds();
  assert(round);
  const { message: size } = proofSizes(pair.round);
  for (let i = 0; i < 6; ++i) assert.equal(await pair.answer(await reportOf(pair)), 201);
  const tasks = await waiting(pair);
  const [one, two, three, ...rest] = tasks as [Task, Task, Task, ...Task[]];
  const altered = ({ message }: Task, at: number): Bytes => message.with(at, message[at]! ^ 1);
  const forged: readonly Task[] = [
    { ...one, message: two.message },
    { ...two, message: new Uint8Array(size).fill(0xff) },
    { ...three, message: new Uint8Array(size) },
    ...rest.map((task, i) => ({
      ...task,
      message: altered(task, [0, size / 2, size - 1][i] ?? 0),
    })),
  ];
  const verdicts = await pair.b.take(round, forged);
  for (const verdict of verdicts) assert.match(verdict, /^(norm_exceeded|proof_invalid)$/);
  assert.deepEqual(await pair.b.take(round, forged), verdicts);
  const replayed = tasks.map(() => 'replayed');
  assert.deepEqual(await pair.b.take(round, tasks), replayed, 'it was answered once');
  assert.deepEqual(await pair.b.store.blocks(pair.id), []);
  const refused = Object.values(await pair.b.store.refusals());
  assert.equal(
    refused.reduce((sum, one) => sum + one, 0),
    tasks.length,
  );

  const good = await reportOf(pair);
  assert.equal(await pair.answer(good), 201);
  const [task] = (await waiting(pair)).slice(-1);
  assert(task);
  assert.deepEqual(await pair.b.take(round, [task]), ['taken']);
  // An A that has forgotten it and has another half under the same header now: nobody has checked that one.
  assert.deepEqual(await pair.b.take(round, [{ ...task, message: two.message }]), ['replayed']);
  assert.deepEqual(await pair.b.take(round, [task]), ['taken']);
  assert.equal((await pair.b.store.blocks(pair.id))[0]?.count, 1);
});

/** How often each has checked. */
function counting({ mock }: TestContext): () => readonly number[] {
  const { first, second } = Proofs.prototype;
  const halves = [
    mock.method(Proofs.prototype, 'first', first),
    mock.method(Proofs.prototype, 'second', second),
  ];
  return () => halves.map(({ mock }) => mock.callCount());
}

test('a report is checked once at each, however often it comes', async (t) => {
  const calls = counting(t);
  await using pair = await startPair({ round: SMALL });
  const [round] = pair.b.rounds();
  assert(round);
  const [good, liar] = [await reportOf(pair), await makeLiar(target(pair), pair.round, pair.seal)];
  for (let i = 0; i < 3; ++i) {
    for (const report of [good, liar]) assert.equal(await pair.answer(report), 201);
  }
  // Another report under the same id.
  const other = good.with(HEADER_BYTES + 40, good[HEADER_BYTES + 40]! ^ 1);
  assert.equal(await pair.answer(other), 'replayed');
  const tasks = await waiting(pair);
  await pair.a.bring(known(pair));
  for (let i = 0; i < 2; ++i) {
    assert.deepEqual(await pair.b.take(round, tasks), ['taken', 'norm_exceeded']);
  }
  assert.equal(await pair.answer(liar), 'norm_exceeded');
  assert.deepEqual(calls(), [2, 2]);
  pair.at(new Date(pair.round.closes));
  assert.equal(await pair.answer(await reportOf(pair)), 'round_closed');
  assert.deepEqual(calls(), [2, 2]);
});

test('of two jobs at once that say something else about one report, B goes by one', async (t) => {
  const calls = counting(t);
  await using pair = await startPair({ round: SMALL });
  const [round] = pair.b.rounds();
  assert(round);
  for (let i = 0; i < 2; ++i) assert.equal(await pair.answer(await reportOf(pair)), 201);
  let taken = 0;
  for (const [i, task] of (await waiting(pair)).entries()) {
    const forged = { ...task, message: task.message.with(0, task.message[0]! ^ 1) };
    const jobs = i === 0 ? [[task], [forged]] : [[forged], [task]];
    const verdicts: readonly Verdict[] = (
      await Promise.all(jobs.map((job) => pair.b.take(round, job)))
    ).flat();
    assert.equal(verdicts.filter((verdict) => verdict !== 'replayed').length, 1);
    assert.deepEqual(await pair.b.take(round, jobs.flat()), verdicts);
    taken += Number(verdicts.includes('taken'));
  }
  assert.deepEqual(calls(), [2, 4], 'each was checked before the other was known');
  const counts = (await pair.b.store.blocks(pair.id)).map(({ count }) => count);
  assert.deepEqual(counts, taken > 0 ? [taken] : []);
});

test('of two reports at once under one id A takes one, and brings what it has said of that one', async (t) => {
  const calls = counting(t);
  await using pair = await startPair({ round: { ...SMALL, minBatch: 1 } });
  const id = new Uint8Array(randomBytes(REPORT_ID_BYTES));
  const tables = [randomTable(pair.round), randomTable(pair.round)];
  const reports = await Promise.all(
    tables.map((table) => makeReport(target(pair), pair.round, table, pair.seal, { id })),
  );
  const answers = await Promise.all(reports.map((report) => pair.a.receive(pair.hex, report)));
  assert.deepEqual(answers.toSorted(), ['accepted', 'replayed']);
  assert.deepEqual(calls(), [2, 0], 'both were looked at before one was known');
  const taken = answers.indexOf('accepted');
  const tasks = await waiting(pair);
  assert.deepEqual(
    tasks.map(({ sealedB }) => sealedB),
    [reports[taken]!.slice(-SEALED_B_BYTES)],
  );
  const [a, b] = await pair.end();
  assert.deepEqual([a?.sums.count, b?.sums.count], [1, 1]);
  assert.deepEqual(combine(a!.blob, b!.blob), tables[taken]);
});

test('an A that has forgotten everything gets the same verdicts of the same reports, and B counts none again', async (t) => {
  const calls = counting(t);
  await using pair = await startPair({ round: SMALL });
  const [good, liar] = [await reportOf(pair), await makeLiar(target(pair), pair.round, pair.seal)];
  assert.equal(await outcome(pair, good), 201);
  assert.equal(await outcome(pair, liar), 'norm_exceeded');
  const folder = await emptyFolder(t);
  await folder.make();
  const database = join(folder.path, 'a.sqlite');
  await using empty = await AggregatorA.start({ ...pair.options.a, database, ask: pair.ask });
  const round = await empty.addRound(await roundEntry(pair.round, pair.keys.publishers));
  for (const report of [good, liar]) {
    assert.equal(await empty.receive(pair.hex, report), 'accepted');
  }
  await empty.bring(round);
  assert.equal(await empty.receive(pair.hex, good), 'accepted');
  assert.equal(await empty.receive(pair.hex, liar), 'norm_exceeded');
  assert.deepEqual(calls(), [4, 2], 'B has not checked again');
  for (const { store } of [empty, pair.b]) {
    const blocks = await store.blocks(pair.id);
    assert.deepEqual(
      blocks.map(({ count }) => count),
      [1],
    );
  }
});

test('a check that fails for no fault of the report fails the whole job, and the next one takes it', async (t) => {
  await using pair = await startPair({ round: SMALL });
  for (let i = 0; i < 3; ++i) assert.equal(await pair.answer(await reportOf(pair)), 201);
  const { mock } = t.mock.method(await openedPrivacy(), 'verify');
  mock.mockImplementationOnce(() => {
    throw new OssicleError('internal', 'The module has no memory left.');
  }, 1);
  await assert.rejects(pair.a.bring(known(pair)), /answered 500/);
  assert.equal(mock.callCount(), 2);
  assert.equal(await pair.a.store.pending(pair.id), 3);
  const ids = (await waiting(pair)).map(({ head }) => readHeader(head).id);
  assert.deepEqual(await pair.b.store.known(pair.id, ids), [null, null, null]);
  assert.deepEqual(await pair.b.store.blocks(pair.id), []);
  await pair.a.bring(known(pair));
  for (const { store } of [pair.a, pair.b]) {
    assert.equal((await store.blocks(pair.id))[0]?.count, 3);
    assert.deepEqual(await store.refusals(), {});
  }
});

test('A, killed after B has answered, brings the very same messages again and settles them as B said', async () => {
  const jobs: Uint8Array[] = [];
  const recording =
    (asked: Ask): Ask =>
    async (path, body) => {
      const answer = await asked(path, body);
      if (path.startsWith('aggregate')) jobs.push(body.slice());
      if (jobs.length === 1) throw new Error('A was killed.');
      return answer;
    };
  await using pair = await startPair({ round: SMALL, ask: recording });
  const [good, liar] = [await reportOf(pair), await makeLiar(target(pair), pair.round, pair.seal)];
  for (const report of [good, liar]) assert.equal(await pair.answer(report), 201);
  await assert.rejects(pair.a.bring(known(pair)), /was killed/);
  // Whatever was in its memory is gone.
  await using again = await AggregatorA.start({ ...pair.options.a, ask: pair.ask });
  const [round] = again.rounds();
  assert(round);
  await again.bring(round);
  assert.equal(jobs.length, 2);
  assert.deepEqual(jobs[1], jobs[0]);
  assert.equal(readJob(jobs[0] ?? new Uint8Array(), proofSizes(pair.round).message)?.length, 2);
  assert.equal(await again.receive(pair.hex, good), 'accepted');
  assert.equal(await again.receive(pair.hex, liar), 'norm_exceeded');
  for (const { store } of [again, pair.b]) {
    const [{ count } = { count: 0 }, ...more] = await store.blocks(pair.id);
    assert.deepEqual([count, more], [1, []]);
  }
});

test('B does one check at a time, and what else there is to do comes in between', async (t) => {
  await using pair = await startPair({ round: SMALL });
  for (let i = 0; i < 5; ++i) await pair.answer(await reportOf(pair));
  const [round] = pair.b.rounds();
  assert(round);
  const tasks = await waiting(pair);
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    ++turns;
    if (!isOver) setImmediate(turn);
  };
  const seen: number[] = [];
  t.mock.method(Proofs.prototype, 'second', () => {
    seen.push(turns);
    return 'norm_exceeded';
  });
  turn();
  await pair.b.take(round, tasks);
  isOver = true;
  assert.equal(new Set(seen).size, tasks.length);
});

test('a round whose other aggregator has a key without secrets is no round', async () => {
  await using pair = await startPair({ round: SMALL });
  const [a, b] = pair.round.aggregators;
  const key = Buffer.alloc(32).toString('base64');
  const entry = await roundEntry(
    { ...pair.round, aggregators: [a, { ...b, key }] },
    pair.keys.publishers,
  );
  await assert.rejects(
    pair.a.addRound(entry),
    (cause) => cause instanceof RefusedRound && /key for aggregator b/.test(cause.message),
  );
  assert.equal(pair.a.rounds().length, 1);
});
