/** The extension's way in a stock Firefox ESR: a site is turned on by hand, what plays there is kept while the event page ends in between, and it is turned off. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as rest } from 'node:timers/promises';
import type { Page } from 'puppeteer-core';
import { catalogueNames } from './exports.ts';
import { FirefoxWithExtension } from './extension-firefox-kit.ts';
import { temporaryFolder, until } from './extension-kit.ts';
import { serveMusic, type MusicSite, type Track } from './extension-sites.ts';

const folder = temporaryFolder();
const names = catalogueNames();
const song = (n: number, seconds: number): Track => ({
  ...{ artist: names[7 * n] ?? '', title: `Fox song ${n}`, album: 'Album', seconds },
});
const whole = song(1, 40);
const skipped = song(2, 60);
const left = song(3, 90);
const unseen = song(4, 40);
/** Seconds, as the page has counted them. */
const heard = { whole: NaN, skipped: NaN };

let site: MusicSite;
let firefox: FirefoxWithExtension;
/** Of the site. */
let page: Page;

before(async () => {
  site = await serveMusic('localhost');
  firefox = await FirefoxWithExtension.start();
  page = await firefox.newPage();
});
after(async () => {
  await firefox[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Begins it, and gives what was heard of the one before. */
const play = (track: Track, rate: number): Promise<number> =>
  page.evaluate((next, times) => stage.play(next, times), track, rate);
const hear = (second: number): Promise<void> => page.evaluate((to) => stage.until(to), second);
const pause = (): Promise<void> => page.evaluate(() => stage.pause());

async function checkHistory(): Promise<void> {
  const entries = await firefox.history();
  const told = entries.map(({ kind, track: { artist, title = '' } }) => [kind, artist, title]);
  assert.deepEqual(told, [
    ['play', whole.artist, whole.title],
    ['skip', skipped.artist, skipped.title],
    ['love', left.artist, ''],
  ]);
  for (const [i, seconds] of [heard.whole, heard.skipped].entries()) {
    const kept = (entries[i]?.playedMs ?? NaN) / 1000;
    console.log(`${told[i]?.join(', ')}: heard ${seconds.toFixed(2)} s, kept ${kept.toFixed(2)} s`);
    assert(Math.abs(kept - seconds) <= 1);
  }
}

test('it is installed as a temporary add-on, and may read no site', async () => {
  await firefox.install(folder.path);
  assert.deepEqual(await firefox.readable(), []);
});

test('the switch in its popup makes the browser ask, and only the answer turns the site on', async () => {
  await page.goto(`${site.origin}/element`);
  await firefox.openPopup();
  assert(!(await firefox.isSwitchOn()));
  // Firefox fits it to what is in it, up to twice as wide.
  await until('the popup has its width', async () => {
    const width = await firefox.popupWidth();
    return width >= 360 && width <= 400;
  });
  await firefox.clickSwitch();
  await until('the browser asks', () => firefox.isAsking());
  assert.deepEqual(await firefox.readable(), []);
  await firefox.allow();
  await until('the switch is on', () => firefox.isSwitchOn());
  assert.deepEqual(await firefox.readable(), [`${site.site}/*`]);
  await firefox.closePopup();
});

test('the page that was open before is heard, while the event page ends and begins again', async () => {
  await play(whole, 4);
  await hear(13);
  await pause();
  await firefox.backgroundIs('stopped');
  await page.evaluate(() => stage.resume());
  await firefox.backgroundIs('running');
  await hear(26);
  heard.whole = await play(skipped, 1);
  await hear(3);
  heard.skipped = await play(left, 1);
  await hear(2);
  await pause();
  await firefox.backgroundIs('running');
  await firefox.backgroundIs('stopped');
});

test('its popup shows what plays, and artists with reasons from what was played', async () => {
  await firefox.openPopup();
  const first = await firefox.placeOfSwitch();
  await until('it is learnt from', () =>
    firefox.inPopup(
      (document) =>
        document.querySelector('.row .reason') !== null &&
        document.querySelector('.known .reason') !== null,
    ),
  );
  // Nothing that comes later moves what a hand reaches for.
  assert.deepEqual(await firefox.placeOfSwitch(), first);
  const shown = await firefox.inPopup((document) => {
    const texts = (selector: string): string[] =>
      [...document.querySelectorAll<HTMLElement>(selector)].map((one) => one.innerText);
    return { now: texts('.now-title, .now-artist'), reasons: texts('.row .reason') };
  });
  assert.deepEqual(shown.now, [left.title, left.artist]);
  assert.equal(shown.reasons.length, 6);
  for (const reason of shown.reasons) {
    assert(reason.startsWith(`Because you played ${whole.artist} `), reason);
  }
  console.log(shown.reasons[0]);
});

test('an artist is loved from the popup though the event page has ended, and the panel opens at the side', async () => {
  await firefox.backgroundIs('stopped');
  const love = '.now [data-action=love]';
  await firefox.clickInPopup(love);
  await until('the artist is loved', () =>
    firefox.inPopup(
      (document, loved) => document.querySelector(loved) !== null,
      `${love}[aria-pressed=true]`,
    ),
  );
  await firefox.clickInPopup('a[href="panel.html"]');
  await until('the panel is open', async () => (await firefox.sidePage()) === '/panel.html');
  await firefox.closePopup();
});

test('the play and the skip are kept once each, with what was heard of them', checkHistory);

test('turned off by its switch, the site is heard no more: not the page that is open, and no later one', async () => {
  await firefox.openPopup();
  await firefox.clickSwitch();
  await until('the switch is off', async () => !(await firefox.isSwitchOn()));
  await firefox.closePopup();
  assert.deepEqual(await firefox.readable(), []);
  for (const isLater of [false, true]) {
    if (isLater) await page.goto(`${site.origin}/element`);
    await play(unseen, 8);
    await hear(30);
    await play(unseen, 8);
    await hear(2);
    // Whoever goes tells all at once.
    await page.goto(`${site.origin}/stream`);
    await rest(1000);
  }
  await checkHistory();
  const tab = await firefox.openTab('third-party-notices.txt');
  const now = await tab.evaluate(async () =>
    JSON.stringify(await chrome.storage.session.get('now')),
  );
  const waiting = await tab.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('ossicle-inbox');
        opening.onerror = () => reject(new Error('there is no inbox'));
        opening.onsuccess = () => {
          const db = opening.result;
          const counting = db.transaction('plays').objectStore('plays').count();
          counting.onsuccess = () => resolve(counting.result);
          db.close();
        };
      }),
  );
  await tab.close();
  assert.equal(waiting, 0);
  assert(!now.includes(unseen.title), now);
});

test('nothing was complained about', async () => {
  assert.deepEqual(await firefox.complaints(), []);
  // It would have been seen.
  const canary = 'a canary of ossicle';
  const tab = await firefox.openTab('third-party-notices.txt');
  await tab.evaluate((text) => reportError(new Error(text)), canary);
  await until('the canary is seen', async () => {
    return (await firefox.complaints()).some((complaint) => complaint.includes(canary));
  });
});
