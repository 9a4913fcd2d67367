import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { hostOf, shownPlay, siteInUse } from '../src/ui/state/choose.ts';
import { openPanel } from '../src/ui/state/open-panel.ts';
import { searchedHost, searchLink } from '../src/ui/state/search-link.ts';
import { en } from '../src/ui/words/en.ts';
import { zh } from '../src/ui/words/zh.ts';
import type { NowPlaying } from '../src/wire/calls.ts';

function play(change: Partial<NowPlaying> = {}): NowPlaying {
  return {
    ...{ tabId: 1, origin: 'https://radio.example', artist: 'Low', title: 'Words', album: '' },
    ...{ playing: true, at: 0, search: null, ...change },
  };
}

describe('what is shown as playing', () => {
  it('is what plays in the tab in view, else anywhere, else what was paused last', () => {
    const [first, second] = [play({ tabId: 1 }), play({ tabId: 2 })];
    assert.equal(shownPlay([first, second], 2), second);
    assert.equal(shownPlay([first, second], 9), first);
    const paused = play({ tabId: 3, playing: false });
    assert.equal(shownPlay([paused, second], 3), second);
    assert.equal(shownPlay([paused], null), paused);
    assert.equal(shownPlay([], 1), null);
  });
});

describe('where a search opens', () => {
  const on = ['https://artist.bandcamp.com', 'http://jellyfin.home'];

  it('is the site in view when it is on, else the one that plays, else the one in view', () => {
    const bandcamp = 'https://artist.bandcamp.com';
    assert.equal(siteInUse([play()], on, bandcamp)?.origin, bandcamp);
    assert.equal(siteInUse([play()], on, 'https://news.example')?.origin, 'https://radio.example');
    assert.equal(siteInUse([], on, 'https://news.example')?.origin, 'https://news.example');
    assert.equal(siteInUse([], on, null), null);
  });

  it('takes the search that a page told of, with the port that a site has none of', () => {
    const search = 'http://localhost:8096/find?q={words}';
    const now = [play({ origin: 'http://localhost:8096', search })];
    const used = siteInUse(now, ['http://localhost'], 'http://localhost');
    const href = 'http://localhost:8096/find?q=Sigur%20R%C3%B3s';
    assert.deepEqual(searchLink(used, 'Sigur Rós'), { href, host: 'localhost:8096' });
    assert.equal(searchedHost(used), 'localhost:8096');
  });

  it('is the web, and says so, where there is no search to trust', () => {
    const href = 'https://duckduckgo.com/?q=AC%2FDC+%26+more';
    const lies = play({ search: 'javascript:alert({words})' });
    for (const used of [null, siteInUse([lies], [], null), siteInUse([play()], [], null)]) {
      assert.deepEqual(searchLink(used, 'AC/DC & more'), { href, host: null });
      assert.equal(searchedHost(used), null);
    }
  });

  it('names a site as a person does', () => {
    assert.equal(hostOf('https://artist.bandcamp.com'), 'artist.bandcamp.com');
    assert.equal(hostOf('https://*.bandcamp.com'), '*.bandcamp.com');
    assert.equal(hostOf('*://*'), '*');
    assert.equal(hostOf('<all_urls>'), '*');
  });
});

describe('the panel', () => {
  const globals = globalThis as { chrome?: unknown; browser?: unknown; location?: unknown };
  const created: string[] = [];
  const tabs = {
    create: ({ url }: { url: string }) => Promise.resolve(created.push(url)),
  };
  globals.location = { href: 'chrome-extension://id/ui/popup.html' };

  afterEach(() => {
    delete globals.chrome;
    delete globals.browser;
    created.length = 0;
  });

  it('opens at the side in Chromium and in Firefox', async () => {
    const opened: unknown[] = [];
    const open = (where?: unknown): Promise<number> => Promise.resolve(opened.push(where));
    globals.chrome = { tabs, sidePanel: { open } };
    await openPanel(5);
    globals.chrome = { tabs };
    globals.browser = { sidebarAction: { open } };
    await openPanel(5);
    assert.deepEqual(opened, [{ windowId: 5 }, undefined]);
    assert.deepEqual(created, []);
  });

  it('opens in a tab where there is no side, or the browser does not open it', async () => {
    globals.chrome = { tabs };
    await openPanel(5);
    globals.chrome = { tabs, sidePanel: { open: () => Promise.reject(new Error('no')) } };
    await openPanel(5);
    const panel = 'chrome-extension://id/ui/panel.html';
    assert.deepEqual(created, [panel, panel]);
  });
});

/** All that a listener may read, with the same arguments in each language. */
function said(words: object): readonly string[] {
  return Object.values(words).flatMap((each: unknown): readonly string[] => {
    if (typeof each === 'string') return [each];
    if (typeof each === 'function') {
      return [1, 2, 1200].map((n) => String((each as (...args: unknown[]) => unknown)(n, n)));
    }
    return said(each as object);
  });
}

describe('the words', () => {
  it('are there in both languages, and Chinese has none left in English', () => {
    const [english, chinese] = [said(en), said(zh)];
    assert.equal(chinese.length, english.length);
    for (const text of [...english, ...chinese]) assert.notEqual(text.trim(), '');
    const same = chinese.filter((text) => text !== 'Ossicle' && !/\p{Script=Han}/u.test(text));
    assert.deepEqual(same, []);
  });
});
