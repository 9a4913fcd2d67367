/** The states of the page at the sizes and in the colours that it is made for; pictures of them in artifacts/. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { listenBrainz, listenBrainzLine, plays } from './exports.ts';
import * as web from './site.ts';

const ARTIFACTS = fileURLToPath(new URL('artifacts/', import.meta.url));
const SCHEMES = ['light', 'dark'] as const;
const SIZES = [
  { width: 360, height: 740 },
  { width: 1440, height: 900 },
] as const;

/** Elements that stick out of the page on the right; what a shelf holds is scrolled to. */
function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.closest('.unseen, .cards > *') === null)
      .filter((element) => element.getBoundingClientRect().right > width + 0.5)
      .map((element) => `${element.tagName}.${element.getAttribute('class') ?? ''}`);
  });
}

/** Buttons and links that a finger would miss. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('button, a, summary, .choose label')]
      .map((element) => [element, element.getBoundingClientRect()] as const)
      .filter(([, box]) => box.width > 0 && (box.height < 44 || box.width < 44))
      .map(([element, box]) => `${element.textContent} ${box.width} x ${box.height}`),
  );
}

/** Text whose contrast to the ground behind it is below WCAG AA. */
function faintText(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const parse = (colour: string): readonly number[] =>
      (colour.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = ([r = 0, g = 0, b = 0]: readonly number[]): number => {
      const linear = [r, g, b].map((v) => {
        const c = v / 255;
        return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
    };
    const groundOf = (element: Element): readonly number[] => {
      for (let at: Element | null = element; at; at = at.parentElement) {
        const colour = parse(getComputedStyle(at).backgroundColor);
        if ((colour[3] ?? 1) > 0.99 && colour.length > 0) return colour;
      }
      return [255, 255, 255];
    };
    const faint: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!element || node.textContent?.trim() === '' || !element.checkVisibility()) continue;
      const style = getComputedStyle(element);
      const [text, ground] = [luminance(parse(style.color)), luminance(groundOf(element))];
      const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (contrast < (large ? 3 : 4.5)) faint.push(`${node.textContent} ${contrast.toFixed(2)}`);
    }
    return faint;
  });
}

describe('the looks of the page', () => {
  let site: web.Site;
  let browser: Browser;
  before(async () => {
    mkdirSync(ARTIFACTS, { recursive: true });
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
          assert.deepEqual(await overflowing(page), [], state);
          assert.deepEqual(await smallTargets(page), [], state);
          assert.deepEqual(await faintText(page), [], state);
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
