/** Playlists: made with a curve, kept, left and found again, written to a file and read back, deleted and not. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import * as web from './site.ts';

const entries = (page: Page) => page.locator('[data-list="playlist"] li');
const namesOf = (page: Page): Promise<string[]> =>
  entries(page).locator('.entry-words > bdi:first-of-type').allInnerTexts();
const saved = (page: Page) => page.locator('[data-list="saved"] li');

/** Makes a list and waits until it is another one than before. */
async function make(page: Page, button = 'Make a list'): Promise<readonly string[]> {
  const old = await namesOf(page);
  await page.getByRole('button', { name: button, exact: true }).click();
  for (let tries = 0; ; ++tries) {
    const names = await namesOf(page);
    if (names.length > 0 && names.join() !== old.join()) return names;
    assert(tries < 100, 'no new list');
    await page.waitForTimeout(100);
  }
}

async function choose(page: Page, label: string, typed: string, name: string): Promise<void> {
  const box = page.getByRole('combobox', { name: label, exact: true });
  await box.click();
  await box.pressSequentially(typed);
  await page.getByRole('option', { name }).first().click();
  assert.equal(await box.inputValue(), name);
}

/** What the curve's points say, from the first place to the last. */
const points = (page: Page): Promise<(string | null)[]> =>
  page
    .getByRole('slider', { name: /^Point/ })
    .evaluateAll((all) => all.map((point) => point.getAttribute('aria-valuenow')));

describe('playlists', () => {
  let site: web.Site;
  let browser: Browser;
  let watched: web.Watched;
  let page: Page;
  let made: readonly string[];
  before(async () => {
    site = await web.serveSite();
    browser = await web.launch();
    watched = await web.watch(browser, { viewport: { width: 1280, height: 900 } });
    page = await web.openPage(watched, site);
    await page.getByRole('button', { name: 'The demo album' }).click();
    await page.locator('.track-card').first().waitFor();
    await web.visit(page, 'Playlists');
  });
  after(async () => {
    await browser.close();
    await site[Symbol.asyncDispose]();
  });

  test('a list of one’s own tracks follows a curve that was chosen, and drawn by keyboard', async () => {
    await page.getByText('Calm to lively', { exact: true }).click();
    assert.deepEqual(await points(page), ['5', '30', '50', '70', '95']);
    const rising = await make(page);
    assert.equal(new Set(rising).size, 20);
    await page.getByText('Lively to calm', { exact: true }).click();
    const falling = await make(page);
    // What is calm at the beginning of the one is at the end of the other.
    const both = rising.filter((name) => falling.includes(name));
    const place = (name: string): number => rising.indexOf(name) + falling.indexOf(name);
    assert(both.length >= 8, `${both.length} in both`);
    const off = both.map((name) => Math.abs(place(name) - 19));
    assert(off.reduce((sum, x) => sum + x, 0) / both.length < 6, off.join());

    await page.getByRole('slider', { name: 'Point 5 of 5' }).focus();
    await page.keyboard.press('End');
    assert.deepEqual(await points(page), ['95', '70', '50', '30', '100']);
    await page.getByRole('radio', { name: 'Drawn' }).waitFor();
    assert(await page.getByRole('radio', { name: 'Drawn' }).isChecked());
  });

  test('a list leads from one track to another, and is another one with another seed', async () => {
    await choose(page, 'From', 'low ti', 'Low Tide Rooms');
    await choose(page, 'To', 'conc', 'Concrete Garden');
    made = await make(page);
    assert.deepEqual([made[0], made.at(-1)], ['Low Tide Rooms', 'Concrete Garden']);
    const other = await make(page, 'Another one');
    assert.deepEqual([other[0], other.at(-1)], ['Low Tide Rooms', 'Concrete Garden']);
    made = other;
  });

  test('it is kept under its name, with what was moved and taken out, over a reload', async () => {
    await page.getByRole('button', { name: 'Keep this list' }).click();
    await page.getByText('Kept on this device').waitFor();
    await page.getByRole('textbox', { name: 'Name of the list' }).fill('Night 夜');
    const [first = '', second = '', third = ''] = made;
    await page.getByRole('button', { name: `Move ${second} up` }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(`${second} is number 1 now.`).waitFor();
    await page.getByRole('button', { name: `Take ${third} out` }).click();
    await page.locator('.notice', { hasText: `“${third}” was taken out.` }).waitFor();
    made = [second, first, ...made.slice(3)];
    assert.deepEqual(await namesOf(page), made);

    await web.visit(page, 'Home');
    await web.visit(page, 'Playlists');
    await entries(page).first().waitFor();
    assert.deepEqual(await namesOf(page), made, 'leaving the page does not close the list');
    await page.reload();
    await saved(page).getByText('Night 夜').click();
    await entries(page).first().waitFor();
    assert.deepEqual(await namesOf(page), made);
    await page.locator('.open-buttons').getByRole('button', { name: 'Play' }).click();
    await page.locator('.now-title', { hasText: made[0] ?? '' }).waitFor();
  });

  test('what plays is added to it, and another tab sees that', async () => {
    const other = await watched.context.newPage();
    await other.goto(`${site.origin}/#/playlists`);
    await saved(other).getByText('19 tracks').waitFor();
    await page.locator('.now-end').getByRole('button', { name: 'Add to a playlist' }).click();
    await page.getByRole('menuitem', { name: 'Night 夜' }).click();
    await page.getByText('Added to “Night 夜”.').waitFor();
    await entries(page).nth(19).waitFor();
    await saved(other).getByText('20 tracks').waitFor();
    await other.close();
    await page
      .getByRole('button', { name: `Take ${made[0] ?? ''} out` })
      .last()
      .click();
    await page.waitForFunction(
      () => document.querySelectorAll('[data-list="playlist"] li').length === 19,
    );
  });

  test('it is written as JSPF, and comes back by choosing the file and by dropping it; a bad file changes nothing', async () => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as JSPF' }).click();
    const file = await download;
    assert.equal(file.suggestedFilename(), 'Night 夜.jspf');
    const body = await readFile(await file.path(), 'utf8');
    const json = JSON.parse(body) as { playlist: { title: string; track: object[] } };
    assert.equal(json.playlist.title, 'Night 夜');
    json.playlist.track.push({ title: 'Elsewhere', creator: 'Somebody' });

    await page.getByRole('button', { name: 'Close the list' }).click();
    await page
      .locator('.playlist-side input[type="file"]')
      .setInputFiles({ name: 'a.jspf', mimeType: '', buffer: Buffer.from(JSON.stringify(json)) });
    await page.getByText('19 of 20 tracks are in your library.').waitFor();
    assert.deepEqual(await namesOf(page), [...made, 'Elsewhere']);
    await entries(page).last().getByText('not in your library').waitFor();

    await web.visit(page, 'Home');
    await web.dropFile(page, { name: 'b.jspf', body });
    await page.getByText('19 of 19 tracks are in your library.').waitFor();
    assert.deepEqual(await namesOf(page), made);
    await web.dropFile(page, { name: 'c.jspf', body: body.slice(0, 90) });
    await page.getByText(/^The file was not opened\..*Your lists are as they were\.$/).waitFor();
    assert.deepEqual(await namesOf(page), made);
    assert.equal(await saved(page).count(), 1);
  });

  test('it is deleted, and that can be undone', async () => {
    await page.getByRole('button', { name: 'Delete Night 夜' }).click();
    await page.waitForFunction(() => document.querySelector('[data-list="saved"]') === null);
    await page.locator('.notice').getByRole('button', { name: 'Undo' }).click();
    await saved(page).getByText('Night 夜').click();
    assert.deepEqual(await namesOf(page), made);
  });

  test('a list of artists leads from one to another with a curve', async () => {
    await page.getByRole('button', { name: 'New artists' }).click();
    await choose(page, 'From', 'portish', 'Portishead');
    await choose(page, 'To', 'daft pu', 'Daft Punk');
    await page.getByText('Calm to lively', { exact: true }).click();
    const artists = await make(page);
    assert.deepEqual([artists.length, artists[0], artists.at(-1)], [20, 'Portishead', 'Daft Punk']);
    await page.getByText('20 artists').waitFor();
  });

  test('everything is erased with the rest, and nothing made the page complain', async () => {
    await web.visit(page, 'Privacy');
    await page.getByRole('button', { name: 'Erase everything' }).click();
    await page.getByRole('button', { name: 'Erase now' }).click();
    await page.getByText('Nothing about you is stored here any more').waitFor();
    for (let tries = 0; (await web.storedRecords(page)) > 0; ++tries) {
      assert(tries < 50, 'records are left');
      await page.waitForTimeout(100);
    }
    await web.visit(page, 'Playlists');
    assert.equal(await saved(page).count(), 0);
    assert.equal(await entries(page).count(), 0);
    assert.deepEqual(watched.complaints, []);
  });
});
