/**
 * What a browser keeps of a listener in its own files, in plain words: nothing, neither while the page is used nor after an erasing. Looked for in the
 * whole profile folder of a Chromium that was closed: databases, caches, the browser's own history, sessions and lists of what was typed.
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import * as real from './real-chromium.ts';
import * as web from './site.ts';
import { canaryExport, canaryMusic, told, tracesIn } from './traces.ts';

const folder = web.temporaryFolder();
const profile = join(folder.path, 'profile');
const music = join(folder.path, 'Music');
const { file, words } = canaryExport(300);
const canaries = [...words];
let site: web.Site;

before(async () => {
  site = await web.serveSite();
  canaries.push(...(await canaryMusic(music, 4)));
});
after(async () => {
  await site[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function opened(chromium: real.RealChromium): Promise<Page> {
  const page = await web.openPage(chromium.watched, site);
  await page.locator('.list, .first-run').first().waitFor();
  await real.findParts(page);
  return page;
}

/** The files of a folder are chosen once for each visit. */
async function playFolder(page: Page): Promise<void> {
  await web.visit(page, 'Library');
  await page.locator('input[webkitdirectory]').setInputFiles(music);
  await page.waitForFunction(() => parts.music.state().counts.tracks === 4);
  await page
    .getByText(canaries.at(-16) ?? '', { exact: true })
    .first()
    .waitFor();
  await page.evaluate(async () => {
    await parts.music.player.playTracks((await parts.music.library.tracks()).rows);
  });
  await page.locator('.now-playing').waitFor();
  await page.waitForFunction(() => parts.music.player.position() > 500);
  assert.equal(
    await page.evaluate(() => canary(navigator.mediaSession.metadata?.title ?? '')),
    true,
    'the keys of the keyboard know what plays',
  );
  assert.equal(await page.title(), 'Library · Ossicle');
}

declare global {
  /** In the page. */
  var canary: (word: string) => boolean;
}

test('in use, the profile folder holds no title, artist, album or file name in plain', async () => {
  await using chromium = await real.startChromium(profile);
  await chromium.watched.context.addInitScript((all: readonly string[]) => {
    globalThis.canary = (word) => all.includes(word);
  }, canaries);
  const page = await opened(chromium);
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  await web.chooseFile(page, file);
  await web.reportOf(page, file.name);
  await playFolder(page);
  await page.getByRole('button', { name: 'Show what plays in full' }).click();
  await page.keyboard.press('Escape');
  // What is typed is a word of the listener's too.
  await page.getByRole('searchbox').fill(words[0] ?? '');
  await web.visit(page, 'Search');
  await page.getByRole('searchbox').fill(words[1] ?? '');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(500);
  await web.visit(page, 'Privacy');
  await page.getByText('Everything in your history').click();
  await page.getByRole('searchbox').fill(words[2] ?? '');
  await page.locator('[data-list=history] li').first().waitFor();
  await web.visit(page, 'Taste');
  await web.visit(page, 'Home');
  assert.deepEqual(chromium.watched.complaints, []);
  await chromium.close();
  assert.equal(told(tracesIn(profile, canaries)), '');
});

test('erased while it plays, nothing is left, and nothing comes back', async () => {
  await using chromium = await real.startChromium(profile);
  await chromium.watched.context.addInitScript((all: readonly string[]) => {
    globalThis.canary = (word) => all.includes(word);
  }, canaries);
  const page = await opened(chromium);
  assert((await real.storedPlays(page)).length >= 300);
  await playFolder(page);
  await web.visit(page, 'Privacy');
  await page.getByRole('button', { name: 'Erase everything' }).click();
  await page.getByRole('button', { name: 'Erase now' }).click();
  await page.getByText('Nothing about you is stored here any more').waitFor();
  assert.equal(await page.locator('.now-playing').count(), 0);
  await page.reload();
  await web.visit(page, 'Home');
  await page.locator('.first-run').waitFor();
  await real.findParts(page);
  assert.deepEqual(await real.storedPlays(page), [], 'the play that was cut short');
  assert.deepEqual(chromium.watched.complaints, []);
  await chromium.close();
  assert.equal(told(tracesIn(profile, canaries)), '');
});

test('a page that kept its words in plain would be found out', async () => {
  rmSync(profile, { recursive: true });
  await using chromium = await real.startChromium(profile);
  const page = await chromium.watched.context.newPage();
  await page.goto(`${site.origin}/LICENSE`);
  await page.evaluate(async ([inDatabase, inSettings, inTitle]) => {
    document.title = inTitle ?? '';
    localStorage.setItem('last', inSettings ?? '');
    await new Promise((resolve) => {
      const request = indexedDB.open('plain', 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore('plays').put({ title: inDatabase }, 1);
      };
      request.onsuccess = resolve;
    });
  }, canaries);
  await page.waitForTimeout(500);
  await chromium.close();
  const found = new Set(tracesIn(profile, canaries).map(({ word }) => word));
  assert.deepEqual([...found].sort(), canaries.slice(0, 3).sort());
});
