/**
 * The way through the page in a stock Firefox ESR, over WebDriver BiDi: nothing of the browser is changed but two preferences, that a file is saved
 * without asking and where. Files are given to the page's own inputs (`input.setFiles`).
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, ElementHandle, Page, PuppeteerNode } from 'puppeteer-core';
import { showParts } from './real-chromium.ts';
import * as web from './site.ts';
import { canaryExport, told, tracesIn } from './traces.ts';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { default: puppeteer } = require('puppeteer-core') as { readonly default: PuppeteerNode };
const FIREFOX = process.env['OSSICLE_FIREFOX'] ?? '/usr/bin/firefox-esr';
const LISTENS = 400;
/** Of the demo album. */
const DEMO_TITLES = ['Slow Ferry', 'Owed to the Sea', 'Paper Orchard', '欠海的账', 'Ada Thornley'];

const folder = web.temporaryFolder();
const profile = join(folder.path, 'profile');
const downloads = join(folder.path, 'downloads');
const { file, words } = canaryExport(LISTENS);
const complaints: string[] = [];
let site: web.Site;
let browser: Browser;
let page: Page;

/** Firefox over the profile, with the page's tab. */
async function launch(): Promise<void> {
  browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    userDataDir: profile,
    extraPrefsFirefox: { 'browser.download.folderList': 2, 'browser.download.dir': downloads },
  });
  page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.evaluateOnNewDocument(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`policy: ${violatedDirective} ${blockedURI}`);
    });
  });
}

before(async () => {
  site = await web.serveSite();
  for (const path of [profile, downloads]) mkdirSync(path);
  await launch();
});
after(async () => {
  await browser.close();
  await site[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** When all that the page asked for has come: Firefox complains of a cover that its service worker was still getting. */
async function reload(): Promise<void> {
  await page.waitForNetworkIdle({ idleTime: 200 });
  await page.reload();
}

/** The first element by `selector` whose name or text is `name`. */
async function named(selector: string, name: string): Promise<ElementHandle<HTMLElement>> {
  const handle = await page.waitForFunction(
    (among, wanted) =>
      [...document.querySelectorAll<HTMLElement>(among)].find(
        (one) => (one.ariaLabel ?? one.innerText).trim() === wanted,
      ),
    {},
    selector,
    name,
  );
  return handle.asElement() as ElementHandle<HTMLElement>;
}

async function click(selector: string, name: string): Promise<void> {
  const element = await named(selector, name);
  await element.click();
}

async function saying(text: RegExp): Promise<string> {
  const handle = await page.waitForFunction(
    (source) => new RegExp(source).exec(document.body.innerText)?.[0],
    {},
    text.source,
  );
  return String(await handle.jsonValue());
}

async function opened(): Promise<void> {
  await page.waitForSelector('main');
  await page.evaluate(showParts);
  await page.waitForFunction(() => parts.music.state().ready);
}

function textsOf(selector: string): Promise<readonly string[]> {
  return page.evaluate(
    (wanted) => [...document.querySelectorAll<HTMLElement>(wanted)].map((one) => one.innerText),
    selector,
  );
}

async function give(selector: string, path: string): Promise<void> {
  const input = await page.waitForSelector(selector);
  assert(input);
  await (input as ElementHandle<HTMLInputElement>).uploadFile(path);
}

/** On a machine without a sound device Firefox plays what is muted, and nothing else; the page says so. */
async function playing(): Promise<void> {
  await page.waitForSelector('.now-playing');
  await page.waitForFunction(() => {
    const { problem } = parts.music.player.state();
    return problem !== null || parts.music.player.position() > 0;
  });
  const problem = await page.evaluate(() => parts.music.player.state().problem?.reason ?? null);
  if (problem === null) return;
  assert.equal(problem, 'no_sound');
  await saying(/The browser found nothing to sound on/);
  await click('button', 'Mute');
  await click('button', 'Play');
}

/** Titles that the search finds in the library. */
async function found(query: string): Promise<readonly string[]> {
  await page.evaluate(() => (location.hash = '#/search'));
  const input = await page.waitForSelector('input[type=search]');
  assert(input);
  await input.click({ count: 3 });
  await input.type(query);
  const handle = await page.waitForFunction(
    () => {
      const rows = [...document.querySelectorAll<HTMLElement>('main bdi')];
      return rows.length > 0 && rows.map((row) => row.innerText);
    },
    { polling: 200 },
  );
  return handle.jsonValue() as Promise<string[]>;
}

test('the first visit: the demo album plays, and is listened to', async () => {
  await page.goto(`${site.origin}/`);
  await opened();
  await click('button', 'The demo album');
  await click('button', 'Play all');
  await playing();
  await page.waitForFunction(() => parts.music.player.position() > 1500);
  await click('button', 'Next');
  await page.waitForFunction(() => (parts.session.state().profile?.events ?? 0) > 0);
});

test('an export is read, and twenty artists are recommended, each with a reason from it', async () => {
  const path = join(folder.path, file.name);
  writeFileSync(path, file.body);
  await give('.choose input[type=file]', path);
  await saying(new RegExp(`${LISTENS} listens added`));
  await page.waitForFunction(() => document.querySelectorAll('.row').length === 20);
  const reasons = await textsOf('.row .reason');
  assert.equal(reasons.length, 20);
  for (const reason of reasons) assert.match(reason, /^Because you played .+\.$/);
});

test('the library is searched in English and in Chinese', async () => {
  for (const query of ['sad piano at night', '悲伤的钢琴曲']) {
    const titles = await found(query);
    console.log(`${query}: ${titles.slice(0, 4).join(', ')}`);
    assert(titles.length > 0);
  }
});

/** Of the list on the page. */
const listed = (): Promise<readonly string[]> => textsOf('[data-list=playlist] li');

test('a playlist is saved as JSPF, and comes back from the file', async () => {
  await page.evaluate(() => (location.hash = '#/playlists'));
  await click('button', 'My music');
  await click('button', 'Make a list');
  await click('button', 'Save as JSPF');
  const saved = async (): Promise<string> => {
    for (;;) {
      const [name] = readdirSync(downloads).filter((one) => one.endsWith('.jspf'));
      if (name !== undefined && statSync(join(downloads, name)).size > 0) return name;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const before = await listed();
  assert(before.length > 5);
  const path = join(downloads, await saved());
  await reload();
  await opened();
  assert.deepEqual(await listed(), []);
  await give('input[accept=".jspf,.json"]', path);
  await saying(new RegExp(`${before.length} of ${before.length} tracks are in your library`));
  assert.deepEqual(await listed(), before);
});

test('a reload and a restart keep history, list and library; the profile folder holds none of it in plain', async () => {
  await page.evaluate(() => (location.hash = '#/'));
  await page.waitForFunction(() => document.querySelectorAll('.row').length === 20);
  const state = (): Promise<string> =>
    page.evaluate(() => {
      const { session, music } = parts;
      const { list, profile } = session.state();
      const artists = list?.items.map(({ artist }) => artist.name);
      return JSON.stringify([profile?.events, music.state().counts, artists]);
    });
  const again = async (): Promise<string> => {
    await opened();
    await page.waitForFunction(() => document.querySelectorAll('.row').length === 20);
    await page.waitForFunction(() => parts.music.state().counts.tracks === 40);
    return state();
  };
  const before = await state();
  await reload();
  assert.equal(await again(), before);
  await browser.close();
  assert.equal(told(tracesIn(profile, words)), '');
  await launch();
  await page.goto(`${site.origin}/`);
  assert.equal(await again(), before);
});

test('without its server the page opens, plays, recommends and finds', async () => {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  await site[Symbol.asyncDispose]();
  await assert.rejects(fetch(site.origin), 'the server is gone');
  await reload();
  await opened();
  await page.waitForFunction(() => document.querySelectorAll('.row').length === 20);
  assert((await found('悲伤的钢琴曲')).length > 0);
  await page.evaluate(() => (location.hash = '#/'));
  await click('button', 'Play all');
  await playing();
  await page.waitForFunction(() => parts.music.player.position() > 500);
});

test('nothing was complained about on the way', () => {
  assert.deepEqual(complaints, []);
});

test('erased, no title and no artist is left in the profile folder', async () => {
  // What is typed is a word of the listener's too.
  await found('night');
  const input = await page.waitForSelector('input[type=search]');
  await input?.type(` ${words[0] ?? ''}`);
  await page.evaluate(() => (location.hash = '#/privacy'));
  await click('button', 'Erase everything');
  await click('button', 'Erase now');
  await saying(/Nothing about you is stored here any more/);
  await reload();
  await opened();
  assert.equal(await page.evaluate(() => parts.session.state().profile?.events), 0);
  await browser.close();
  assert.equal(told(tracesIn(profile, words)), '');
  // The album's own list of its titles is one of the page's files, the same for everybody.
  const itsOwn = (path: string): boolean => /(^|\/)cache2?\//.test(path);
  assert.equal(told(tracesIn(profile, DEMO_TITLES, itsOwn)), '');
});
