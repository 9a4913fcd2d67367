/**
 * Contributions of a listener, from the page to the aggregators of a real server: nothing is asked before it is wished for, what would be sent is shown first and byte for byte,
 * what leaves says nothing of what was heard, and there is a way out.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openPrivacy } from '../../web/engine/src/node.ts';
import type { Server } from '../../web/server/src/server.ts';
import {
  bytesOf,
  combine,
  numbersIn,
  PARTS_BYTES,
  proofSizes,
  reportBytes,
  SEED_BYTES,
} from '../../web/wire/src/report/index.ts';
import {
  contribute,
  entry,
  isFocused,
  look,
  press,
  says,
  serverWithRound,
} from './contribute-kit.ts';
import { recordEgress, wordsIn, type Egress, type Sent } from './egress.ts';
import { listenBrainz, plays } from './exports.ts';
import { AXE } from './look.ts';
import * as web from './site.ts';

const DATABASE = 'ossicle-snapshots';
const ASSETS = new URL('../../web/engine/dist/assets/', import.meta.url);
const HOUR = 3_600_000;
/** Of a table of the round that is asked for. */
const SHAPE = { rows: 512, factors: 128, clip: 1, fractionBits: 10 };
const REPORT_BYTES = reportBytes(SHAPE);

const CANARIES = ['canary-title-7f3a91c2', 'canary-album-b04d55e8'] as const;
const heard = plays(3000, 5);
const history: web.TestFile = {
  name: 'listens.jsonl',
  body: listenBrainz(heard.map((play) => ({ ...play, title: CANARIES[0], album: CANARIES[1] }))),
};

/** What a button saves. */
async function saved(page: Page, name: string): Promise<Buffer> {
  const download = page.waitForEvent('download');
  await press(page, name);
  return readFileSync(await (await download).path());
}

/** The line of a view that begins at this byte. */
function hexLine(bytes: Buffer, at: number): string {
  const pairs =
    bytes
      .subarray(at, at + 16)
      .toString('hex')
      .match(/../g) ?? [];
  return `${at.toString(16).padStart(6, '0')}  ${pairs.join(' ')}`;
}

describe('a contribution', () => {
  const folder = web.temporaryFolder();
  let server: Server;
  let egress: Egress;
  let browser: Browser;
  let watched: web.Watched;
  let page: Page;
  let named: readonly string[];

  /** What left for /sync/ since the last time. */
  let seen = 0;
  const left = (): readonly Sent[] => {
    const all = egress.sent.filter(({ line }) => line.includes('/sync/'));
    const fresh = all.slice(seen);
    seen = all.length;
    return fresh;
  };
  const posted = (path: string): readonly Sent[] =>
    egress.sent.filter(({ line }) => line.startsWith('POST ') && line.includes(path));
  /** That the aggregators have `reports` reports between them. */
  const counted = async (reports: number): Promise<void> => {
    const { a, b } = server.operators ?? {};
    const [round] = b?.rounds() ?? [];
    assert(a && b && round);
    for (const { store } of [a, b]) {
      let found = NaN;
      for (let tries = 0; tries < 100 && found !== reports; ++tries) {
        if (tries > 0) await new Promise((resolve) => setTimeout(resolve, 50));
        found = (await store.blocks(round.id)).reduce((sum, { count }) => sum + count, 0);
      }
      assert.equal(found, reports);
    }
  };
  const listener = async (): Promise<Page> => {
    watched = await web.watch(browser, { acceptDownloads: true, reducedMotion: 'reduce' });
    await watched.context.addInitScript({ content: AXE });
    await watched.context.clock.install();
    return web.openPage(watched, server);
  };
  /** Nothing was complained of, and nobody else was asked for anything. */
  const leave = async (): Promise<void> => {
    assert.deepEqual(watched.complaints, []);
    const others = watched.requests.filter((url) => !url.startsWith(`${server.origin}/`));
    assert(others.every((url) => url.startsWith('blob:')));
    await watched.context.close();
  };
  /** To the end of the minute that a report is sent in, as the page says it. */
  const passTheMoment = async (): Promise<void> => {
    const said = await entry(page)
      .getByText(/^Made and sent on /)
      .innerText();
    const [, day, time] = /^Made and sent on (.*) at (\d\d:\d\d) if/.exec(said) ?? [];
    const now = await page.evaluate(() => Date.now());
    await page.clock.fastForward(Date.parse(`${day} ${time}:59`) + 1000 - now);
  };

  before(async () => {
    const port = await web.freePort();
    const url = `http://localhost:${port}/sync/`;
    ({ server } = await serverWithRound(join(folder.path, 'data'), port, url));
    egress = await recordEgress();
    browser = await web.launch({ flags: egress.flags });
    page = await listener();
  });
  after(async () => {
    await browser.close();
    await egress[Symbol.asyncDispose]();
    await server.close();
    folder[Symbol.dispose]();
  });

  test('is not asked for by a page that nobody told to', async () => {
    await web.dropFile(page, history);
    await web.reportOf(page, history.name);
    await web.visit(page, 'Privacy');
    assert(await contribute(page).isDisabled());
    await says(page, /it is not asked before you say so/);
    await page.reload();
    await entry(page).waitFor();
    assert.deepEqual(left(), []);
    assert(!(await web.databases(page)).includes(DATABASE));
    await page.getByText('Nothing: no contribution, 0 bytes.').waitFor();
  });

  test('begins with what it means: figures, limits, and in the strongest words that one host has both halves', async () => {
    await press(page, 'Ask whether it does');
    await says(page, /^It may\. Switch this on to read/);
    assert.deepEqual(
      left().map(({ line }) => new URL(line.slice(4)).pathname),
      ['/sync/policy.json'],
    );
    assert(await isFocused(contribute(page)));
    await page.keyboard.press('Space');
    const title = page.getByRole('heading', { name: 'What it means to contribute' });
    await says(page, /^Both aggregators are at localhost:\d+\. Whoever runs it can put your two/);
    assert(await isFocused(title));
    await says(page, /picks you 54 times in 100 .* 62 times after the 12 of a year/);
    await says(page, /ε is 0\.66 and 2\.45, at δ = 10⁻⁸/);
    await says(page, /one of 2 blocks of 512 well-known artists/);
    assert.equal(await contribute(page).getAttribute('aria-checked'), 'false');
    await look(page, 'consent', title);
    assert(left().every(({ line }) => line.startsWith('GET ')));
  });

  test('is shown before anything is decided, and what is shown are its bytes', async () => {
    await press(page, 'Show exactly what would be sent');
    const list = entry(page).locator('.said li');
    await list.first().waitFor();
    named = await list.allInnerTexts();
    assert(named.length > 0 && named.length <= 20);
    const artists = new Set(heard.map(({ artist }) => artist));
    assert(named.every((name) => artists.has(name)));

    for (const summary of await entry(page).locator('.said-bytes summary').all()) {
      await summary.click();
    }
    const [table, a, seed, proof] = [
      await saved(page, 'Save the table'),
      await saved(page, 'Save half A'),
      await saved(page, 'Save half B'),
      await saved(page, 'Save the proof'),
    ];
    assert.equal(seed.length, SEED_BYTES);
    assert.equal(a.length, table.length);
    const numbers = numbersIn(a);
    const b = (await openPrivacy(ASSETS)).expand(seed, numbers.length);
    assert.deepEqual(bytesOf(combine(a, bytesOf(b))), new Uint8Array(table), 'half A and half B');
    assert.equal(proof.length, proofSizes(SHAPE).proof + PARTS_BYTES);

    const width = 4 * (SHAPE.factors + 1);
    const rows = Array.from({ length: table.length / width }, (_, i) =>
      table.subarray(i * width, (i + 1) * width),
    );
    const said = rows.filter((row) => row.some((byte) => byte !== 0));
    assert.equal(said.length, named.length);
    assert(
      said.every((row) => row.equals(said[0] ?? row)),
      'one direction for all of them',
    );
    for (const [region, title, bytes, at] of [
      ['The table', named[0], table, rows.findIndex((row) => row === said[0]) * width],
      ['The proof', 'With half A', proof, 0],
    ] as const) {
      const hex = entry(page).getByRole('region', { name: region }).locator('pre');
      assert.equal(await hex.nth(0).innerText(), title);
      assert.equal(await hex.nth(1).innerText(), hexLine(bytes, at));
    }
    await says(page, /^Sealed, .* the report has [\d,]+ bytes, whatever is in it\.$/);
    const sealed = await entry(page)
      .getByText(/^Sealed, /)
      .innerText();
    assert.equal(/([\d,]+) bytes/.exec(sealed)?.[1]?.replaceAll(',', ''), String(REPORT_BYTES));
    await look(page, 'preview', entry(page).locator('.preview'));
    await look(page, 'proof', entry(page).getByText('The proof', { exact: true }));
    assert(left().every(({ line }) => line.startsWith('GET ')));
  });

  test('is not made when the answer is no', async () => {
    await page.keyboard.press('Escape');
    await entry(page).locator('.consent').waitFor({ state: 'detached' });
    assert(await isFocused(contribute(page)));
    await page.clock.fastForward(2 * HOUR);
    await page.reload();
    await entry(page).waitFor();
    await page.clock.fastForward(2 * HOUR);
    assert.equal(await contribute(page).getAttribute('aria-checked'), 'false');
    assert.deepEqual(left(), []);
  });

  test('that was agreed to is sent at its moment and not before, always as large, and counted once', async () => {
    await press(page, 'Ask whether it does');
    await contribute(page).click();
    await says(page, /^Both aggregators are at/);
    await press(page, 'Contribute');
    await says(page, /^Your report is not made yet\./);
    await says(page, /^Made and sent on /);
    await says(page, /^Both aggregators are at localhost:\d+: whoever runs it can read/);
    assert.equal(await contribute(page).getAttribute('aria-checked'), 'true');
    assert(await isFocused(contribute(page)));
    await look(page, 'waiting', contribute(page));
    assert.deepEqual(posted('/sync/reports/'), []);
    await counted(0);
    const privately = page.getByRole('switch', { name: 'Private session', exact: true });
    await privately.click();
    await says(page, 'A private session is on: nothing is made or sent until it ends.');
    await privately.click();
    await says(page, /^Made and sent on /);

    await passTheMoment();
    await says(page, 'This round has your report. Nothing more is sent in it.');
    await says(page, '1 of 12 reports in a year: ε 0.66 of at most 2.45.');
    const [report, ...more] = posted('/sync/reports/');
    assert.equal(more.length, 0);
    const size = Number(/\ncontent-length\n(\d+)\n/i.exec(String(report?.bytes))?.[1]);
    assert.equal(size, REPORT_BYTES);
    await counted(1);
    await look(page, 'sent', contribute(page));
  });

  test('is told wherever the page says what has left', async () => {
    await page.getByText('Nothing has left this device but sealed statistics.').waitFor();
    await page.getByText(/^1 contribution within a year, the last on/).waitFor();
    await page.getByRole('img', { name: '1 of 12 contributions this year' }).waitFor();
    await page.getByRole('link', { name: 'What has left this device' }).waitFor();
    await page.locator('#proof summary').click();
    const proof = page.locator('#proof');
    await proof.getByRole('button', { name: 'Your contribution: a sealed report 1' }).waitFor();
    await proof.getByText(/but the sealed reports that you agreed to/).waitFor();
    assert.equal(await proof.getByText('Not known').count(), 0);
    await page.getByRole('row', { name: /Record of contributions/ }).waitFor();
    await page.getByRole('button', { name: 'Erase everything' }).click();
    await page.getByText(/also forgets what was spent/).waitFor();
    await page.getByRole('button', { name: 'Keep it' }).click();
  });

  test('ends when it is switched off, which asks nothing and says what stays', async () => {
    await contribute(page).click();
    await says(page, 'Nothing is sent any more. What was added up stays in the sums.');
    assert.equal(await contribute(page).getAttribute('aria-checked'), 'false');
    await says(page, '1 of 12 reports in a year: ε 0.66 of at most 2.45.');
    left();
    await page.reload();
    await says(page, 'Nothing is sent any more. What was added up stays in the sums.');
    await page.clock.fastForward(100 * HOUR);
    assert.deepEqual(left(), []);
  });

  test('is forgotten when everything is erased', async () => {
    await page.getByRole('button', { name: 'Erase everything' }).click();
    await page.getByRole('button', { name: 'Erase now' }).click();
    await page.getByText('Nothing about you is stored here any more').waitFor();
    for (let tries = 0; (await web.databases(page)).includes(DATABASE); ++tries) {
      assert(tries < 100, 'the database is still there');
      await page.waitForTimeout(100);
    }
    assert.equal(await web.storedRecords(page), 0);
    await page.reload();
    await entry(page).waitFor();
    assert.equal(await contribute(page).getAttribute('aria-checked'), 'false');
    assert(await contribute(page).isDisabled());
    assert.deepEqual(left(), []);
    await leave();
  });

  test('of somebody who listened to nothing looks the same from outside', async () => {
    page = await listener();
    await web.visit(page, 'Privacy');
    await press(page, 'Ask whether it does');
    await contribute(page).click();
    await says(page, /^Both aggregators are at/);
    await press(page, 'Show exactly what would be sent');
    await says(page, /All 512 rows are zeros, and the report is as large as any other/);
    await press(page, 'Contribute');
    await says(page, /^Made and sent on /);
    await passTheMoment();
    await says(page, 'This round has your report. Nothing more is sent in it.');
    for (const path of ['/sync/reports/', '/sync/tokens/']) {
      const [full, empty, ...more] = posted(path).map(({ bytes }) => bytes.length);
      assert(full !== undefined && more.length === 0, path);
      assert.equal(empty, full, path);
    }
    await counted(2);
    await leave();
  });

  test('has nothing of what was heard in it, nor has anything else that left', () => {
    const words = [...CANARIES, ...named.filter(({ length }) => length >= 10)];
    assert.deepEqual(
      egress.sent.flatMap(({ line, bytes }) =>
        wordsIn(bytes, words).map((word) => `${word} in ${line}`),
      ),
      [],
    );
    console.log(
      `${egress.sent.length} requests, ${posted('/sync/reports/').length} reports of ${REPORT_BYTES} bytes, 0 canaries`,
    );
  });
});
