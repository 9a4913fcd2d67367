/** Prints the size of each file of dist, plain and compressed, and fails when the engine outgrows its limit. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
/** gzip, of what a page loads before its catalogue: the larger WASM file and all JavaScript of the browser entries. */
const LIMIT = 350_000;

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

const forNode = /^(node|store\/file|shared\/.*node.*)\.js$|^cli\//;
const script = files.filter(({ file }) => file.endsWith('.js') && !forNode.test(file));
const modules = files.filter(({ file }) => /^assets\/ossicle-\w+\.wasm$/.test(file));
const engine =
  script.reduce((sum, { gzip }) => sum + gzip, 0) + Math.max(0, ...modules.map(({ gzip }) => gzip));
console.log(`engine (JavaScript and the larger WASM file), gzip: ${engine} of at most ${LIMIT}`);
if (modules.length < 2) {
  console.error('a WASM file is missing: run `make wasm` and `npm run build` first');
  process.exit(1);
}
if (engine > LIMIT) {
  console.error(`the engine is ${engine - LIMIT} bytes too large`);
  process.exit(1);
}
