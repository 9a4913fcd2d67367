#!/usr/bin/env node
// Search as a person types, through the package, over 100,000 made-up tracks: time of each keystroke, of making the index, and its memory.
//   node tests/bench/search/run.mjs [--tracks N] [--no-browser]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withChromium } from '../browser.mjs';

const root = join(import.meta.dirname, '..', '..', '..');
const dist = join(root, 'web', 'engine', 'dist');
const MIME = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };
const QUERIES = 100;

/** Tracks by the starter catalogue's artists, titled with words of their names, frequent ones often; the same every time. */
function makeLibrary(n) {
  const cli = join(root, 'build', 'native-release', 'core', 'tools', 'ossicle');
  const args = ['inspect', join(root, 'models', 'items', 'bundle'), '--items', '20000', '--json'];
  const { items } = JSON.parse(execFileSync(cli, args, { maxBuffer: 1 << 28, encoding: 'utf8' }));
  const words = [...new Set(items.flatMap(({ name }) => name.split(' ')))];
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const some = (most) =>
    Array.from({ length: 1 + Math.floor(random() * most) }, () => words[Math.floor(words.length * random() ** 3)]).join(' ');
  const tracks = Array.from({ length: n }, () => {
    const { name, tags } = items[Math.floor(items.length * random() ** 2)];
    return { title: some(4), artist: name, album: some(3), tags };
  });
  const queries = Array.from({ length: QUERIES }, (_, i) => {
    const { title, artist } = tracks[Math.floor(random() * n)];
    return i % 2 === 0 ? title : `${artist} ${title}`.slice(0, 24);
  });
  return { tracks, queries };
}

function print(engine, variant, r) {
  const row = (what, value) => console.log(`  ${what.padEnd(56)} ${value}`);
  const keys = ({ p50, p95, most }) => `p50 ${p50.toFixed(2)}  p95 ${p95.toFixed(2)}  most ${most.toFixed(1)} ms`;
  console.log(`${engine}, ${variant} build, ${r.tracks} tracks, ${r.byWords.keystrokes} keystrokes`);
  row('a keystroke, by words', keys(r.byWords));
  row('a keystroke, by words and meaning', keys(r.byBoth));
  row('making the index of words', `${r.wordsMs.toFixed(0)} ms`);
  row('making it with vectors that are there', `${r.bothMs.toFixed(0)} ms`);
  if (r.grownBytes) row('process memory grown while it was made', `${(r.grownBytes / 2 ** 20).toFixed(0)} MiB`);
}

async function main() {
  const { values } = parseArgs({ options: { tracks: { type: 'string', default: '100000' }, 'no-browser': { type: 'boolean', default: false } } });
  const library = JSON.stringify(makeLibrary(Number(values.tracks)));
  for (const variant of ['relaxed', 'simd']) {
    const script = join(import.meta.dirname, 'in-node.mjs');
    const out = execFileSync(process.execPath, ['--expose-gc', script, variant], { input: library, maxBuffer: 1 << 26 });
    print(`Node ${process.versions.node}`, variant, JSON.parse(out.toString()));
  }
  if (values['no-browser']) return;
  const room = mkdtempSync(join(tmpdir(), 'ossicle-search-bench-'));
  try {
    const file = join(room, 'library.json');
    writeFileSync(file, library);
    const served = { '/': { file: join(import.meta.dirname, 'page.html'), type: 'text/html' } };
    served['/measure.mjs'] = { file: join(import.meta.dirname, 'measure.mjs'), type: 'text/javascript' };
    served['/library.json'] = { file, type: 'application/json' };
    for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
      if (!statSync(join(dist, name)).isFile()) continue;
      const type = MIME[name.slice(name.lastIndexOf('.'))] ?? 'application/octet-stream';
      served[`/ossicle/${name}`] = { file: join(dist, name), type };
    }
    await withChromium(root, served, async (openPage, engine) => {
      for (const variant of ['relaxed', 'simd']) {
        const page = await openPage();
        print(engine, variant, await page.evaluate((v) => window.buildAndType(v), variant));
        await page.close();
      }
    });
  } finally {
    rmSync(room, { recursive: true });
  }
}

main().catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
});
