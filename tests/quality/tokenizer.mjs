#!/usr/bin/env node
// The released tokenizer inside both modules against the reference library: tokenizer.mjs FOLDER, as models/encoder/reference_ids.py wrote it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Core, root, variants } from '../wasm/core.mjs';

const CAP = 1 << 16;
const folder = process.argv[2];
if (!folder) {
  console.error('tokenizer: name the folder that models/encoder/reference_ids.py wrote');
  process.exit(2);
}
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const lines = read('lines.json');
const expected = read('ids.json');
const model = readFileSync(new URL('models/encoder/bundle/tokenizer.model', root));

for (const variant of variants) {
  const core = Core.load(variant);
  core.call('osl_tokenizer_open', core.put(model), model.length, core.slot);
  const tokenizer = core.u32();
  const text = core.take(CAP);
  const out = core.take(4 * CAP);
  let same = 0;
  let ids = 0;
  for (const [i, line] of lines.entries()) {
    const bytes = new TextEncoder().encode(line);
    core.bytes(text, bytes.length).set(bytes);
    core.call('osl_tokenizer_encode', tokenizer, text, bytes.length, out, CAP, core.slot);
    const got = new Int32Array(core.abi.memory.buffer, out, core.u32());
    const right = got.length === expected[i].length && expected[i].every((id, k) => id === got[k]);
    if (right) same += 1;
    else if (i - same < 5) console.log(`line ${i} differs: ${JSON.stringify(line.slice(0, 80))}`);
    ids += got.length;
  }
  console.log(`${variant}: ${same} of ${lines.length} lines have the reference library's ids (${ids} ids)`);
  if (same !== lines.length) process.exitCode = 1;
}
