/** What fails at one place holds nothing up at another, and is tried again. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { roundId, roundText } from '@ossicle/wire/report';
import type { Ask } from '../src/aggregate/aggregator-a.ts';
import type { Publication } from '../src/aggregate/aggregator.ts';
import { RefusedRound } from '../src/aggregate/problems.ts';
import { Refusals } from '../src/aggregate/refusals.ts';
import { openStore } from '../src/aggregate/store/open.ts';
import { InputError } from '../src/errors.ts';
import {
  CLOSES,
  makeReport,
  noNoise,
  randomTable,
  roundEntry,
  startPair,
  type Pair,
} from './aggregate-kit.ts';
import { report } from './aggregate-store.ts';
import { emptyFolder } from './kit.ts';

const SMALL = { rows: 8, factors: 3, minBatch: 1 };
const known = (pair: Pair) => pair.a.rounds()[0]!;

async function send(pair: Pair, block: number): Promise<void> {
  const { id, round, seal } = pair;
  assert.equal(
    await pair.answer(await makeReport({ id, block }, round, randomTable(round), seal)),
    201,
  );
}

const openAt = async ({ store }: Pair['a'] | Pair['b'], id: Pair['id']): Promise<unknown> =>
  (await store.blocks(id)).filter(({ state }) => state === 'open').map(({ block }) => block);

test('a block that cannot be ended keeps no other one from its end', async () => {
  let draws = 0;
  // The first of B, and, when that went well, the first of A.
  const failing = new Set([1, 4]);
  await using pair = await startPair({
    round: SMALL,
    noise: (n, deviation) => {
      if (failing.has(++draws)) throw new Error('No noise.');
      return noNoise(n, deviation);
    },
  });
  for (const block of [0, 1]) await send(pair, block);
  pair.at(CLOSES);
  await assert.rejects(pair.a.close(known(pair)), /answered 500/);
  assert.deepEqual(await openAt(pair.b, pair.id), [0]);
  assert.deepEqual(await openAt(pair.a, pair.id), [0, 1]);
  await assert.rejects(pair.a.close(known(pair)), /No noise/);
  assert.deepEqual(await openAt(pair.a, pair.id), [0]);
  assert.equal((await pair.end()).length, 4);
});

test('a round whose B does not answer keeps nothing from the others, nor what is there from the log', async () => {
  let stuck = '';
  const failing =
    (asked: Ask): Ask =>
    async (path, body) => {
      if (path.endsWith(stuck)) throw new Error('B is away.');
      return asked(path, body);
    };
  await using pair = await startPair({ round: SMALL, ask: failing });
  stuck = pair.hex;
  const later = { ...pair.round, epoch: 4 };
  const entry = await roundEntry(later, pair.keys.publishers);
  await pair.a.addRound(entry);
  await pair.b.addRound(entry);
  await send(pair, 0);
  const id = await roundId(roundText(later));
  const second = await makeReport({ id, block: 1 }, later, randomTable(later), pair.seal);
  assert.equal(await pair.answer(second, Buffer.from(id).toString('hex')), 201);
  pair.at(CLOSES);
  const failures: unknown[] = [];
  const stop = new AbortController();
  const handed: Publication[] = [];
  const hand = (one: Publication): Promise<void> => {
    handed.push(one);
    stop.abort();
    return Promise.resolve();
  };
  await pair.a.run(10, hand, (cause) => void failures.push(cause), stop.signal);
  assert.match(handed[0]?.entry ?? '', new RegExp(Buffer.from(id).toString('hex')));
  assert.match(String(failures[0]), /B is away/);
});

test('sums that the log refuses keep no others from it', async () => {
  await using pair = await startPair({ round: SMALL });
  for (const block of [0, 1]) await send(pair, block);
  pair.at(CLOSES);
  await pair.a.close(known(pair));
  const handed: Publication[] = [];
  const publishing = pair.a.publish((one) => {
    handed.push(one);
    return handed.length === 1 ? Promise.reject(new Error('Refused.')) : Promise.resolve();
  });
  await assert.rejects(publishing, /Refused/);
  assert.equal(handed.length, 2);
  assert.deepEqual(
    (await pair.published(pair.a)).map(({ entry }) => entry),
    [handed[0]?.entry],
  );
});

test('an entry that is no round of ours is refused for good; one that could not be stored is not', async (t) => {
  await using pair = await startPair({ round: SMALL });
  const entry = await roundEntry({ ...pair.round, epoch: 4 }, pair.keys.publishers);
  await assert.rejects(pair.a.addRound(entry.slice(0, -100)), RefusedRound);
  const away = (): Promise<void> => Promise.reject(new InputError('No host takes writes.'));
  const { mock } = t.mock.method(pair.a.store, 'addRound', away);
  await assert.rejects(pair.a.addRound(entry), (cause) => !(cause instanceof RefusedRound));
  assert.equal(pair.a.rounds().length, 1);
  mock.restore();
  await pair.a.addRound(entry);
  assert.equal(pair.a.rounds().length, 2);
});

test('refusals are written together, and again when that failed', async () => {
  const written: ReadonlyMap<string, number>[] = [];
  let isAway = true;
  await using refusals = new Refusals((counts) => {
    if (isAway) return Promise.reject(new Error('The database is away.'));
    written.push(counts);
    return Promise.resolve();
  });
  for (let i = 0; i < 1000; ++i) refusals.count(i % 4 === 0 ? 'replayed' : 'malformed');
  await assert.rejects(refusals.write(), /is away/);
  refusals.count('malformed');
  isAway = false;
  await refusals.write();
  await refusals.write();
  assert.deepEqual(written, [
    new Map([
      ['replayed', 250],
      ['malformed', 751],
    ]),
  ]);
});

test('SQLite: a start cuts the journal, which may have what a crash kept from being cut', async (t) => {
  const folder = await emptyFolder(t);
  await folder.make();
  const path = join(folder.path, 'a.sqlite');
  const round = new Uint8Array(randomBytes(32));
  await using before = await openStore(path);
  await before.addRound(round, 'a round');
  await before.arrive([report(round)]);
  assert(statSync(`${path}-wal`).size > 0);
  await using after = await openStore(path);
  assert.equal(await after.pending(round), 1);
  assert.equal(statSync(`${path}-wal`).size, 0);
});
