/**
 * A listener's first hour, in one go: demo album, taste, search, history, playlist, server, reload, no network, erasing. All that leaves the
 * browser meanwhile is written down by a proxy, and read for words that only this listener has.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { opusFile } from '../../web/player/test/support/files.ts';
import { recordEgress, wordsIn, type Egress } from './egress.ts';
import { listenBrainzLine, plays } from './exports.ts';
import { startChromium, type RealChromium } from './real-chromium.ts';
import * as web from './site.ts';
import { LOGIN, serveSubsonic, type Subsonic } from './subsonic.ts';

const DEMO = fileURLToPath(new URL('../../build/demo', import.meta.url));

/** Words that are nowhere but in what this listener owns and did. */
const CANARY = {
  artist: 'Quokkavine Brothers',
  title: 'Vexillum Marzipan Overture',
  album: 'Thornbeetle Sessions',
  file: 'Wollemia Nightjar',
  query: 'umbrageous clavichord dirge',
  playlist: 'Zinnwaldite Evening',
} as const;
const CANARIES = Object.values(CANARY);

/** A folder with two tagged files of the listener's own. */
async function fillFolder(folder: string): Promise<void> {
  mkdirSync(folder);
  const { artist, title, album, file } = CANARY;
  for (const [name, tags] of [
    [`${file}.opus`, {}],
    ['2.opus', { title, artist, album, genre: 'Piano' }],
  ] as const) {
    const made = opusFile(name, tags, { seconds: 2 });
    writeFileSync(join(folder, name), Buffer.from(await made.arrayBuffer()));
  }
}

/** Every file below a folder. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

const tracksFound = (page: Page) => page.locator('[data-found="tracks"] li');
const entries = (page: Page) => page.locator('[data-list="playlist"] li');
const shelf = (page: Page, name: string) => page.getByRole('region', { name });

describe('a listener’s first hour', () => {
  const folder = web.temporaryFolder();
  const netLog = join(folder.path, 'net-log.json');
  const profile = join(folder.path, 'profile');
  const music = join(folder.path, 'Music');
  let site: web.Site;
  let egress: Egress;
  let subsonic: Subsonic;
  let chromium: RealChromium;
  let page: Page;
  let listed: string[] = [];

  before(async () => {
    await fillFolder(music);
    site = await web.serveSite();
    egress = await recordEgress();
    subsonic = await serveSubsonic(DEMO);
    const log = [`--log-net-log=${netLog}`, '--net-log-capture-mode=Default'];
    chromium = await startChromium(profile, [...egress.flags, ...log]);
    const { watched } = chromium;
    watched.context.setDefaultTimeout(30_000);
    page = await watched.context.newPage();
    await page.goto(`${site.origin}/`);
  });
  after(async () => {
    await chromium[Symbol.asyncDispose]();
    await subsonic[Symbol.asyncDispose]();
    await egress[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  test('two clicks lead from the first look to music', async () => {
    await page.getByRole('button', { name: 'The demo album' }).click();
    const card = page.locator('.track-card').first();
    await card.locator('button').first().click();
    await page.locator('.now-track').waitFor();
    const heard = (): Promise<number> =>
      page
        .getByRole('slider', { name: 'Position' })
        .evaluate((slider: HTMLInputElement) => Number(slider.value));
    for (let tries = 0; (await heard()) < 1000; ++tries) {
      assert(tries < 100, 'nothing is heard');
      await page.waitForTimeout(100);
    }
  });

  test('a love turns the shelf that is in view, and says so on every card', async () => {
    const cards = shelf(page, 'From your library').locator('.track-card h3');
    const before = await cards.allInnerTexts();
    const artist = await page.locator('.now-words .muted').innerText();
    await page
      .getByRole('button', { name: `Love ${artist}`, exact: true })
      .first()
      .click();
    await page.waitForFunction(
      (old) => {
        const now = [...document.querySelectorAll<HTMLElement>('.track-card h3')];
        return now.length > 0 && now.map((each) => each.innerText).join('\n') !== old;
      },
      before.join('\n'),
      { timeout: 10_000 },
    );
    const why = shelf(page, 'From your library').locator('.card-why');
    await why.getByText(`Because you love ${artist}`).first().waitFor();
    const reasons = await why.allInnerTexts();
    assert(reasons.length > 4);
    for (const reason of reasons) assert.match(reason, /^Because you (love|played) .+\.$/);
    const first = await shelf(page, 'From your library')
      .locator('.track-card .muted')
      .first()
      .innerText();
    assert.equal(first, artist, 'the loved artist leads');
    // Artists of the catalogue follow from it, too.
    await page.locator('.row .reason').first().waitFor();
    assert.match(await page.locator('.row .reason').first().innerText(), /^Because you love /);
  });

  test('the library is found by words, in English and in Chinese', async () => {
    await web.visit(page, 'Search');
    const box = page.getByRole('searchbox');
    await box.fill('sad piano at night');
    await tracksFound(page).first().waitFor();
    assert((await tracksFound(page).count()) > 3);
    await box.fill('悲伤的钢琴曲');
    await page.waitForFunction(
      () =>
        document.querySelectorAll('[data-found="tracks"] li').length > 3 &&
        document.querySelector<HTMLInputElement>('input[type="search"]')?.value.startsWith('悲'),
    );
    const found = await tracksFound(page).allInnerTexts();
    console.log(`悲伤的钢琴曲: ${found.slice(0, 3).join(' | ').replaceAll('\n', ', ')}`);
    await box.fill(CANARY.query);
    await page.waitForTimeout(500);
  });

  test('a folder and a history of one’s own come in', async () => {
    await web.visit(page, 'Library');
    await page.evaluate(() => {
      // The picker of a system cannot be driven; the input that stands in for it can.
      Object.defineProperty(globalThis, 'showDirectoryPicker', { value: undefined });
    });
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Add a folder' }).click();
    await (await chooser).setFiles(music);
    await page.getByText('Music: 2 tracks').waitFor();
    await page.getByRole('searchbox').fill(CANARY.file);
    await page.getByRole('button', { name: `Play ${CANARY.file}` }).waitFor();

    const { artist, title, album } = CANARY;
    const own = plays(400, 21).map((play, i) =>
      i % 10 === 7 ? { ...play, artist, title, album } : play,
    );
    const body = own.map(listenBrainzLine).join('\n');
    await web.visit(page, 'Home');
    await web.dropFile(page, { name: 'history.jsonl', body });
    await web.reportOf(page, 'history.jsonl');
    await page.locator('.row').nth(19).waitFor();
    await page.getByRole('button', { name: 'Close this report' }).click();
  });

  test('a playlist is made, saved as JSPF, and opened again', async () => {
    await web.visit(page, 'Playlists');
    await page.getByRole('button', { name: 'Make a list' }).click();
    await entries(page).nth(9).waitFor();
    const before = await entries(page).allInnerTexts();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as JSPF' }).click();
    const path = join(folder.path, 'list.jspf');
    await (await download).saveAs(path);
    const saved = JSON.parse(readFileSync(path, 'utf8')) as {
      playlist: { track: readonly { title: string }[] };
    };
    assert.equal(saved.playlist.track.length, before.length);
    await page.reload();
    const chooser = page.waitForEvent('filechooser');
    await page.getByText('Open a JSPF file').click();
    await (await chooser).setFiles(path);
    await page
      .getByText(`${before.length} of ${before.length} tracks are in your library`)
      .waitFor();
    assert.deepEqual(await entries(page).allInnerTexts(), before);
  });

  test('a server of one’s own: a wrong password is told so, the right one brings the music', async () => {
    await web.visit(page, 'Library');
    await page.getByRole('button', { name: 'Add a server' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Address').fill(subsonic.address);
    await dialog.getByLabel('Name').fill(LOGIN.user);
    await dialog.getByLabel('Password').fill('wrong');
    await dialog.getByRole('button', { name: 'Connect' }).click();
    await dialog.getByText('does not know this name with this password').waitFor();
    await dialog.getByLabel('Password').fill(LOGIN.password);
    await dialog.getByRole('button', { name: 'Connect' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText(/127\.0\.0\.1:\d+: 40 tracks/).waitFor();
  });

  test('a reload keeps everything', async () => {
    await web.visit(page, 'Home');
    await page.locator('.row').nth(19).waitFor();
    // What the new tracks are about is learnt by now.
    for (let same = 0; same < 5;) {
      const now = await web.names(page);
      const busy = await page.locator('.working').count();
      same = busy === 0 && now.join('\n') === listed.join('\n') ? same + 1 : 0;
      listed = now;
      await page.waitForTimeout(200);
    }
    await page.reload();
    await page.locator('.row').nth(19).waitFor();
    await page.waitForFunction((old) => {
      const rows = [...document.querySelectorAll<HTMLElement>('.row-name')];
      return rows.map((row) => row.innerText).join('\n') === old;
    }, listed.join('\n'));
    await web.visit(page, 'Library');
    await page.getByText(/127\.0\.0\.1:\d+: 40 tracks/).waitFor();
    await page.getByText('82 tracks on').waitFor();
  });

  test('without its server and without any other, the page goes on', async () => {
    await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
    await site[Symbol.asyncDispose]();
    await subsonic[Symbol.asyncDispose]();
    await page.reload();
    await web.visit(page, 'Home');
    await page.locator('.row').nth(19).waitFor();
    await shelf(page, 'From your library').locator('.track-card').first().waitFor();
    await web.visit(page, 'Search');
    await page.getByRole('searchbox').fill('calm piano');
    await tracksFound(page).nth(3).waitFor();
    // A piece of the demo album plays: it is kept, too.
    await web.visit(page, 'Library');
    await page.getByRole('searchbox').fill('Salt Bread');
    await page.locator('.row-play').first().click();
    await page.locator('.now-title', { hasText: 'Salt Bread' }).waitFor();
  });

  test('erase leaves the page as it was found, and none of the listener’s words in the profile', async () => {
    await web.visit(page, 'Privacy');
    await page.getByRole('button', { name: 'Erase everything' }).click();
    await page.getByRole('button', { name: 'Erase now' }).click();
    await page.getByText('Nothing about you is stored here any more').waitFor();
    await web.visit(page, 'Home');
    await page.locator('.first-run').waitFor();
    assert.equal(await web.storedRecords(page), 0);
    assert.deepEqual(chromium.watched.complaints.filter(isUnexpected), []);
    await chromium.close();
    const left = filesBelow(profile).flatMap((file) => {
      const words = wordsIn(readFileSync(file), CANARIES);
      return words.map((word) => `${word} in ${file.slice(profile.length)}`);
    });
    assert.deepEqual(left, []);
  });

  test('what left was requests for the page’s own files and to the server that was typed in, and not one of the listener’s words', () => {
    const hosts = new Map<string, number>();
    // What Chromium asks of its maker for itself (updates) is refused by the proxy. That the pages have no part in it, Chromium’s own log tells below.
    const chromiums = egress.sent.filter(({ isRefused }) => isRefused);
    const sent = egress.sent.filter(({ isRefused }) => !isRefused);
    for (const { line } of sent) {
      const [method, address = ''] = line.split(' ');
      const { origin } = new URL(address);
      hosts.set(origin, (hosts.get(origin) ?? 0) + 1);
      assert.equal(method, 'GET', line);
    }
    const bytes = sent.reduce((sum, each) => sum + each.bytes.length, 0);
    console.log(`left the pages: ${sent.length} requests, ${bytes} bytes`);
    for (const [host, n] of hosts) console.log(`  ${host}: ${n}`);
    console.log(`Chromium for itself, refused: ${chromiums.length} requests`);
    assert(sent.length > 50);
    assert.deepEqual([...hosts.keys()].sort(), [site.origin, subsonic.address].sort());
    assert.deepEqual(
      egress.sent.flatMap((each) =>
        wordsIn(each.bytes, CANARIES).map((word) => `${word} in ${each.line}`),
      ),
      [],
    );
    // The second witness is Chromium’s own log of what its pages and workers asked for.
    const asked = web.pageRequestsInNetLog(netLog, site.origin);
    assert(asked.length > 50);
    assert.deepEqual(
      asked.filter((url) => ![site.origin, subsonic.address].includes(new URL(url).origin)),
      [],
    );
  });
});

/** A page whose server is gone is told so by its browser: that is what the test of it looks for. */
function isUnexpected(complaint: string): boolean {
  return !/net::ERR_(EMPTY_RESPONSE|CONNECTION_REFUSED)/.test(complaint);
}
