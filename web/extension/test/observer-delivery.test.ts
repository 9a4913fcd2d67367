import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Delivery, type Post } from '../src/content/deliver.ts';
import type { ObserverMessage, PlayReport } from '../src/wire/plays.ts';

function report(id: string, playedMs: number): PlayReport {
  return {
    ...{ kind: 'play', id, artist: 'a', title: 't', album: '', startedAt: 0, playedMs },
    ...{ durationMs: null, playing: true, end: null },
  };
}

class FakePost implements Post {
  readonly sent: ObserverMessage[] = [];
  answer: (message: ObserverMessage) => Promise<unknown> = () => Promise.resolve('kept');
  gone = false;

  send(message: ObserverMessage): Promise<unknown> {
    this.sent.push(message);
    return this.answer(message);
  }
  isGone(): boolean {
    return this.gone;
  }
  after(ms: number, call: () => void): () => void {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  }
  get short(): string[] {
    return this.sent.map((one) => (one.kind === 'hello' ? 'hello' : `${one.id} ${one.playedMs}`));
  }
}

function set() {
  mock.timers.enable({ apis: ['setTimeout'] });
  const post = new FakePost();
  const stops: number[] = [];
  const delivery = new Delivery(post, () => stops.push(1));
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 100) {
      mock.timers.tick(100);
      // Answers are promises.
      for (let i = 0; i < 10; i++) await Promise.resolve();
    }
  };
  return { post, delivery, stops, pass };
}

const HELLO = { kind: 'hello', search: null } as const;

test('first the greeting, then the latest of each play, one a second', async () => {
  const { post, delivery, pass } = set();
  for (let i = 1; i <= 100; i++) delivery.tell(report('x', i));
  delivery.tell(report('y', 7));
  await pass(500);
  assert.deepEqual(post.sent, []);
  delivery.hello(HELLO);
  await pass(500);
  assert.deepEqual(post.short, ['hello', 'x 100']);
  for (let i = 101; i <= 1000; i++) delivery.tell(report('x', i));
  await pass(3000);
  assert.deepEqual(post.short, ['hello', 'x 100', 'y 7', 'x 1000']);
  mock.timers.reset();
});

test('what is not kept is told again, ever more slowly', async () => {
  const { post, delivery, pass } = set();
  let isThere = false;
  post.answer = () => (isThere ? Promise.resolve('kept') : Promise.reject(new Error('asleep')));
  delivery.hello(HELLO);
  delivery.tell(report('x', 1));
  await pass(60_000);
  assert.ok(post.sent.length >= 6 && post.sent.length <= 14, String(post.sent.length));
  isThere = true;
  await pass(12_000);
  assert.deepEqual(post.short.slice(-2), ['hello', 'x 1']);
  mock.timers.reset();
});

test('an answer that never comes', async () => {
  const { post, delivery, pass } = set();
  post.answer = () => new Promise(() => {});
  delivery.hello(HELLO);
  await pass(11_000);
  assert.equal(post.sent.length, 2);
  mock.timers.reset();
});

test('stop, and an extension that is gone', async () => {
  for (const how of ['stop', 'gone']) {
    const { post, delivery, stops, pass } = set();
    post.gone = how === 'gone';
    post.answer = () => (how === 'stop' ? Promise.resolve('stop') : Promise.reject(new Error()));
    delivery.hello(HELLO);
    await pass(500);
    delivery.tell(report('x', 1));
    await pass(30_000);
    assert.deepEqual(post.short, ['hello']);
    assert.equal(stops.length, 1);
    mock.timers.reset();
  }
});

test('a page that goes away tells all that waits, at once', async () => {
  const { post, delivery, pass } = set();
  delivery.tell(report('x', 1));
  delivery.tell(report('y', 2));
  delivery.flush();
  assert.deepEqual(post.short, ['hello', 'x 1', 'y 2']);
  await pass(20_000);
  assert.equal(post.sent.length, 3);
  mock.timers.reset();
});

test('a flood of plays is bounded', async () => {
  const { post, delivery, pass } = set();
  for (let i = 0; i < 10_000; i++) delivery.tell(report(`play ${i}`, 1));
  delivery.hello(HELLO);
  await pass(1000);
  delivery.flush();
  assert.ok(post.sent.length <= 102);
  mock.timers.reset();
});
