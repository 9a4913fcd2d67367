// `ossicle prior` and `ossicle learn`, natively and in WebAssembly: what anybody recomputes has to be the same bytes everywhere.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { root } from './core.mjs';

const BLOCKS = 2;
const BLOCK_ROWS = 512;
const STEPS = 1024;
const COUNT_STEP = 0.25;
const FACTORS = 16;
const ITEMS = 240;
const REPORTS = 5000;
const SIGMA = 0.05;
/** q of ossicle/privacy.h: numbers of shares and sums are taken modulo it. */
const MODULUS = 4293918721;

const path = (name) => fileURLToPath(new URL(name, root));
const native = path('build/native-release/core/tools/ossicle');
const wasm = [process.execPath, '--input-type=module', '-e'];
const entry = new URL('build/wasm-simd/core/tools/ossicle-cli.mjs', root).href;
const script = `const { default: start } = await import(${JSON.stringify(entry)});
try { process.exitCode = (await start()).callMain(process.argv.slice(1)); }
catch (cause) { if (typeof cause?.status !== 'number') throw cause; process.exitCode = cause.status; }`;

const folder = mkdtempSync(join(tmpdir(), 'ossicle-learn-'));
const at = (name) => join(folder, name);
after(() => rmSync(folder, { recursive: true }));

/** The tool, natively or not: its exit code and what it said. */
function run(build, ...words) {
  const [program, ...first] = build === 'native' ? [native] : [...wasm, script, '--'];
  const { status, stdout, stderr } = spawnSync(program, [...first, ...words], { encoding: 'utf8' });
  return { status, out: stdout, error: stderr };
}

function done(build, ...words) {
  const ended = run(build, ...words);
  assert.equal(ended.status, 0, ended.error);
  return ended;
}

/** Numbers below 1 that are the same in every run. */
function numbersFrom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Listeners of six scenes; well-known items come first in each. */
function ratings(first, n) {
  const lines = ['user\titem\tplays'];
  for (let user = first; user < first + n; ++user) {
    const next = numbersFrom(user);
    const items = new Set();
    while (items.size < 24) {
      const rank = Math.floor((ITEMS / 6) * next() ** 2);
      items.add(6 * rank + (next() < 0.85 ? user % 6 : Math.floor(6 * next())));
    }
    for (const item of items) lines.push(`u${user}\titem ${item}\t${1 + Math.floor(9 * next())}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Tensors of a safetensors file by name. */
function tensorsOf(file) {
  const bytes = new Uint8Array(readFileSync(file));
  const size = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size)));
  return (name, Kind) => {
    const [from, to] = header[name].data_offsets;
    return new Kind(bytes.slice(8 + size + from, 8 + size + to).buffer);
  };
}

/** Both aggregators' sums of a block: as many listeners of each row as are expected, who all lie along `directionOf(item)`. */
function writeSums(block, directionOf) {
  const share = tensorsOf(at('prior'))('prior.share', Float64Array);
  const next = numbersFrom(77 + block);
  const sum = new Float64Array(BLOCK_ROWS * (FACTORS + 1));
  const b = Uint32Array.from(sum, () => next() * MODULUS);
  for (let row = 0; row * BLOCKS + block < ITEMS; ++row) {
    const count = REPORTS * share[block * BLOCK_ROWS + row];
    const units = [...directionOf(row * BLOCKS + block).map((x) => 0.6 * count * x), COUNT_STEP * count];
    units.forEach((x, k) => (sum[row * (FACTORS + 1) + k] = Math.round(x * STEPS) + Math.round(100 * (next() - 0.5))));
  }
  const a = Uint32Array.from(sum, (x, i) => (x - b[i] + 2 * MODULUS) % MODULUS);
  const files = [at(`a${block}`), at(`b${block}`)];
  [a, b].forEach((half, i) => writeFileSync(files[i], new Uint8Array(half.buffer)));
  return ['--sums', [block, REPORTS, ...files].join(':')];
}

const unit = (x) => x.map((v) => v / (Math.hypot(...x) || 1));

/** Where an item's listeners point to if its row is right: along G q. */
function honestDirections() {
  const moment = tensorsOf(at('prior'))('prior.moment', Float64Array);
  const rows = rowsOf(at('start'));
  const times = (x) => x.map((_, r) => x.reduce((sum, v, c) => sum + moment[r * FACTORS + c] * v, 0));
  return (item) => unit(times(rows(item)));
}

const writeBoth = (directionOf) => [0, 1].flatMap((block) => writeSums(block, directionOf));

function rowsOf(bundle) {
  const tensors = tensorsOf(join(bundle, 'catalogue-0.safetensors'));
  const [q, scale] = [tensors('item.q', Int8Array), tensors('item.scale', Float32Array)];
  return (item) => Array.from(q.subarray(item * FACTORS, (item + 1) * FACTORS), (v) => v * scale[item]);
}

const settings = ['--clip', '1', '--sigma', `${SIGMA}`];

function learn(build, name, sums, ...more) {
  const words = ['learn', '--catalogue', at('start'), '--prior', at('prior'), '--listeners', at('asked.tsv')];
  return run(build, ...words, ...settings, ...sums, '--out', at(name), '--report', at(`${name}.json`), ...more);
}

const reportOf = (name) => JSON.parse(readFileSync(at(`${name}.json`), 'utf8'));

function isSame(...files) {
  const [first, ...others] = files.map((file) => readFileSync(at(file)));
  for (const other of others) assert.deepEqual(other, first, files.join(' = '));
}

describe('learning from sums', () => {
  let honest;
  before(() => {
    writeFileSync(at('seeds.tsv'), ratings(0, 300));
    writeFileSync(at('asked.tsv'), ratings(1000, 120));
    done('native', 'train', '--ratings', at('seeds.tsv'), '--factors', `${FACTORS}`, '--iterations', '3', '--out', at('start'));
    done('native', 'prior', '--catalogue', at('start'), '--ratings', at('seeds.tsv'), '--out', at('prior'));
    honest = writeBoth(honestDirections());
  });

  it('makes the prior of the same bytes', () => {
    done('wasm', 'prior', '--catalogue', at('start'), '--ratings', at('seeds.tsv'), '--out', at('prior-wasm'));
    isSame('prior', 'prior-wasm');
  });

  it('makes bundle, report and variances of the same bytes, and goes on from them', () => {
    for (const build of ['native', 'wasm']) {
      const { status, out, error } = learn(build, build, honest, '--variance-out', at(`${build}.variance`));
      assert.equal(status, 0, error);
      assert.match(out, /rows moved/);
    }
    isSame('native/bundle.json', 'wasm/bundle.json');
    isSame('native/catalogue-0.safetensors', 'wasm/catalogue-0.safetensors');
    isSame('native.json', 'wasm.json');
    isSame('native.variance', 'wasm.variance');
    const { outcome, rows_moved: moved, recall_at_20: recall } = reportOf('native');
    assert.equal(outcome, 'learnt');
    assert(moved > ITEMS / 2, `${moved} rows`);
    assert(recall.after >= recall.before);
    // What is known already counts: the same sums move rows less.
    const again = learn('native', 'again', honest, '--variance', at('native.variance'));
    assert.equal(again.status, 0, again.error);
    assert.notDeepEqual(readFileSync(at('again/bundle.json')), readFileSync(at('native/bundle.json')));
    // And what comes out can be learnt from.
    const words = ['learn', '--catalogue', at('native'), '--prior', at('prior'), '--listeners', at('asked.tsv')];
    const next = run('native', ...words, ...settings, ...honest, '--out', at('next'), '--report', at('next.json'));
    assert([0, 3].includes(next.status), next.error);
  });

  it('puts rows back that come into many more lists', () => {
    const { held, rows_moved: moved } = reportOf('native');
    assert(held.length > 0);
    const [before, then] = [rowsOf(at('start')), rowsOf(at('native'))];
    const stayed = Array.from({ length: ITEMS }, (_, row) => row).filter((row) => before(row).join() === then(row).join());
    for (const { row, exposure_before: was, exposure_after: would } of held) {
      assert(would > Math.max(0.005, 1.5 * was));
      assert(stayed.includes(row), `row ${row}`);
    }
    assert.equal(stayed.length, ITEMS - moved);
  });

  it('publishes nothing that loses recall, and says so with a code of its own', () => {
    const next = numbersFrom(5);
    const sums = writeBoth(() => unit(Array.from({ length: FACTORS }, () => next() - 0.5)));
    for (const build of ['native', 'wasm']) {
      const { status, error } = learn(build, `lost-${build}`, sums);
      assert.equal(status, 3);
      assert.match(error, /not published: recall of what was held out falls from 0\.\d+ to 0\.\d+; the catalogue stays/);
      assert(!existsSync(at(`lost-${build}`)));
    }
    isSame('lost-native.json', 'lost-wasm.json');
    assert.equal(reportOf('lost-native').outcome, 'refused');
    honest = writeBoth(honestDirections());
  });

  it('has nothing to publish where noise is larger than what is expected', () => {
    const loud = learn('native', 'loud', honest, '--report', at('loud.json'));
    assert.equal(loud.status, 2);
    assert.match(loud.error, /--report is given twice/);
    const words = ['learn', '--catalogue', at('start'), '--prior', at('prior'), '--listeners', at('asked.tsv')];
    const sigma = ['--clip', '1', '--sigma', '1000'];
    const { out, status } = run('wasm', ...words, ...sigma, ...honest, '--out', at('loud'), '--report', at('loud.json'));
    assert.equal(status, 0);
    assert.match(out, /^nothing to publish: too few contributors/);
    assert(!existsSync(at('loud')));
    assert.equal(reportOf('loud').outcome, 'nothing');
  });

  it('refuses what does not belong together', () => {
    const refused = (expected, ...words) => {
      const { status, error } = run('native', ...words, '--out', at('no'), '--report', at('no.json'));
      assert.equal(status, 2);
      assert.match(error, expected);
      assert(!existsSync(at('no')) && !existsSync(at('no.json')));
    };
    const words = ['learn', '--catalogue', at('start'), '--listeners', at('asked.tsv')];
    const prior = ['--prior', at('prior')];
    refused(/another --clip than the round/, ...words, ...prior, '--clip', '2', '--sigma', '1', ...honest);
    refused(/is no prior of this version/, ...words, '--prior', join(at('start'), 'catalogue-0.safetensors'), ...settings, ...honest);
    refused(/the block was given before/, ...words, ...prior, ...settings, ...honest, ...honest);
    refused(/must be BLOCK:COUNT/, ...words, ...prior, ...settings, '--sums', `2:1:${at('a0')}:${at('b0')}`);
    refused(/has \d+ bytes, and a block of this catalogue has 34816/, ...words, ...prior, ...settings, '--sums', `0:1:${at('a0')}:${at('prior')}`);
    const beyond = new Uint32Array(BLOCK_ROWS * (FACTORS + 1)).fill(MODULUS, 5, 6);
    writeFileSync(at('beyond'), new Uint8Array(beyond.buffer));
    refused(/a number is not below the modulus.*5/, ...words, ...prior, ...settings, '--sums', `0:1:${at('a0')}:${at('beyond')}`);
    done('native', 'train', '--ratings', at('asked.tsv'), '--factors', `${FACTORS}`, '--iterations', '1', '--out', at('other'));
    refused(/prior of a catalogue with other items/, 'learn', '--catalogue', at('other'), '--listeners', at('asked.tsv'), ...prior, ...settings, ...honest);
  });
});
