#!/usr/bin/env node
// Speed of the int8 layers against ONNX Runtime Web's int8 on the same weights, one thread, alternating, in Node and Chromium.
//   tests/bench/encoder/run.sh [--json FILE] [--no-browser] [--only SHAPE]
// Fails when an output differs from ONNX Runtime's, or between builds; a time never fails it.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-web/wasm';
import { withChromium } from '../browser.mjs';
import { GOALS, INT8, measureShape, SHAPES, WAYS } from './measure.mjs';

const root = join(import.meta.dirname, '..', '..', '..');
const models = join(root, 'build', 'bench-encoder', 'models');
const dist = join(import.meta.dirname, 'node_modules', 'onnxruntime-web', 'dist');
const variants = ['relaxed', 'simd'];
const moduleFile = (variant) => join(root, 'build', `wasm-${variant}`, 'tests', 'bench', 'encoder', 'ossicle_bench_encoder.wasm');
const LEAST_COSINE = 0.99;

async function inNode(shapes, each) {
  ort.env.wasm.numThreads = 1;
  const modules = Object.fromEntries(variants.map((variant) => [variant, readFileSync(moduleFile(variant))]));
  const files = async (name) => new Uint8Array(readFileSync(join(models, name))).buffer;
  for (const shape of shapes) each(`Node ${process.versions.node}`, shape, await measureShape(ort, files, modules, shape));
}

async function inChromium(shapes, each) {
  const served = {
    '/': { file: join(import.meta.dirname, 'page.html'), type: 'text/html' },
    '/encoder/measure.mjs': { file: join(import.meta.dirname, 'measure.mjs'), type: 'text/javascript' },
    '/measure.mjs': { file: join(import.meta.dirname, '..', 'measure.mjs'), type: 'text/javascript' },
  };
  for (const name of ['ort.wasm.bundle.min.mjs', 'ort-wasm-simd-threaded.mjs']) served[`/ort/${name}`] = { file: join(dist, name), type: 'text/javascript' };
  served['/ort/ort-wasm-simd-threaded.wasm'] = { file: join(dist, 'ort-wasm-simd-threaded.wasm'), type: 'application/wasm' };
  for (const variant of variants) served[`/${variant}.wasm`] = { file: moduleFile(variant), type: 'application/wasm' };
  for (const { name } of shapes) {
    for (const file of [`${name}.f32`, `${name}-f32.onnx`, ...INT8.map((form) => `${name}-${form}.onnx`)]) {
      served[`/models/${file}`] = { file: join(models, file), type: 'application/octet-stream' };
    }
  }
  await withChromium(root, served, async (openPage, engine) => {
    for (const shape of shapes) {
      const page = await openPage();
      each(engine, shape, await page.evaluate(([names, s]) => window.measureShape(names, s), [variants, shape]));
      await page.close();
    }
  });
}

function print(engine, shape, { form, peaks, cases }) {
  console.log(`\n${shape.title}, ${engine}; ONNX Runtime Web's fastest int8 here: ${form}`);
  for (const [variant, kinds] of Object.entries(peaks)) {
    console.log(`  peak, ${variant}: ${Object.entries(kinds).map(([name, gmacs]) => `${name} ${gmacs.toFixed(1)} GMAC/s`).join(', ')}`);
  }
  for (const { tokens, f32Ms, theirsCosineF32, ours } of cases) {
    console.log(`  ${tokens} tokens: ONNX Runtime's f32 ${f32Ms.toFixed(2)} ms, its int8 has the cosine ${theirsCosineF32.toFixed(5)} to it`);
    for (const [way, o] of Object.entries(ours)) {
      const goal = GOALS[WAYS[way].variant][tokens];
      console.log(
        `    ${way.padEnd(14)} ${o.ms.toFixed(2).padStart(6)} ms against ${o.theirsMs.toFixed(2).padStart(6)}: ratio ${o.ratio.toFixed(2)} (goal ${goal}: ${o.ratio >= goal ? 'reached' : 'MISSED'})` +
          `  ${o.gmacs.toFixed(1)} GMAC/s = ${(100 * o.share).toFixed(0)} % of the peak  cosine to int8 ${o.cosineInt8.toFixed(5)}, to f32 ${o.cosineF32.toFixed(5)}`,
      );
    }
  }
}

async function main() {
  const { values } = parseArgs({
    options: { json: { type: 'string' }, only: { type: 'string' }, 'no-browser': { type: 'boolean', default: false } },
  });
  const shapes = SHAPES.filter(({ name }) => values.only === undefined || name === values.only);
  const runs = [];
  const each = (engine, shape, result) => {
    print(engine, shape, result);
    runs.push({ engine, shape: shape.name, ...result });
  };
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, one thread; medians of 31 repetitions in turn`);
  await inNode(shapes, each);
  if (!values['no-browser']) await inChromium(shapes, each);
  if (values.json) writeFileSync(values.json, `${JSON.stringify(runs, null, 2)}\n`);
  let wrong = 0;
  for (const { engine, shape, cases } of runs) {
    for (const { tokens, ours } of cases) {
      for (const [way, o] of Object.entries(ours)) {
        const ok = o.sameBits && o.cosineInt8 >= LEAST_COSINE && o.cosineF32 >= LEAST_COSINE;
        if (ok) continue;
        wrong++;
        console.error(`not ok ${engine}, ${shape}, ${tokens} tokens, ${way}: same bits ${o.sameBits}, cosine ${o.cosineInt8}, ${o.cosineF32}`);
      }
    }
  }
  console.log(wrong === 0 ? "\nok every output agrees with ONNX Runtime's, and the builds' bits with each other" : '');
  process.exitCode = wrong === 0 ? 0 : 1;
}

await main();
