/** One listener's way through the page, from the first look to the erasing, in Debian's Chromium. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { lastFmCsv, listenBrainz, listenBrainzLine, nameKey, plays } from './exports.ts';
import * as web from './site.ts';

const history = plays(5000, 1);
/** As it is exported: some lines twice, two lines broken. */
const lines = history.map(listenBrainzLine);
const exported: web.TestFile = {
  name: 'listenbrainz_a-listener.jsonl',
  body: [
    ...lines.slice(0, 2500),
    '{"listened_at": 17, "track_',
    ...lines.slice(2500),
    ...lines.slice(40, 60),
    'not json',
    '',
  ].join('\n'),
};

async function waitForList(page: Page): Promise<string[]> {
  await page.locator('.row').nth(19).waitFor();
  return web.names(page);
}

describe('a listener and the page', () => {
  const folder = web.temporaryFolder();
  const netLog = join(folder.path, 'net-log.json');
  let site: web.Site;
  let browser: Browser;
  let watched: web.Watched;
  let page: Page;

  before(async () => {
    site = await web.serveSite();
    browser = await web.launch({ netLog });
    watched = await web.watch(browser);
    page = await web.openPage(watched, site);
  });
  after(async () => {
    await browser.close();
    await site[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  test('an export of 5,000 listens is imported through the file chooser, and the report counts right', async () => {
    await web.chooseFile(page, exported);
    const report = await web.reportOf(page, exported.name);
    const known = history.filter((_, i) => i % 10 !== 7).length;
    // 20 lines are there twice, and count in what was read.
    const twice = history.slice(40, 60).filter((_, i) => (i + 40) % 10 !== 7).length;
    const format = new Intl.NumberFormat('en-GB');
    assert.match(
      report,
      new RegExp(
        `${format.format(known + twice)} of 5,020 listens are by artists in the catalogue`,
      ),
    );
    assert.match(report, /5,000 listens added; 20 were there already and count once/);
    assert.match(report, /2 records could not be read \(the first on line 2,501\)/);
    assert.match(report, /10 artists not in the catalogue/);
  });

  test('hostile names are shown as they are written, and nothing of them runs', async () => {
    const report = page.locator('.report');
    await report.getByText('<b>Nick & Cave</b><script>alert(1)</script>').waitFor();
    await report.getByText('"><img src=x onerror=alert(2)>').waitFor();
    assert.equal(await report.locator('b, script, img').count(), 0);
  });

  test('twenty artists are recommended, each with a reason from the export, none of them listened to', async () => {
    const list = await waitForList(page);
    assert.equal(list.length, 20);
    assert.equal(new Set(list).size, 20);
    const heard = new Set(history.map(({ artist }) => nameKey(artist)));
    assert.deepEqual(
      list.filter((name) => heard.has(nameKey(name))),
      [],
    );

    const counts = new Map<string, number>();
    for (const { artist } of history) counts.set(artist, (counts.get(artist) ?? 0) + 1);
    for (const reason of await page.locator('.row .reason').allInnerTexts()) {
      assert.match(reason, /^Because you played .+\.$/);
      assert.doesNotMatch(reason, /similarity|score|NaN|undefined/);
      const first =
        /^Because you played (.+?) (once|twice|([\d,]+) times)(?:, last in \w+ \d{4})?(?:,? and .+)?\.$/.exec(
          reason,
        );
      assert(first, reason);
      const said =
        first[2] === 'once' ? 1 : first[2] === 'twice' ? 2 : Number(first[3]?.replaceAll(',', ''));
      assert.equal(counts.get(first[1]!), said, reason);
    }
  });

  test('"Why exactly?" takes the score apart', async () => {
    const row = page.locator('.row').first();
    const button = row.getByRole('button', { name: 'Why exactly?' });
    await button.click();
    await row.locator('.bars li').first().waitFor();
    const shares = (await row.locator('.bar-head .numbers').allInnerTexts()).map(parseFloat);
    assert(shares.length > 3);
    assert(
      shares.every((share, i) => i === 0 || share <= shares[i - 1]! + 1e-9),
      'the strongest first',
    );
    assert.match(
      await row.locator('.bars').innerText(),
      /Without this the score would fall by [\d.]+%/,
    );
    await button.click();
    assert.equal(await button.getAttribute('aria-expanded'), 'false');
  });

  for (const [kind, button] of [
    ['love', /^Love /],
    ['skip', /^Not now: skip /],
    ['ban', /^Never show /],
  ] as const) {
    test(`${kind} changes the list at once, and undo brings it back`, async () => {
      const before = await web.names(page);
      const row = page.locator('.row').nth(2);
      await row.getByRole('button', { name: button }).click();
      const after = await web.changed(page, before);
      assert(!after.includes(before[2]!), 'the artist has left the list');
      assert.equal(after.length, 20);
      await page.getByRole('button', { name: 'Undo', exact: true }).click();
      assert.deepEqual(await web.changed(page, after), before);
    });
  }

  test('a love bends the list towards its artist and is listed, and can be taken back later', async () => {
    const before = await web.names(page);
    const loved = before[4]!;
    await page
      .locator('.row')
      .nth(4)
      .getByRole('button', { name: /^Love / })
      .click();
    const after = await web.changed(page, before);
    const others = before.filter((name) => name !== loved);
    assert.notDeepEqual(after.slice(0, others.length), others, 'only the loved row has moved');
    await page.locator('.flagged').getByText(loved, { exact: true }).waitFor();
  });

  test('a reload keeps the list as it is', async () => {
    const before = await web.names(page);
    await page.reload();
    assert.deepEqual(await waitForList(page), before);
  });

  test('the keyboard reaches and uses everything in the list', async () => {
    const before = await web.names(page);
    await page
      .locator('.row')
      .nth(1)
      .getByRole('button', { name: /^Never show / })
      .focus();
    await page.keyboard.press('Enter');
    await web.changed(page, before);
    const focused = await page.evaluate(
      () => document.activeElement?.getAttribute('aria-label') ?? '',
    );
    assert.match(focused, /^Never show /, 'the focus stays in the list');
  });

  test('a second tab sees what the first one does', async () => {
    const other = await web.openPage(watched, site);
    const before = await waitForList(other);
    assert.deepEqual(before, await web.names(page));
    await page
      .locator('.row')
      .first()
      .getByRole('button', { name: /^Never show / })
      .click();
    const seen = await web.changed(other, before);
    assert.deepEqual(seen, await web.names(page));
    await other.close();
  });

  test('a Last.fm export is taken by dropping it', async () => {
    const file = { name: 'lastfm.csv', body: lastFmCsv(plays(5000, 2)) };
    await web.dropFile(page, file);
    const report = await web.reportOf(page, file.name);
    assert.match(report, /4,500 of 5,000 listens are by artists in the catalogue/);
    assert.equal((await waitForList(page)).length, 20);
  });

  test('an import can be stopped; what was read stays', async () => {
    const file = { name: 'long.jsonl', body: listenBrainz(plays(30_000, 3)) };
    await web.chooseFile(page, file);
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    const report = await web.reportOf(page, file.name);
    assert.match(report, /Stopped\. [\d,]+ listens? w(as|ere) read and kept/);
  });

  test('the proof lists requests to the page’s own origin only', async () => {
    await page.getByRole('link', { name: 'Nothing has left this device' }).click();
    const proof = page.locator('#proof');
    await proof.getByText(/all to this page’s own address/).waitFor();
    // The engine's own requests follow those of the page.
    for (const [why, kinds] of [
      [/^The page itself/, [/index-.*\.js/, /worker-.*\.js/]],
      [/^The engine/, [/\.wasm/]],
      [/^Item vectors/, [/\.safetensors/]],
    ] as const) {
      await proof.getByRole('button', { name: why }).click();
      const files = await proof.locator('tbody').innerText();
      for (const kind of kinds) assert.match(files, kind);
    }
  });

  test('erase asks once more in place, then forgets everything, in every tab', async () => {
    const other = await web.openPage(watched, site);
    await waitForList(other);
    assert((await web.storedRecords(page)) > 0);
    await page.getByRole('button', { name: 'Erase everything' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Erase everything' }).click();
    await page.getByRole('button', { name: 'Erase now' }).click();
    await page.getByText('Nothing about you is stored here any more').waitFor();
    await web.visit(page, 'Home');
    await page.locator('.welcome').waitFor();
    assert.equal(await web.storedRecords(page), 0);
    await other.locator('.welcome').waitFor();
    await page.reload();
    await page.locator('.welcome').waitFor();
    assert.equal(await web.storedRecords(page), 0);
    await other.close();
  });

  test('the sample shows recommendations in one click and stores nothing', async () => {
    await page.getByRole('button', { name: 'Try it with a sample history' }).click();
    assert.equal((await waitForList(page)).length, 20);
    assert.equal(await web.storedRecords(page), 0);
    await page.getByRole('button', { name: 'Leave the sample' }).click();
    await page.locator('.welcome').waitFor();
  });

  test('nothing was asked of anyone but the page’s own origin, and nothing was complained of', async () => {
    assert(watched.requests.length > 5);
    const foreign = watched.requests.filter((url) => !url.startsWith(`${site.origin}/`));
    assert.deepEqual(
      foreign.filter((url) => !url.startsWith('blob:')),
      [],
    );
    assert.deepEqual(watched.complaints, []);
    await browser.close();
    const asked = web.pageRequestsInNetLog(netLog, site.origin);
    assert(
      asked.some((url) => url.endsWith('.safetensors')),
      'the log has the worker’s requests too',
    );
    assert.deepEqual(
      asked.filter((url) => !url.startsWith(`${site.origin}/`)),
      [],
    );
  });
});
