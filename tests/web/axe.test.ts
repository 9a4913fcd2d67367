/** Every page, empty and filled, light and dark, narrow and wide, in both languages: axe and the checks of look.ts find nothing to object to; pictures in artifacts/. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ARTIFACTS, AXE, flaws, objections } from './look.ts';
import * as web from './site.ts';

const PAGES = ['', 'library', 'search', 'playlists', 'taste', 'privacy'] as const;
const LOOKS = [
  { viewport: { width: 1440, height: 900 }, colorScheme: 'light', locale: 'en-GB' },
  { viewport: { width: 360, height: 740 }, colorScheme: 'dark', locale: 'en-GB' },
  { viewport: { width: 360, height: 740 }, colorScheme: 'light', locale: 'zh-CN' },
  { viewport: { width: 1440, height: 900 }, colorScheme: 'dark', locale: 'zh-CN' },
] as const;

async function visit(page: Page, name: (typeof PAGES)[number]): Promise<void> {
  await page.evaluate((hash) => (location.hash = hash), `#/${name}`);
  await page.waitForFunction((current) => {
    const link = document.querySelector('nav a[aria-current="page"]');
    return link?.getAttribute('href') === `#/${current}`;
  }, name);
  // What is asked of the engine when a page opens has come.
  await page.waitForFunction(
    () => document.querySelector('.sky-empty, [aria-busy="true"]') === null,
  );
}

describe('axe', () => {
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

  for (const options of LOOKS) {
    const { viewport, colorScheme, locale } = options;
    test(`has no objection at ${viewport.width} px, ${colorScheme}, ${locale}`, async () => {
      const watched = await web.watch(browser, { ...options, reducedMotion: 'reduce' });
      await watched.context.addInitScript({ content: AXE });
      const page = await web.openPage(watched, site);
      const found: string[] = [];
      const where = `${viewport.width}-${colorScheme}-${locale.slice(0, 2)}`;
      const look = async (state: string): Promise<void> => {
        for (const name of PAGES) {
          await visit(page, name);
          const what = [...(await objections(page)), ...(await flaws(page))];
          found.push(...what.map((each) => `/${name}, ${state}: ${each}`));
          const picture = `${name || 'home'}-${state.replaceAll(' ', '-')}-${where}.png`;
          await page.screenshot({ path: `${ARTIFACTS}${picture}` });
        }
      };
      await look('empty');
      await visit(page, '');
      await page.locator('.sample-offer button').click();
      await page.locator('.row').nth(19).waitFor();
      await look('with a history');

      await visit(page, '');
      await page.locator('.banner button').click();
      await page.locator('.add-music .choice').nth(2).click();
      await page.locator('.track-card button').first().click();
      await page.locator('.now-track').waitFor();
      await look('with the demo album');
      await visit(page, 'playlists');
      await page.locator('.curve-shape').nth(3).click();
      await page.locator('.wish button[type="submit"]').click();
      await page.locator('[data-list="playlist"] li').nth(19).waitFor();
      await page.locator('.open-buttons .button').nth(1).click();
      await page.locator('[data-list="saved"] li').waitFor();
      found.push(...(await objections(page)).map((what) => `a list that is kept: ${what}`));
      await page.locator('.now-track').click();
      await page.locator('.full-dialog').waitFor();
      await page.screenshot({ path: `${ARTIFACTS}playing-${where}.png` });
      found.push(...(await objections(page)).map((what) => `what plays, in full: ${what}`));
      assert.deepEqual(found, []);
      assert.deepEqual(watched.complaints, []);
      await watched.context.close();
    });
  }
});
