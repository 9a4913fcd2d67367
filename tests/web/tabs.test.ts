/** Two tabs over one history: both listen and import at once, and one of them dies in the middle. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { catalogueNames, listenBrainzLine, plays, type Play } from './exports.ts';
import { amiss, countedEvents, findParts, playKey, storedPlays } from './real-chromium.ts';
import * as web from './site.ts';

const LISTENS = 60;
const EXPORTED = 2000;

let site: web.Site;
let browser: Browser;
let watched: web.Watched;

before(async () => {
  site = await web.serveSite();
  browser = await web.launch();
  watched = await web.watch(browser);
});
after(async () => {
  await browser.close();
  await site[Symbol.asyncDispose]();
});

async function opened(): Promise<Page> {
  const page = await web.openPage(watched, site);
  await page.locator('.list, .first-run').first().waitFor();
  await findParts(page);
  return page;
}

/** An export of its own days. */
function exported(name: string, day: number): { file: web.TestFile; keys: readonly string[] } {
  const listens = plays(EXPORTED, 7).map((play, i): Play => {
    return { ...play, at: 1_400_000_000 + day * 86_400 + i * 600, title: `${name}, ${i}` };
  });
  return {
    file: { name: `${name}.jsonl`, body: listens.map(listenBrainzLine).join('\n') },
    keys: listens.map(({ at, title }) => playKey(at, title)),
  };
}

/** `n` listens, each after the one before is acknowledged; their keys, in this order. */
function listen(page: Page, name: string, from: number, n: number): Promise<readonly string[]> {
  return page.evaluate(
    async ({ artists, title, start, count }) => {
      const { session } = parts;
      const keys: string[] = [];
      for (let i = 0; i < count; ++i) {
        const track = { artist: artists[i % artists.length] ?? '', title: `${title}, ${i}` };
        await session.listen({ track, startedAt: new Date(1000 * (start + i)) });
        if (session.state().problem) throw new Error(JSON.stringify(session.state().problem));
        keys.push(`${start + i} ${track.title}`);
      }
      return keys;
    },
    { artists: catalogueNames().slice(0, 40), title: name, start: from, count: n },
  );
}

async function taken(page: Page, { name, body }: web.TestFile): Promise<void> {
  await web.dropFile(page, { name, body });
  await web.reportOf(page, name);
}

/** Listens and reads an export until it is gone; what it has acknowledged comes to `keys`. */
async function busy(page: Page, name: string, from: number, day: number): Promise<Set<string>> {
  const keys = new Set<string>();
  const { file, keys: inFile } = exported(`${name} read`, day);
  const tell = (what: string | number): void => {
    if (typeof what === 'string') keys.add(what);
    else for (const key of inFile.slice(0, what)) keys.add(key);
  };
  await page.exposeFunction('acknowledge', tell);
  await page.evaluate(
    ({ artist, title, start }) => {
      const { acknowledge } = globalThis as unknown as {
        acknowledge: (what: string | number) => void;
      };
      const { session } = parts;
      session.subscribe(() => {
        const { importing } = session.state();
        if (importing) acknowledge(importing.progress.listens);
      });
      const listen = async (): Promise<never> => {
        for (let i = 0; ; ++i) {
          const track = { artist, title: `${title}, ${i}` };
          await session.own?.listen({ track, startedAt: new Date(1000 * (start + i)) });
          acknowledge(`${start + i} ${track.title}`);
        }
      };
      void listen();
    },
    { artist: catalogueNames()[3] ?? '', title: name, start: from },
  );
  await web.dropFile(page, file);
  return keys;
}

async function atLeast(keys: ReadonlySet<string>, n: number): Promise<void> {
  while (keys.size < n) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Both hold all of it once, say so, and show one list. */
async function agree(pages: readonly Page[], keys: ReadonlySet<string>): Promise<void> {
  const lists: string[] = [];
  for (const page of pages) {
    await page.waitForFunction(
      async (n) => (await parts.session.own?.profile())?.events === n,
      keys.size,
    );
    const stored = await storedPlays(page);
    const { lost, twice } = amiss(keys, stored);
    console.log(
      `acknowledged ${keys.size}, found ${stored.length}, lost ${lost.length}, twice ${twice.length}`,
    );
    assert.deepEqual(lost.slice(0, 5), []);
    assert.deepEqual(twice.slice(0, 5), []);
    assert.equal(await countedEvents(page), keys.size);
    await page.waitForFunction((n) => parts.session.state().profile?.events === n, keys.size);
    lists.push((await web.names(page)).join('\n'));
  }
  assert.equal(new Set(lists).size, 1, 'one list in all tabs');
}

const all = new Set<string>();

test('two tabs listen and import at once, one export in both: nothing is lost, nothing is there twice', async () => {
  const [one, two] = [await opened(), await opened()];
  const [first, second, both] = [
    exported('First', 0),
    exported('Second', 1000),
    exported('Both', 2000),
  ];
  const heard = await Promise.all([
    listen(one, 'Heard here', 1_600_000_000, LISTENS),
    listen(two, 'Heard there', 1_610_000_000, LISTENS),
    taken(one, first.file).then(() => taken(one, both.file)),
    taken(two, second.file).then(() => taken(two, both.file)),
  ]);
  for (const keys of [heard[0], heard[1], first.keys, second.keys, both.keys]) {
    for (const key of keys) all.add(key);
  }
  await agree([one, two], all);
  await one.close();
  await two.close();
});

test('one export that both tabs read piece by piece at the same time is there once', async () => {
  const [one, two] = [await opened(), await opened()];
  for (let i = 0; i < 2; ++i) {
    const { file, keys } = exported(`Same ${i}`, 100 * i + 3000);
    await Promise.all([taken(one, file), taken(two, file)]);
    for (const key of keys) all.add(key);
    await agree([one, two], all);
  }
  await one.close();
  await two.close();
});

test('a tab that crashes and one that is closed take nothing along, and the third goes on', async () => {
  const pages = [await opened(), await opened(), await opened()] as const;
  const [one, two, three] = pages;
  const crashing = await busy(two, 'Crashed', 1_620_000_000, 4000);
  const closing = await busy(three, 'Closed', 1_630_000_000, 3500);
  const hearing = listen(one, 'Went on', 1_640_000_000, LISTENS);
  await Promise.all([atLeast(crashing, 300), atLeast(closing, 300)]);
  const gone = two.waitForEvent('crash');
  const cdp = await watched.context.newCDPSession(two);
  // It never answers.
  cdp.send('Page.crash').catch(() => undefined);
  await Promise.all([gone, three.close()]);
  for (const key of [...crashing, ...closing, ...(await hearing)]) all.add(key);
  const stored = await storedPlays(one);
  const { lost, twice } = amiss(all, stored);
  console.log(
    `acknowledged ${all.size}, found ${all.size - lost.length}, lost ${lost.length}, twice ${twice.length}`,
  );
  assert.deepEqual(lost.slice(0, 5), []);
  assert.deepEqual(twice.slice(0, 5), []);
  // What was stored and not yet acknowledged may be there too.
  for (const key of stored) all.add(key);
  for (const name of ['Crashed', 'Closed']) {
    const { file, keys } = exported(`${name} read`, name === 'Closed' ? 3500 : 4000);
    await taken(one, file);
    for (const key of keys) all.add(key);
  }
  await two.close();
  await agree([one, await opened()], all);
});

test('nothing was complained about in any tab', () => {
  assert.deepEqual(watched.complaints, []);
});
