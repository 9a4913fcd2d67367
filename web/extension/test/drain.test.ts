import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { OssicleError, type Engine, type ListenInput } from 'ossicle';
import { Inbox } from '../src/background/inbox.ts';
import { drain } from '../src/engine/drain.ts';
import { report } from './support.ts';

const HERE = { tab: 1, frame: 0 };

/** Takes what it is told until `fails` has something to throw. */
function ear(fails: (event: ListenInput) => OssicleError | null = () => null) {
  const heard: ListenInput[] = [];
  const listen = (event: ListenInput) => {
    const cause = fails(event);
    if (cause !== null) return Promise.reject(cause);
    heard.push(event);
    return Promise.resolve({ matched: true, duplicate: false });
  };
  return { heard, engine: { listen } as Partial<Engine> as Engine };
}

describe('from the inbox into the history', () => {
  let inbox: Inbox;
  const keep = (title: string, startedAt: number, playedMs = 150_000) =>
    inbox.keep(report({ title, startedAt, playedMs, end: 'skipped' }), HERE);
  beforeEach(async () => {
    inbox = new Inbox();
    await inbox.forget();
    await keep('second', 2000);
    await keep('first', 1000, 3000);
    await keep('third', 3000);
  });

  test('come plays and skips in their order, once', async () => {
    const { heard, engine } = ear();
    assert.equal(await drain(inbox, engine), 3);
    assert.deepEqual(
      heard.map(({ track, playedMs, skipped, startedAt }) => [
        track.title,
        playedMs,
        skipped,
        startedAt.getTime(),
      ]),
      [
        ['first', 3000, true, 1000],
        ['second', 150_000, false, 2000],
        ['third', 150_000, false, 3000],
      ],
    );
    assert.equal(await drain(inbox, engine), 0);
  });

  test('what cannot be stored now stays, and nothing is told twice', async () => {
    const full = new OssicleError('quota_exceeded', 'full');
    const { heard, engine } = ear(({ track }) => (track.title === 'second' ? full : null));
    await assert.rejects(drain(inbox, engine), full);
    assert.equal(await inbox.waiting(), 2);
    const later = ear();
    await drain(inbox, later.engine);
    assert.deepEqual(
      [...heard, ...later.heard].map(({ track }) => track.title),
      ['first', 'second', 'third'],
    );
  });

  test('what the engine can never take holds nothing up', async () => {
    const bad = new OssicleError('invalid_argument', 'no such day');
    const { heard, engine } = ear(({ track }) => (track.title === 'first' ? bad : null));
    await drain(inbox, engine);
    assert.equal(heard.length, 2);
    assert.equal(await inbox.waiting(), 0);
  });
});
