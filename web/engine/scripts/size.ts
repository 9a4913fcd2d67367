/** Prints the size of each file of dist, plain and compressed, and fails when the engine outgrows its limit. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
/** gzip, of what a page loads before its catalogue: the larger WASM file and the JavaScript that FIRST import. */
const LIMIT = 350_000;
const FIRST = ['index.js', 'worker.js', 'store/indexeddb.js'];
/** gzip, of all other JavaScript for browsers. */
const LATER_LIMIT = 50_000;
/** gzip, of what the worker loads when newer item vectors are asked for: what verifies a log and a snapshot. */
const UPDATE_LIMIT = 12_000;
/** gzip, of what it loads when it contributes, with its module: the log, sealing, tokens, the budget, the proof. */
const CONTRIBUTE_LIMIT = 59_500;

const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  .filter((file) => statSync(join(dist, file)).isFile() && !file.endsWith('.d.ts'))
  .sort()
  .map((file) => {
    const bytes = readFileSync(join(dist, file));
    return {
      file: relative('.', file),
      plain: bytes.length,
      gzip: gzipSync(bytes, { level: 9 }).length,
    };
  });

const row = (name: string, plain: number, gzip: number): string =>
  `${name.padEnd(44)} ${String(plain).padStart(9)} ${String(gzip).padStart(9)}`;
console.log(`${'file'.padEnd(44)} ${'bytes'.padStart(9)} ${'gzip'.padStart(9)}`);
for (const { file, plain, gzip } of files) console.log(row(file, plain, gzip));

/** Imports that are made before a file runs, and those that are made later. */
const EARLY = /\bfrom\s*["'](\.[^"']+)["']|\bimport\s*["'](\.[^"']+)["']/g;
const ALL = /\bfrom\s*["'](\.[^"']+)["']|\bimport\s*\(?["'`](\.[^"'`]+)["'`]/g;

/** A file of dist and all that it imports. */
function loaded(entry: string, imports = EARLY, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(entry)) return found;
  found.add(entry);
  const text = readFileSync(join(dist, entry), 'utf8');
  for (const [, early, other = early] of text.matchAll(imports)) {
    if (other !== undefined) loaded(join(dirname(entry), other), imports, found);
  }
  return found;
}

/** What a page with a stored history loads: the rest of the JavaScript comes when it is used. */
const first = new Set(FIRST.flatMap((entry) => [...loaded(entry)]));
const sum = (names: (file: string) => boolean): number =>
  files.filter(({ file }) => names(file)).reduce((total, { gzip }) => total + gzip, 0);
const modules = files.filter(({ file }) => /^assets\/ossicle-\w+\.wasm$/.test(file));
const engine = sum((file) => first.has(file)) + Math.max(0, ...modules.map(({ gzip }) => gzip));
/** What the worker loads beside itself with one of its parts. */
const withPart = (part: string): number => {
  const files = loaded(`worker/${part}.js`);
  return sum((file) => files.has(file) && !first.has(file));
};
const update = withPart('updating');
const contribute = withPart('answers') + sum((file) => file === 'assets/ossicle-private.wasm');
// Node has the worker's code in files of its own.
const entries = files.filter(({ file }) => /^((im|ex)port\/.*|index)\.js$/.test(file));
const pages = new Set(entries.flatMap(({ file }) => [...loaded(file, ALL)]));
const later = sum((file) => pages.has(file) && !first.has(file));
console.log(`loaded first: ${[...first].sort().join(', ')} and the larger WASM file`);
console.log(`engine (JavaScript and the larger WASM file), gzip: ${engine} of at most ${LIMIT}`);
console.log(`importers and exporters, loaded when used, gzip: ${later} of at most ${LATER_LIMIT}`);
console.log(`newer item vectors, gzip: ${update} of at most ${UPDATE_LIMIT}`);
console.log(`contributions, gzip: ${contribute} of at most ${CONTRIBUTE_LIMIT}`);
if (modules.length < 2) {
  console.error('a WASM file is missing: run `make wasm` and `npm run build` first');
  process.exit(1);
}
for (const [what, size, limit] of [
  ['engine', engine, LIMIT],
  ['part that is loaded later', later, LATER_LIMIT],
  ['part for newer item vectors', update, UPDATE_LIMIT],
  ['part for contributions', contribute, CONTRIBUTE_LIMIT],
] as const) {
  if (size <= limit) continue;
  console.error(`the ${what} is ${size - limit} bytes too large`);
  process.exitCode = 1;
}
