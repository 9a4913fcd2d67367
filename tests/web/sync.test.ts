/** Newer item vectors in the page, from a real server: nothing is asked before the listener wants it, only what changed is fetched, what is wrong is refused, and there is a way back. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startServer, type Server } from '../../web/server/src/server.ts';
import { bundleWith } from '../../web/server/test/bundles.ts';
import { BUNDLE } from '../../web/server/test/kit.ts';
import { recordEgress, type Egress } from './egress.ts';
import { listenBrainz, plays } from './exports.ts';
import { ARTIFACTS, flaws } from './look.ts';
import { privacySwitch } from './privacy-switch.ts';
import * as web from './site.ts';
import { newPublishing, type Publishing } from './snapshots.ts';

const DATABASE = 'ossicle-snapshots';
const imported: web.TestFile = { name: 'listens.jsonl', body: listenBrainz(plays(500, 1)) };

const { control: fetchSwitch, entry, press, says } = privacySwitch('Fetch newer item vectors');

/** Addresses in the caches of the service worker. */
function cached(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const opened = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
    const kept = await Promise.all(opened.map((cache) => cache.keys()));
    return kept.flat().map(({ url }) => url);
  });
}

describe('newer item vectors', () => {
  const folder = web.temporaryFolder();
  let publishing: Publishing;
  let server: Server;
  let egress: Egress;
  let browser: Browser;
  let watched: web.Watched;
  let page: Page;
  let list: readonly string[];

  /** What was asked for below /sync/ since the last time. */
  let seen = 0;
  const asked = (): readonly string[] => {
    const paths = egress.sent
      .map(({ line }) => /^GET http:\/\/localhost:\d+(\/sync\/.*)$/.exec(line)?.[1])
      .filter((path) => path !== undefined);
    const fresh = paths.slice(seen);
    seen = paths.length;
    return fresh;
  };
  const blobs = (): readonly string[] =>
    asked()
      .filter((path) => path.startsWith('/sync/blob/'))
      .map((path) => path.slice('/sync/blob/'.length))
      .toSorted();

  before(async () => {
    const data = join(folder.path, 'data');
    publishing = await newPublishing(data);
    await publishing.publish(BUNDLE);
    server = await startServer({ data, port: 0, page: web.PAGE });
    egress = await recordEgress();
    browser = await web.launch({ flags: egress.flags, sound: true });
    watched = await web.watch(browser);
    page = await web.openPage(watched, server);
  });
  after(async () => {
    await browser.close();
    await egress[Symbol.asyncDispose]();
    await server.close();
    folder[Symbol.dispose]();
  });

  test('are not asked for by a page that nobody told to', async () => {
    await web.dropFile(page, imported);
    await web.reportOf(page, imported.name);
    list = await web.names(page);
    await web.visit(page, 'Privacy');
    assert(await fetchSwitch(page).isDisabled());
    await says(page, /it is not asked before you say so/);
    await page.reload();
    await entry(page).waitFor();
    assert.deepEqual(asked(), []);
    assert(!(await web.databases(page)).includes(DATABASE));
  });

  test('can be switched on where the page’s server has them, and the first are verified', async () => {
    await press(page, 'Ask whether there are any');
    await says(page, 'There are: you can switch it on.');
    assert.deepEqual(asked(), ['/sync/policy.json']);
    assert(await fetchSwitch(page).evaluate((button) => button === document.activeElement));
    await page.keyboard.press('Space');
    await says(page, /^Verified, and nothing had to be fetched/);
    await says(page, /^In use: version 1, published on/);
    await says(page, /^Looked last on/);
    assert.equal(blobs().length, 1, 'the manifest alone');
    // The engine that has them is another one, over the same history.
    await web.visit(page, 'Home');
    assert.deepEqual(await web.names(page), list);
  });

  test('come in the blocks that changed, while music plays', async () => {
    await web.visit(page, 'Library');
    await page.getByRole('button', { name: 'Add the demo album' }).click();
    await web.visit(page, 'Home');
    await page.locator('.track-card').first().locator('button').first().click();
    await page.locator('.now-track').waitFor();
    const position = (): Promise<number> =>
      page
        .getByRole('slider', { name: 'Position' })
        .evaluate((slider: HTMLInputElement) => Number(slider.value));

    const changed = await publishing.publish(bundleWith(folder.path, (scale) => scale * 1.2));
    await web.visit(page, 'Privacy');
    asked();
    const before = await position();
    await press(page, 'Look now');
    await says(page, /^New vectors were fetched and verified: /);
    await says(page, /^In use: version 2, published on/);
    assert.deepEqual(blobs(), changed.toSorted());
    assert(changed.length < 5);
    console.log(await entry(page).getByRole('status').innerText());
    for (let tries = 0; (await position()) <= before; ++tries) {
      assert(tries < 100, 'the music stopped');
      await page.waitForTimeout(100);
    }
    // The listener's own tracks are known to the new engine, too.
    await web.visit(page, 'Home');
    await page.locator('.track-card').first().waitFor();
    await web.visit(page, 'Privacy');
    await press(page, 'Look now');
    await says(page, 'There is nothing newer.');
    assert.deepEqual(blobs(), []);
  });

  test('are refused when a block was altered, and those in use stay', async () => {
    const [, block = ''] = await publishing.publish(
      bundleWith(folder.path, (scale) => scale * 1.1),
    );
    const path = publishing.blob(block);
    const right = readFileSync(path);
    const wrong = Buffer.from(right);
    wrong[7] = (wrong[7] ?? 0) ^ 1;
    writeFileSync(path, wrong);
    await press(page, 'Look now');
    await says(page, /not what was signed: it was altered .* They were refused/);
    await says(page, /^In use: version 2,/);
    await page.reload();
    await says(page, /^In use: version 2,/);
    writeFileSync(path, right);
    await press(page, 'Look now');
    await says(page, /^In use: version 3,/);
  });

  test('can be left for those before, which stay when nothing is asked any more', async () => {
    await press(page, 'Go back to the vectors before');
    await says(page, /^In use: version 2,/);
    await press(page, 'Look now');
    await says(page, 'There is nothing newer.');
    await says(page, /^In use: version 2,/);
    await fetchSwitch(page).click();
    await says(page, /^Nothing is asked now\./);
    asked();
    await page.reload();
    await says(page, /^In use: version 2,/);
    assert.equal(await fetchSwitch(page).getAttribute('aria-checked'), 'false');
    assert.deepEqual(asked(), []);
    await press(page, 'Go back to the vectors before');
    await says(page, 'In use: the vectors that came with this page.');
    await fetchSwitch(page).click();
    await says(page, 'There is nothing newer.');
  });

  test('look well', async () => {
    await publishing.publish(bundleWith(folder.path, (scale) => scale * 1.3));
    await press(page, 'Look now');
    await says(page, /^In use: version 4,/);
    for (const width of [1280, 360]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        await entry(page).scrollIntoViewIfNeeded();
        const path = `${ARTIFACTS}newer-vectors-${width}-${colorScheme}.png`;
        await page.screenshot({ path });
        assert.deepEqual(await flaws(page), []);
      }
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  test('leave no request that the page does not list', async () => {
    await page.reload();
    await entry(page).waitFor();
    asked();
    await press(page, 'Look now');
    await says(page, 'There is nothing newer.');
    const sent = asked();
    await page.getByText('Every request of this page, and why').last().click();
    const proof = page.locator('#proof');
    const kind = proof.getByRole('button', {
      name: `The server’s log, and newer item vectors ${sent.length}`,
      exact: true,
    });
    await kind.click();
    const shown = await proof.locator('tbody .request-what').allInnerTexts();
    assert.deepEqual(shown.toSorted(), sent.toSorted());
    assert.equal(await proof.getByText('Not known').count(), 0);
    assert.deepEqual(
      (await cached(page)).filter((url) => url.includes('/sync/')),
      [],
    );
  });

  test('are gone when everything is erased', async () => {
    await page.getByRole('button', { name: 'Erase everything' }).click();
    await page.getByRole('button', { name: 'Erase now' }).click();
    await page.getByText('Nothing about you is stored here any more').waitFor();
    for (let tries = 0; (await web.databases(page)).includes(DATABASE); ++tries) {
      assert(tries < 100, 'the database is still there');
      await page.waitForTimeout(100);
    }
    assert.equal(await fetchSwitch(page).getAttribute('aria-checked'), 'false');
    assert.equal(await web.storedRecords(page), 0);
    asked();
    await page.reload();
    await entry(page).waitFor();
    assert(await fetchSwitch(page).isDisabled());
    assert(!(await web.databases(page)).includes(DATABASE));
    assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
    assert.deepEqual(asked(), []);
    assert.deepEqual(watched.complaints, []);
  });

  test('stay as they are when the server is gone', async () => {
    await press(page, 'Ask whether there are any');
    await says(page, 'There are: you can switch it on.');
    await fetchSwitch(page).click();
    await says(page, /^In use: version 4,/);
    await server.close();
    await press(page, 'Look now');
    await says(page, /server did not answer\. What was in use stays in use/);
    await says(page, /^In use: version 4,/);
  });
});

test('a page whose address has files only says that it cannot be switched on, and why', async () => {
  await using site = await web.serveSite();
  const browser = await web.launch();
  const watched = await web.watch(browser);
  const page = await web.openPage(watched, site);
  await web.visit(page, 'Privacy');
  await press(page, 'Ask whether there are any');
  await says(page, /an address that has none: .* nothing is fetched/);
  assert(await fetchSwitch(page).isDisabled());
  assert.deepEqual(watched.complaints, []);
  await browser.close();
});
