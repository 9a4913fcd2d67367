/** What every store promises, as tests. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { Bytes } from '@ossicle/wire/log';
import { addHash, bytesOf, FIELD_MODULUS, noIds, numbersIn } from '@ossicle/wire/report';
import { digestOf, type AggregateStore, type Arrived } from '../src/aggregate/store/store.ts';

const N = 6;
const random = (n: number): Bytes => new Uint8Array(randomBytes(n));
const numbers = (all: number): Uint32Array<ArrayBuffer> => new Uint32Array(N).fill(all);

export function report(round: Bytes, changes: Partial<Arrived> = {}): Arrived {
  return {
    ...{ round, id: random(16), block: 0, digest: random(32), token: null },
    ...{ head: random(51), sealed: random(176), message: random(60) },
    share: bytesOf(numbers(3)),
    ...changes,
  };
}

async function counted(store: AggregateStore, round: Bytes, most = 100): Promise<number> {
  const waiting = await store.claim(round, most);
  await store.settle(waiting.map(({ at }) => ({ at, state: 'counted' })));
  return waiting.length;
}

export interface StoreToTest extends AsyncDisposable {
  readonly store: AggregateStore;
}

/** `open`: an empty store. */
export function testStore(name: string, open: () => Promise<StoreToTest>): void {
  const withRound = async (work: (store: AggregateStore, round: Bytes) => Promise<void>) => {
    await using opened = await open();
    const round = random(32);
    await opened.store.addRound(round, 'a round');
    await opened.store.addRound(round, 'a round');
    await work(opened.store, round);
  };

  test(`${name}: one that arrives is new once, whatever else is in its transaction`, () =>
    withRound(async (store, round) => {
      const [one, other] = [report(round), report(round)];
      assert.deepEqual(await store.rounds(), [{ id: round, text: 'a round', closed: false }]);
      assert.deepEqual(await store.known(round, [one.id]), [null]);
      const known = { digest: one.digest, state: 'pending' };
      assert.deepEqual(await store.arrive([one, other, one]), ['new', 'new', known]);
      assert.deepEqual(await store.arrive([{ ...one, digest: random(32) }]), [known]);
      assert.deepEqual(await store.known(round, [random(16), one.id, one.id]), [
        null,
        known,
        known,
      ]);
      assert.deepEqual(await store.known(round, []), []);
      assert.deepEqual(await store.known(random(32), [one.id]), [null]);
      assert.equal(await store.pending(round), 2);
      assert.deepEqual(
        (await store.claim(round, 9)).map(({ at, ...waiting }) => waiting),
        [one, other].map(({ head, sealed, message }) => ({ head, sealed, message })),
      );
    }));

  test(`${name}: a token pays for one report of a round, and for the same one again`, () =>
    withRound(async (store, round) => {
      const token = random(32);
      const one = report(round, { token });
      const second = report(round, { token });
      const known = { digest: one.digest, state: 'pending' };
      assert.equal(await store.isSpent(round, token), false);
      assert.deepEqual(await store.arrive([one, second]), ['new', 'token_spent']);
      assert.equal(await store.isSpent(round, token), true);
      assert.equal(await store.isSpent(random(32), token), false);
      assert.deepEqual(await store.arrive([second, one]), ['token_spent', known]);
      assert.deepEqual(await store.known(round, [second.id]), [null]);
      // Nothing of it was kept: with a token of its own it is as new as any.
      assert.deepEqual(await store.arrive([{ ...second, token: random(32) }]), ['new']);
      const other = random(32);
      await store.addRound(other, 'another round');
      assert.deepEqual(await store.arrive([report(other, { token })]), ['new']);
      assert.equal(await store.pending(round), 2);
    }));

  test(`${name}: what arrives at once is stored once, and a token is spent once`, () =>
    withRound(async (store, round) => {
      const [one, token] = [report(round), random(32)];
      const same = await Promise.all(Array.from({ length: 8 }, () => store.arrive([one])));
      assert.equal(same.filter(([arrival]) => arrival === 'new').length, 1);
      const paid = await Promise.all(
        Array.from({ length: 8 }, () => store.arrive([report(round, { token }), report(round)])),
      );
      assert.deepEqual(paid.map(([arrival]) => arrival).toSorted(), [
        'new',
        ...Array<string>(7).fill('token_spent'),
      ]);
      assert.equal(await store.pending(round), 10);
    }));

  test(`${name}: a round that is closed takes nothing new, and knows what it took`, () =>
    withRound(async (store, round) => {
      const token = random(32);
      const one = report(round);
      await store.arrive([one]);
      await store.closeRound(round);
      const known = { digest: one.digest, state: 'pending' };
      assert.deepEqual(await store.arrive([report(round, { token }), one]), [
        'round_closed',
        known,
      ]);
      const { digest, ...late } = report(round);
      const addend = { ...late, digest, numbers: numbers(1), state: 'counted' };
      assert.deepEqual(await store.add([addend]), [{ digest, state: 'round_closed' }]);
      assert.deepEqual(await store.arrive([report(random(32))]), ['round_closed']);
      assert.equal((await store.rounds())[0]?.closed, true);
    }));

  test(`${name}: a report is settled once`, () =>
    withRound(async (store, round) => {
      const all = Array.from({ length: 12 }, (_, i) => report(round, { block: i % 2 }));
      await store.arrive(all);
      const waiting = await store.claim(round, 100);
      assert.equal(waiting.length, 12);
      const answers = waiting.map(({ at }, i) => ({ at, state: i < 2 ? 'wrong_key' : 'counted' }));
      await Promise.all([store.settle(answers), store.settle(answers.toReversed())]);
      await store.settle(answers);
      assert.equal(await store.pending(round), 0);
      const ids = noIds();
      for (const { id } of all.filter(({ block }, i) => block === 1 && i >= 2)) {
        addHash(ids, digestOf(id));
      }
      const blocks = await store.blocks(round);
      assert.deepEqual(
        blocks.map(({ block, state, count }) => ({ block, state, count })),
        [0, 1].map((block) => ({ block, state: 'open', count: 5 })),
      );
      assert.deepEqual(blocks[1]?.ids, ids);
      assert.deepEqual(await store.refusals(), { wrong_key: 2 });
      const [first] = await store.known(round, [all[0]?.id ?? ids]);
      assert.equal(first?.state, 'wrong_key');
    }));

  test(`${name}: what is added at once is added once, in whatever order, modulo q`, () =>
    withRound(async (store, round) => {
      const all = Array.from({ length: 20 }, (_, i) => {
        const { id, digest } = report(round);
        const state = i === 0 ? 'wrong_key' : 'counted';
        const own = i === 0 ? null : numbers(FIELD_MODULUS - i);
        return { round, id, digest, block: i % 2, numbers: own, state };
      });
      const answers = await Promise.all([
        store.add(all),
        store.add(all.toReversed()),
        store.add(all.slice(5, 15)),
      ]);
      const known = all.map(({ digest, state }) => ({ digest, state }));
      assert.deepEqual(answers, [known, known.toReversed(), known.slice(5, 15)]);
      assert.deepEqual(
        (await store.blocks(round)).map(({ count }) => count),
        [9, 10],
      );
      await store.closeBlock(round, 1, 'closed', numbers(FIELD_MODULUS - 5));
      const sums = await store.noised(round, 1);
      assert.deepEqual(
        numbersIn(sums ?? noIds()),
        numbers(FIELD_MODULUS - (1 + 3 + 5 + 7 + 9 + 11 + 13 + 15 + 17 + 19) - 5),
      );
    }));

  test(`${name}: of two that are added at once under one id there is one, and both answers say which`, () =>
    withRound(async (store, round) => {
      const { id } = report(round);
      const two = [1, 2].map((all) => {
        const own = { digest: random(32), numbers: numbers(all), state: 'counted' };
        return { round, id, block: 0, ...own };
      });
      const found = await Promise.all(two.map((one) => store.add([one])));
      const [first, second] = found.flat();
      assert(first);
      assert.deepEqual(first, second);
      const taken = two.find(({ digest }) => Buffer.compare(digest, first.digest) === 0);
      assert(taken);
      assert.equal((await store.blocks(round))[0]?.count, 1);
      await store.closeBlock(round, 0, 'closed', numbers(0));
      assert.deepEqual(numbersIn((await store.noised(round, 0)) ?? noIds()), taken.numbers);
    }));

  test(`${name}: a block ends once, with the first noise, and its sum without noise is gone`, () =>
    withRound(async (store, round) => {
      await store.arrive([report(round), report(round), report(round, { block: 1 })]);
      assert.equal(await counted(store, round, 2), 2);
      assert.equal(await counted(store, round), 1);
      assert.equal(await store.rawBlocks(round), 2);
      await store.closeRound(round);
      const noises = [1000, 2000, 3000, 4000];
      await Promise.all(
        noises.map((noise) => store.closeBlock(round, 0, 'closed', new Uint32Array(N).fill(noise))),
      );
      await store.closeBlock(round, 0, 'disputed', null);
      await store.closeBlock(round, 1, 'too_few', null);
      assert.equal(await store.rawBlocks(round), 0);
      assert.equal(await store.noised(round, 1), null);
      const noised = await store.noised(round, 0);
      const [sum] = numbersIn(noised ?? noIds());
      assert.ok(sum !== undefined && noises.includes(sum - 6), `The sum is ${sum}.`);
      const [open, ...more] = await store.unpublished();
      assert.deepEqual(more, []);
      const [ended] = await store.blocks(round);
      assert.deepEqual(open, { ...ended, round, noised });
      assert.equal(open.count, 2);
      await store.markPublished(round, 0);
      assert.deepEqual(await store.unpublished(), []);
    }));

  test(`${name}: refusals are counted by their code`, () =>
    withRound(async (store) => {
      const counts = (malformed: number, replayed: number): ReadonlyMap<string, number> =>
        new Map(Object.entries({ malformed, replayed }));
      await store.refuse(counts(2, 1));
      await Promise.all([store.refuse(new Map([['malformed', 1]])), store.refuse(counts(1, 1))]);
      assert.deepEqual(await store.refusals(), { malformed: 4, replayed: 2 });
    }));
}
