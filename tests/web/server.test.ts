/** A Subsonic server of another origin, through the relay of the service worker, in a real browser. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { serveSources, SOURCES_PAGE } from '../../web/player/test/dev/serve-sources.ts';
import type { Rig } from '../../web/player/test/dev/sources.ts';
import { freePort, launch, watch, type Site, type Watched } from './site.ts';
import { LOGIN, serveSubsonic, type Subsonic } from './subsonic.ts';

declare global {
  /** In the page. */
  var rig: Rig;
}

const DEMO = fileURLToPath(new URL('../../build/demo', import.meta.url));

let site: Site;
let browser: Browser;
let subsonic: Subsonic;

before(async () => {
  // One after the other: a browser that nobody closes would keep the runner waiting.
  site = await serveSources();
  browser = await launch({ sound: true });
  subsonic = await serveSubsonic(DEMO);
});

after(async () => {
  await browser.close();
  await site[Symbol.asyncDispose]();
  await subsonic[Symbol.asyncDispose]();
});

async function openRig({ context }: Watched): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${site.origin}/${SOURCES_PAGE}`);
  await page.waitForFunction(() => 'rig' in globalThis);
  return page;
}

const codeOf = (page: Page, address: string, password: string): Promise<string> =>
  page.evaluate(
    ([to, secret]) =>
      rig.library.addServer({ address: to, login: { user: 'alice', password: secret } }).then(
        () => 'added',
        (cause: unknown) => `${(cause as { code: string }).code}: ${(cause as Error).message}`,
      ),
    [address, password] as const,
  );

test('a real Subsonic server: added, read, played and removed', async () => {
  const watched = await watch(browser);
  const page = await openRig(watched);
  const { address } = subsonic;
  assert.match(await codeOf(page, address, 'wrong'), /^wrong_password: 127\.0\.0\.1:\d+ refused/);
  assert.deepEqual(await page.evaluate(() => rig.library.sources()), []);

  const found = await page.evaluate(
    async ([to, login]) => {
      const { library, openPlayer } = rig;
      const source = await library.addServer({ address: to, login });
      const report = await library.scan(source.id);
      const counts = await library.counts();
      const { rows } = await library.tracks({ artist: 'Wren & Alder' });
      using player = openPlayer({ media: (id) => library.media(id) });
      await player.playTracks(rows);
      const startedAt = performance.now();
      while (player.position() < 700 && performance.now() - startedAt < 10_000) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const { problem } = player.state();
      const heard = player.position();
      const lyrics = await library.lyrics(rows[0]?.id ?? '');
      return {
        source,
        report,
        counts,
        titles: rows.map(({ title }) => title),
        heard,
        problem,
        lyrics,
      };
    },
    [address, LOGIN] as const,
  );
  assert.equal(found.report.added, 40);
  assert.deepEqual(found.report.problems, []);
  assert.equal(found.counts.albums, 16);
  assert.equal(found.counts.artists, 16);
  assert.deepEqual(found.titles, ['The Ferryman’s Field', 'Salt Bread', 'Carry the Kettle Home']);
  assert.equal(found.problem, null);
  assert(found.heard >= 700, `${found.heard} ms were heard`);

  // The page itself spoke with its own origin only, and no address has the login.
  const direct = watched.requests.filter(
    (url) => !url.startsWith('blob:') && !url.startsWith(site.origin),
  );
  const relayed = direct.filter((url) => url.startsWith(address));
  assert.deepEqual(direct, relayed, 'nobody but the server was asked');
  const own = watched.requests.filter((url) => url.startsWith(site.origin));
  assert(own.some((url) => url.includes('/via/')));
  assert(
    !own.some((url) => url.includes('sesame') || url.includes('alice') || url.includes('736573')),
  );

  // Music plays through a proxy only; without one, the scan says why it would not.
  const bare = await page.evaluate(
    async ([to, login]) => {
      const { id } = await rig.library.addServer({ address: to, login });
      const { added, problems } = await rig.library.scan(id);
      return { added, problems };
    },
    [subsonic.bare, LOGIN] as const,
  );
  assert.equal(bare.added, 40);
  assert.match(bare.problems[0]?.reason ?? '', /Access-Control-Allow-Origin/);

  const media = await page.evaluate(async (id) => {
    const [track] = (await rig.library.tracks({ sourceId: id })).rows;
    using lease = await rig.library.media(track?.id ?? '');
    const { url } = lease;
    await rig.library.removeSource(id);
    const response = await fetch(url);
    return { status: response.status, text: await response.text() };
  }, found.source.id);
  assert.equal(media.status, 502);
  assert.match(media.text, /not in the library any more/);
  await watched.context.close();
});

test('servers that fail are told apart, and add nothing', async () => {
  const watched = await watch(browser);
  const page = await openRig(watched);
  const closed = await freePort();
  assert.match(
    await codeOf(page, `http://127.0.0.1:${closed}`, 'x'),
    /^unreachable: .*cannot be reached/,
  );
  const server = createServer((request, response) => {
    response.setHeader(
      'Access-Control-Allow-Origin',
      request.url?.startsWith('/nocors') ? 'null' : '*',
    );
    if (request.url?.startsWith('/broken')) response.writeHead(500).end('oops');
    else if (request.url?.startsWith('/away')) {
      response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end();
    } else response.end('<html>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  assert(bound !== null && typeof bound === 'object');
  const root = `http://127.0.0.1:${bound.port}`;
  assert.match(await codeOf(page, `${root}/broken`, 'x'), /^server_error: .*status 500/);
  assert.match(await codeOf(page, `${root}/html`, 'x'), /^bad_answer: .*not JSON/);
  assert.match(await codeOf(page, `${root}/nocors`, 'x'), /^unreachable: .*CORS/);
  assert.match(await codeOf(page, `${root}/away`, 'x'), /^unreachable: .*redirect/);
  assert.match(await codeOf(page, 'ftp://x', 'x'), /^bad_address/);
  assert.deepEqual(await page.evaluate(() => rig.library.sources()), []);
  server.close();
  await watched.context.close();
});

test('the page itself cannot ask another host', async () => {
  const watched = await watch(browser);
  const page = await openRig(watched);
  const port = await freePort();
  const refused = await page.evaluate(
    (to) =>
      fetch(`http://127.0.0.1:${to}/`).then(
        () => false,
        () => true,
      ),
    port,
  );
  assert(refused);
  assert(watched.complaints.some((complaint) => complaint.includes('connect-src')));
  await watched.context.close();
});
