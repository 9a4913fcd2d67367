/** The demo album in a real browser: it plays, without a gap that is heard, and nothing of it stays. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { serveSources, SOURCES_PAGE } from '../../web/player/test/dev/serve-sources.ts';
import type { Rig } from '../../web/player/test/dev/sources.ts';
import { launch, watch, type Site, type Watched } from './site.ts';

declare global {
  /** In the page. */
  var rig: Rig;
}

/** What the listener may hear as a hole between two tracks: about 50 ms. */
const LONGEST_GAP_MS = 50;

async function openRig({ context }: Watched, origin: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${origin}/${SOURCES_PAGE}`);
  await page.waitForFunction(() => 'rig' in globalThis);
  return page;
}

let site: Site;
let browser: Browser;

before(async () => {
  // One after the other: a browser that nobody closes would keep the runner waiting.
  site = await serveSources();
  browser = await launch({ sound: true });
});

after(async () => {
  await browser.close();
  await site[Symbol.asyncDispose]();
});

test('the demo album is in the library within a moment, with words and pictures', async () => {
  const watched = await watch(browser);
  const page = await openRig(watched, site.origin);
  const found = await page.evaluate(async () => {
    const { library } = rig;
    const startedAt = performance.now();
    const { id } = await library.addDemo();
    const report = await library.scan(id);
    const ms = performance.now() - startedAt;
    const counts = await library.counts();
    const { rows } = await library.tracks({ text: 'paper orchard ada' });
    const [track] = rows;
    const lyrics = await library.lyrics(track?.id ?? '');
    const cover = await library.cover(track?.cover ?? '');
    const image = new Image();
    image.src = cover?.url ?? '';
    await image.decode();
    cover?.release();
    return { ms, report, counts, lines: lyrics?.lines?.length, width: image.naturalWidth };
  });
  console.log(`demo album added in ${found.ms.toFixed(0)} ms`);
  assert.equal(found.report.added, 40);
  assert.deepEqual(found.report.problems, []);
  assert.equal(found.counts.albums, 16);
  assert.equal(found.lines, 5);
  assert.equal(found.width, 640);
  assert.deepEqual(watched.complaints, []);
  await watched.context.close();
});

test('two pieces of the demo album play one after the other, and the play is measured', async () => {
  const watched = await watch(browser);
  const page = await openRig(watched, site.origin);
  const played = await page.evaluate(async () => {
    const { library, openPlayer } = rig;
    await library.scan((await library.addDemo()).id);
    const { rows } = await library.tracks({ artist: 'Kessler 9' });
    const listens: { playedMs: number; counted: boolean; skipped: boolean }[] = [];
    using player = openPlayer({
      media: (trackId) => library.media(trackId),
      onListen: ({ playedMs, counted, skipped }) => listens.push({ playedMs, counted, skipped }),
    });
    await player.playTracks(rows.slice(0, 2));
    player.seek((rows[0]?.durationMs ?? 0) - 2500);
    await new Promise<void>((resolve, reject) => {
      setTimeout(() => reject(new Error(JSON.stringify(player.state()))), 15_000);
      player.onPosition((at) => {
        if (player.state().index === 1 && at > 500) resolve();
      });
    });
    return { listens, problem: player.state().problem, title: player.state().current?.track.title };
  });
  assert.equal(played.problem, null);
  assert.equal(played.title, 'Docking Light');
  const [first] = played.listens;
  assert(first && first.playedMs >= 2000 && first.playedMs < 4000, JSON.stringify(first));
  assert.deepEqual([first.counted, first.skipped], [false, false]);
  assert.deepEqual(watched.complaints, []);
  await watched.context.close();
});

test('one tone goes over into the next without a gap that is heard', async () => {
  const watched = await watch(browser);
  const page = await openRig(watched, site.origin);
  const gaps = await page.evaluate(async () => {
    /** A constant tone, so that every missing moment of it shows. */
    const tone = (seconds: number, hertz: number): Blob => {
      const n = seconds * 48_000;
      const wav = new DataView(new ArrayBuffer(44 + 2 * n));
      const text = (at: number, letters: string): void => {
        for (let i = 0; i < letters.length; ++i) wav.setUint8(at + i, letters.charCodeAt(i));
      };
      text(0, 'RIFF');
      wav.setUint32(4, 36 + 2 * n, true);
      text(8, 'WAVEfmt ');
      for (const [at, value] of [
        [16, 16],
        [20, 0x10001],
        [24, 48_000],
        [28, 96_000],
        [32, 0x100002],
      ] as const) {
        wav.setUint32(at, value, true);
      }
      text(36, 'data');
      wav.setUint32(40, 2 * n, true);
      for (let i = 0; i < n; ++i) {
        wav.setInt16(44 + 2 * i, 8000 * Math.sin((2 * Math.PI * hertz * i) / 48_000), true);
      }
      return new Blob([wav], { type: 'audio/wav' });
    };
    // Each of the two elements into a channel of its own, and both channels written down.
    const context = new AudioContext({ sampleRate: 48_000 });
    const merger = context.createChannelMerger(2);
    // An audio worklet would need a script of its own in the page.
    /* eslint-disable @typescript-eslint/no-deprecated */
    const recorder = context.createScriptProcessor(1024, 2, 1);
    merger.connect(recorder).connect(context.destination);
    const channels: [Float32Array[], Float32Array[]] = [[], []];
    recorder.addEventListener('audioprocess', ({ inputBuffer }) => {
      channels.forEach((parts, i) => parts.push(inputBuffer.getChannelData(i).slice()));
    });
    /* eslint-enable @typescript-eslint/no-deprecated */
    let elements = 0;
    const RealAudio = Audio;
    globalThis.Audio = class extends RealAudio {
      constructor() {
        super();
        context.createMediaElementSource(this).connect(merger, 0, elements++);
      }
    };
    const { rows } = await (async () => {
      await rig.library.scan((await rig.library.addDemo()).id);
      return rig.library.tracks({ limit: 8 });
    })();
    using player = rig.openPlayer({
      media(id) {
        const url = URL.createObjectURL(tone(2, 300 + 50 * rows.findIndex((row) => row.id === id)));
        const release = (): void => URL.revokeObjectURL(url);
        return Promise.resolve({ url, release, [Symbol.dispose]: release });
      },
      volume: 1,
    });
    await context.resume();
    await player.playTracks(rows);
    await new Promise<void>((resolve) => {
      player.subscribe(() => {
        if (player.state().status === 'idle') resolve();
      });
    });
    await context.close();
    /** Samples between which a channel sounds. */
    const stretches = (parts: readonly Float32Array[]): (readonly [number, number])[] => {
      const found: [number, number][] = [];
      let quietSince = Infinity;
      parts.forEach((part, p) =>
        part.forEach((sample, i) => {
          const at = p * 1024 + i;
          if (Math.abs(sample) < 0.01) return;
          const last = found.at(-1);
          // A tone crosses zero all the time; a pause is longer.
          if (!last || at - quietSince > 4800) found.push([at, at]);
          else last[1] = at;
          quietSince = at;
        }),
      );
      return found;
    };
    const all = channels.flatMap(stretches).sort(([a], [b]) => a - b);
    return all.slice(1).map(([start], i) => (start - (all[i]?.[1] ?? 0)) / 48);
  });
  const told = gaps.map((gap) => gap.toFixed(1)).join(', ');
  console.log(`silence between two tracks, ms (below 0: both sound): ${told}`);
  assert.equal(gaps.length, 7, told);
  const sorted = gaps.toSorted((a, b) => a - b);
  assert((sorted[3] ?? Infinity) <= LONGEST_GAP_MS, told);
  assert((sorted[3] ?? -Infinity) >= -LONGEST_GAP_MS, told);
  await watched.context.close();
});
