#!/usr/bin/env node
// Speed against the goals, one thread, beside the measured memory floor.
//   node tests/bench/run.mjs [--quick] [--json FILE] [--build DIR] [--no-browser]
// --quick: small sizes; checks every answer against the scalar oracle and across builds, and asserts no time.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureInChromium } from './browser.mjs';
import { checkEncoder } from './encoder/quick.mjs';
import { measure } from './measure.mjs';
import { formatTable, verdicts } from './table.mjs';

const root = join(import.meta.dirname, '..', '..');

function built(...path) {
  const file = join(...path);
  if (!existsSync(file)) throw new Error(`${file} is missing. Run: make native wasm`);
  return file;
}

async function main() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      build: { type: 'string', default: join(root, 'build') },
      'no-browser': { type: 'boolean', default: false },
    },
  });
  const place = ['tests', 'bench'];
  const native = built(values.build, 'native-release', ...place, 'ossicle_bench');
  const modules = {};
  for (const variant of ['simd', 'relaxed']) {
    modules[variant] = built(values.build, `wasm-${variant}`, ...place, 'ossicle_bench.wasm');
  }

  const runs = [];
  const add = (variant, engine, result) => runs.push({ variant, engine, result });
  const nativeOut = execFileSync(native, values.quick ? ['--quick'] : [], { encoding: 'utf8' });
  add('native', 'clang -O3', JSON.parse(nativeOut));
  const node = `Node ${process.versions.node} (V8 ${process.versions.v8.split('-')[0]})`;
  for (const [variant, file] of Object.entries(modules)) add(variant, node, await measure(readFileSync(file), values.quick));
  if (!values['no-browser']) await measureInChromium(root, modules, values.quick, add);

  const checks = verdicts(runs);
  if (values.quick) {
    const encoderModule = (variant) => built(values.build, `wasm-${variant}`, ...place, 'encoder', 'ossicle_bench_encoder.wasm');
    checks.push(...(await checkEncoder(encoderModule)));
  }
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, one thread`;
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine, runs }, null, 2)}\n`);
  if (values.quick) {
    for (const [name, ok] of checks) console.log(`${ok ? 'ok' : 'not ok'} ${name}`);
  } else {
    console.log(`${machine}; medians of 31 repetitions that alternate with the memory floor`);
    console.log('(floor: a read-only stream over the same bytes)\n');
    console.log(formatTable(runs));
    for (const { engine, variant, result } of runs) {
      if (result.heapBytes) console.log(`heap of ${variant}, ${engine}: ${(result.heapBytes / 2 ** 20).toFixed(0)} MiB`);
    }
    for (const [name] of checks.filter(([, ok]) => !ok)) console.log(`WRONG: ${name}`);
    console.log(`${checks.filter(([, ok]) => ok).length} of ${checks.length} answers right and the same on every build`);
  }
  return checks.length > 0 && checks.every(([, ok]) => ok) ? 0 : 1;
}

main().then(
  (code) => (process.exitCode = code),
  (error) => {
    console.error(`bench: ${error.message}`);
    process.exitCode = 2;
  },
);
