#!/usr/bin/env node
// Playlists of 50 through the package: time of a list in Node and in Chromium, one thread, and whether every list was valid.
//   node tests/bench/playlist/run.mjs [--rounds N] [--no-browser] [--released]
// Over 17,632 artists of 128 random factors and a model of random weights, which cost what released ones cost; --released: over those of the package.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { randomBundles } from '../../wasm/sequence.mjs';
import { withChromium } from '../browser.mjs';

const root = join(import.meta.dirname, '..', '..', '..');
const dist = join(root, 'web', 'engine', 'dist');
const MIME = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };
const GOAL_MS = 150;

/** A copy of the package's modules beside the random bundles. */
function randomAssets(room) {
  for (const variant of ['simd', 'relaxed']) {
    cpSync(join(dist, 'assets', `ossicle-${variant}.wasm`), join(room, `ossicle-${variant}.wasm`));
  }
  for (const [name, address] of Object.entries(randomBundles())) {
    cpSync(fileURLToPath(address), join(room, name), { recursive: true });
  }
  return room;
}

function print(engine, variant, { artists, firstMs, valid, times }) {
  console.log(`${engine}, ${variant} build, ${artists} artists, lists of 50; ${valid ? 'all valid' : 'NOT ALL VALID'}`);
  console.log(`  ${'the first, its model read'.padEnd(44)} ${firstMs.toFixed(0)} ms`);
  for (const { name, median, p95 } of times) {
    console.log(`  ${name.padEnd(44)} median ${median.toFixed(1)}  p95 ${p95.toFixed(1)} ms`);
  }
  const usual = times.find(({ name }) => name === 'four beams, from one artist to another');
  if (!valid || usual.median > GOAL_MS) process.exitCode = 1;
}

async function main() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '31' },
      'no-browser': { type: 'boolean', default: false },
      released: { type: 'boolean', default: false },
    },
  });
  const room = mkdtempSync(join(tmpdir(), 'ossicle-playlist-bench-'));
  try {
    const assets = values.released ? join(dist, 'assets') : randomAssets(room);
    for (const variant of ['relaxed', 'simd']) {
      const script = join(import.meta.dirname, 'in-node.mjs');
      const out = execFileSync(process.execPath, [script, assets, variant, values.rounds]);
      print(`Node ${process.versions.node}`, variant, JSON.parse(out.toString()));
    }
    if (values['no-browser']) return;
    const served = { '/': { file: join(import.meta.dirname, 'page.html'), type: 'text/html' } };
    served['/measure.mjs'] = { file: join(import.meta.dirname, 'measure.mjs'), type: 'text/javascript' };
    const serve = (folder, prefix, wanted) => {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!wanted(name) || !statSync(join(folder, name)).isFile()) continue;
        const type = MIME[name.slice(name.lastIndexOf('.'))] ?? 'application/octet-stream';
        served[`${prefix}${name}`] = { file: join(folder, name), type };
      }
    };
    serve(dist, '/ossicle/', (name) => name.endsWith('.js'));
    serve(assets, '/ossicle/assets/', () => true);
    await withChromium(root, served, async (openPage, engine) => {
      for (const variant of ['relaxed', 'simd']) {
        const page = await openPage();
        print(engine, variant, await page.evaluate(([v, n]) => window.writeLists(v, n), [variant, Number(values.rounds)]));
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
