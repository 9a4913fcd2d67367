/** Erasing deletes a report that is being sent, whatever else happens. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { start } from '../src/engine.ts';
import { OssicleError } from '../src/errors.ts';
import type { Arguments, CallName, Returned } from '../src/protocol.ts';
import { FileSnapshots } from '../src/snapshots/file.ts';
import { memoryStore } from '../src/store/memory.ts';
import type { ContributionState, Engine } from '../src/types.ts';
import { folder } from './built.ts';
import { clientOf, NOW, sourceOf, startRounds } from './contribute-kit.ts';
import { FakeCore } from './fake-core.ts';
import { ossicleError, withoutWasm } from './support.ts';

/** An engine that says in what order it deletes; `discard` does so with a report. */
async function engineOf(
  discard: () => Promise<null>,
): Promise<{ readonly engine: Engine; readonly log: readonly string[] }> {
  const log: string[] = [];
  const memory = memoryStore();
  const store = {
    ...memory,
    erase: async () => {
      await memory.erase();
      log.push('history');
    },
  };
  class Core extends FakeCore {
    override call<K extends CallName>(name: K, args: Arguments<K>): Promise<Returned<K>> {
      if (name !== 'contributeDiscard') return super.call(name, args);
      log.push('report');
      return discard();
    }
  }
  const options = { assets: 'file:///', store, snapshots: 'snapshots' };
  return { engine: await start(() => new Core(), options), log };
}

suite('erasing', () => {
  const broken = new OssicleError('store_unavailable', 'no');

  test('deletes the report before the history, and once more after it', async () => {
    const { engine, log } = await engineOf(() => Promise.resolve(null));
    await engine.erase();
    assert.deepEqual(log, ['report', 'history', 'report']);
  });

  test('lets nothing come in between', async () => {
    const { engine, log } = await engineOf(() => Promise.resolve(null));
    const made = engine.profile().then(() => assert.deepEqual(log, []));
    const erased = engine.erase();
    const after = engine.profile().then(() => assert.equal(log.length, 3));
    await Promise.all([made, erased, after]);
  });

  test('deletes the history even when the report cannot be deleted, and tells it then', async () => {
    const { engine, log } = await engineOf(() => Promise.reject(broken));
    await assert.rejects(engine.erase(), ossicleError('store_unavailable'));
    assert.deepEqual(log, ['report', 'history', 'report']);
    await engine.erase().catch(() => undefined);
    assert.equal((await engine.profile()).events, 0);
  });

  test('is not held up by another tab that is sending', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { engine, log } = await engineOf(() => new Promise(() => undefined));
    const erased = engine.erase();
    for (let i = 0; i < 2; ++i) {
      await new Promise((resolve) => setImmediate(resolve));
      t.mock.timers.tick(1000);
    }
    await erased;
    assert.deepEqual(log, ['report', 'history', 'report']);
  });
});

test(
  'a report that another tab is sending is deleted when that has ended',
  { skip: withoutWasm },
  async (t) => {
    await using server = await startRounds();
    await server.open();
    const store = new FileSnapshots(await folder(t));
    const { contributions, host } = clientOf(store, sourceOf([3]));
    const step = (now: number): Promise<ContributionState> =>
      contributions.step({ now: new Date(now) });
    await contributions.turnOn({ server: server.url });
    const due = (await step(NOW)).dueAt?.getTime() ?? 0;
    await host.make(due, sourceOf([3]));
    const sending = Promise.withResolvers<undefined>();
    const lock = store.contributing(() => sending.promise);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const discarded = contributions.discard();
    t.mock.timers.tick(1000);
    await discarded;
    assert.equal((await contributions.state()).phase, 'sending');
    sending.resolve(undefined);
    await lock;
    await store.contributing(() => Promise.resolve());
    assert.equal((await contributions.state()).phase, 'no_round');
  },
);

test(
  'a record that is erased while its report is being sent does not come back',
  { skip: withoutWasm },
  async (t) => {
    await using server = await startRounds();
    await server.open();
    const path = await folder(t);
    const { contributions } = clientOf(path, sourceOf([3]));
    await contributions.turnOn({ server: server.url });
    const { dueAt } = await contributions.step({ now: new Date(NOW) });
    const record = join(path, 'contribution.json');
    t.mock.method(globalThis, 'fetch', async () => {
      assert(existsSync(record), 'it was paid for before it is sent');
      await rm(record);
      throw new TypeError('gone');
    });
    const { phase } = await contributions.step({ now: dueAt ?? new Date(NaN) });
    assert.deepEqual([phase, existsSync(record)], ['off', false]);
  },
);
