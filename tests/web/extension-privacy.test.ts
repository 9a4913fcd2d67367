/** What the extension does not read, does not keep and does not send: a site that is off, a private session, a site that was turned off, and the network. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as rest } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { recordEgress, wordsIn, type Egress, type Sent } from './egress.ts';
import * as kit from './extension-kit.ts';
import { serveMusic, type MusicSite, type Track } from './extension-sites.ts';
import { pageRequestsInNetLog } from './site.ts';
import { told, tracesIn } from './traces.ts';

/** Words that nobody else writes. */
const OFF = { artist: 'Zqvxaujmeplo', title: 'Zkwobtyrdnas' };
const PRIVATE = { artist: 'Zhcgulwaxpie', title: 'Zmrtyodkqvse' };
const KEPT = { artist: 'Zbnyfrakouwd', title: 'Zspidqjlgeth' };
const AFTER = { artist: 'Zvooxtkumard', title: 'Zjwpelycghnb' };
const wordsOf = ({ artist, title }: typeof OFF): readonly string[] => [artist, title];
const track = (words: typeof OFF): Track => ({ ...words, album: words.title, seconds: 40 });

/** Everything that the extension stores, as text; what is sealed is not in it in plain, and so is counted. */
function stored(witness: Page): Promise<string> {
  return witness.evaluate(async () => {
    const wait = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
      });
    const all: unknown[] = [
      await chrome.storage.local.get(null),
      await chrome.storage.session.get(null),
      Object.entries(localStorage),
      Object.entries(sessionStorage),
      (await caches.keys()).length,
    ];
    for (const { name } of await indexedDB.databases()) {
      const db = await wait(indexedDB.open(name ?? ''));
      for (const store of db.objectStoreNames) {
        if (store === 'facts') continue;
        all.push(name, store, await wait(db.transaction(store).objectStore(store).count()));
      }
      db.close();
    }
    return JSON.stringify(all);
  });
}

describe('privacy', () => {
  const folder = kit.temporaryFolder();
  const netLog = join(folder.path, 'net-log.json');
  let egress: Egress;
  let on: MusicSite;
  let off: MusicSite;
  let extension: kit.Extension;

  before(async () => {
    egress = await recordEgress();
    on = await serveMusic('localhost');
    off = await serveMusic('127.0.0.1');
    const log = [`--log-net-log=${netLog}`, '--net-log-capture-mode=Default'];
    const flags = [...egress.flags, ...log];
    extension = await kit.startExtension(folder.path, { sites: [on.site], flags });
  });
  after(async () => {
    await extension.kill();
    for (const each of [on, off, egress]) await each[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** Half of a track, and on. */
  async function play({ origin }: MusicSite, words: typeof OFF): Promise<void> {
    const page = await extension.context.newPage();
    await page.goto(`${origin}/element`);
    await page.evaluate((next) => stage.play(next, 8), track(words));
    await page.evaluate(() => stage.until(30));
    await page.goto('about:blank');
    await rest(500);
    await page.close();
  }

  const titles = async (): Promise<readonly (string | undefined)[]> =>
    (await kit.historyOf(extension.witness)).map(({ track: { title } }) => title);

  test('at install it asks for no site, and for nothing that the browser would warn of', async () => {
    const { witness } = extension;
    assert.deepEqual(await kit.granted(witness), []);
    const { permissions = [] } = await witness.evaluate(() => chrome.permissions.getAll());
    const wanted = ['activeTab', 'offscreen', 'scripting', 'sidePanel', 'storage'];
    assert.deepEqual(permissions.toSorted(), wanted);
    const { warnings, scripts } = await witness.evaluate(async () => {
      const manifest = JSON.stringify(chrome.runtime.getManifest());
      return {
        warnings: await chrome.management.getPermissionWarningsByManifest(manifest),
        scripts: (await chrome.scripting.getRegisteredContentScripts()).length,
      };
    });
    assert.deepEqual(warnings, []);
    assert.equal(scripts, 0);
  });

  test('a site that is off leaves no trace, whichever others are on', async () => {
    await kit.turnOn(extension.witness, [on.site]);
    // Any tab that is closed has the extension look whether something played in it.
    await (await extension.context.newPage()).close();
    await rest(500);
    const before = await stored(extension.witness);
    await play(off, OFF);
    assert.equal(await stored(extension.witness), before);
    const page = await extension.context.newPage();
    await page.goto(`${off.origin}/loose`);
    const isAlone = await page.evaluate(() =>
      /native code/.test(String(HTMLMediaElement.prototype.play)),
    );
    assert(isAlone, 'nothing of the extension is in the page');
    await page.close();
  });

  test('in a private session nothing is kept, and after it again', async () => {
    const popup = await kit.openPopupOver(extension, `${on.origin}/element`);
    const its = popup.getByRole('switch', { name: 'Private session' });
    await its.click();
    await popup.waitForFunction(
      async () => (await chrome.storage.local.get('private'))['private'] === true,
    );
    assert.equal(await popup.evaluate(() => chrome.action.getBadgeText({})), 'II');
    await play(on, PRIVATE);
    assert.deepEqual(await titles(), []);
    await its.click();
    await popup.waitForFunction(
      async () => (await chrome.storage.local.get('private'))['private'] !== true,
    );
    await play(on, KEPT);
    assert.deepEqual(await titles(), [KEPT.title]);
    await popup.close();
  });

  test('a site that is turned off is not listened to from that moment on, also in a page that is open', async () => {
    const page = await extension.context.newPage();
    await page.goto(`${on.origin}/element`);
    await page.evaluate((next) => stage.play(next, 8), track(AFTER));
    const list = await extension.open('privacy.html');
    await list.getByRole('button', { name: 'Turn localhost off' }).click();
    await list.getByText('localhost is off.').waitFor();
    assert.deepEqual(await kit.granted(list), []);
    await page.evaluate(() => stage.until(35));
    await page.goto('about:blank');
    await rest(500);
    assert(!(await titles()).includes(AFTER.title));
    await page.close();
    await list.close();
  });

  test('what is fetched and what is contributed are off for good, and the page says why', async () => {
    const page = await extension.open('privacy.html');
    for (const name of ['Fetch newer item vectors', 'Contribute statistics']) {
      const its = page.getByRole('switch', { name, exact: true });
      assert.equal(await its.getAttribute('aria-checked'), 'false');
      assert(await its.isDisabled());
    }
    await page.getByText(/^Nothing is contributed from here: .* this stays off\.$/).waitFor();
    await page.getByText('Nothing: no contribution, 0 bytes.').waitFor();
    await page.close();
  });

  test('the extension has asked nobody for anything', async () => {
    const { id, context } = extension;
    // Shows that the log tells of an extension: a link of its page, followed as by a person.
    const page = await extension.open('popup.html');
    const link = `${on.origin}/element?link`;
    const opened = context.waitForEvent('page');
    await page.evaluate((to) => void open(to), link);
    await (await opened).waitForLoadState();
    await extension.close();
    // What Chromium asks of its maker for itself is refused by the proxy; that the extension has no part in it, Chromium’s own log tells.
    const chromiums = egress.sent.filter(({ isRefused }) => isRefused);
    const sent = egress.sent.filter(({ isRefused }) => !isRefused);
    console.log(
      `the pages: ${sent.length} requests; Chromium for itself, refused: ${chromiums.length}`,
    );
    assert(sent.length > 5);
    const isOfPages = ({ line }: Sent): boolean =>
      [on, off].some(({ origin }) => line.startsWith(`GET ${origin}/`));
    assert.deepEqual(
      sent.filter((each) => !isOfPages(each)),
      [],
    );
    const makers = /^(CONNECT |(GET|POST) http:\/\/)[\w.-]+\.(google|googleapis)\.com[:/]/;
    assert.deepEqual(
      chromiums.filter(({ line }) => !makers.test(line)),
      [],
    );
    const words = [OFF, PRIVATE, KEPT, AFTER].flatMap(wordsOf);
    assert.deepEqual(
      egress.sent.flatMap(({ bytes }) => wordsIn(bytes, words)),
      [],
    );
    const asked = pageRequestsInNetLog(netLog, `chrome-extension://${id}`);
    assert.deepEqual(
      asked.filter((url) => !url.startsWith(`chrome-extension://${id}/`)),
      [link],
    );
  });

  test('nothing of it stands in the profile in plain', () => {
    // The browser's own record of what a site plays is not ours.
    const words = [OFF, PRIVATE, KEPT, AFTER].flatMap(wordsOf);
    assert.equal(told(tracesIn(extension.profile, words)), '');
    assert.deepEqual(extension.complaints, []);
  });
});
