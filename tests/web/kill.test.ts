/**
 * A Chromium that is killed while listens come in and while an export is read: whatever the page called done is there when the profile is opened
 * again, once. "Done" is what the page told this process, which outlives the browser.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { catalogueNames, listenBrainzLine, plays, seeded, type Play } from './exports.ts';
import * as real from './real-chromium.ts';
import * as web from './site.ts';

const KILLS_EACH = 5;
const EXPORT_LISTENS = 6000;
/** The moments of the kills. */
const random = seeded(20);

const folder = web.temporaryFolder();
/** Every play that was acknowledged, over all kills. */
const acknowledged = new Set<string>();
let site: web.Site;
let chromium: real.RealChromium;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The page over the profile as it was left; each play that it says is stored comes to `told`. */
async function reopened(told: (play: string) => void): Promise<Page> {
  chromium = await real.startChromium(folder.path);
  await chromium.watched.context.exposeFunction('acknowledge', told);
  const page = await web.openPage(chromium.watched, site);
  await page.waitForFunction(() => document.querySelector('.list, .first-run') !== null);
  await real.findParts(page);
  return page;
}

/** What was acknowledged is there, nothing is there twice, and the page works. */
async function check(page: Page, round: string): Promise<readonly string[]> {
  const stored = await real.storedPlays(page);
  const { lost, twice } = real.amiss(acknowledged, stored);
  const n = acknowledged.size;
  console.log(`${round}: acknowledged ${n}, found ${n - lost.length}, lost ${lost.length}`);
  assert.deepEqual(lost.slice(0, 5), []);
  assert.deepEqual(twice.slice(0, 5), []);
  assert.equal(await real.countedEvents(page), stored.length, 'the engine and the store agree');
  await page.locator('.row').nth(19).waitFor();
  assert.deepEqual(chromium.watched.complaints, []);
  return stored;
}

before(async () => {
  site = await web.serveSite();
});
after(async () => {
  await chromium.kill();
  await site[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

test(`killed ${KILLS_EACH} times while listens come in, it loses none that it acknowledged`, async () => {
  const artists = catalogueNames().slice(0, 50);
  for (let round = 0; round < KILLS_EACH; ++round) {
    let left = 50 + Math.floor(random() * 400);
    const { promise: enough, resolve } = Promise.withResolvers<undefined>();
    const page = await reopened((play) => {
      acknowledged.add(play);
      left -= 1;
      if (left === 0) resolve(undefined);
    });
    if (round > 0) await check(page, `listening, kill ${round}`);
    // The demo album plays, and each piece is left after a moment: as quick as a player gives listens.
    if (round === 0) await page.evaluate(() => parts.music.addDemo());
    await page.evaluate(
      ({ artists: names, round: kill }) => {
        const { acknowledge } = globalThis as unknown as { acknowledge: (play: string) => void };
        const { session, music } = parts;
        const keep = session.listen.bind(session);
        session.listen = async (event) => {
          await keep(event);
          if (session.state().problem !== null) return;
          const at = Math.floor(event.startedAt.getTime() / 1000);
          acknowledge(`${at} ${event.track.title ?? ''}`);
        };
        const zap = async (): Promise<never> => {
          await music.player.playTracks((await music.library.tracks({ limit: 40 })).rows);
          music.player.setRepeat('all');
          for (;;) {
            await new Promise((resolve) => setTimeout(resolve, 150));
            await music.player.next();
          }
        };
        // And beside it a listen as soon as the one before is acknowledged.
        const listen = async (): Promise<never> => {
          const engine = session.own;
          if (!engine) throw new Error('no engine');
          for (let i = 0; ; ++i) {
            const at = 1_600_000_000 + kill * 100_000 + i;
            const title = `Kill ${kill}, ${i}`;
            const artist = names[i % names.length] ?? '';
            await engine.listen({ track: { artist, title }, startedAt: new Date(1000 * at) });
            acknowledge(`${at} ${title}`);
          }
        };
        void zap();
        void listen();
      },
      { artists, round },
    );
    await enough;
    await pause(random() * 20);
    await chromium.kill();
  }
  const page = await reopened(() => undefined);
  const stored = await check(page, `listening, kill ${KILLS_EACH}`);
  const played = stored.filter((play) => !play.includes('Kill')).length;
  assert(played >= KILLS_EACH, `${played} plays of the demo album are among them`);
  await chromium.close();
});

/** Tells how many listens of the export are read, as the page shows it. */
function tellProgress(page: Page): Promise<void> {
  return page.evaluate(() => {
    const { acknowledge } = globalThis as unknown as { acknowledge: (n: string) => void };
    const { session } = parts;
    session.subscribe(() => {
      const { importing } = session.state();
      if (importing) acknowledge(String(importing.progress.listens));
    });
  });
}

test(`killed ${KILLS_EACH} times during an import, it keeps what was read, and the same file adds only the rest`, async () => {
  let onRead: (read: number) => void = () => undefined;
  const told = (read: string): void => onRead(Number(read));
  let page = await reopened(told);
  for (let round = 0; round < KILLS_EACH; ++round) {
    // Each export is of days of its own, so that no listen is in two of them.
    const listens = plays(EXPORT_LISTENS, 100 + round).map((play, i): Play => {
      const at = 1_300_000_000 + round * 10_000_000 + i * 600;
      return { ...play, at, title: `Import ${round}, ${i}` };
    });
    const file = { name: `kill-${round}.jsonl`, body: listens.map(listenBrainzLine).join('\n') };
    const keys = listens.map(({ at, title }) => real.playKey(at, title));
    const atLeast = Math.floor((0.05 + 0.85 * random()) * listens.length);
    const { promise: enough, resolve } = Promise.withResolvers<undefined>();
    let read = 0;
    onRead = (n) => {
      read = n;
      if (read >= atLeast) resolve(undefined);
    };
    await tellProgress(page);
    await web.chooseFile(page, file);
    await enough;
    await pause(random() * 20);
    await chromium.kill();
    // The file's listens are read, and acknowledged, in its own order.
    for (const key of keys.slice(0, read)) acknowledged.add(key);

    onRead = () => undefined;
    page = await reopened(told);
    const after = `importing, kill ${round + 1} after ${read} of ${EXPORT_LISTENS}`;
    const stored = new Set(await check(page, after));
    const before = keys.filter((key) => stored.has(key)).length;
    await web.chooseFile(page, file);
    await web.reportOf(page, file.name);
    const added = await page.evaluate(() => {
      const { outcome } = parts.session.state();
      return outcome?.kind === 'done' ? outcome.report.added : -1;
    });
    assert.equal(added, keys.length - before, 'what was missing, and no more');
    for (const key of keys) acknowledged.add(key);
  }
  await check(page, 'each export once more');
});
