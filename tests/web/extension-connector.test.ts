/** A site that knows no Media Session: what plays is read off its page, through the connector for its host. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as kit from './extension-kit.ts';
import { serveMusic, type MusicSite } from './extension-sites.ts';

const HOST = 'somebody.bandcamp.com';
/** As such a page is made, as far as the connector looks. */
const ALBUM = `<!doctype html><meta charset="utf-8"><title>album</title><link rel="icon" href="data:,">
<meta property="og:type" content="album">
<div id="name-section"><h2 class="trackTitle"> Roads and Rivers </h2><h3>by <span><a href="/">Portishead</a></span></h3></div>
<div class="inline_player"><span class="title-section"><span class="title"></span></span></div>
<audio></audio>`;

const folder = kit.temporaryFolder();
let site: MusicSite;
let extension: kit.Extension;

before(async () => {
  site = await serveMusic(HOST, { '/album/roads': ALBUM });
  const flags = [`--host-resolver-rules=MAP ${HOST} 127.0.0.1`];
  extension = await kit.startExtension(folder.path, { sites: [site.site], flags });
  await kit.turnOn(extension.witness, [site.site]);
});
after(async () => {
  await extension.close();
  await site[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

test('a site with a connector is listened to as any other', async () => {
  const page = await extension.context.newPage();
  await page.goto(`${site.origin}/album/roads`);
  for (const [title, until] of [
    ['Glory Box', 25],
    ['Numb', 8],
    ['Wandering Star', 30],
  ] as const) {
    await page.evaluate(
      async ([name, second]) => {
        const audio = document.querySelector('audio');
        const shown = document.querySelector('.title-section .title');
        if (!audio || !shown) throw new Error('the page is not as it was');
        shown.textContent = name;
        audio.src = `/sound/40.wav?${name}`;
        audio.defaultPlaybackRate = audio.playbackRate = 4;
        await audio.play();
        await new Promise<void>((resolve) => {
          const timer = setInterval(() => {
            if (audio.currentTime < second) return;
            clearInterval(timer);
            resolve();
          }, 20);
        });
      },
      [title, until] as const,
    );
  }
  await page.goto('about:blank');
  await new Promise((resolve) => setTimeout(resolve, 500));
  const entries = await kit.historyOf(extension.witness);
  assert.deepEqual(
    entries.map(({ kind, track: { artist, title, album } }) => [kind, artist, title, album]),
    [
      ['play', 'Portishead', 'Glory Box', 'Roads and Rivers'],
      ['skip', 'Portishead', 'Numb', 'Roads and Rivers'],
      ['play', 'Portishead', 'Wandering Star', 'Roads and Rivers'],
    ],
  );
  assert.deepEqual(extension.complaints, []);
});
