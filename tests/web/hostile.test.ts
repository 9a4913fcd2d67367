/** What goes wrong is named, with its place; what was stored before is still there. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { listenBrainz, listenBrainzLine, plays } from './exports.ts';
import * as web from './site.ts';

const good = plays(400, 11);
const more = plays(30, 12).map(listenBrainzLine);

const future = { artist: 'Radiohead', title: 'Tomorrow', album: '', at: 4_000_000_000 };
const brokenLetters = Buffer.concat([
  Buffer.from(more[0]! + '\n'),
  Buffer.from('{"listened_at":1700000000,"track_metadata":{"artist_name":"Bj'),
  Buffer.from([0xc3, 0x28]),
  Buffer.from('rk","track_name":"x"}}\n'),
  Buffer.from(more.slice(1).join('\n')),
]);

const cases: readonly {
  readonly what: string;
  readonly file: web.TestFile;
  readonly says: readonly RegExp[];
}[] = [
  {
    what: 'cut off in the middle of a record',
    file: { name: 'cut.jsonl', body: more.join('\n').slice(0, -60) },
    says: [/29 listens added/, /ends in the middle of a record.*line 30/],
  },
  {
    what: 'of something else than listens',
    file: { name: 'Playlist1.json', body: '{"playlists":[{"name":"Night","items":[]}]}' },
    says: [
      /not an export that Ossicle knows/,
      /Everything stored before is still there/,
      /ListenBrainz.* Last\.fm.* Spotify/,
    ],
  },
  {
    what: 'with broken UTF-8',
    file: { name: 'letters.jsonl', body: brokenLetters },
    says: [/1 record has broken letters.*line 2/, /27 of 31 listens/],
  },
  {
    what: 'with a line of 10 MB',
    file: {
      name: 'long-line.jsonl',
      body: [more[0], JSON.stringify({ x: 'y'.repeat(10_000_000) }), more[1], ''].join('\n'),
    },
    says: [/1 record is longer than 1 MB.*line 2/, /were there already/],
  },
  {
    what: 'with dates in the future',
    file: { name: 'future.jsonl', body: [more[0], listenBrainzLine(future), ''].join('\n') },
    says: [/1 listen lies in the future.*line 2/],
  },
  {
    what: 'that is empty',
    file: { name: 'empty.jsonl', body: '' },
    says: [/not an export that Ossicle knows/],
  },
  {
    what: 'that is a picture',
    file: { name: 'cover.json', body: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex') },
    says: [/not an export that Ossicle knows/],
  },
];

describe('bad exports', () => {
  let site: web.Site;
  let browser: Browser;
  let watched: web.Watched;
  let page: Page;

  before(async () => {
    site = await web.serveSite();
    browser = await web.launch();
    watched = await web.watch(browser);
    page = await web.openPage(watched, site);
    await web.chooseFile(page, { name: 'good.jsonl', body: listenBrainz(good) });
    await web.reportOf(page, 'good.jsonl');
    await page.locator('.row').nth(19).waitFor();
  });
  after(async () => {
    await browser.close();
    await site[Symbol.asyncDispose]();
  });

  for (const { what, file, says } of cases) {
    test(`an export ${what} is told so, with the place, and nothing stored is lost`, async () => {
      const stored = await web.storedRecords(page);
      await web.dropFile(page, file);
      const report = await web.reportOf(page, file.name);
      for (const words of says) assert.match(report, words);
      assert((await web.storedRecords(page)) >= stored);
      await page.reload();
      await page.locator('.row').nth(19).waitFor();
      assert.match(await page.locator('.aside').innerText(), /You know \d+ artists/);
    });
  }

  test('none of it made the page complain', () => assert.deepEqual(watched.complaints, []));
});

describe('histories and browsers that the page cannot use', () => {
  let site: web.Site;
  let browser: Browser;
  before(async () => {
    site = await web.serveSite();
    browser = await web.launch();
  });
  after(async () => {
    await browser.close();
    await site[Symbol.asyncDispose]();
  });

  test('a history of artists that the catalogue lacks says so and offers a start', async () => {
    const { context } = await web.watch(browser);
    const page = await web.openPage({ context, requests: [], complaints: [] }, site);
    const body = plays(20, 5).map((play, i) =>
      listenBrainzLine({ ...play, artist: `Nobody ${i} of this town` }),
    );
    await web.chooseFile(page, { name: 'unknown.jsonl', body: body.join('\n') });
    await page.getByText('None of your artists are in the catalogue yet').waitFor();
    const before = await web.names(page);
    assert.equal(before.length, 20);
    await page
      .locator('.row')
      .first()
      .getByRole('button', { name: /^Love / })
      .click();
    await page.getByRole('heading', { name: 'For you' }).waitFor();
    assert.match(await page.locator('.row .reason').first().innerText(), /^Because you love /);
    await context.close();
  });

  test('a browser without WebAssembly SIMD is told what it lacks and what to do', async () => {
    const { context } = await web.watch(browser);
    // The engine asks in its worker, which an init script does not reach: the worker's script is served with the answer in front.
    await context.route(/\/assets\/worker-.*\.js$/, async (route) => {
      const response = await route.fetch();
      const body = `WebAssembly.validate = () => false;\n${await response.text()}`;
      await route.fulfill({ response, body });
    });
    const page = await web.openPage({ context, requests: [], complaints: [] }, site);
    const said = await page.locator('.failed').innerText();
    assert.match(said, /This browser cannot run Ossicle/);
    assert.match(said, /WebAssembly SIMD/);
    assert.match(said, /Nothing was read and nothing was stored/);
    await context.close();
  });

  test('a page that asks another address is refused by the browser, and this suite would notice', async () => {
    const watched = await web.watch(browser);
    const page = await web.openPage(watched, site);
    const answer = await page.evaluate(() =>
      fetch('https://elsewhere.test/').then(
        () => 'answered',
        () => 'refused',
      ),
    );
    assert.equal(answer, 'refused');
    const noticed = (): boolean =>
      watched.complaints.some((what) => what.startsWith('policy: connect-src'));
    for (let tries = 0; !noticed() && tries < 50; ++tries) await page.waitForTimeout(100);
    assert(noticed());
    await watched.context.close();
  });

  test('a damaged catalogue is told so, and a reload with the right one works', async () => {
    const { context } = await web.watch(browser);
    await context.route(/\.safetensors$/, async (route) => {
      const response = await route.fetch();
      const body = Buffer.from(await response.body());
      body[body.length >> 1]! ^= 1;
      await route.fulfill({ response, body });
    });
    const page = await web.openPage({ context, requests: [], complaints: [] }, site);
    assert.match(await page.locator('.failed').innerText(), /files do not fit together/);
    await context.unrouteAll();
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.locator('.welcome').waitFor();
    await context.close();
  });
});
