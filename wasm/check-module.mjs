// Checks a built module: its imports and exports are the listed ones, and it is not larger than the budget.
//   node check-module.mjs FILE.wasm EXPORTS BUDGET      EXPORTS: a list in this folder; BUDGET: bytes gzip
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';

const [file, exports, budgetText] = process.argv.slice(2);
const budget = Number(budgetText);
const lines = (name) =>
  readFileSync(new URL(name, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .sort();
const bytes = readFileSync(file);
const module = new WebAssembly.Module(bytes);
const found = {
  imports: WebAssembly.Module.imports(module).map((entry) => `${entry.module}.${entry.name}`),
  exports: WebAssembly.Module.exports(module).map((entry) => entry.name),
};

/** The code and data sections, raw and gzip; the others are small. */
function sizes(bytes) {
  const names = { 10: 'code', 11: 'data' };
  const parts = [];
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      size += (bytes[at] & 0x7f) * 2 ** shift;
      if (bytes[at++] < 0x80) break;
    }
    if (names[id]) parts.push(`${names[id]} ${size} (${gzipSync(bytes.subarray(at, at + size), { level: 9 }).length})`);
    at += size;
  }
  return parts.join(', ');
}

const problems = [];
for (const [side, list] of [
  ['imports', 'imports.txt'],
  ['exports', exports],
]) {
  const expected = lines(list);
  const extra = found[side].filter((name) => !expected.includes(name));
  const absent = expected.filter((name) => !found[side].includes(name));
  if (extra.length > 0) problems.push(`${side} not in wasm/${list}: ${extra.join(' ')}`);
  if (absent.length > 0) problems.push(`missing ${side}: ${absent.join(' ')}`);
}
const gzip = gzipSync(bytes, { level: 9 }).length;
if (gzip > budget) problems.push(`${gzip} bytes gzip is over the budget of ${budget}`);

console.log(`${basename(file)}: ${bytes.length} bytes, ${gzip} gzip (budget ${budget}): ${sizes(bytes)}`);
for (const problem of problems) console.error(`${basename(file)}: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
