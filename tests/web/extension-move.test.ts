/** A history goes from the player into the extension and back, as a file, and is the same there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { ProfileSummary } from '../../web/engine/src/types.ts';
import { listenBrainz, plays } from './exports.ts';
import * as kit from './extension-kit.ts';
import * as web from './site.ts';

const LISTENS = 800;
const folder = kit.temporaryFolder();
let site: web.Site;
let extension: kit.Extension;
before(async () => {
  site = await web.serveSite();
  extension = await kit.startExtension(folder.path);
});
after(async () => {
  await extension[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function saved(page: Page): Promise<Buffer> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save everything to a file' }).click();
  return readFileSync(await (await download).path());
}

/** Entries of a saved file, without the line that says what it is. */
function entriesOf(file: Buffer): readonly string[] {
  return file.toString('utf8').split('\n').slice(1, -1).toSorted();
}

async function player(): Promise<Page> {
  return web.openPage({ context: extension.context, requests: [], complaints: [] }, site);
}

test('what the player saved opens in the extension, and back, entry by entry', async () => {
  const first = await player();
  await web.dropFile(first, { name: 'plays.jsonl', body: listenBrainz(plays(LISTENS, 5)) });
  await first.locator('.row').nth(19).waitFor();
  const listed = await web.names(first);
  await first.getByRole('link', { name: 'Nothing has left this device' }).click();
  const ofPlayer = await saved(first);
  assert.equal(entriesOf(ofPlayer).length, LISTENS);

  const privacy = await extension.open('privacy.html');
  const chooser = privacy.waitForEvent('filechooser');
  await privacy.locator('label', { hasText: 'Choose a file' }).click();
  const name = 'ossicle.jsonl';
  const file = { name, mimeType: 'application/json', buffer: ofPlayer };
  await (await chooser).setFiles(file);
  await privacy.locator('.report', { hasText: name }).waitFor();
  const { events } = await kit.ask<ProfileSummary>(privacy, 'profile');
  assert.equal(events, LISTENS);
  const popup = await extension.open('popup.html');
  await popup.locator('.row').first().waitFor();
  assert.equal((await web.names(popup))[0], listed[0]);
  const ofExtension = await saved(privacy);
  assert.deepEqual(entriesOf(ofExtension), entriesOf(ofPlayer));

  await first.getByRole('button', { name: 'Erase everything' }).click();
  await first.getByRole('button', { name: 'Erase now' }).click();
  await web.visit(first, 'Home');
  await first.locator('.welcome').waitFor();
  await web.dropFile(first, { name, body: ofExtension });
  await first.locator('.row').nth(19).waitFor();
  assert.deepEqual(await web.names(first), listed);
  assert.deepEqual(extension.complaints, []);
});
