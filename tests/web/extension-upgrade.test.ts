/** What was written outlives the browser, the version of the extension, and a tab that is closed in the middle. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as rest } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { Artist } from '../../web/engine/src/types.ts';
import * as kit from './extension-kit.ts';
import { serveMusic, type MusicSite } from './extension-sites.ts';

const FOUND = { artist: 'Radiohead', album: 'In Rainbows', seconds: 40 } as const;
const folder = kit.temporaryFolder();
let music: MusicSite;
let extension: kit.Extension;

/** Plays a track from its beginning to that second. */
async function hear(page: Page, title: string, until: number, rate: number): Promise<void> {
  await page.evaluate(([track, fast]) => stage.play(track, fast), [
    { ...FOUND, title },
    rate,
  ] as const);
  await page.evaluate((second) => stage.until(second), until);
}

async function visit(): Promise<Page> {
  const page = await extension.context.newPage();
  await page.goto(`${music.origin}/element`);
  return page;
}

before(async () => {
  music = await serveMusic('localhost');
  extension = await kit.startExtension(folder.path, { sites: [music.site] });
});
after(async () => {
  await extension.close();
  await music[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

test('a newer version has the history, the loves, the sites, and the play that was under way', async () => {
  await kit.turnOn(extension.witness, [music.site]);
  const page = await visit();
  await hear(page, 'Reckoner', 30, 8);
  await hear(page, 'Nude', 24, 8);
  const [entry] = await kit.historyOf(extension.witness);
  assert.equal(entry?.track.title, 'Reckoner');
  await kit.ask(extension.witness, 'feedback', [entry.artistId, 'love']);
  // Kept as it is told of, every ten seconds at the least; the browser goes while it plays.
  await page.evaluate(() => stage.pause());
  await rest(2000);
  await extension.kill();

  const manifest = join(folder.path, 'extension', 'manifest.json');
  const before = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  writeFileSync(manifest, JSON.stringify({ ...before, version: '9.0.0' }));
  extension = await kit.reopenExtension(folder.path);
  const { witness } = extension;
  assert.equal(await witness.evaluate(() => chrome.runtime.getManifest().version), '9.0.0');
  assert.deepEqual(await kit.granted(witness), [`${music.site}/*`]);
  const loved = await kit.ask<readonly Artist[]>(witness, 'flagged', ['love']);
  assert.deepEqual(
    loved.map(({ name }) => name),
    ['Radiohead'],
  );
  const titles = async (): Promise<readonly (string | undefined)[]> =>
    (await kit.historyOf(witness))
      .filter(({ kind }) => kind === 'play')
      .map(({ track }) => track.title);
  for (let tries = 0; (await titles()).length < 2 && tries < 50; ++tries) await rest(100);
  assert.deepEqual(await titles(), ['Reckoner', 'Nude']);
});

test('a tab that is closed while it plays and while the service worker rests keeps what was heard', async () => {
  const page = await visit();
  await hear(page, 'Videotape', 23.5, 1);
  const heard = await page.evaluate(() => stage.heard());
  await extension.endWorker();
  await page.close();
  await rest(1500);
  const entries = await kit.historyOf(extension.witness);
  const kept = entries.filter(({ track }) => track.title === 'Videotape');
  assert.equal(kept.length, 1);
  const seconds = (kept[0]?.playedMs ?? 0) / 1000;
  assert(Math.abs(seconds - heard) <= 1, `heard ${heard} s, kept ${seconds} s`);
});
