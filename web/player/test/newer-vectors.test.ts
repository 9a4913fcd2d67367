/** When newer item vectors are looked for, what is done with what was found, and that nothing is left of it when it is not wanted. */
import 'fake-indexeddb/auto';
import './support/local-storage.ts';
import assert from 'node:assert/strict';
import { beforeEach, mock, suite, test } from 'node:test';
import type { Engine, SnapshotFacts, Sync, SyncState, SyncUpdate } from 'ossicle';
import { OssicleError } from 'ossicle';
import { NewerVectors } from '../src/state/newer-vectors.ts';
import { refusalOf } from '../src/state/refusal.ts';
import type { Session } from '../src/state/session.ts';
import {
  forgetSettings,
  restoreSettings,
  savedSettings,
  useSettings,
} from '../src/state/settings.ts';

const HOUR = 3_600_000;
const SERVER = new URL('https://page.example/music/sync/');

const factsOf = (epoch: number): SnapshotFacts => ({
  ...{ epoch, manifest: String(epoch).repeat(64) },
  publishedAt: new Date(0),
});

const typed = (type: string): ResponseInit => ({ headers: { 'content-type': type } });

/** What a database of snapshots has, and the server's newest. */
class World {
  newest = 1;
  stored: SyncState = {
    ...{ server: null, current: null, previous: null, reverted: false, log: null },
    checkedAt: null,
  };
  looks = 0;
  retired = 0;
  reopened = 0;
  refuse: Error | null = null;
  /** Holds every look up. */
  wait: Promise<unknown> = Promise.resolve();
  answer: readonly [body: string, init: ResponseInit] = ['{}', typed('application/json')];
  asked: string[] = [];
  own: Pick<Engine, 'sync'> = { sync: null };

  readonly sync: Sync = {
    opened: null,
    state: () => Promise.resolve(this.stored),
    revert: () => {
      this.stored = {
        ...this.stored,
        current: this.stored.previous,
        previous: null,
        reverted: true,
      };
      return Promise.resolve(this.stored);
    },
    update: async ({ server, signal }): Promise<SyncUpdate> => {
      this.looks += 1;
      const { promise: stopped, reject } = Promise.withResolvers<never>();
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
      await Promise.race([this.wait, stopped]);
      if (this.refuse) throw this.refuse;
      const changed = this.stored.current?.epoch !== this.newest;
      const previous = changed ? this.stored.current : this.stored.previous;
      const current = factsOf(this.newest);
      this.stored = { ...this.stored, server: String(server), current, previous };
      return { ...this.stored, changed, fetchedBytes: 10, totalBytes: 100 };
    },
  };

  readonly newer = new NewerVectors(this as unknown as Session, {
    openFetching: () => Promise.resolve({ sync: this.sync } as unknown as Engine),
    fetchOwn: (url) => {
      this.asked.push(url.href);
      return Promise.resolve(new Response(...this.answer));
    },
    server: SERVER,
    database: 'snapshots',
  });

  // Of the session.
  reopen(): Promise<void> {
    this.reopened += 1;
    const { hasFetched } = useSettings.getState();
    const opened = this.stored.current;
    this.own = { sync: hasFetched ? { ...this.sync, opened } : null };
    return Promise.resolve();
  }

  retire(): Promise<void> {
    this.retired += 1;
    return Promise.resolve();
  }
}

async function opened(): Promise<World> {
  const world = new World();
  await world.newer.open();
  return world;
}

beforeEach(() => {
  // First: what the test before has planned is taken back while its clock is there.
  forgetSettings();
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_800_000_000_000 });
});

/** Lets time go by, and what began meanwhile come to its end. */
async function pass(ms: number): Promise<void> {
  mock.timers.tick(ms);
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

suite('looking', () => {
  test('is not done before it is wanted, and a file does not switch it on', async () => {
    const world = await opened();
    restoreSettings({ language: 'en', fetchVectors: true, hasFetched: true });
    assert.equal(useSettings.getState().fetchVectors, false);
    await pass(100 * HOUR);
    assert.equal(world.looks, 0);
    assert(!('fetchVectors' in savedSettings()));
  });

  test('is done at once when it is switched on, then once within each day and a half, and no more when it is off', async () => {
    const world = await opened();
    await world.newer.switch(true);
    assert.equal(world.looks, 1);
    const { nextAt } = world.newer.state();
    assert(nextAt !== null && nextAt >= Date.now() + 12 * HOUR && nextAt <= Date.now() + 36 * HOUR);
    assert.equal(nextAt, useSettings.getState().nextLookAt);
    await pass(11 * HOUR);
    assert.equal(world.looks, 1);
    await pass(26 * HOUR);
    assert.equal(world.looks, 2);
    await world.newer.switch(false);
    await pass(100 * HOUR);
    assert.equal(world.looks, 2);
    assert.equal(world.newer.state().nextAt, null);
  });

  test('that is late is done some minutes after the page was opened, not with it', async () => {
    useSettings.getState().set({ fetchVectors: true, nextLookAt: Date.now() - HOUR });
    const world = await opened();
    await pass(59_000);
    assert.equal(world.looks, 0);
    await pass(10 * 60_000);
    assert.equal(world.looks, 1);
  });

  test('is left to another tab that has done it', async () => {
    useSettings.getState().set({ fetchVectors: true, nextLookAt: Date.now() + HOUR });
    const world = await opened();
    useSettings.getState().set({ nextLookAt: Date.now() + 24 * HOUR });
    await pass(2 * HOUR);
    assert.equal(world.looks, 0);
    await pass(23 * HOUR);
    assert.equal(world.looks, 1);
  });

  test('ends when it is switched off, whatever the server does, and nothing that comes later is used', async () => {
    const world = await opened();
    world.wait = new Promise(() => undefined);
    const looking = world.newer.switch(true);
    await pass(0);
    assert.equal(world.newer.state().busy, 'looking');
    await world.newer.switch(false);
    await looking;
    assert.deepEqual([world.newer.state().busy, world.newer.state().outcome], [null, null]);
    assert.deepEqual([world.retired, world.reopened], [1, 0]);
    assert.equal(useSettings.getState().hasFetched, false);
  });

  test('is one at a time', async () => {
    const world = await opened();
    await Promise.all([world.newer.look(), world.newer.look(), world.newer.goBack()]);
    assert.deepEqual([world.looks, world.retired], [1, 1]);
    assert.equal(world.newer.state().stored?.current?.epoch, 1);
  });
});

suite('what was found', () => {
  test('is taken into use by another engine, and only when it is another one', async () => {
    const world = await opened();
    await world.newer.look();
    const fetched = { kind: 'fetched', fetchedBytes: 10, totalBytes: 100 };
    assert.deepEqual(world.newer.state().outcome, fetched);
    assert.equal(world.newer.state().opened?.epoch, 1);
    await world.newer.look();
    assert.deepEqual(world.newer.state().outcome, { kind: 'newest' });
    assert.equal(world.reopened, 1);
    world.newest = 2;
    await world.newer.look();
    assert.equal(world.newer.state().opened?.epoch, 2);
    await world.newer.goBack();
    assert.deepEqual(world.newer.state().outcome, { kind: 'back' });
    assert.equal(world.newer.state().opened?.epoch, 1);
    await world.newer.goBack();
    assert.equal(world.newer.state().opened, null);
  });

  test('is told when it is refused, and nothing changes', async () => {
    const world = await opened();
    await world.newer.look();
    world.refuse = new OssicleError('snapshot_refused', 'no', 'altered_block');
    await world.newer.look();
    const { outcome, opened: inUse } = world.newer.state();
    assert(outcome?.kind === 'failed');
    assert.deepEqual(
      [outcome.problem.code, outcome.problem.at],
      ['snapshot_refused', 'altered_block'],
    );
    assert.equal(inUse?.epoch, 1);
    assert.equal(world.reopened, 1);
  });

  test('is gone when everything is erased', async () => {
    const world = await opened();
    await world.newer.switch(true);
    indexedDB.open('snapshots').onsuccess = (event) =>
      (event.target as IDBOpenDBRequest).result.close();
    await world.newer.stop();
    forgetSettings();
    await world.newer.erase();
    assert.equal(world.own.sync, null);
    assert.deepEqual(
      (await indexedDB.databases()).filter(({ name }) => name === 'snapshots'),
      [],
    );
    const { stored, opened: inUse, nextAt } = world.newer.state();
    assert.deepEqual([stored, inUse, nextAt], [null, null, null]);
    assert.equal(localStorage.length, 0);
    await pass(100 * HOUR);
    assert.equal(world.looks, 1);
  });
});

test('whether the server has any is told by one file', async () => {
  const world = await opened();
  const offered = async (...answer: World['answer']): Promise<string> => {
    world.answer = answer;
    await world.newer.ask();
    return world.newer.state().offer;
  };
  assert.equal(await offered('{}', typed('application/json')), 'there');
  assert.equal(await offered('', { status: 404 }), 'none');
  assert.equal(await offered('<!doctype html>', typed('text/html')), 'none');
  assert.equal(await offered('', { status: 503 }), 'unreachable');
  assert.deepEqual(new Set(world.asked), new Set([`${SERVER.href}policy.json`]));
  assert.equal(world.looks, 0);
});

test('a refusal is told by what a listener can tell apart; a check that is not known, as something that cannot be used', () => {
  assert.equal(refusalOf('altered_block'), 'altered');
  assert.equal(refusalOf('rolled_back'), 'rewritten');
  assert.equal(refusalOf('policy_changed'), 'otherKeys');
  assert.equal(refusalOf('drift'), 'tooFar');
  assert.equal(refusalOf('norm_exceeded'), 'tooFar');
  for (const check of ['incompatible', 'corrupt', 'trapped', 'toString', null]) {
    assert.equal(refusalOf(check), 'unfit');
  }
});
