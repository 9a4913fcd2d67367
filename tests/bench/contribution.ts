/**
 * node tests/bench/contribution.ts [TIMES]: what one contribution costs a client, in Node and in Debian's Chromium: milliseconds of the step that makes, stores, seals and sends it on
 * loopback (median and most of TIMES, 15), with an empty history and with one of 10,000 plays, and the bytes that are sent. Opening the engine is not in it; loading the code is in `first`.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { Engine } from '../../web/engine/src/types.ts';
import { readBundle } from '../../web/server/src/bundle.ts';
import { headOfSnapshot } from '../../web/server/src/catalogue-head.ts';
import { startRounds } from '../../web/engine/test/contribute-kit.ts';
import { launch } from '../web/site.ts';

const DIST = fileURLToPath(new URL('../../web/engine/dist', import.meta.url));
const times = Number(process.argv[2] ?? 15);
const PLAYS = [0, 10_000];

interface Measured {
  readonly first: number;
  readonly all: readonly number[];
}

type Open = (options: object) => Promise<Engine>;

/** Runs in Node and, as text, in the page. `snapshots`: a new name for each time. */
async function measure(
  openEngine: Open,
  assets: string,
  snapshots: string,
  url: string,
  plays: number,
  times: number,
): Promise<Measured> {
  const all: number[] = [];
  for (let i = 0; i <= times; ++i) {
    const engine = await openEngine({ assets, snapshots: `${snapshots}${plays}-${i}` });
    const known = await engine.recommend({ limit: 256 });
    const lines = Array.from({ length: plays }, (_, n) => {
      const artist_name = known.items[n % 256]?.artist.name;
      const track_metadata = { artist_name, track_name: `song ${n}` };
      return JSON.stringify({ listened_at: 1_700_000_000 + 300 * n, track_metadata });
    });
    if (plays > 0) await engine.import(new Blob([`${lines.join('\n')}\n`]));
    const { contributions } = engine;
    await contributions?.turnOn({ server: url });
    const now = (await contributions?.step())?.dueAt;
    if (!now) throw new Error('There is no round.');
    const start = performance.now();
    const state = await contributions?.step({ now });
    all.push(performance.now() - start);
    if (state?.phase !== 'sent') throw new Error(`It was not sent: ${state?.problem}.`);
    await engine.close();
  }
  const [first = NaN, ...rest] = all;
  return { first, all: rest };
}

function say(where: string, plays: number, { first, all }: Measured): void {
  const sorted = all.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const figures = [middle, sorted.at(-1) ?? NaN, first].map((ms) => ms.toFixed(1));
  console.log(
    `${where}, ${plays} plays: median ${figures[0]} ms, most ${figures[1]} ms, first ${figures[2]} ms`,
  );
}

await using server = await startRounds(DIST);
const { files } = await readBundle(join(DIST, 'assets', 'catalogue'));
await server.open({ head: await headOfSnapshot(files, { blocks: 2, rows: 512 }) });

const { openEngine } = (await import(join(DIST, 'node.js'))) as { openEngine: Open };
const folder = mkdtempSync(join(tmpdir(), 'ossicle-contribution-'));
for (const plays of PLAYS) {
  const assets = join(DIST, 'assets');
  say(
    'Node',
    plays,
    await measure(openEngine, assets, join(folder, 's'), server.url, plays, times),
  );
}
rmSync(folder, { recursive: true });

const browser = await launch();
const page = await browser.newPage();
await page.goto(`${server.origin}/THIRD_PARTY.txt`);
for (const plays of PLAYS) {
  const call = `(${measure.toString()})(openEngine, '/assets/', 's', '/sync/', ${plays}, ${times})`;
  const found = await page.evaluate(`import('/index.js').then(({ openEngine }) => ${call})`);
  say(`Chromium ${browser.version()}`, plays, found as Measured);
}
await browser.close();

const sizes = new Set(server.received.map(({ length }) => length));
assert.equal(sizes.size, 1, 'a report is as large whatever is in it');
console.log(`${[...sizes].join()} bytes are sent, ${server.received.length} times`);
