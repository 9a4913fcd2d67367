import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Bytes } from '@ossicle/wire/log';
import { fetchSnapshot, readPolicy, type PolicyFile } from '@ossicle/wire/snapshot';
import { bareServer, listen, startServer } from '../src/server.ts';
import { BUNDLE, emptyFolder, newLog, run } from './kit.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** The status of a path that is sent as it is written. */
function statusOf(origin: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const asked = request({ hostname, port, path }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', reject).end();
  });
}

test('a bundle is published in steps, and a client that trusts nobody gets it, byte for byte', async (t) => {
  const folder = await newLog(t);
  const data = ['--data', folder.path];
  const early = await run('publish', '--finish', ...data);
  assert.equal(early.code, 2);
  assert.match(early.error, /There is no draft .*publish --prepare/);
  const prepared = await run('publish', '--prepare', BUNDLE, ...data);
  assert.match(prepared.out, /ossicle-snapshot\/v1\n\{"epoch":1,/, prepared.error);
  assert.equal((await run('publish', '--sign', folder.key('publisher-1'), ...data)).code, 0);
  const half = await run('publish', '--finish', ...data);
  assert.equal(half.code, 2);
  assert.match(half.error, /1 of 2 publishers .* missing: log\.example\/publisher-2\. Sign it/);
  assert.equal((await run('publish', '--sign', folder.key('publisher-2'), ...data)).code, 0);
  assert.match((await run('publish', '--finish', ...data)).out, /^Epoch 1: manifest [0-9a-f]{64}/);

  await using server = await startServer({ data: folder.path, port: 0 });
  const read = async (path: string): Promise<Bytes> => {
    const answer = await fetch(`${server.origin}/sync/${path}`);
    assert.equal(answer.status, 200, path);
    return new Uint8Array(await answer.arrayBuffer());
  };
  const policy = await readPolicy(new TextDecoder().decode(await read('policy.json')));
  assert.equal(policy.publisherQuorum, 2);
  const now = new Date();
  const { snapshot } = await fetchSnapshot({
    read,
    policy,
    accepted: null,
    files: new Map(),
    now,
  });
  assert.equal(snapshot?.epoch, 1);
  for (const [path, bytes] of snapshot.files) {
    assert.deepEqual(Buffer.from(bytes), await readFile(join(BUNDLE, path)), path);
  }
  assert.deepEqual([...snapshot.files.keys()].toSorted(), (await readdir(BUNDLE)).toSorted());

  const before = await read('checkpoint');
  const again = await run('publish', BUNDLE, ...data);
  assert.match(again.out, /Epoch 1 is this very bundle: nothing was changed/);
  assert.deepEqual(await read('checkpoint'), before);
});

test('files that never change may be kept, the checkpoint may not, and nothing tells clients apart', async (t) => {
  const folder = await newLog(t);
  const page = join(folder.path, 'page');
  await mkdir(page);
  await writeFile(join(page, 'index.html'), '<!doctype html>');
  await writeFile(join(page, 'service-worker.js'), '');
  await using server = await startServer({ data: folder.path, port: 0, page });
  const get = (path: string): Promise<Response> => fetch(`${server.origin}${path}`);
  const tile = await get('/sync/tile/0/000.p/3');
  assert.equal(tile.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  const checkpoint = await get('/sync/checkpoint');
  assert.equal(checkpoint.headers.get('cache-control'), 'no-store');
  assert.equal(checkpoint.headers.get('access-control-allow-origin'), '*');
  for (const answer of [tile, checkpoint, await get('/')]) {
    for (const name of ['etag', 'last-modified', 'set-cookie', 'server']) {
      assert.equal(answer.headers.get(name), null, `${answer.url} ${name}`);
    }
  }
  const policy = async (path: string) => (await get(path)).headers.get('content-security-policy');
  assert.match((await policy('/')) ?? '', /connect-src 'self';/);
  assert.match((await policy('/service-worker.js')) ?? '', /connect-src 'self' https: http:;/);
  const missing = await get('/sync/blob/00');
  assert.deepEqual([missing.status, missing.headers.get('cache-control')], [404, 'no-store']);
  for (const path of [
    '/sync/../config.json',
    '/sync/%2e%2e/keys/log',
    '/sync/..%2fkeys%2flog',
    '/sync//../../keys/log',
    '/keys/log',
    '/sync/tile/',
  ]) {
    const status = await statusOf(server.origin, path);
    assert.ok(status === 403 || status === 404, `${path}: ${status}`);
  }
  const post = await fetch(`${server.origin}/sync/checkpoint`, { method: 'POST', body: 'x' });
  assert.equal(post.status, 404);
});

test('who asks too often is told to wait', async (t) => {
  const folder = await newLog(t);
  await using server = await startServer({ data: folder.path, port: 0, requestsPerMinute: 3 });
  const statuses: number[] = [];
  for (let i = 0; i < 4; ++i) {
    statuses.push((await fetch(`${server.origin}/sync/checkpoint`)).status);
  }
  assert.deepEqual(statuses, [200, 200, 200, 429]);
});

test('the checkpoint of a server that nothing is published on stays fresh', async (t) => {
  const folder = await newLog(t, { freshSeconds: 2 });
  let now = new Date();
  await using server = await startServer({ data: folder.path, port: 0, now: () => now });
  const read = async (): Promise<string> =>
    (await fetch(`${server.origin}/sync/checkpoint`)).text();
  const first = await read();
  now = new Date(now.getTime() + 1500);
  const deadline = AbortSignal.timeout(10_000);
  while ((await read()) === first) deadline.throwIfAborted();
});

test('a role is granted and taken by the admin only, and a publisher without it cannot publish', async (t) => {
  const folder = await newLog(t);
  const data = ['--data', folder.path];
  const granted = await run('role', 'grant', 'operator-a', 'somebody', ...data);
  assert.match(granted.out, /The log has 4 entries/, granted.error);
  assert.match((await run('status', ...data)).out, /operator-asomebody|operator-a +somebody/);
  const other = await run('role', 'grant', 'auditor', 'x', '--key', folder.key('log'), ...data);
  assert.match(other.error, /is not the admin of this log/);
  const config = JSON.parse(await readFile(folder.config, 'utf8')) as { policy: PolicyFile };
  const [first = ''] = config.policy.publishers;
  assert.equal((await run('role', 'revoke', 'publisher', first, ...data)).code, 0);
  const refused = await run('publish', BUNDLE, ...data);
  assert.equal(refused.code, 2);
  assert.match(refused.error, /1 of 2 publishers/);
});

test('what cannot be done is told with what to do, ends with 2, and changes nothing', async (t) => {
  const folder = await newLog(t);
  const none = await emptyFolder(t);
  const data = ['--data', folder.path];
  const before = await readFile(folder.config);
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['dance'], /no command "dance"\. See: main\.ts help/],
    [['status', '--data', none.path], /There is no log in .* init --data/],
    [['init', ...data], /has a log already.*Nothing was changed/],
    [['init', '--origin', 'a b', '--data', none.path], /cannot be called "a b"/],
    [['init', '--witness', 'x', '--data', none.path], /no witness\. Write KEY@ADDRESS/],
    [['publish', ...data], /Name the folder of the bundle/],
    [['publish', none.path, ...data], /cannot be read.*Name a folder/],
    [['publish', folder.path, ...data], /is not one.*Nothing was published/s],
    [['serve', '--port', '99999', ...data], /--port "99999" is no whole number from 0 to 65535/],
    [['serve', '--tls-key', 'x', ...data], /belong together/],
    [['serve', '--page', none.path, ...data], /has no page.*make web/],
    [['role', 'grant', 'king', 'x', ...data], /no role "king"\. Name one: publisher/],
    [['role', 'grant', 'publisher', 'x', ...data], /publisher is a role of a key/],
    [['role', 'revoke', 'auditor', 'x', ...data], /nothing to change/],
    [['serve', '--colour', 'red', ...data], /Unknown option '--colour'/],
  ];
  for (const [args, message] of cases) {
    const { code, error } = await run(...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(error, message);
  }
  assert.deepEqual(await readFile(folder.config), before);
});

test('addresses of relays count towards no limit, and nobody else’s do not', async (t) => {
  const [relay, proxy] = ['192.0.2.7', '192.0.2.8'];
  const app = await bareServer(2, undefined, [proxy], [relay]);
  t.after(() => app.close());
  app.get('/', () => 'here');
  const ask = async (remoteAddress: string, forwarded = ''): Promise<number> => {
    const headers = forwarded === '' ? {} : { 'x-forwarded-for': forwarded };
    return (await app.inject({ url: '/', remoteAddress, headers })).statusCode;
  };
  const asked = async (...args: Parameters<typeof ask>): Promise<readonly number[]> => [
    ...[await ask(...args), await ask(...args), await ask(...args)],
  ];
  assert.deepEqual(await asked(relay), [200, 200, 200]);
  assert.deepEqual(await asked('192.0.2.1'), [200, 200, 429]);
  assert.deepEqual(await asked('192.0.2.2', relay), [200, 200, 429], 'no proxy of ours');
  assert.deepEqual(await asked(proxy, relay), [200, 200, 200]);
  assert.deepEqual(await asked(proxy, '192.0.2.3'), [200, 200, 429]);
});

test('the program ends with the code and the words of its command', async () => {
  const program = promisify(execFile)(process.execPath, [MAIN, 'dance']);
  await assert.rejects(program, { code: 2, stderr: /See: main\.ts help/ });
});

test('a connection on which nothing is asked does not keep a server from ending', async (t) => {
  const app = await bareServer(1000, undefined);
  const { port } = new URL(await listen(app, '127.0.0.1', 0));
  const accepted = once(app.server, 'connection');
  const silent = connect(Number(port), '127.0.0.1');
  t.after(() => silent.destroy());
  const ended = once(silent, 'close');
  await accepted;
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const closed = new AbortController();
  const closing = app.close().then(() => closed.abort());
  for (let turns = 0; !closed.signal.aborted && turns < 1000; ++turns) {
    t.mock.timers.tick(1000);
    await nextTurn();
  }
  assert(closed.signal.aborted, 'It still waits.');
  await Promise.all([closing, ended]);
});
