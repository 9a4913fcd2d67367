/** When the engine is asked about contributions, what it is told of the listener's wishes, and that nothing happens that was not wished for. */
import 'fake-indexeddb/auto';
import './support/local-storage.ts';
import assert from 'node:assert/strict';
import { beforeEach, mock, suite, test } from 'node:test';
import type { Engine } from 'ossicle';
import { OssicleError } from 'ossicle';
import { contributionProblemOf, wantsCode } from '../src/state/contribution-problem.ts';
import { hasContributed } from '../src/state/contributed.ts';
import { Contributing } from '../src/state/contributing.ts';
import type { Session } from '../src/state/session.ts';
import {
  forgetSettings,
  restoreSettings,
  savedSettings,
  useSettings,
} from '../src/state/settings.ts';
import { FakeContributions } from './support/fake-contributions.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SERVER = new URL('https://page.example/music/sync/');

class World {
  reopened = 0;
  readonly fake = new FakeContributions(Date.now, [SERVER.href, `${SERVER.href}b/`]);
  own: Pick<Engine, 'contributions'> = { contributions: null };
  readonly contributing = new Contributing(this as unknown as Session, SERVER);

  // Of the session.
  reopen(): Promise<void> {
    this.reopened += 1;
    const { hasContributions } = useSettings.getState();
    this.own = { contributions: hasContributions ? this.fake : null };
    return Promise.resolve();
  }

  get calls(): readonly string[] {
    return this.fake.calls.splice(0);
  }

  get phase(): string | undefined {
    return this.contributing.state().kept?.phase;
  }
}

async function opened(): Promise<World> {
  const world = new World();
  await world.contributing.open();
  return world;
}

/** Where the listener has agreed. */
async function contributing(): Promise<World> {
  const world = await opened();
  await world.contributing.consider();
  await world.contributing.turnOn();
  assert.deepEqual(world.calls, ['preview', 'turnOn', 'step']);
  return world;
}

beforeEach(() => {
  // First: what the test before has planned is taken back while its clock is there.
  forgetSettings();
  useSettings.getState().set({ privateSession: false });
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_800_000_000_000 });
});

/** Lets what began come to its end. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; ++i) await new Promise((resolve) => setImmediate(resolve));
}

async function pass(ms: number): Promise<void> {
  mock.timers.tick(ms);
  await settle();
}

suite('before the listener agrees', () => {
  test('nothing is opened, asked or planned, and a file does not switch it on', async () => {
    const world = await opened();
    restoreSettings({ language: 'en', hasContributions: true });
    await world.contributing.refresh();
    await pass(100 * HOUR);
    assert.deepEqual([world.calls, world.reopened], [[], 0]);
    assert.equal(world.contributing.state().kept, null);
    assert(!('hasContributions' in savedSettings()));
  });

  test('what it means is read, and nothing more; no is an answer', async () => {
    const world = await opened();
    await world.contributing.consider();
    const { asking, preview, kept, nextAt } = world.contributing.state();
    assert.deepEqual([asking, preview?.rows.length, kept?.phase, nextAt], [true, 6, 'off', null]);
    await world.contributing.leave();
    assert.deepEqual(
      [world.contributing.state().asking, world.contributing.state().preview],
      [false, null],
    );
    await pass(100 * HOUR);
    assert.deepEqual(world.calls, ['preview']);
    assert.equal(world.reopened, 1);
    assert(!useSettings.getState().hasContributions, 'no place is kept for a record');
    await world.contributing.consider();
    await world.contributing.consider();
    await world.contributing.leave();
    assert(!useSettings.getState().hasContributions, 'nor after another try');
    await world.contributing.consider();
    await world.fake.turnOn({ server: SERVER });
    await world.contributing.leave();
    assert(useSettings.getState().hasContributions, 'but for that of another tab');
  });

  test('no leaves the record of one who contributed before', async () => {
    const world = await contributing();
    await world.contributing.turnOff();
    await world.contributing.consider();
    await world.contributing.leave();
    assert(useSettings.getState().hasContributions);
    assert.equal(world.phase, 'off');
  });

  test('an engine that has a place for the record already, since vectors were fetched, is not opened again', async () => {
    const world = await opened();
    world.own = { contributions: world.fake };
    await world.contributing.consider();
    const { asking, preview } = world.contributing.state();
    assert.deepEqual([asking, preview?.block, world.reopened], [true, 1, 0]);
    assert(useSettings.getState().hasContributions);
  });

  test('a server that asks for nothing now is no failure; one that cannot be believed is', async () => {
    const world = await opened();
    const { round } = world.fake;
    world.fake.round = null;
    await world.contributing.consider();
    assert.deepEqual(
      [world.contributing.state().preview, world.contributing.state().problem],
      [null, null],
    );
    world.fake.round = round;
    world.fake.failure = new OssicleError('snapshot_refused', 'no', 'forked');
    await world.contributing.consider();
    assert.equal(world.contributing.state().problem?.code, 'snapshot_refused');
    world.fake.failure = null;
    await world.contributing.consider();
    assert.equal(world.contributing.state().problem, null);
    assert.equal(world.contributing.state().preview?.block, 1);
  });

  test('no ends the reading, whatever the server does', async () => {
    const world = await opened();
    world.fake.wait = new Promise(() => undefined);
    const reading = world.contributing.consider();
    await settle();
    assert.equal(world.contributing.state().busy, 'reading');
    await world.contributing.leave();
    await reading;
    const { asking, busy, problem } = world.contributing.state();
    assert.deepEqual([asking, busy, problem], [false, null, null]);
  });
});

suite('after the listener has agreed', () => {
  test('the engine is asked at the moment that it drew, and then about once a day', async () => {
    const world = await contributing();
    assert.equal(world.phase, 'waiting');
    assert.equal(world.contributing.state().nextAt, Date.now() + 5 * HOUR);
    await pass(5 * HOUR - 1);
    assert.deepEqual(world.calls, []);
    await pass(1);
    assert.deepEqual(world.calls, ['step']);
    assert.equal(world.phase, 'sent');
    assert(hasContributed(world.contributing.state().kept));
    await pass(12 * HOUR - 1);
    assert.deepEqual(world.calls, []);
    await pass(24 * HOUR + 2);
    assert.deepEqual(world.calls, ['step']);
  });

  test('what was due while the page was closed is done some minutes after it was opened, not with it', async () => {
    const { fake } = await contributing();
    mock.timers.tick(0);
    const world = new World();
    Object.assign(world, { fake, own: { contributions: fake } });
    fake.kept = { ...fake.kept, dueAt: new Date(Date.now() - HOUR) };
    await world.contributing.open();
    await pass(MINUTE - 1);
    assert.deepEqual(world.calls, []);
    await pass(9 * MINUTE + 1);
    assert.equal(world.phase, 'sent');
  });

  test('looking at the page again and again does not put the moment off', async () => {
    const { fake } = await contributing();
    const world = new World();
    Object.assign(world, { fake, own: { contributions: fake } });
    await world.contributing.open();
    for (let i = 0; i < 10; ++i) {
      await pass(MINUTE);
      await world.contributing.refresh();
    }
    assert(world.calls.includes('step'));
  });

  test('nothing is done during a private session, and what is under way is stopped', async () => {
    const world = await contributing();
    await pass(4 * HOUR);
    useSettings.getState().set({ privateSession: true });
    assert.equal(world.contributing.state().nextAt, null);
    await pass(100 * HOUR);
    assert.deepEqual(world.calls, []);
    useSettings.getState().set({ privateSession: false });
    world.fake.wait = new Promise(() => undefined);
    await pass(10 * MINUTE);
    assert.deepEqual(world.calls, ['step']);
    useSettings.getState().set({ privateSession: true });
    await settle();
    const { busy, problem, nextAt } = world.contributing.state();
    assert.deepEqual([busy, problem, nextAt], [null, null, null]);
  });

  test('a private session that begins while a moment is drawn ends that, and not the decision', async () => {
    const world = await opened();
    await world.contributing.consider();
    const step = world.fake.step.bind(world.fake);
    world.fake.step = (options) => {
      world.fake.wait = new Promise(() => undefined);
      return step(options);
    };
    const turning = world.contributing.turnOn();
    await settle();
    assert.equal(world.contributing.state().busy, 'turning on');
    useSettings.getState().set({ privateSession: true });
    await turning;
    const { busy, problem, nextAt } = world.contributing.state();
    assert.deepEqual([busy, problem, nextAt, world.phase], [null, null, null, 'no_round']);
    assert.deepEqual(world.calls, ['preview', 'turnOn', 'step']);
  });

  test('agreed to during a private session, it begins after it', async () => {
    const world = await opened();
    useSettings.getState().set({ privateSession: true });
    await world.contributing.consider();
    await world.contributing.turnOn();
    assert.deepEqual(world.calls, ['preview', 'turnOn']);
    assert.equal(world.contributing.state().nextAt, null);
    useSettings.getState().set({ privateSession: false });
    await pass(10 * MINUTE);
    assert.deepEqual(world.calls, ['step']);
  });

  test('a failure is told and tried again; an engine that was replaced meanwhile is none', async () => {
    const world = await contributing();
    world.fake.failure = new OssicleError('store_unavailable', 'no');
    await pass(5 * HOUR);
    assert.equal(world.contributing.state().problem?.code, 'store_unavailable');
    world.fake.failure = new OssicleError('closed', 'The engine was closed.');
    await pass(10 * MINUTE);
    assert.equal(world.contributing.state().problem, null);
    world.fake.failure = null;
    await pass(10 * MINUTE);
    assert.equal(world.phase, 'sent');
  });

  test('switched off, whatever is under way ends, and nothing more is done', async () => {
    const world = await contributing();
    world.fake.wait = new Promise(() => undefined);
    await pass(5 * HOUR);
    world.fake.wait = Promise.resolve();
    await world.contributing.turnOff();
    assert.deepEqual(world.calls, ['step', 'turnOff']);
    assert.deepEqual([world.phase, world.contributing.state().nextAt], ['off', null]);
    await pass(100 * HOUR);
    assert.deepEqual(world.calls, []);
  });

  test('a code of an invitation is handed on', async () => {
    const world = await contributing();
    await world.contributing.turnOn('abc');
    assert.equal(world.fake.invitation, 'abc');
  });

  test('that another tab has switched it off is seen when the page is looked at, and at the next step', async () => {
    const world = await contributing();
    await world.fake.turnOff();
    await world.contributing.refresh();
    assert.deepEqual([world.phase, world.contributing.state().nextAt], ['off', null]);
  });

  test('erased, here or in another tab, nothing is known or done any more', async () => {
    const world = await contributing();
    let finish: (end: unknown) => void = () => undefined;
    world.fake.wait = new Promise((resolve) => (finish = resolve));
    await pass(5 * HOUR);
    forgetSettings();
    finish(null);
    await settle();
    const { kept, busy, nextAt } = world.contributing.state();
    assert.deepEqual([kept, busy, nextAt], [null, null, null]);
    assert.deepEqual(world.calls, ['step']);
    await pass(100 * HOUR);
    assert.deepEqual(world.calls, []);
  });
});

test('a problem is told by what a listener can tell apart', () => {
  assert.equal(contributionProblemOf('network'), 'noAnswer');
  assert.equal(contributionProblemOf('round_closed'), 'over');
  assert.equal(contributionProblemOf('aggregator_token_spent'), 'token');
  assert.equal(contributionProblemOf('aggregator_round_closed'), 'over');
  assert.equal(contributionProblemOf('issuer_round_closed'), 'token');
  assert.equal(contributionProblemOf('aggregator_unknown_round'), 'early');
  assert.equal(contributionProblemOf('issuer_unknown_round'), 'token');
  assert.equal(contributionProblemOf('aggregator_malformed'), 'refused');
  assert.equal(contributionProblemOf('malformed'), 'unverified');
  assert.equal(contributionProblemOf('http_503'), 'noAnswer');
  assert.equal(contributionProblemOf('rolled_back'), 'unverified');
  assert(wantsCode(contributionProblemOf('issuer_invitation_missing')));
  assert(!wantsCode(contributionProblemOf('aggregator_token_missing')));
  const refusals = ['wrong_key', 'proof_invalid', 'norm_exceeded'].map(
    (one) => `aggregator_${one}`,
  );
  for (const code of [...refusals, 'tokens_refused', 'toString', '']) {
    assert.equal(contributionProblemOf(code), 'refused');
  }
});
