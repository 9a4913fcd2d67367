import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { parseAddress, requireUnmixed } from '../src/sources/server/address.ts';
import type { Transport } from '../src/sources/server/client.ts';
import { callUrl, storedServer, type StoredServer } from '../src/sources/server/login.ts';
import { relay, RELAY_HEADER, relayTarget } from '../src/sources/server/relay.ts';
import type { SourceErrorCode } from '../src/sources/types.ts';
import { newName, open } from './support/library.ts';

type Answers = Readonly<Record<string, (params: URLSearchParams) => unknown>>;

const ok = (body: object = {}): unknown => ({
  'subsonic-response': { status: 'ok', version: '1.16.1', ...body },
});
const failed = (code: number, message: string): unknown => ({
  'subsonic-response': { status: 'failed', version: '1.16.1', error: { code, message } },
});

/** A server by its answers; what is not there is an unknown method. */
function serverOf(answers: Answers, asked: string[] = []): () => Transport {
  return () => (method, params) => {
    asked.push(method);
    const texts = Object.entries(params).map(([name, value]) => [name, String(value)]);
    const answer = answers[method]?.(new URLSearchParams(texts)) ?? failed(0, 'Unknown method');
    return Promise.resolve(answer instanceof Response ? answer : Response.json(answer));
  };
}

const settings = {
  address: 'https://music.example.org/',
  login: { user: 'alice', password: 'sesame' },
};

const song = (i: number): object => ({
  id: `s${i}`,
  title: `Song ${i}`,
  artist: 'Somebody',
  album: `Album ${i % 10}`,
  albumArtist: 'Somebody',
  track: i,
  duration: 200,
  genre: 'jazz',
  coverArt: `c${i % 10}`,
  isDir: false,
  size: 1000,
});

/** 1,200 songs, in pages. */
const all: Answers = {
  ping: () => ok(),
  search3(params) {
    const offset = Number(params.get('songOffset'));
    const songs = Array.from({ length: 1200 }, (_, i) => song(i));
    return ok({
      searchResult3: { song: songs.slice(offset, offset + Number(params.get('songCount'))) },
    });
  },
};

test('all pages of a server are read, and a second scan changes nothing', async () => {
  await using library = open(newName(), { transport: serverOf(all) });
  const source = await library.addServer(settings);
  assert.equal(source.name, 'music.example.org');
  const report = await library.scan(source.id);
  assert.equal(report.added, 1200);
  assert.equal((await library.counts()).albums, 10);
  const [track] = (await library.tracks({ text: 'song 7' })).rows;
  assert.equal(track?.durationMs, 200_000);
  assert.deepEqual(track.genres, ['jazz']);
  using media = await library.media(track.id);
  assert.equal(media.url, `http://localhost/via/${source.id}/stream?id=${track.path}`);
  const again = await library.scan(source.id);
  assert.deepEqual([again.added, again.changed, again.removed, again.unchanged], [0, 0, 0, 1200]);
});

test('a server that does not take the empty query is read album by album', async () => {
  const albums = Array.from({ length: 7 }, (_, i) => ({ id: i, name: `Album ${i}` }));
  const answers: Answers = {
    ping: () => ok(),
    search3: () => ok({ searchResult3: {} }),
    getAlbumList2: (params) =>
      ok({ albumList2: { album: Number(params.get('offset')) === 0 ? albums : [] } }),
    getAlbum: (params) => {
      const n = Number(params.get('id'));
      return ok({ album: { id: n, name: `Album ${n}`, song: [song(n), song(n + 100)] } });
    },
  };
  await using library = open(newName(), { transport: serverOf(answers) });
  const { id } = await library.addServer(settings);
  assert.equal((await library.scan(id)).added, 14);
});

test('a server that lies about types is told of, and its good songs are used', async () => {
  const answers: Answers = {
    ping: () => ok(),
    search3: (params) =>
      params.get('songOffset') === '0'
        ? ok({
            searchResult3: {
              song: [
                { id: 5, title: 1999, artist: 'Number', duration: 'long', year: 'x' },
                { title: 'No id' },
                'a string',
                song(1),
              ],
            },
          })
        : ok({ searchResult3: {} }),
  };
  await using library = open(newName(), { transport: serverOf(answers) });
  const { id } = await library.addServer(settings);
  const { added, problems } = await library.scan(id);
  assert.equal(added, 2);
  assert.deepEqual(
    problems.map(({ path }) => path),
    ['No id', 'entry 3'],
  );
  const [odd] = (await library.tracks({ text: '1999' })).rows;
  assert.equal(odd?.title, '1999');
  assert.equal(odd.durationMs, null);
});

test('each failure has a code and a message that says what to do, and nothing is added', async () => {
  const refused = (code: SourceErrorCode): Response =>
    Response.json({ code, message: 'why' }, { status: 502, headers: { [RELAY_HEADER]: code } });
  const cases: readonly (readonly [() => unknown, SourceErrorCode, RegExp])[] = [
    [() => failed(40, 'no'), 'wrong_password', /name or password is wrong.*It said: "no"/],
    [() => failed(44, ''), 'wrong_password', /API key/],
    [() => failed(30, ''), 'bad_answer', /too old/],
    [() => new Response('oops', { status: 500 }), 'server_error', /status 500.*try again/],
    [() => new Response('', { status: 404 }), 'not_found', /no Subsonic server/],
    [() => new Response('', { status: 401 }), 'wrong_password', /login in front/],
    [() => new Response('<html>'), 'bad_answer', /not JSON/],
    [() => ({ hello: 'world' }), 'bad_answer', /not that of a Subsonic server/],
    [() => ({ 'subsonic-response': { status: 7 } }), 'bad_answer', /not that of a Subsonic/],
    [() => refused('timeout'), 'timeout', /why/],
    [() => refused('unreachable'), 'unreachable', /why/],
  ];
  for (const [answer, code, words] of cases) {
    await using library = open(newName(), { transport: serverOf({ ping: answer }) });
    await assert.rejects(library.addServer(settings), (cause: Error & { code?: string }) => {
      assert.equal(cause.code, code);
      assert.match(cause.message, words);
      return true;
    });
    assert.deepEqual(await library.sources(), []);
  }
});

test('a scan that fails half way keeps what it had', async () => {
  let broken = true;
  const answers: Answers = {
    ...all,
    search3: (params) =>
      broken && params.get('songOffset') === '500'
        ? new Response('', { status: 500 })
        : all['search3']?.(params),
  };
  await using library = open(newName(), { transport: serverOf(answers) });
  const { id } = await library.addServer(settings);
  await assert.rejects(library.scan(id), { name: 'SourceError', code: 'server_error' });
  assert.equal((await library.counts()).tracks, 500);
  broken = false;
  assert.equal((await library.scan(id)).added, 700);
});

test('lyrics of a server are asked for once, with times where it has them', async () => {
  const asked: string[] = [];
  const answers: Answers = {
    ...all,
    getOpenSubsonicExtensions: () =>
      ok({ openSubsonicExtensions: [{ name: 'songLyrics', versions: [1] }] }),
    getLyricsBySongId: () =>
      ok({
        lyricsList: {
          structuredLyrics: [
            { synced: false, line: [{ value: 'plain' }] },
            { synced: true, offset: 100, line: [{ start: 1100, value: 'timed' }] },
          ],
        },
      }),
  };
  await using library = open(newName(), { transport: serverOf(answers, asked) });
  const { id } = await library.addServer(settings);
  await library.scan(id);
  const expected = { plain: 'timed', lines: [{ atMs: 1000, text: 'timed' }] };
  assert.deepEqual(await library.lyrics(`${id}/s3`), expected);
  assert.deepEqual(await library.lyrics(`${id}/s3`), expected);
  assert.equal(asked.filter((method) => method === 'getLyricsBySongId').length, 1);
  assert.equal((await library.scan(id)).changed, 0, 'known lyrics are no change');
  assert.deepEqual(await library.lyrics(`${id}/s3`), expected);
});

test('addresses are read as people type them', () => {
  assert.equal(parseAddress(' music.example.org '), 'https://music.example.org');
  assert.equal(parseAddress('http://10.0.0.2:4533/navidrome/'), 'http://10.0.0.2:4533/navidrome');
  assert.equal(parseAddress('https://x.org/rest'), 'https://x.org');
  for (const bad of ['', 'ftp://x', 'javascript:alert(1)', 'https://a:b@x.org', 'https://x/?a=b']) {
    assert.throws(() => parseAddress(bad), { code: 'bad_address' }, bad);
  }
  assert.throws(() => requireUnmixed('http://nas:4533', 'https:'), { code: 'mixed_content' });
  requireUnmixed('http://localhost:4533', 'https:');
  requireUnmixed('http://nas:4533', 'http:');
});

test('a login is a salted digest, an API key, or where nothing else works the password over https', () => {
  const params = new URLSearchParams({ id: '7', u: 'mallory', f: 'xml' });
  const token = storedServer(settings, 'token');
  assert(!JSON.stringify(token).includes('sesame'));
  const url = callUrl(token, 'stream', params);
  const salt = url.searchParams.get('s') ?? '';
  const digest = createHash('md5').update(`sesame${salt}`).digest('hex');
  assert.equal(url.searchParams.get('t'), digest);
  assert.equal(url.searchParams.get('u'), 'alice', 'the caller cannot be somebody else');
  assert.equal(url.searchParams.get('f'), 'json');
  const key = callUrl(
    storedServer({ ...settings, login: { apiKey: 'k' } }, 'token'),
    'ping',
    params,
  );
  assert.equal(key.searchParams.get('apiKey'), 'k');
  const plain = callUrl(storedServer(settings, 'password'), 'ping', params);
  assert.equal(plain.searchParams.get('p'), 'enc:736573616d65');
  const http = { ...settings, address: 'http://nas:4533' };
  assert.throws(() => storedServer(http, 'password'), { code: 'token_refused' });
});

const stored: StoredServer = { root: 'https://m.example', login: { apiKey: 'k' }, tell: false };

interface Passed {
  readonly url: URL;
  readonly init: RequestInit;
}

async function relayed(
  method: string,
  init: RequestInit = {},
  answer = (): Response => Response.json(ok()),
  server: StoredServer | null = stored,
): Promise<{ readonly response: Response; readonly passed: Passed[] }> {
  const passed: Passed[] = [];
  const request = new Request(`http://localhost/via/x/${method}?id=1`, init);
  const response = await relay(
    request,
    { sourceId: 'x', method },
    {
      server: () => Promise.resolve(server),
      fetch(url, more = {}) {
        passed.push({ url: new URL(url as URL), init: more });
        return Promise.resolve().then(answer);
      },
      pageProtocol: 'http:',
    },
  );
  return { response, passed };
}

test('the relay asks nobody but the server of its source, and only for what it knows', async () => {
  const { passed } = await relayed('getAlbum', { headers: { range: 'bytes=10-', cookie: 'a=b' } });
  assert.equal(passed[0]?.url.origin, 'https://m.example');
  assert.equal(passed[0].url.pathname, '/rest/getAlbum.view');
  assert.equal(new Headers(passed[0].init.headers).get('range'), 'bytes=10-');
  assert.equal(passed[0].init.credentials, 'omit');
  assert.equal(passed[0].init.redirect, 'error');
  for (const [method, init, server] of [
    ['deleteUser', {}, stored],
    ['scrobble', {}, stored],
    ['getAlbum', { method: 'POST' }, stored],
    ['getAlbum', {}, null],
  ] as const) {
    const refused = await relayed(method, init, undefined, server);
    assert.equal(refused.passed.length, 0, method);
    assert.equal(refused.response.status, 502);
    assert.notEqual(refused.response.headers.get(RELAY_HEADER), null);
  }
  const told = await relayed('scrobble', {}, undefined, { ...stored, tell: true });
  assert.equal(told.passed.length, 1);
});

test('what a server answers cannot become a page or a script of ours', async () => {
  const html = (): Response =>
    new Response('<script>', {
      headers: { 'Content-Type': 'text/html', 'Set-Cookie': 'a=b', 'Clear-Site-Data': '"*"' },
    });
  const { response } = await relayed('getCoverArt', {}, html);
  assert.equal(response.headers.get('content-type'), 'application/octet-stream');
  assert.match(response.headers.get('content-security-policy') ?? '', /sandbox/);
  assert.equal(response.headers.get('clear-site-data'), null);
  const svg = (): Response =>
    new Response('<svg>', { headers: { 'Content-Type': 'image/svg+xml' } });
  const picture = (await relayed('getCoverArt', {}, svg)).response;
  assert.equal(picture.headers.get('content-type'), 'application/octet-stream');
  const audio = (): Response =>
    new Response('x', {
      status: 206,
      headers: { 'Content-Type': 'audio/flac', 'Content-Range': 'bytes 0-0/9' },
    });
  const sound = (await relayed('stream', {}, audio)).response;
  assert.equal(sound.status, 206);
  assert.equal(sound.headers.get('content-type'), 'audio/flac');
  assert.equal(sound.headers.get('content-range'), 'bytes 0-0/9');
});

test('a part of a track tells its range, though the server’s word for it is hidden', async () => {
  const part = (): Response =>
    new Response('x'.repeat(90), {
      status: 206,
      headers: { 'Content-Type': 'audio/flac', 'Content-Length': '90' },
    });
  const rangeOf = async (range: string): Promise<string | null> =>
    (await relayed('stream', { headers: { range } }, part)).response.headers.get('content-range');
  assert.equal(await rangeOf('bytes=10-'), 'bytes 10-99/100');
  assert.equal(await rangeOf('bytes=0-'), 'bytes 0-89/90');
  assert.equal(await rangeOf('bytes=10-99'), 'bytes 10-99/*');
});

test('an unreachable server is told as such', async () => {
  const { response } = await relayed('ping', {}, () => {
    throw new TypeError('Failed to fetch');
  });
  const { code, message } = (await response.json()) as { code: string; message: string };
  assert.equal(code, 'unreachable');
  assert.match(message, /m\.example cannot be reached/);
});

test('only addresses below the relay’s own folder are its own', () => {
  const scope = new URL('https://o.example/app/');
  const at = (url: string): unknown => relayTarget(new URL(url), scope);
  assert.deepEqual(at('https://o.example/app/via/server-1/ping?x=1'), {
    sourceId: 'server-1',
    method: 'ping',
  });
  assert.equal(at('https://o.example/app/index.html'), null);
  assert.equal(at('https://o.example/via/server-1/ping'), null);
  assert.equal(at('https://evil.example/app/via/server-1/ping'), null);
  assert.equal(at('https://o.example/app/via/a/b/c'), null);
});
