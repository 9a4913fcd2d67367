/** Folders as people have them: broken files, odd names, huge files, a folder that goes away. Each is named, and nothing that was read is lost. */
import assert from 'node:assert/strict';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { ftruncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { inside } from './inside.ts';
import { flac, letPick, mp3, opus, writeCollection, type Tags } from './music-folder.ts';
import * as web from './site.ts';

const tags = (title: string): Tags => ({
  ...{ title, artist: 'Portishead', album: 'Dummy', genre: 'trip-hop', number: 1 },
});

/** ID3v1 as it was written everywhere: thirty bytes of whatever letters the system had. */
function id3v1(title: Buffer, artist: Buffer): Buffer {
  const sound = mp3(tags('')).subarray(-417 * 4);
  const tag = Buffer.alloc(128);
  tag.write('TAG');
  title.copy(tag, 3, 0, 30);
  artist.copy(tag, 33, 0, 30);
  return Buffer.concat([sound, tag]);
}

/** A file of `bytes`, of which only the head takes room on the disk. */
function sparse(path: string, head: Buffer, bytes: number): void {
  const file = openSync(path, 'w');
  writeSync(file, head);
  ftruncateSync(file, bytes);
  closeSync(file);
}

/** Bytes that the processes which this one started have read, of files and of each other. */
function bytesRead(): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has ended.
    }
  }
  const isOwn = (pid: number): boolean =>
    pid === process.pid || (pid > 1 && isOwn(parents.get(pid) ?? 0));
  let bytes = 0;
  for (const pid of parents.keys()) {
    if (pid === process.pid || !isOwn(pid)) continue;
    try {
      const io = readFileSync(`/proc/${pid}/io`, 'utf8');
      bytes += Number(/rchar: (\d+)/.exec(io)?.[1] ?? 0);
    } catch {
      // It has ended.
    }
  }
  return bytes;
}

const source = (page: Page) => page.locator('.source').first();

async function scanned(page: Page): Promise<void> {
  await page.waitForTimeout(300);
  await page.locator('.working').first().waitFor({ state: 'detached', timeout: 120_000 });
}

/** "path: reason" of each file that the Library page names. */
async function problemsOf(page: Page): Promise<readonly string[]> {
  const problems = source(page).locator('details');
  if ((await problems.count()) === 0) return [];
  await problems.locator('summary').click();
  await problems.locator('li').first().waitFor();
  return problems.locator('li').allInnerTexts();
}

/** Vectors that lie in the database, by its size: each part is sealed (16 bytes more), and a vector takes as many bytes as it has numbers, and 12. */
function keptRows(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const wait = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
      });
    const db = await wait(indexedDB.open('ossicle-vectors'));
    const parts = (await wait(db.transaction('parts').objectStore('parts').getAll())) as {
      readonly sealed: ArrayBuffer;
    }[];
    db.close();
    const head = 24 + 16 + 64;
    return parts.reduce(
      (rows, { sealed }) => rows + Math.round((sealed.byteLength - 16 - head) / (12 + 256)),
      0,
    );
  });
}

describe('folders', () => {
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

  /** The Library page after `path` was chosen in the browser's dialog for folders. */
  async function choose(watched: web.Watched, path: string): Promise<Page> {
    const page = await web.openPage(watched, site);
    await web.visit(page, 'Library');
    const cdp = await watched.context.newCDPSession(page);
    await letPick(page, cdp, path);
    await page.getByRole('button', { name: 'Add a folder' }).click();
    return page;
  }

  async function giveFiles(page: Page, path: string): Promise<void> {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Add a folder' }).click();
    await (await chooser).setFiles(path);
  }

  /** The same in a browser that has no handles of folders. */
  async function chooseFiles(watched: web.Watched, path: string): Promise<Page> {
    await watched.context.addInitScript(() => {
      Reflect.deleteProperty(globalThis, 'showDirectoryPicker');
    });
    const page = await web.openPage(watched, site);
    await web.visit(page, 'Library');
    await giveFiles(page, path);
    return page;
  }

  test('broken, empty, nameless and misnamed files are told by name, and the rest is there', async () => {
    using folder = web.temporaryFolder();
    const put = (name: string, content: Buffer | string): void =>
      writeFileSync(join(folder.path, name), content);
    put('1 Roads.mp3', mp3(tags('Roads')));
    put('2 Numb.flac', flac(tags('Numb')));
    put('3 Biscuit.opus', opus(tags('Biscuit')));
    put('noise.flac', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) & 255)));
    put('cut.opus', opus(tags('Cut')).subarray(0, 40));
    put('letter.mp3', 'Dear diary, '.repeat(200));
    put('empty.mp3', '');
    put('really an mp3.flac', mp3(tags('Misnamed')));
    put('04 - Nobody - Nameless.mp3', mp3(tags('')).subarray(-417 * 4));
    const watched = await web.watch(browser);
    const page = await choose(watched, folder.path);
    await scanned(page);
    const problems = (await problemsOf(page)).map((line) => line.split(':')[0]).sort();
    console.log(problems.join(' | '));
    assert.deepEqual(problems, [
      '04 - Nobody - Nameless.mp3',
      'cut.opus',
      'empty.mp3',
      'letter.mp3',
      'noise.flac',
    ]);
    const titles = await page.locator('.row-play').allInnerTexts();
    assert.deepEqual(titles.toSorted(), ['Biscuit', 'Misnamed', 'Nameless', 'Numb', 'Roads']);
    assert.deepEqual(watched.complaints, []);
    await watched.context.close();
  });

  test('names and letters of every kind come through', async () => {
    using folder = web.temporaryFolder();
    const long = `${'long '.repeat(49)}.mp3`;
    const names = [
      'bell\u0007 and line\nbreak.mp3',
      '\u202egnihtyreve.mp3',
      'نغمات بعيدة.mp3',
      '夜行性の猫たち.mp3',
      '🎻🎻🎻.mp3',
      "O'Brien & <b>Sons<br>.mp3",
      '100% #1?.mp3',
      long,
    ];
    for (const [i, name] of names.entries()) {
      writeFileSync(join(folder.path, name), mp3(tags(`Piece ${i}`)));
    }
    const letters: readonly (readonly [string, string | RegExp])[] = [
      ['c3d6726b', 'ÃÖrk'],
      ['426af6726b', 'Björk'],
      ['426ac3b6726b', 'Björk'],
      ['cbe5f2ee', /^\S{4}$/],
      ['83898352', /\S/],
    ];
    for (const [i, [hex]] of letters.entries()) {
      const words = Buffer.from(hex, 'hex');
      writeFileSync(join(folder.path, `letters ${i}.mp3`), id3v1(words, words));
    }
    const watched = await web.watch(browser, { viewport: { width: 1280, height: 1400 } });
    // Through a handle Chromium would not list all of them.
    const page = await chooseFiles(watched, folder.path);
    await scanned(page);
    const total = names.length + letters.length;
    await page.getByText(`${total} tracks on`).waitFor();
    assert.deepEqual(await problemsOf(page), []);
    for (const [, expected] of letters) {
      const found = page.locator('.row-play').filter({ hasText: expected });
      assert((await found.count()) > 0, String(expected));
    }
    const wide = await page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    assert(!wide, 'nothing makes the page wider than the window');
    assert.deepEqual(watched.complaints, []);
    await watched.context.close();
  });

  test('of a folder of 10 GB only the heads of the files are read', async () => {
    using folder = web.temporaryFolder();
    const gigabyte = 1024 ** 3;
    for (let i = 0; i < 4; ++i) {
      sparse(join(folder.path, `mix ${i}.mp3`), mp3(tags(`Mix ${i}`)), gigabyte);
      sparse(join(folder.path, `set ${i}.flac`), flac(tags(`Set ${i}`)), gigabyte);
    }
    sparse(join(folder.path, 'night.opus'), opus(tags('Night')), gigabyte);
    sparse(join(folder.path, 'zeros.mp3'), Buffer.alloc(0), gigabyte);
    const watched = await web.watch(browser);
    const page = await web.openPage(watched, site);
    await web.visit(page, 'Library');
    await letPick(page, await watched.context.newCDPSession(page), folder.path);
    const before = bytesRead();
    await page.getByRole('button', { name: 'Add a folder' }).click();
    await scanned(page);
    const read = bytesRead() - before;
    console.log(`10 GB in 10 files: ${(read / 1e6).toFixed(0)} MB read by all of the browser`);
    await page.locator('.row-play', { hasText: 'Night' }).waitFor();
    assert(read < 200e6, `${read} bytes were read`);
    console.log((await problemsOf(page)).join(' | '));
    assert.equal(await page.locator('.row-play').count(), 9);
    assert.deepEqual(watched.complaints, []);
    await watched.context.close();
  });

  test('a scan that is stopped goes on, and a folder that is gone takes nothing with it', async () => {
    using folder = web.temporaryFolder();
    const music = join(folder.path, 'Music');
    mkdirSync(music);
    writeCollection(music, 1500);
    const watched = await web.watch(browser);
    const page = await choose(watched, music);
    await page.locator('.working', { hasText: /Reading .*: [1-9]\d\d of/ }).waitFor();
    await page.locator('.working').getByRole('button', { name: 'Stop', exact: true }).click();
    await scanned(page);
    const kept = Number(
      /([\d,]+) tracks?$/.exec(await source(page).innerText())?.[1]?.replace(',', ''),
    );
    assert(kept > 0 && kept < 1500, `${kept} tracks were kept`);
    const rescan = source(page).getByRole('button', { name: /^Look for changes/ });
    await rescan.click();
    await page.getByText('1,500 tracks on').waitFor({ timeout: 60_000 });
    await scanned(page);

    renameSync(music, join(folder.path, 'Elsewhere'));
    await rescan.click();
    await page.getByRole('alert').getByText('The folder is not where it was').waitFor();
    await page.getByText('1,500 tracks on').waitFor();
    renameSync(join(folder.path, 'Elsewhere'), music);
    rmSync(join(music, readdirSync(music)[0] ?? ''), { recursive: true });
    await rescan.click();
    await page.getByText(/1,4\d\d tracks on/).waitFor();
    assert.deepEqual(watched.complaints, []);
    await watched.context.close();
  });

  test('a browser without folder handles chooses files, and again after a reload', async () => {
    using folder = web.temporaryFolder();
    const music = join(folder.path, 'Music');
    mkdirSync(music);
    writeCollection(music, 60);
    const watched = await web.watch(browser);
    const page = await chooseFiles(watched, music);
    await page.getByText('60 tracks on').waitFor();
    await scanned(page);
    await page.reload();
    await page.getByText('60 tracks on').waitFor();
    await source(page).getByText('Choose the folder again').waitFor();
    assert(await page.locator('.row-play').first().isDisabled());
    await giveFiles(page, music);
    await page.locator('.row-play:enabled').first().waitFor();
    await page.getByText('60 tracks on').waitFor();
    assert.deepEqual(watched.complaints, []);
    await watched.context.close();
  });

  test('encoding that was stopped or killed goes on by itself, and makes no vector twice', async () => {
    using folder = web.temporaryFolder();
    writeCollection(folder.path, 3000);
    const watched = await web.watch(browser);
    const page = await choose(watched, folder.path);
    const learning = page.locator('.working', { hasText: 'Learning' });
    await learning.getByText('left').waitFor();
    await learning.getByRole('button', { name: 'Stop learning' }).click();
    await page.getByText('Not all of your tracks are known yet.').waitFor();
    await page.getByText('3,000 tracks on').waitFor({ timeout: 60_000 });
    await page.locator('.working', { hasText: 'Reading' }).waitFor({ state: 'detached' });
    assert.equal(await learning.count(), 0, 'it stays stopped');
    const kept = await keptRows(page);
    await page.reload();
    await learning.waitFor();
    // Until some more were kept.
    while ((await keptRows(page)) <= kept + 200) await page.waitForTimeout(200);
    const cdp = await watched.context.newCDPSession(page);
    cdp.send('Page.crash').catch(() => undefined);
    await page.waitForEvent('crash');
    await page.close();
    const again = await watched.context.newPage();
    await again.goto(`${site.origin}/#/library`);
    await again.locator('.working', { hasText: 'Learning' }).waitFor();
    await scanned(again);
    const made = await (
      await inside(again)
    ).evaluate(({ session }) => ({
      tracks: session.own?.library.size,
      vectors: session.own?.library.vectorCount,
    }));
    assert.equal(made.tracks, 3000);
    assert.equal(await keptRows(again), made.vectors, 'each vector was kept once');
    assert.deepEqual(watched.complaints, []);
    await watched.context.close();
  });

  test('a new session must be allowed to read a folder again, and then plays from it', async () => {
    using folder = web.temporaryFolder();
    const [music, profile] = [join(folder.path, 'Music'), join(folder.path, 'profile')];
    writeCollection(music, 20);
    const open = async (context: BrowserContext): Promise<Page> => {
      context.setDefaultTimeout(30_000);
      const page = await context.newPage();
      await page.goto(`${site.origin}/#/library`);
      await page.getByRole('button', { name: 'Add a folder' }).waitFor();
      return page;
    };
    const first = await web.launchProfile(profile);
    const page = await open(first);
    await letPick(page, await first.newCDPSession(page), music);
    await page.getByRole('button', { name: 'Add a folder' }).click();
    await page.getByText('20 tracks on').waitFor();
    await scanned(page);
    await first.close();

    const second = await web.launchProfile(profile);
    const again = await open(second);
    await again.getByText('20 tracks on').waitFor();
    const allow = source(again).getByRole('button', { name: 'Allow again' });
    await allow.waitFor();
    assert(await again.locator('.row-play').first().isDisabled());
    // Who lets the folder fall on the page has said yes.
    await letPick(again, await second.newCDPSession(again), music);
    await allow.click();
    await again.locator('.row-play:enabled').first().waitFor();
    await allow.waitFor({ state: 'detached' });
    await again.getByText('20 tracks on').waitFor();
    await second.close();
  });
});
