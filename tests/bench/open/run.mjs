#!/usr/bin/env node
// The package as a page and as Node meet it: time to open and to the first vector, one text, 20,000 titles, memory and size, against anchors.md.
//   node tests/bench/open/run.mjs [--titles N] [--only node|chromium] [--variant simd|relaxed]
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { withChromium } from '../browser.mjs';

const root = join(import.meta.dirname, '..', '..', '..');
const dist = join(root, 'web', 'engine', 'dist');
const MIME = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };

const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => statSync(join(dist, file)).isFile());

function sizes() {
  const gzip = (wanted) =>
    files.filter((file) => wanted.test(file)).reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file)), { level: 9 }).length, 0);
  const script = gzip(/^(index|worker|shared\/(?!.*node).*|store\/(indexeddb|memory))\.js$/);
  const parts = { 'engine (relaxed build and JavaScript)': gzip(/^assets\/ossicle-relaxed\.wasm$/) + script };
  parts['encoder'] = gzip(/^assets\/encoder\//);
  parts['style'] = gzip(/^assets\/style\//);
  parts['17,632 artists'] = gzip(/^assets\/catalogue\//);
  return parts;
}

/** Titles as a library has them: the names of the starter catalogue, and once more with a tag. */
function titles(n) {
  const cli = join(root, 'build', 'native-release', 'core', 'tools', 'ossicle');
  const args = ['inspect', join(root, 'models', 'items', 'bundle'), '--items', String(n), '--json'];
  const { items } = JSON.parse(execFileSync(cli, args, { maxBuffer: 1 << 28, encoding: 'utf8' }));
  const all = items.map(({ name }) => name);
  for (const { name, tags } of items) all.push(`${name} - ${tags[0] ?? 'song'}`);
  return all.slice(0, n);
}

const ms = (x) => (x === undefined ? '' : x < 10 ? x.toFixed(2) : x.toFixed(0));

/** Openings, each in a process or page of its own; their medians are printed. */
const OPENINGS = 9;

/** `measure(options, titles)` in a fresh process or page; without titles only the opening. */
async function measureAll(measure, engine, variant, titles) {
  const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
  const opened = async (options) => {
    const all = [];
    for (let i = 0; i < OPENINGS; ++i) all.push(await measure({ variant, ...options }));
    const both = all.map(({ openMs, firstMs }) => openMs + firstMs);
    return { openMs: median(all.map((r) => r.openMs)), firstMs: median(all.map((r) => r.firstMs)), bothMs: median(both), least: Math.min(...both) };
  };
  const late = await opened({});
  const early = await opened({ encoder: true });
  print(engine, variant, { late, early, ...(await measure({ variant }, titles)) });
}

function print(engine, variant, r) {
  const row = (what, value, goal = '') => console.log(`  ${what.padEnd(52)} ${value.padStart(14)}  ${goal}`);
  console.log(`${engine}, ${variant} build`);
  row('open the engine and its catalogue, self-test', `${ms(r.late.openMs)} ms`);
  row('open the encoder, and the first vector', `${ms(r.late.firstMs)} ms`);
  row(`both: open to first vector, median of ${OPENINGS} (least)`, `${ms(r.late.bothMs)} (${ms(r.late.least)}) ms`, 'goal 150 ms');
  row('the same with `encoder: true`', `${ms(r.early.bothMs)} (${ms(r.early.least)}) ms`, 'goal 150 ms');
  row('one text of 16 tokens, median through the package', `${ms(r.oneMs)} ms`, 'goal 1 ms');
  row(`${r.titles} titles, progress told ${r.told} times`, `${(r.allMs / 1000).toFixed(2)} s`);
  row('an abort during them is answered after', `${ms(r.abortMs)} ms`);
  if (r.processBytes) row('process memory over the bare runtime', `${(r.processBytes / 2 ** 20).toFixed(0)} MiB`, 'goal 80 MB');
}

async function main() {
  const { values } = parseArgs({ options: { titles: { type: 'string', default: '20000' }, only: { type: 'string' }, variant: { type: 'string' } } });
  const variants = values.variant ? [values.variant] : ['relaxed', 'simd'];
  const texts = titles(Number(values.titles));
  const parts = sizes();
  const total = Object.values(parts).reduce((a, b) => a + b);
  for (const [name, bytes] of Object.entries({ ...parts, together: total })) console.log(`gzip, ${name}: ${bytes} bytes`);
  console.log('goals: engine 350 KB, together 12 MB\n');

  // A process of its own, so that nothing is compiled or cached yet.
  const inNode = (options, list) => {
    const script = join(import.meta.dirname, 'in-node.mjs');
    const input = list ? JSON.stringify(list) : '';
    return JSON.parse(execFileSync(process.execPath, ['--expose-gc', script, JSON.stringify(options)], { input, maxBuffer: 1 << 26 }).toString());
  };
  if (values.only !== 'chromium') {
    for (const variant of variants) await measureAll(inNode, `Node ${process.versions.node}`, variant, texts);
  }
  if (values.only === 'node') return;
  const served = { '/': { file: join(import.meta.dirname, 'page.html'), type: 'text/html' } };
  served['/measure.mjs'] = { file: join(import.meta.dirname, 'measure.mjs'), type: 'text/javascript' };
  for (const file of files) {
    const path = join(dist, file);
    served[`/ossicle/${relative(dist, path)}`] = { file: path, type: MIME[file.slice(file.lastIndexOf('.'))] ?? 'application/octet-stream' };
  }
  await withChromium(root, served, async (openPage, engine) => {
    const inPage = async (options, list) => {
      const page = await openPage();
      const run = ([o, t]) => (t ? window.openAndEmbed(o, t) : window.openOnly(o));
      const result = await page.evaluate(run, [options, list]);
      await page.close();
      return result;
    };
    for (const variant of variants) await measureAll(inPage, engine, variant, texts);
  });
}

main().catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
});
