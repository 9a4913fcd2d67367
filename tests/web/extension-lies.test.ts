/** Pages that lie: what they say is cut, made plain and bounded by the clock; it is text in our pages, and stops nobody from listening elsewhere. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as rest } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { HistoryEntry } from '../../web/engine/src/types-history.ts';
import { catalogueNames } from './exports.ts';
import * as kit from './extension-kit.ts';
import { serveMusic, type MusicSite, type Style, type Track } from './extension-sites.ts';

const MARKUP =
  '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
const UNSEEN = 'a\u0000b\u0007c\u001bd\u202ee\u2066f\ufeffg\u00adh\u2028i\nj\ud800k';
const MEGABYTE = 1 << 20;
/** Of a name as it is kept. */
const MOST_LETTERS = 300;
/** As often as a page may say that it plays faster than it does. */
const FASTEST = 16;

const TABS = ['One tab', 'Another tab'] as const;

describe('pages that lie', () => {
  const folder = kit.temporaryFolder();
  const [known = ''] = catalogueNames();
  let on: MusicSite;
  let off: MusicSite;
  let extension: kit.Extension;

  before(async () => {
    on = await serveMusic('localhost');
    off = await serveMusic('127.0.0.1');
    extension = await kit.startExtension(folder.path, { sites: [on.site] });
    await kit.turnOn(extension.witness, [on.site]);
  });
  after(async () => {
    await extension.close();
    for (const each of [on, off]) await each[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  async function visit(style: Style, { origin }: MusicSite = on): Promise<Page> {
    const page = await extension.context.newPage();
    await page.goto(`${origin}/${style}`);
    return page;
  }

  async function leave(page: Page): Promise<void> {
    await page.goto('about:blank');
    await rest(500);
    await page.close();
  }

  async function play(page: Page, track: Partial<Track>, until = 25): Promise<void> {
    const whole = { artist: known, title: 'A song', album: '', seconds: 40, ...track };
    await page.evaluate((next) => stage.play(next, 8), whole);
    await page.evaluate((second) => stage.until(second), until);
  }

  const kept = (): Promise<readonly HistoryEntry[]> => kit.historyOf(extension.witness);

  /** What was kept since. */
  async function during(lie: () => Promise<void>): Promise<readonly HistoryEntry[]> {
    const before = new Set((await kept()).map(({ id }) => id));
    await lie();
    return (await kept()).filter(({ id }) => !before.has(id));
  }

  test('a megabyte of title is cut', async () => {
    const entries = await during(async () => {
      const page = await visit('element');
      await page.evaluate(
        async ([artist, letters]) => {
          const much = 'long '.repeat(letters / 5);
          await stage.play({ artist, title: much, album: much, seconds: 40 }, 8);
          await stage.until(25);
        },
        [known, MEGABYTE] as const,
      );
      await leave(page);
    });
    assert.equal(entries.length, 1);
    const { title = '', album = '' } = entries[0]?.track ?? {};
    assert(title.startsWith('long long'));
    assert(title.length <= MOST_LETTERS && album.length <= MOST_LETTERS);
  });

  test('markup is text, and letters that cannot be seen are gone', async () => {
    const artist = `${MARKUP} ${UNSEEN}`;
    const page = await visit('element');
    const entries = await during(async () => {
      await play(page, { artist, title: MARKUP });
      await page.evaluate(() => stage.pause());
      const popup = await kit.openPopupOver(extension, `${on.origin}/element`);
      await popup.locator('.now-title').getByText('<img').waitFor();
      const markup = await popup.evaluate(
        () => document.querySelectorAll('#root img, #root script').length,
      );
      assert.equal(markup, 0);
      assert.notEqual(await popup.title(), 'owned');
      await popup.close();
      await leave(page);
    });
    assert.equal(entries.length, 1);
    const { artist: name = '', title = '' } = entries[0]?.track ?? {};
    assert(title.includes('<script>') && name.includes('<img src=x'));
    assert.doesNotMatch(name, /[\p{Cc}\p{Zl}\p{Zp}\u202e\u2066\ufeff\u00ad]/u);
    assert(name.isWellFormed());
    const list = await extension.open('privacy.html');
    await list.getByText('<img src=x').first().waitFor({ state: 'attached' });
    assert.notEqual(await list.title(), 'owned');
    await list.close();
  });

  test('a thousand tracks a second are no plays, and cost nobody anything', async () => {
    const page = await visit('element');
    const entries = await during(async () => {
      await play(page, { title: 'Before the flood' });
      const names = await page.evaluate(async () => {
        let n = 0;
        const flood = setInterval(() => {
          for (let i = 0; i < 10; ++i) {
            const [artist, title] = [`Artist ${n}`, `Track ${n++}`];
            navigator.mediaSession.metadata = new MediaMetadata({ artist, title });
          }
        }, 10);
        await new Promise((resolve) => setTimeout(resolve, 4000));
        clearInterval(flood);
        return n;
      });
      assert(names > 2000, `${names} names`);
      await leave(page);
    });
    assert(entries.length < 10, `${entries.length} were kept`);
    assert(entries.some(({ track }) => track.title === 'Before the flood'));
  });

  test('what the page’s world says of its sounds is bounded by the clock', async () => {
    const page = await visit('element');
    const entries = await during(async () => {
      await page.evaluate(async (artist) => {
        navigator.mediaSession.metadata = new MediaMetadata({ artist, title: 'Never played' });
        const say = (detail: unknown): void => {
          document.dispatchEvent(new CustomEvent('ossicle-sound', { detail }));
        };
        for (const detail of [
          null,
          1,
          '',
          '{',
          '[]',
          '"x"',
          'x'.repeat(1e6),
          {},
          '{"element":1e99}',
        ]) {
          say(detail);
        }
        const base = { element: 7, duration: 40, moves: true, ended: false, seeking: false };
        for (let i = 0; i < 60; ++i) {
          const told = { ...base, kind: 'timeupdate', seconds: i * 1000, rate: 1e9 };
          say(JSON.stringify(told));
          for (const seconds of [-1, 1e300, null, '9']) say(JSON.stringify({ ...told, seconds }));
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }, known);
      await leave(page);
    });
    assert(entries.length <= 1);
    // Three seconds passed, and a little.
    for (const { playedMs = 0 } of entries) assert(playedMs <= 5000 * FASTEST, `${playedMs} ms`);
  });

  test('a length that is none makes no play of a moment', async () => {
    for (const duration of [Number.NaN, -5, 1e300, 0.001]) {
      const entries = await during(async () => {
        const page = await visit('loose');
        await page.evaluate((length) => {
          Object.defineProperty(HTMLMediaElement.prototype, 'duration', { get: () => length });
        }, duration);
        await play(page, { title: `As long as ${duration}` }, 12);
        await leave(page);
      });
      assert.deepEqual(
        entries.filter(({ kind }) => kind === 'play'),
        [],
        String(duration),
      );
    }
  });

  test('of frames only those of a site that is on are heard, whatever they are in', async () => {
    const entries = await during(async () => {
      const page = await extension.context.newPage();
      await page.goto(`${off.origin}/element`);
      await page.evaluate((src) => {
        const frame = document.createElement('iframe');
        frame.allow = 'autoplay';
        frame.src = src;
        document.body.append(frame);
      }, `${on.origin}/element`);
      const inner = await page
        .waitForFunction(() => document.querySelector('iframe'))
        .then((handle) => handle.asElement()?.contentFrame());
      assert(inner);
      await inner.waitForFunction(() => 'stage' in globalThis);
      const song = { artist: known, album: '', seconds: 40 };
      await page.evaluate((next) => stage.play(next, 8), {
        ...song,
        title: 'In the page that is off',
      });
      await inner.evaluate((next) => stage.play(next, 8), {
        ...song,
        title: 'In the frame that is on',
      });
      await inner.evaluate(() => stage.until(25));
      await leave(page);
    });
    assert.deepEqual(
      entries.map(({ track }) => track.title),
      ['In the frame that is on'],
    );
  });

  test('fifty frames that all play are bounded, and two tabs at once are two plays', async () => {
    const heard: number[] = [];
    const entries = await during(async () => {
      const page = await visit('element');
      await page.evaluate(async () => {
        for (let i = 0; i < 50; ++i) {
          const frame = document.createElement('iframe');
          frame.allow = 'autoplay';
          frame.src = '/loose';
          document.body.append(frame);
          await new Promise((resolve) => frame.addEventListener('load', resolve));
          const { stage: inner } = frame.contentWindow as unknown as typeof globalThis;
          void inner.play({ artist: `Frame ${i}`, title: 'Frame', album: '', seconds: 40 }, 8);
        }
      });
      const tabs = await Promise.all(
        TABS.map(async (title) => {
          const tab = await visit('element');
          await play(tab, { title });
          return tab;
        }),
      );
      for (const tab of tabs) {
        await tab.evaluate(() => stage.pause());
        heard.push(await tab.evaluate(() => stage.heard()));
        await leave(tab);
      }
      await leave(page);
    });
    for (const [i, title] of TABS.entries()) {
      const its = entries.filter(({ track }) => track.title === title);
      assert.deepEqual(
        its.map(({ kind }) => kind),
        ['play'],
      );
      const seconds = (its[0]?.playedMs ?? 0) / 1000;
      console.log(`${title}: heard ${heard[i]?.toFixed(2)} s, kept ${seconds.toFixed(2)} s`);
      assert(Math.abs(seconds - (heard[i] ?? 0)) <= 1);
    }
    assert(entries.length <= 52);
  });

  test('after all of it a song is kept as ever, and nothing was complained about', async () => {
    const entries = await during(async () => {
      const page = await visit('element');
      await play(page, { title: 'The last one' });
      await leave(page);
    });
    assert.deepEqual(
      entries.map(({ track }) => track.title),
      ['The last one'],
    );
    const popup = await extension.open('popup.html');
    await popup.locator('.row').nth(5).waitFor();
    await popup.close();
    assert.deepEqual(extension.complaints, []);
  });
});
