/** What a server of snapshots learns of who asks. */
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { serverFiles } from '../src/snapshots/send.ts';
import { named, ossicleError } from './support.ts';

/** Of the server here: so long it is waited for in the tests below. */
const QUIET_MS = 400;

/** Letter by letter, and longer in all than any silence is waited for. */
async function answerSlowly(response: ServerResponse): Promise<void> {
  for (const letter of 'a slow one') {
    response.write(letter);
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS / 5));
  }
  response.end();
}

const asked: { path: string; headers: IncomingHttpHeaders }[] = [];
const server = createServer((request, response) => {
  const path = request.url ?? '';
  asked.push({ path, headers: request.headers });
  response.setHeader('etag', '"only-yours"').setHeader('set-cookie', 'who=you');
  response.setHeader('cache-control', 'no-cache');
  if (path.endsWith('/moved')) response.writeHead(302, { location: 'checkpoint' }).end();
  else if (path.endsWith('/page'))
    response.writeHead(200, { 'content-type': 'text/html' }).end('x');
  else if (path.endsWith('/busy')) response.writeHead(503).end();
  else if (path.endsWith('/gone')) response.writeHead(404).end();
  else if (path.endsWith('/mute')) return;
  else if (path.endsWith('/halt')) response.write('a beginning');
  else if (path.endsWith('/slow')) void answerSlowly(response);
  else if (path.endsWith('/long')) response.end(Buffer.alloc(3 * 1_048_576));
  else response.end('text');
});
let base: URL;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/sync`);
});
after(() => {
  server.closeAllConnections();
  server.close();
});

test('files are asked for below the address, with nothing that tells clients apart', async () => {
  asked.length = 0;
  const calls: RequestInit[] = [];
  const { fetch } = globalThis;
  globalThis.fetch = (url, init) => {
    calls.push(init ?? {});
    return fetch(url, init);
  };
  try {
    const read = serverFiles(base, undefined);
    for (const path of ['checkpoint', 'blob/00', 'blob/00']) {
      assert.equal(new TextDecoder().decode(await read(path)), 'text');
    }
  } finally {
    globalThis.fetch = fetch;
  }
  const paths = asked.map(({ path }) => path);
  assert.deepEqual(paths, ['/sync/checkpoint', '/sync/blob/00', '/sync/blob/00']);
  for (const { headers } of asked) {
    for (const name of [
      'cookie',
      'referer',
      'if-none-match',
      'if-modified-since',
      'authorization',
    ]) {
      assert.equal(headers[name], undefined, name);
    }
  }
  // Node's fetch has no cache: what a browser does is decided by these.
  for (const { credentials, referrerPolicy, redirect, cache } of calls) {
    const said = [credentials, referrerPolicy, redirect, cache];
    assert.deepEqual(said, ['omit', 'no-referrer', 'error', 'no-store']);
  }
});

test('whatever else a server answers is an error that says so', async () => {
  const read = serverFiles(base, undefined);
  await assert.rejects(read('gone'), ossicleError('missing', /address of a server/));
  await assert.rejects(read('page'), ossicleError('missing'));
  await assert.rejects(read('busy'), ossicleError('network', /503/));
  await assert.rejects(read('long'), ossicleError('network', /longer/));
  asked.length = 0;
  await assert.rejects(read('moved'), ossicleError('network'));
  assert.equal(asked.length, 1, 'it does not go elsewhere');
  await assert.rejects(serverFiles(base, AbortSignal.abort())('checkpoint'), named('AbortError'));
});

test('a server that takes a request and says nothing, or stops in the middle, is given up', async () => {
  const read = serverFiles(base, undefined, QUIET_MS);
  await assert.rejects(read('mute'), ossicleError('network', /nothing came for 0.4 seconds/));
  await assert.rejects(read('halt'), ossicleError('network', /nothing came/));
  assert.equal(new TextDecoder().decode(await read('slow')), 'a slow one');
});

test('who stops while the server says nothing does not wait for it', async () => {
  const stop = new AbortController();
  const reading = serverFiles(base, stop.signal)('mute');
  setTimeout(() => stop.abort(), 20);
  await assert.rejects(reading, named('AbortError'));
});

test(
  'every request of an update is listed, also where a browser would stop at 250',
  { timeout: 20_000 },
  async (t) => {
    performance.clearResourceTimings();
    const read = serverFiles(base, undefined);
    for (let n = 0; n < 300; ++n) await read(`blob/${n}`);
    const listed = (): number =>
      performance.getEntriesByType('resource').filter(({ name }) => name.includes('/blob/')).length;
    // Each is listed some time after its answer.
    while (listed() < 300) {
      t.signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  },
);
