/** Thousands of tracks in the page (OSSICLE_TRACKS; `make journey-large` has 20,000): read, learnt, listed, searched and recommended from, while the page stays quick to answer. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { listenBrainz, plays } from './exports.ts';
import { inside, tabMemory } from './inside.ts';
import { LONG_MS, recorded, witness, type Phase } from './main-thread.ts';
import { letPick, writeCollection } from './music-folder.ts';
import * as web from './site.ts';

const TRACKS = Number(process.env['OSSICLE_TRACKS'] ?? 6000);
const LISTENS = 5000;
const CALLS = 200;
/** What a listener notices. Time of a processor is a property of the machine, too, so the short run, which belongs to every test run, only tells a gross hold-up; `make journey-large` holds the page to it. */
const SLACK = TRACKS >= 20_000 ? 1 : 5;
const SLOWEST_MS = 50 * SLACK;
const LONGEST_MS = LONG_MS * SLACK;
const NOTHING = 'a call that does nothing';

describe(`a library of ${TRACKS} tracks`, () => {
  let site: web.Site;
  let browser: Browser;
  let watched: web.Watched;
  let page: Page;
  let cdp: CDPSession;
  const folder = web.temporaryFolder();
  const phases: Phase[] = [];

  const phase = async (name: string, work: () => Promise<void>): Promise<void> => {
    const done = await recorded(browser, page, name, work);
    phases.push(done);
    const { seconds, tasks, longest, observed, lagMs } = done;
    const [first] = longest;
    const most = first ? `${first.cpuMs.toFixed(0)} ms of CPU` : 'under 25 ms of CPU';
    console.log(
      `${name}: ${seconds.toFixed(1)} s, ${tasks} tasks, the longest ${most}; ${observed} long by the clock, largest lag ${lagMs.toFixed(0)} ms`,
    );
    for (const { atMs, cpuMs, wallMs, ran } of longest.slice(0, 12)) {
      console.log(
        `    at ${(atMs / 1000).toFixed(1)} s: ${cpuMs.toFixed(0)} ms of CPU, ${wallMs.toFixed(0)} by the clock: ${ran}`,
      );
    }
  };

  const memory = async (when: string): Promise<void> => {
    await cdp.send('HeapProfiler.collectGarbage');
    const { metrics } = await cdp.send('Performance.getMetrics');
    const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0;
    const whole = await tabMemory(browser);
    console.log(
      `memory of the tab ${when}: ${(whole / 1e6).toFixed(0)} MB, of it ${(heap / 1e6).toFixed(0)} MB objects of the page's main thread`,
    );
  };

  before(async () => {
    writeCollection(folder.path, TRACKS);
    site = await web.serveSite();
    browser = await web.launch();
    watched = await web.watch(browser, { viewport: { width: 1280, height: 900 } });
    page = await watched.context.newPage();
    await witness(page);
    await page.goto(`${site.origin}/`);
    await page.getByRole('button', { name: 'My folder' }).waitFor();
    cdp = await watched.context.newCDPSession(page);
    await cdp.send('Performance.enable');
    await web.dropFile(page, { name: 'listens.jsonl', body: listenBrainz(plays(LISTENS, 5)) });
    await page.locator('.row').nth(19).waitFor();
    await letPick(page, cdp, folder.path);
    await memory('with the catalogue and a history');
  });
  after(async () => {
    await browser.close();
    await site[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  test('is read and encoded with progress', { timeout: 1_800_000 }, async () => {
    const seen = { read: 0, bytes: 0, left: 0, learned: 0, learnedLeft: 0 };
    await web.visit(page, 'Library');
    await phase('reading and encoding', async () => {
      await page.getByRole('button', { name: 'Add a folder' }).click();
      await page.locator('.working').first().waitFor();
      for (;;) {
        const working = (await page.locator('.working').allInnerTexts()).join(' ');
        if (working === '') break;
        if (/Reading .*: [\d,]+ of [\d,]+/.test(working)) seen.read += 1;
        if (/[\d.]+ .?B of [\d.]+ .?B/.test(working)) seen.bytes += 1;
        if (/Reading [^]*left/.test(working)) seen.left += 1;
        if (/Learning .*: [\d,]+ of [\d,]+/.test(working)) seen.learned += 1;
        if (/Learning [^]*left/.test(working)) seen.learnedLeft += 1;
        await page.waitForTimeout(500);
      }
    });
    console.log(JSON.stringify(seen));
    for (const [what, times] of Object.entries(seen)) assert(times > 0, `${what} was never told`);
    const counted = new RegExp(`${TRACKS.toLocaleString('en-GB')} tracks on`);
    await page.getByText(counted).waitFor();
    await memory(`with ${TRACKS} tracks, read and encoded in this visit`);
  });

  test(`is recommended from within ${SLOWEST_MS} ms, end to end from the page`, async () => {
    await web.visit(page, 'Playlists');
    const objects = await inside(page);
    const measure = (): Promise<Readonly<Record<string, readonly number[]>>> =>
      objects.evaluate(
        async ({ music, session }, { calls, NOTHING }) => {
          const ids = await music.library.ids();
          const { own } = session;
          if (!own) throw new Error('no engine');
          const asks = {
            // What the machine adds to any call just now.
            [NOTHING]: () => music.library.get([]),
            'own tracks': (i: number) =>
              music.recommend({
                ...{ limit: 12, reasons: 2 },
                shelf: (['any', 'rediscover', 'unplayed'] as const)[i % 3] ?? 'any',
              }),
            artists: (i: number) =>
              own.recommend({ limit: 20, reasons: 8, diversity: i % 2 ? 0.2 : 0 }),
            'similar tracks': (i: number) =>
              music.similar(ids[(i * 997) % ids.length] ?? '', { limit: 60, reasons: 0 }),
          };
          const found: Record<string, number[]> = {};
          for (let i = 0; i < calls; ++i) {
            for (const [name, ask] of Object.entries(asks)) {
              const startedAt = performance.now();
              await ask(i);
              (found[name] ??= []).push(performance.now() - startedAt);
            }
          }
          return found;
        },
        { calls: CALLS, NOTHING },
      );
    const at = (times: readonly number[], part: number): number =>
      times.toSorted((a, b) => a - b)[Math.floor(part * times.length)] ?? Infinity;
    // Other work on the machine may fill a round, but not all of them.
    let worst = Infinity;
    for (let round = 0; round < 5 && worst > SLOWEST_MS; ++round) {
      const found = await measure();
      const noise = at(found[NOTHING] ?? [], 0.95);
      worst = Math.max(...Object.values(found).map((times) => at(times, 0.95))) - noise;
      for (const [name, times] of Object.entries(found)) {
        console.log(
          `${name}, ${times.length} calls: median ${at(times, 0.5).toFixed(1)} ms, p95 ${at(times, 0.95).toFixed(1)} ms`,
        );
      }
    }
    assert(worst <= SLOWEST_MS, `p95 is ${worst.toFixed(1)} ms`);
    await web.visit(page, 'Library');
  });

  test('is scrolled, filtered and sorted', async () => {
    await phase('scrolling the library', async () => {
      await page.locator('.track-row .row-play').first().waitFor();
      const box = await page.locator('.track-scroll').boundingBox();
      assert(box);
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      for (let i = 0; i < 40; ++i) {
        await page.mouse.wheel(0, i < 20 ? 600 : 12_000);
        await page.waitForTimeout(50);
      }
      await page.locator('.track-scroll').evaluate((list) => (list.scrollTop = list.scrollHeight));
      await page.locator('.track-row:last-child .row-play').last().waitFor();
      await page.getByLabel('Order by').selectOption('title');
      await page.waitForTimeout(700);
      await page.getByLabel('Filter').pressSequentially('velvet ocean', { delay: 60 });
      await page.waitForTimeout(700);
    });
  });

  test('is on every page', { timeout: 300_000 }, async () => {
    await phase('home', async () => {
      await web.visit(page, 'Home');
      await page.locator('.track-card').first().waitFor();
      await page.waitForTimeout(2000);
    });
    await phase('search, typing', async () => {
      await web.visit(page, 'Search');
      const field = page.getByRole('searchbox');
      await field.pressSequentially('silver harbour night', { delay: 80 });
      await page.locator('[data-found="tracks"] li').first().waitFor();
      await page.waitForTimeout(500);
      await field.fill('');
      await field.pressSequentially('sad piano music', { delay: 80 });
      await page.waitForTimeout(1000);
    });
    await phase('playlists', async () => {
      await web.visit(page, 'Playlists');
      await page.waitForTimeout(1500);
    });
    await phase('privacy', async () => {
      await web.visit(page, 'Privacy');
      await page.waitForTimeout(1500);
    });
    await phase('taste map', async () => {
      await web.visit(page, 'Taste');
      await page.getByRole('img', { name: /^A map of [\d,]+ stars/ }).waitFor({ timeout: 120_000 });
      await page.waitForTimeout(1000);
      const canvas = page.locator('.sky canvas');
      await canvas.scrollIntoViewIfNeeded();
      const box = await canvas.boundingBox();
      assert(box);
      for (let i = 0; i < 20; ++i) {
        await page.mouse.move(box.x + 40 + 20 * i, box.y + 60 + 8 * i);
      }
      for (let i = 0; i < 4; ++i) await page.getByRole('button', { name: 'Come closer' }).click();
      await page.waitForTimeout(1000);
    });
  });

  test(
    'is there at once after a reload, with nothing encoded anew',
    { timeout: 300_000 },
    async () => {
      await phase('reload', async () => {
        await page.reload();
        await web.visit(page, 'Home');
        await page.locator('.track-card').first().waitFor({ timeout: 120_000 });
        await page.locator('.working').first().waitFor({ state: 'detached', timeout: 120_000 });
      });
      await memory(`with ${TRACKS} tracks, after a reload`);
    },
  );

  test(`no task of the main thread took more than ${LONGEST_MS} ms`, () => {
    const long = phases
      .flatMap(({ longest }) => longest)
      .filter(({ cpuMs }) => cpuMs > LONGEST_MS)
      .map(({ phase: name, cpuMs, ran }) => `${name}: ${cpuMs.toFixed(0)} ms of CPU: ${ran}`);
    assert.deepEqual(long, []);
  });

  test('none of it made the page complain', () => assert.deepEqual(watched.complaints, []));
});
