/**
 * A store that is full, during an import, a listen and a scan: each says what happened, what is safe and what to do, in both languages, and nothing
 * that was acknowledged is lost. Chromium's Storage.overrideQuotaForOrigin changes what is reported and not what IndexedDB may write (seen in 156),
 * so it is started with a small pool, and a ballast of the test's own fills what is left of it.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { opusFile } from '../../web/player/test/support/files.ts';
import { listenBrainzLine, plays, type Play } from './exports.ts';
import * as real from './real-chromium.ts';
import * as web from './site.ts';

/** Three quarters of it are the origin's; the page's own files are 21 MB of that. */
const POOL = '--enable-features=StorageQuotaSettings:PoolSizeBytes/40000000';
const EXPORTED = 12_000;

const folder = web.temporaryFolder();
const acknowledged = new Set<string>();
let site: web.Site;
let chromium: real.RealChromium;
let page: Page;

const listens = plays(EXPORTED, 9).map((play, i): Play => ({ ...play, title: `Full, ${i}` }));
const file: web.TestFile = {
  name: 'full.jsonl',
  body: listens.map(listenBrainzLine).join('\n'),
};
const keys = listens.map(({ at, title }) => real.playKey(at, title));

/** Writes until the browser refuses; the ballast is of another database than the page's. */
function fill(): Promise<number> {
  return page.evaluate(async () => {
    const done = (request: IDBRequest | IDBTransaction): Promise<string> =>
      new Promise((resolve) => {
        request.addEventListener('success', () => resolve('done'));
        request.addEventListener('complete', () => resolve('done'));
        request.addEventListener('abort', () => resolve(request.error?.name ?? ''));
      });
    const opening = indexedDB.open('ballast', 1);
    opening.onupgradeneeded = () =>
      opening.result.createObjectStore('tons', { autoIncrement: true });
    await done(opening);
    const db = opening.result;
    let written = 0;
    for (let size = 1 << 20; size >= 64;) {
      const bytes = new Uint8Array(size);
      // What is all alike is stored in no room at all.
      for (let at = 0; at < size; at += 65536)
        crypto.getRandomValues(bytes.subarray(at, at + 65536));
      const tx = db.transaction('tons', 'readwrite');
      tx.objectStore('tons').put(bytes);
      const how = await done(tx);
      if (how === 'done') written += size;
      else if (how === 'QuotaExceededError') size /= 4;
      else throw new Error(how);
    }
    db.close();
    return written;
  });
}

function makeRoom(): Promise<void> {
  return page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.deleteDatabase('ballast');
        request.onsuccess = () => resolve();
        request.onerror = () => reject(request.error ?? new Error('ballast'));
      }),
  );
}

async function listenOnce(title: string): Promise<string | null> {
  const at = 1_600_000_000 + acknowledged.size;
  const code = await page.evaluate(
    async ({ second, name }) => {
      const { session } = parts;
      session.dismiss();
      const track = { artist: 'Radiohead', title: name };
      await session.listen({ track, startedAt: new Date(1000 * second) });
      return session.state().problem?.code ?? null;
    },
    { second: at, name: title },
  );
  if (code === null) acknowledged.add(real.playKey(at, title));
  return code;
}

async function nothingLost(): Promise<readonly string[]> {
  const stored = await real.storedPlays(page);
  const { lost, twice } = real.amiss(acknowledged, stored);
  console.log(
    `acknowledged ${acknowledged.size}, found ${acknowledged.size - lost.length}, lost ${lost.length}`,
  );
  assert.deepEqual(lost.slice(0, 5), []);
  assert.deepEqual(twice.slice(0, 5), []);
  assert.equal(await real.countedEvents(page), stored.length);
  return stored;
}

/** A folder with one tagged file, as the file chooser gives it. */
async function chooseFolder(): Promise<void> {
  const music = join(folder.path, 'Music');
  mkdirSync(music, { recursive: true });
  const one = opusFile('one.opus', { TITLE: 'One', ARTIST: 'Somebody' });
  writeFileSync(join(music, 'one.opus'), Buffer.from(await one.arrayBuffer()));
  await page.locator('input[webkitdirectory]').setInputFiles(music);
}

before(async () => {
  site = await web.serveSite();
  chromium = await real.startChromium(join(folder.path, 'profile'), [POOL]);
  page = await web.openPage(chromium.watched, site);
  await page.locator('.first-run').waitFor();
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  await real.findParts(page);
});
after(async () => {
  await chromium.kill();
  await site[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

test('an import that finds the store full in the middle says so, and what it read stays', async () => {
  assert.equal(await listenOnce('Before'), null);
  await web.dropFile(page, file);
  await page.waitForFunction(() => (parts.session.state().importing?.progress.listens ?? 0) > 500);
  console.log(`${await fill()} bytes of ballast`);
  const report = await web.reportOf(page, file.name);
  assert.match(report, /There is no room left on this device/);
  assert.match(report, /Everything stored before is still there/);
  assert.match(report, /Free some disk space/);
  const stored = new Set(await nothingLost());
  const read = keys.filter((key) => stored.has(key));
  assert(read.length > 500 && read.length < EXPORTED, `${read.length} were read`);
  for (const key of read) acknowledged.add(key);
});

const WORDS = {
  en: {
    settings: 'English',
    privacy: 'Privacy',
    full: /There is no room left on this device/,
    safe: /Everything stored before is still there.*Free some disk space/,
    scan: /There is no room left on this device.*Free some space and go on.*nothing was lost/,
  },
  zh: {
    settings: '中文',
    privacy: '隐私',
    full: /这台设备没有空间了/,
    safe: /之前保存的内容都还在.*请释放一些磁盘空间/,
    scan: /这台设备没有空间了。请释放一些再继续：没有丢失任何内容/,
  },
} as const;

for (const [language, words] of Object.entries(WORDS)) {
  test(`a listen, an import and a scan that find no room say so (${language})`, async () => {
    await page.evaluate(() => (location.hash = '#/privacy'));
    await page.getByRole('button', { name: words.settings }).click();
    await page.evaluate(() => (location.hash = '#/'));
    await page.locator(`html[lang^=${language}]`).waitFor();
    await fill();

    assert.equal(await listenOnce('While it is full'), 'quota_exceeded');
    const notice = await page.locator('.notices').innerText();
    assert.match(notice, words.full);
    assert.match(notice, words.safe);

    await web.dropFile(page, file);
    const report = await web.reportOf(page, file.name);
    assert.match(report, words.full);
    assert.match(report, words.safe);

    await page.evaluate(() => (location.hash = '#/library'));
    for (const scan of [() => page.evaluate(() => parts.music.addDemo()), chooseFolder]) {
      await scan();
      const alert = page.getByRole('alert');
      await alert.waitFor();
      assert.match(await alert.innerText(), words.scan);
      await page.evaluate(() => parts.music.dismiss());
    }
    await nothingLost();
  });
}

test('everything goes on when there is room again', async () => {
  await makeRoom();
  assert.equal(await listenOnce('Afterwards'), null);
  const before = new Set(await nothingLost());
  await page.evaluate(() => (location.hash = '#/'));
  await web.dropFile(page, file);
  await page.waitForFunction(() => parts.session.state().outcome?.kind === 'done');
  const added = await page.evaluate(() => {
    const { outcome } = parts.session.state();
    return outcome?.kind === 'done' ? outcome.report.added : -1;
  });
  assert.equal(added, keys.filter((key) => !before.has(key)).length);
  for (const key of keys) acknowledged.add(key);
  await page.evaluate(() => (location.hash = '#/library'));
  await page.evaluate(() => parts.music.addDemo());
  await chooseFolder();
  await page.waitForFunction(() => parts.music.state().counts.tracks === 41);
  await page.evaluate(() => (location.hash = '#/'));
  await page.reload();
  await page.locator('.row').nth(19).waitFor();
  await real.findParts(page);
  await nothingLost();
  assert.equal(await page.evaluate(async () => (await parts.music.library.counts()).tracks), 41);
});

test('a store that is full can be erased', async () => {
  await fill();
  assert.equal(await listenOnce('While it is full'), 'quota_exceeded');
  const problems = await page.evaluate(async () => {
    const { session, music } = parts;
    session.dismiss();
    await Promise.all([music.erase(), session.erase()]);
    return [session.state().problem, music.state().problem];
  });
  assert.deepEqual(problems, [null, null]);
  assert.deepEqual(await real.storedPlays(page), []);
  assert.equal(await page.evaluate(async () => (await parts.music.library.counts()).tracks), 0);
  await makeRoom();
  acknowledged.clear();
  assert.equal(await listenOnce('A new beginning'), null);
  await nothingLost();
  assert.deepEqual(chromium.watched.complaints, []);
});
