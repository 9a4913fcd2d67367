/** Thirty plays on three sites, with the extension's service worker ended between every two of their events: each is kept once, with what was heard of it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as rest } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { HistoryEntry } from '../../web/engine/src/types-history.ts';
import { catalogueNames } from './exports.ts';
import * as kit from './extension-kit.ts';
import { serveMusic, type MusicSite, type Style } from './extension-sites.ts';

/** What a listener does with a track. Seconds are those of the track. */
interface Way {
  readonly seconds: number;
  readonly rate: number;
  /** Until a second, and then: */
  readonly steps: readonly (readonly [
    until: number,
    then: 'pause' | { readonly seekTo: number },
  ])[];
  /** Goes on to the next one there; null: it is played to its end. */
  readonly leaveAt: number | null;
  readonly kind: 'play' | 'skip' | 'nothing';
}

const way = (
  kind: Way['kind'],
  seconds: number,
  rate: number,
  leaveAt: number | null,
  steps: Way['steps'] = [],
): Way => ({ kind, seconds, rate, leaveAt, steps });

/**
 * Half of it, or four minutes, is a play; the first half minute and no more a skip; anything else nothing. What is paused, moved in or left is
 * not played too fast: a tenth of a second of the machine is as many of the track as the rate says.
 */
const SONGS: readonly Way[] = [
  way('play', 40, 8, null),
  way('play', 40, 4, 25),
  way('play', 44, 4, 30, [[10, 'pause']]),
  way('play', 40, 4, null, [[12, { seekTo: 26 }]]),
  way('play', 40, 4, 15, [[15, { seekTo: 5 }]]),
  way('skip', 50, 1, 5),
  way('play', 31, 1, 17, [[3, 'pause']]),
  way('play', 60, 16, null),
  way('nothing', 120, 16, 40),
  way('play', 36, 4, 19, [
    [6, 'pause'],
    [12, { seekTo: 2 }],
    [8, 'pause'],
  ]),
  way('skip', 80, 4, 9, [
    [4, { seekTo: 60 }],
    [64, { seekTo: 4 }],
  ]),
  way('play', 40, 4, null, [[20, 'pause']]),
  way('play', 33, 4, 22),
];
/** In one sound without a break nobody knows how long a song is, and where it ends is seen within a quarter of a second: not too fast. */
const STREAMED: readonly Way[] = [way('play', 300, 3, 243), way('nothing', 300, 3, 40)];

interface Part {
  readonly host: string;
  readonly style: Style;
  readonly ways: readonly Way[];
}

/** At the same time, in tabs of their own. */
const PARTS: readonly Part[] = [
  { host: 'localhost', style: 'element', ways: SONGS },
  { host: '127.0.0.1', style: 'loose', ways: SONGS },
  { host: 'radio.localhost', style: 'frame', ways: SONGS.filter(({ rate }) => rate > 1) },
  { host: 'radio.localhost', style: 'stream', ways: STREAMED },
];

interface Expected {
  readonly artist: string;
  readonly title: string;
  readonly kind: Way['kind'];
  readonly seconds: number;
  readonly startedAt: number;
}

const of = (entries: readonly HistoryEntry[], { title }: Expected): readonly HistoryEntry[] =>
  entries.filter(({ track }) => track.title === title);

describe('listening', () => {
  const folder = kit.temporaryFolder();
  const names = catalogueNames();
  const expected: Expected[] = [];
  const sites = new Map<string, MusicSite>();
  let extension: kit.Extension;
  let entries: readonly HistoryEntry[];
  let ended = 0;
  let events = 0;
  /** A page that is gone cannot tell anything twice: nobody is ended while it says its last. */
  let parting: Promise<unknown> = Promise.resolve();

  before(async () => {
    for (const host of new Set(PARTS.map((part) => part.host))) {
      sites.set(host, await serveMusic(host));
    }
    const asked = [...sites.values()].map(({ site }) => site);
    extension = await kit.startExtension(folder.path, { sites: asked });
  });
  after(async () => {
    await extension.close();
    for (const site of sites.values()) await site[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** What comes next finds no service worker; the one before had a moment to work every other time only. */
  async function end(): Promise<void> {
    if (++events % 2 === 0) await rest(150);
    await parting;
    if (await extension.endWorker()) ended += 1;
  }

  async function hear(page: Page, { seconds, steps, leaveAt }: Way): Promise<void> {
    const until = (second: number): Promise<void> => page.evaluate((at) => stage.until(at), second);
    for (const [second, then] of steps) {
      await until(second);
      if (then === 'pause') {
        await page.evaluate(() => stage.pause());
        await end();
        await rest(300);
        await page.evaluate(() => stage.resume());
      } else {
        await page.evaluate((to) => stage.seek(to), then.seekTo);
      }
      await end();
    }
    await until(leaveAt ?? seconds + 1);
    if (leaveAt === null) await end();
  }

  async function visit({ host, style, ways }: Part): Promise<void> {
    const page = await extension.context.newPage();
    await page.goto(`${sites.get(host)?.origin}/${style}`);
    let last: Omit<Expected, 'seconds'> | null = null;
    const note = (seconds: number): void => {
      if (last !== null) expected.push({ ...last, seconds });
    };
    for (const one of ways) {
      const i = PARTS.findIndex((part) => part.style === style);
      const artist = names[100 * i + ways.indexOf(one)] ?? '';
      const title = `Song ${ways.indexOf(one)} of ${host} as ${style}`;
      const track = { artist, title, album: 'Album', seconds: one.seconds };
      const startedAt = Date.now();
      note(
        await page.evaluate(([next, rate]) => stage.play(next, rate), [track, one.rate] as const),
      );
      last = { artist, title, kind: one.kind, startedAt };
      await end();
      await hear(page, one);
    }
    await page.evaluate(() => stage.pause());
    note(await page.evaluate(() => stage.heard()));
    await end();
    parting = page.goto('about:blank').then(() => rest(500));
    await end();
    await page.close();
  }

  test('sites are turned on by their switch, and nothing else is', async () => {
    const page = await extension.open('popup.html');
    assert.deepEqual(await kit.granted(page), []);
    await page.close();
    for (const { origin, site } of sites.values()) {
      const popup = await kit.openPopupOver(extension, `${origin}/element`);
      const its = popup.getByRole('switch', { name: new RegExp(new URL(site).hostname) });
      assert.equal(await its.getAttribute('aria-checked'), 'false');
      await its.click();
      await popup.locator('.this-site [aria-checked=true]').waitFor();
      await popup.close();
    }
    const again = await extension.open('popup.html');
    const asked = [...sites.values()].map(({ site }) => `${site}/*`);
    assert.deepEqual((await kit.granted(again)).toSorted(), asked.toSorted());
    await again.close();
  });

  test('thirty plays are kept once each, with what was heard of them', async () => {
    await Promise.all(PARTS.map(visit));
    const popup = await extension.open('popup.html');
    entries = await kit.historyOf(popup);
    await popup.close();
    const plays = expected.filter(({ kind }) => kind === 'play');
    assert.equal(plays.length, 30);
    const wrong = plays.flatMap((play) => {
      const kept = of(entries, play);
      const heard = kept.map(({ playedMs = 0 }) => (playedMs / 1000).toFixed(2)).join(', ');
      const told = `${play.title}: heard ${play.seconds.toFixed(2)} s, kept ${heard || 'nothing'}`;
      console.log(told);
      const [only] = kept;
      const isRight =
        kept.length === 1 &&
        only?.kind === 'play' &&
        only.track.artist === play.artist &&
        Math.abs((only.playedMs ?? 0) / 1000 - play.seconds) <= 1 &&
        Math.abs(Number(new Date(only.at)) - play.startedAt) <= 3000;
      return isRight ? [] : [told];
    });
    assert.deepEqual(wrong, []);
    console.log(`${events} times nobody was there for what came next, ended just before: ${ended}`);
    assert(ended >= 30);
  });

  test('what was given up in its first moments is kept as that, and what is neither is not kept', () => {
    for (const each of expected.filter(({ kind }) => kind !== 'play')) {
      const kinds = of(entries, each).map(({ kind }) => kind);
      assert.deepEqual(kinds, each.kind === 'skip' ? ['skip'] : [], each.title);
    }
    assert.equal(entries.length, expected.filter(({ kind }) => kind !== 'nothing').length);
  });

  test('artists are recommended, each with a reason from what was played', async () => {
    const popup = await extension.open('popup.html');
    await popup.locator('.row').nth(5).waitFor();
    const reasons = await popup.locator('.row .reason').allInnerTexts();
    assert.equal(reasons.length, 6);
    for (const reason of reasons) assert.match(reason, /^Because you played .+\.$/);
    await popup.close();
  });

  test('nothing was complained about', () => {
    assert.deepEqual(extension.complaints, []);
  });
});
