import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedServers, MOST_ROWS, RequestLog, type LoggedRequest } from '../src/requests/log.ts';
import { purposeOf, serverPurpose } from '../src/requests/purpose.ts';
import { toldRequest } from '../src/requests/tell.ts';

const base = new URL('https://page.example/music/');

function request(n: number, more: Partial<LoggedRequest> = {}): LoggedRequest {
  const what = `/music/demo/${n}.opus`;
  return { key: `${n}`, at: n, what, purpose: 'demo', host: null, bytes: 10, ...more };
}

test('what a request is for is told by its address', () => {
  const of = (path: string): string => purposeOf(new URL(path, base), base);
  assert.equal(of('assets/index-1.js'), 'page');
  assert.equal(of('./'), 'page');
  assert.equal(of('ossicle/ossicle-simd.wasm'), 'engine');
  assert.equal(of('ossicle/catalogue/bundle.json'), 'vectors');
  assert.equal(of('ossicle/encoder/tokenizer.model'), 'encoder');
  assert.equal(of('demo/1.opus'), 'demo');
  assert.equal(of('sync/policy.json'), 'newerVectors');
  assert.equal(of('sync/reports/ab'), 'contribution');
  assert.equal(of('sync/tokens/ab'), 'contributionToken');
  assert.equal(of('/elsewhere'), 'unknown');
  assert.equal(of('https://other.example/music/assets/index-1.js'), 'unknown');
  assert.equal(serverPurpose('stream'), 'serverMusic');
  assert.equal(serverPurpose('deleteUser'), 'unknown');
});

test('the list has the newest first, and each request once, with what was learnt of it last', () => {
  const log = new RequestLog();
  log.add([request(1), request(3), request(2, { bytes: null })]);
  log.add([request(2, { bytes: 7 }), request(3)]);
  const { rows, groups, total } = log.list();
  assert.deepEqual(
    rows.map(({ key, bytes }) => [key, bytes]),
    [
      ['3', 10],
      ['2', 7],
      ['1', 10],
    ],
  );
  assert.deepEqual(groups, [{ host: null, purpose: 'demo', count: 3, bytes: 27 }]);
  assert.equal(total, 3);
});

test('what is too much to be listed is counted all the same', () => {
  const log = new RequestLog();
  log.add(Array.from({ length: MOST_ROWS + 20 }, (_, n) => request(n)));
  const { rows, total } = log.list();
  assert.equal(rows.length, MOST_ROWS);
  assert.equal(rows.at(-1)?.key, '20');
  assert.equal(total, MOST_ROWS + 20);
});

test('the listener’s servers are told apart from hosts that nothing asks', () => {
  const log = new RequestLog();
  const host = 'music.example.org';
  log.add([
    request(1),
    request(2, { host, purpose: 'serverMusic' }),
    request(3, { host, purpose: 'serverList' }),
    request(4, { host: 'tracker.example', purpose: 'unknown' }),
  ]);
  assert.deepEqual(askedServers(log.list()), [{ host, count: 2 }]);
});

test('many requests are told of at once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const log = new RequestLog();
  let told = 0;
  const stop = log.subscribe(() => (told += 1));
  for (let n = 0; n < 100; ++n) log.add([request(n)]);
  assert.equal(told, 0);
  t.mock.timers.tick(250);
  assert.equal(told, 1);
  assert.equal(log.list().total, 100);
  assert.equal(log.list(), log.list());
  stop();
  log.add([request(101)]);
  t.mock.timers.tick(250);
  assert.equal(told, 1);
  return Promise.resolve();
});

test('what never leaves, or is told of by the service worker, is no request of the page', () => {
  const entry = { name: `${base.href}via/s/ping`, startTime: 5, workerStart: 6 };
  const sizes = { transferSize: 30, encodedBodySize: 10 };
  const told = (more: object): unknown =>
    toldRequest({ ...entry, ...sizes, ...more } as PerformanceResourceTiming, (url) =>
      url.pathname.includes('/via/'),
    );
  assert.equal(told({}), null);
  // Without a service worker it did go to the page's own server.
  assert.notEqual(told({ workerStart: 0 }), null);
  assert.equal(told({ name: 'blob:https://page.example/1' }), null);
  const own = { name: `${base.href}demo/1.opus` };
  assert.deepEqual(told(own), {
    url: own.name,
    at: Math.round(performance.timeOrigin + 5),
    bytes: 10,
  });
  assert.equal((told({ ...own, transferSize: 0 }) as { bytes: number }).bytes, 0);
});
