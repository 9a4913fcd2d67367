/** The engine's home: there when somebody looks, once whoever asks, and not before. How fast and how large it is, `make bench-extension` measures. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Opened } from '../../web/extension/src/wire/calls.ts';
import * as kit from './extension-kit.ts';

describe('the home of the engine', () => {
  const folder = kit.temporaryFolder();
  let extension: kit.Extension;

  before(async () => {
    extension = await kit.startExtension(folder.path);
  });
  after(async () => {
    await extension.close();
    folder[Symbol.dispose]();
  });

  const homes = (): Promise<number> =>
    extension.witness.evaluate(async () => {
      const contextTypes = [chrome.runtime.ContextType.OFFSCREEN_DOCUMENT];
      return (await chrome.runtime.getContexts({ contextTypes })).length;
    });

  test('is not there as long as nobody asks', async () => {
    await extension.witness.evaluate(() => chrome.storage.local.get());
    assert.equal(await homes(), 0);
  });

  test('is made once, by however many pages at the same time', async () => {
    const pages = await Promise.all(
      ['popup.html', 'panel.html', 'privacy.html'].map(extension.open),
    );
    await Promise.all(pages.slice(0, 2).map((page) => page.locator('.row').nth(5).waitFor()));
    assert.equal(await homes(), 1);
    const { openedInMs } = await kit.ask<Opened>(extension.witness, 'opened');
    console.log(`the engine answered after ${openedInMs.toFixed(0)} ms`);
    assert(openedInMs > 0 && openedInMs < 10_000);
    for (const page of pages) await page.close();
  });

  test('outlives the service worker, which is not needed to ask it', async () => {
    assert(await extension.endWorker());
    const popup = await extension.open('popup.html');
    await popup.locator('.row').nth(5).waitFor();
    assert.equal(await homes(), 1);
    await popup.close();
  });

  test('is made anew when it was closed', async () => {
    await extension.endWorker();
    await extension.witness.evaluate(() => chrome.offscreen.closeDocument());
    assert.equal(await homes(), 0);
    await kit.ask(extension.witness, 'opened');
    assert.equal(await homes(), 1);
    assert.deepEqual(extension.complaints, []);
  });
});
