/** The states of the page at the sizes and in the colours that it is made for; pictures of them in artifacts/. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { listenBrainz, listenBrainzLine, plays } from './exports.ts';
import { ARTIFACTS, flaws, overflowing } from './look.ts';
import * as web from './site.ts';

const SCHEMES = ['light', 'dark'] as const;
const SIZES = [
  { width: 360, height: 740 },
  { width: 1440, height: 900 },
] as const;

describe('the looks of the page', () => {
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

  for (const viewport of SIZES) {
    for (const colorScheme of SCHEMES) {
      const where = `${viewport.width}-${colorScheme}`;
      test(`every state fits, is legible and can be hit at ${viewport.width} px, ${colorScheme}`, async () => {
        const options = {
          viewport,
          colorScheme,
          reducedMotion: 'reduce',
          // It would answer instead of what is routed below.
          serviceWorkers: 'block',
        } as const;
        const watched = await web.watch(browser, options);
        const look = async (page: Page, state: string, fullPage = false): Promise<void> => {
          await page.screenshot({ path: `${ARTIFACTS}${state}-${where}.png`, fullPage });
          assert.deepEqual(await flaws(page), [], state);
        };

        const page = await web.openPage(watched, site);
        await look(page, 'welcome', true);

        await web.dropFile(page, { name: 'notes.txt', body: 'milk, eggs, tea' });
        await page.locator('.report').waitFor();
        await look(page, 'wrong-file');

        const unknown = plays(12, 3).map((play, i) => ({ ...play, artist: `The unheard ${i}` }));
        await web.dropFile(page, { name: 'unknown.jsonl', body: listenBrainz(unknown) });
        await page.locator('.row').nth(19).waitFor();
        await look(page, 'nothing-matched');

        const lines = plays(5000, 1).map(listenBrainzLine);
        const body = [...lines.slice(0, 900), '{"broken', ...lines.slice(900), ''].join('\n');
        await web.dropFile(page, { name: 'listens.jsonl', body });
        await web.reportOf(page, 'listens.jsonl');
        await look(page, 'report', true);
        await page.getByRole('button', { name: 'Close this report' }).click();

        const row = page.locator('.row').first();
        await row.getByRole('button', { name: 'Why exactly?' }).click();
        await row.locator('.bars').waitFor();
        await look(page, 'why');
        await row.getByRole('button', { name: 'Why exactly?' }).click();

        const before = await web.names(page);
        await page
          .locator('.row')
          .nth(1)
          .getByRole('button', { name: /^Love / })
          .click();
        await web.changed(page, before);
        await page.evaluate(() => scrollTo(0, 0));
        await look(page, 'loved');
        await page.getByRole('button', { name: 'Close this message' }).click();

        await page.getByRole('link', { name: 'Nothing has left this device' }).click();
        // The page before stays until this one is loaded, and has such a button, too.
        await page.getByRole('heading', { level: 1, name: 'Privacy' }).waitFor();
        await page.getByRole('button', { name: 'Erase everything' }).click();
        await look(page, 'privacy');
        await page.getByRole('button', { name: 'Erase now' }).click();
        await web.visit(page, 'Home');
        await page.locator('.welcome').waitFor();

        await page.getByRole('button', { name: 'Try it with a sample history' }).click();
        await page.locator('.row').nth(19).waitFor();
        await page.getByRole('button', { name: 'Leave the sample' }).waitFor();
        await look(page, 'sample', true);
        assert.deepEqual(watched.complaints, []);

        await watched.context.route(/worker-.*\.js$/, async (route) => {
          const response = await route.fetch();
          const script = `WebAssembly.validate = () => false;\n${await response.text()}`;
          await route.fulfill({ response, body: script });
        });
        await page.reload();
        await page.locator('.failed').waitFor();
        await look(page, 'unsupported');
        await watched.context.close();
      });
    }
  }

  test('while it loads and while it imports, the page says how far it is', async () => {
    const watched = await web.watch(browser, { viewport: SIZES[0] });
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    await watched.context.route(/\.safetensors$/, async (route) => {
      await held;
      await route.continue();
    });
    const page = await watched.context.newPage();
    await page.goto(`${site.origin}/`);
    await page.getByRole('heading', { name: 'Getting Ossicle ready' }).waitFor();
    await page.getByRole('progressbar').waitFor();
    await page.screenshot({ path: `${ARTIFACTS}opening-360-light.png` });
    go();
    await page.locator('.welcome').waitFor();
    // Watched from before the import begins, which a fast machine ends soon.
    const timeLeft = page
      .getByText(/about .+ left/)
      .first()
      .waitFor();
    await web.chooseFile(page, { name: 'long.jsonl', body: listenBrainz(plays(120_000, 3)) });
    await timeLeft;
    await page.screenshot({ path: `${ARTIFACTS}importing-360-light.png` });
    assert.deepEqual(await overflowing(page), []);
    await watched.context.close();
  });
});
