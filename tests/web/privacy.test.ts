/** The privacy page: what is learnt from, what was asked of whom, what is stored, and that it can be taken along and erased. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { listenBrainz, plays } from './exports.ts';
import * as web from './site.ts';

const imported: web.TestFile = { name: 'listens.jsonl', body: listenBrainz(plays(2000, 1)) };
const SECRETS = ['alice', 'open sesame'] as const;

const aSwitch = (page: Page, name: string): Locator =>
  page.getByRole('switch', { name, exact: true });

/** The artists recommended, once they have come. */
async function listOf(page: Page): Promise<string[]> {
  await web.visit(page, 'Home');
  await page.locator('.row').nth(19).waitFor();
  return web.names(page);
}

/** Switches, and gives the list when it is another one than before. */
async function listWith(page: Page, name: string): Promise<string[]> {
  const before = await listOf(page);
  await web.visit(page, 'Privacy');
  await aSwitch(page, name).click();
  await web.visit(page, 'Home');
  return web.changed(page, before);
}

/** What the page keeps outside of its databases. */
function keptValues(page: Page): Promise<number> {
  return page.evaluate(() => localStorage.length + sessionStorage.length);
}

/** A Subsonic server of one song, and what it was asked for. */
async function serveFake(): Promise<{ server: Server; host: string; asked: string[] }> {
  const asked: string[] = [];
  const songs = [{ id: 's1', title: 'Roads', artist: 'Portishead', album: 'Dummy', duration: 300 }];
  const answers: Readonly<Record<string, object>> = {
    getOpenSubsonicExtensions: { openSubsonicExtensions: [] },
    search3: { searchResult3: { song: songs } },
  };
  const answer = ({ url = '/' }: IncomingMessage, response: ServerResponse): void => {
    const method = /\/rest\/(\w+)/.exec(url)?.[1] ?? '';
    asked.push(method);
    response.setHeader('Access-Control-Allow-Origin', '*');
    const body = { status: 'ok', version: '1.16.1', ...answers[method] };
    const bytes = Buffer.from(JSON.stringify({ 'subsonic-response': body }));
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('Content-Length', bytes.length);
    response.end(bytes);
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  assert(bound !== null && typeof bound === 'object');
  return { server, host: `127.0.0.1:${bound.port}`, asked };
}

describe('the privacy page', () => {
  let site: web.Site;
  let browser: Browser;
  let watched: web.Watched;
  let page: Page;
  before(async () => {
    site = await web.serveSite();
    browser = await web.launch();
    watched = await web.watch(browser, { acceptDownloads: true });
    page = await web.openPage(watched, site);
    await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  });
  after(async () => {
    await browser.close();
    await site[Symbol.asyncDispose]();
  });

  test('at the first visit nothing of the listener is stored, and nothing has left', async () => {
    await web.visit(page, 'Privacy');
    await page.getByText('Nothing: no contribution, 0 bytes.').waitFor();
    for (const name of ['Fetch newer item vectors', 'Contribute statistics']) {
      assert.equal(await aSwitch(page, name).getAttribute('aria-checked'), 'false');
      assert(await aSwitch(page, name).isDisabled());
    }
    assert.equal(await web.storedRecords(page), 0);
    assert.equal(await keptValues(page), 0);
  });

  test('what is switched off is left out of the lists in every tab, and comes back as it was', async () => {
    await web.visit(page, 'Home');
    await web.dropFile(page, imported);
    await web.reportOf(page, imported.name);
    const before = await listOf(page);
    await page
      .locator('.row')
      .nth(3)
      .getByRole('button', { name: /^Love / })
      .click();
    const whole = await web.changed(page, before);
    const other = await web.openPage(watched, site);
    assert.deepEqual(await listOf(other), whole);
    // A tab behind another one draws seldom.
    await page.bringToFront();

    const loveOnly = await listWith(page, 'The history that I imported');
    await other.bringToFront();
    assert.deepEqual(await web.changed(other, whole), loveOnly);
    await page.bringToFront();
    // What comes in meanwhile is not stored twice.
    await web.dropFile(page, imported);
    assert.match(await web.reportOf(page, imported.name), /0 listens added; 2,000 were there/);
    assert.deepEqual(await listOf(page), loveOnly);
    await page.reload();
    assert.deepEqual(await listOf(page), loveOnly);
    assert.deepEqual(await listWith(page, 'The history that I imported'), whole);
    await other.bringToFront();
    assert.deepEqual(await web.changed(other, loveOnly), whole);
    await other.close();

    const popular = await listWith(page, 'Learn on this device');
    await page.getByText('Nothing is learnt from your history now').waitFor();
    assert.notDeepEqual(popular, loveOnly);
    await web.visit(page, 'Privacy');
    await page.getByText('2,001 of them are left out of learning.').waitFor();
    assert(await aSwitch(page, 'What I play here').isDisabled());
    assert.deepEqual(await listWith(page, 'Learn on this device'), whole);
  });

  test('a private session is seen on every page, and writes nothing down', async () => {
    await web.visit(page, 'Privacy');
    await aSwitch(page, 'Private session').click();
    const before = await listOf(page);
    const records = await web.storedRecords(page);
    const chip = page.getByRole('banner').getByRole('link', { name: 'Private session' });
    for (const name of ['Home', 'Library', 'Search', 'Playlists', 'Taste']) {
      await web.visit(page, name);
      assert(await chip.isVisible(), name);
    }
    await web.visit(page, 'Home');
    await page
      .locator('.row')
      .first()
      .getByRole('button', { name: /^Never show / })
      .click();
    await web.changed(page, before, 19);
    assert.equal(await web.storedRecords(page), records);
    await chip.click();
    await aSwitch(page, 'Private session').click();
    assert.equal(await chip.count(), 0);
    await page.reload();
    assert.deepEqual(await listOf(page), before);
  });

  test('every request is listed with its reason; a server is asked only for what is said, and its login is not shown', async () => {
    const { server, host, asked } = await serveFake();
    await web.visit(page, 'Privacy');
    const proof = page.locator('#proof');
    await proof.locator('summary').click();
    await proof.getByText(/^\d+ requests, all to this page’s own address\.$/).waitFor();
    // What the engine's worker asks for comes with the next look.
    await proof.getByRole('button', { name: /^The engine \d/ }).click();
    await proof
      .locator('tbody')
      .getByText(/\.wasm/)
      .first()
      .waitFor();

    await web.visit(page, 'Library');
    await page.getByRole('button', { name: 'Add a server' }).click();
    await page.getByLabel('Address').fill(`http://${host}`);
    await page.getByLabel('Name', { exact: true }).fill(SECRETS[0]);
    await page.getByLabel('Password').fill(SECRETS[1]);
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByText('Roads').first().waitFor();
    await page.waitForFunction(() => document.querySelector('.working') === null);

    await web.visit(page, 'Privacy');
    const lead = page.locator('main > .lead');
    assert.match(await lead.innerText(), /but what your own server was asked/);
    await proof.locator('summary').click();
    const totals = proof.locator('.request-totals');
    const said = `${asked.length} to ${host}, which you typed in`;
    await totals.getByText(said).waitFor();
    for (const [method, why] of [
      ['ping', 'Your server: is it there?'],
      ['search3', 'Your server: albums and tracks'],
    ] as const) {
      await proof
        .getByRole('button', { name: new RegExp(`^${why.replace('?', '\\?')} \\d`) })
        .click();
      const row = proof.locator('tbody tr', { hasText: `${host} · ${method}` }).first();
      assert.match(await row.innerText(), /\d+ bytes$/, 'with the size of the answer');
    }
    await page.getByText(`${host} was asked ${asked.length} times`).waitFor();
    await proof.getByRole('button', { name: /^All \d/ }).click();
    const all = await proof.innerText();
    for (const secret of [...SECRETS, 'via/']) assert(!all.includes(secret), secret);
    server.close();
    server.closeAllConnections();
  });

  test('it is told what the service worker has fetched to keep, and the licences are part of it', async () => {
    const fresh = await web.watch(browser);
    const first = await web.openPage(fresh, site);
    await first.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
    await first.getByRole('link', { name: 'Nothing has left this device' }).click();
    const kept = first.locator('#proof').getByRole('button', { name: /^Kept for offline \d/ });
    await kept.click();
    assert(Number(/\d+$/.exec(await kept.innerText())?.[0]) > 60);
    await first.getByRole('button', { name: 'Show more' }).click();
    await first.locator('#proof tbody').getByText('/third-party-notices.txt').waitFor();
    await first.getByText(/^\d+ requests, all to this page’s own address/).waitFor();
    // A page of text asks for an icon that is not there.
    assert.deepEqual(fresh.complaints, []);
    const licences = first.getByRole('link', { name: 'Licences of what this page is made of' });
    const [opened] = await Promise.all([fresh.context.waitForEvent('page'), licences.click()]);
    await opened.getByText('sentencepiece').first().waitFor();
    assert.match(await opened.locator('body').innerText(), /react-aria-components/);
    await fresh.context.close();
  });

  test('everything saved to a file, erased, and dropped on the page is as it was, settings too', async () => {
    await web.visit(page, 'Privacy');
    await page.getByRole('button', { name: 'Dark', exact: true }).click();
    await aSwitch(page, 'What I love, skip and never want to see').click();
    await page.getByText('1 of them are left out of learning.').waitFor();
    const list = await listOf(page);
    await web.visit(page, 'Privacy');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save everything to a file' }).click();
    const download = await saved;
    assert.match(download.suggestedFilename(), /^ossicle-\d{4}-\d\d-\d\d\.jsonl$/);
    const body = readFileSync(await download.path(), 'utf8');
    const lines = body.trimEnd().split('\n');
    assert.equal(lines.length, 2002);
    for (const line of lines) JSON.parse(line);

    await page.getByRole('button', { name: 'Erase everything' }).click();
    await page.getByRole('button', { name: 'Erase now' }).click();
    await page.getByText('Nothing about you is stored here any more').waitFor();
    await web.visit(page, 'Home');
    await page.locator('.first-run').waitFor();
    assert.equal(await web.storedRecords(page), 0);
    assert.equal(await keptValues(page), 0);
    assert.equal(await page.locator('html').getAttribute('data-theme'), null);
    await page.reload();
    await page.locator('.first-run').waitFor();
    assert.equal(await web.storedRecords(page), 0);
    assert.equal(await keptValues(page), 0);

    await web.dropFile(page, { name: 'backup.jsonl', body });
    assert.match(await web.reportOf(page, 'backup.jsonl'), /Your settings are back, too/);
    assert.deepEqual(await listOf(page), list);
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
    await web.visit(page, 'Privacy');
    const choices = aSwitch(page, 'What I love, skip and never want to see');
    assert.equal(await choices.getAttribute('aria-checked'), 'false');
  });

  test('nothing was asked of anyone but the page’s own origin and the server, and nothing was complained of', () => {
    const foreign = watched.requests.filter(
      (url) => !url.startsWith(`${site.origin}/`) && !url.startsWith('blob:'),
    );
    assert.deepEqual(
      foreign.filter((url) => !/^http:\/\/127\.0\.0\.1:\d+\/rest\//.test(url)),
      [],
    );
    assert.deepEqual(watched.complaints, []);
  });
});
