/** The taste map: seen, moved, drawn on, and all of it without seeing or pointing. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { listenBrainz, plays } from './exports.ts';
import * as web from './site.ts';

/** The picture, as it is now. */
function picture(page: Page): Promise<string> {
  return page.locator('.sky canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
}

/** Waits until the picture is another one. */
async function redrawn(page: Page, before: string): Promise<void> {
  for (let tries = 0; (await picture(page)) === before; ++tries) {
    assert(tries < 50, 'the picture stays the same');
    await page.waitForTimeout(100);
  }
}

const path = (page: Page) => page.locator('[data-list="path"] li');

describe('the taste map', () => {
  let site: web.Site;
  let browser: Browser;
  let watched: web.Watched;
  let page: Page;
  before(async () => {
    site = await web.serveSite();
    browser = await web.launch();
    watched = await web.watch(browser, { viewport: { width: 1280, height: 900 } });
    page = await web.openPage(watched, site);
    await page.getByRole('button', { name: 'The demo album' }).click();
    await page.locator('.track-card').first().waitFor();
    await web.visit(page, 'Taste');
    await page.getByRole('img', { name: 'A map of 40 stars in 4 clusters' }).waitFor();
  });
  after(async () => {
    await browser.close();
    await site[Symbol.asyncDispose]();
  });

  test('comes closer by button and by key, and is seen whole again', async () => {
    const whole = await picture(page);
    await page.getByRole('button', { name: 'Come closer' }).click();
    await redrawn(page, whole);
    const near = await picture(page);
    await page.locator('.sky canvas').focus();
    await page.keyboard.press('+');
    await redrawn(page, near);
    await page.keyboard.press('0');
    await page.mouse.move(0, 0);
    for (let tries = 0; (await picture(page)) !== whole; ++tries) {
      assert(tries < 50, 'it is not seen whole again');
      await page.waitForTimeout(100);
    }
  });

  test('a line that is drawn becomes a list that plays', async () => {
    await page.getByRole('button', { name: 'Draw a path' }).click();
    const canvas = page.locator('.sky canvas');
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    assert(box);
    const at = (part: number): [number, number] => [
      box.x + box.width * part,
      box.y + box.height * (0.2 + 0.3 * part),
    ];
    await page.mouse.move(...at(0.1));
    await page.mouse.down();
    await page.mouse.move(...at(0.5), { steps: 8 });
    await page.mouse.move(...at(0.85), { steps: 8 });
    await page.mouse.up();
    await path(page).first().waitFor();
    const names = await path(page).locator('bdi:first-child').allInnerTexts();
    assert.equal(names.length, 20);
    assert.equal(new Set(names).size, 20);
    const play = page.locator('.sky-path').getByRole('button', { name: 'Play' });
    await play.click();
    await page.locator('.now-title', { hasText: names[0] ?? '' }).waitFor();
    await page.getByRole('button', { name: 'Remove the path' }).click();
    assert.equal(await path(page).count(), 0);
  });

  test('the list has every track, by cluster, and makes a path by keyboard alone', async () => {
    await page.getByText('The map as a list').focus();
    await page.keyboard.press('Enter');
    const list = page.locator('.sky-list');
    // It is made when it is opened.
    await list.getByRole('heading').nth(3).waitFor();
    assert.equal(await list.getByRole('heading').count(), 4);
    assert.equal(await list.locator('.lines .line').count(), 40);
    await list.getByLabel('From').focus();
    await list.getByLabel('To').selectOption({ index: 2 });
    await list.getByRole('button', { name: 'Make a path' }).focus();
    await page.keyboard.press('Enter');
    await path(page).nth(19).waitFor();
  });

  test('with a history and no tracks it shows the artists of the history, and listening over time', async () => {
    const other = await web.watch(browser);
    const reader = await web.openPage(other, site);
    const body = listenBrainz(plays(2000, 5));
    await web.dropFile(reader, { name: 'listens.jsonl', body });
    await reader.locator('.row').nth(19).waitFor();
    await web.visit(reader, 'Taste');
    await reader.getByRole('img', { name: /^A map of \d+ stars/ }).waitFor();
    const bars = await reader.locator('.columns-chart .unseen').allInnerTexts();
    const counted = bars.map((text) =>
      Number(/: ([\d,]+) plays?$/.exec(text)?.[1]?.replace(',', '')),
    );
    assert(bars.length > 1 && bars.length <= 24);
    assert.equal(
      counted.reduce((sum, n) => sum + n, 0),
      2000,
    );
    assert.deepEqual(other.complaints, []);
    await other.context.close();
  });

  test('none of it made the page complain', () => assert.deepEqual(watched.complaints, []));
});
