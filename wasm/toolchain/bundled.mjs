// Prints "name TAB version TAB folder" of every npm package that a workspace of web/ needs at run time,
// directly or through another one: what a bundler may put into the page, the extension or the package. Run in web/.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const read = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const root = resolve('.');
const workspaces = new Set(read(root).workspaces.map((w) => read(join(root, w)).name));
const found = new Map();

function find(name, from) {
  for (let at = from; at.startsWith(root); at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  throw new Error(`${name}, needed by ${from}, is not installed; run: make web`);
}

function visit(folder) {
  for (const name of Object.keys(read(folder).dependencies ?? {})) {
    if (workspaces.has(name)) continue;
    const there = find(name, folder);
    if (found.has(there)) continue;
    const { version } = read(there);
    found.set(there, `${name}\t${version}\t${there}`);
    visit(there);
  }
}

// The server is not bundled: it runs beside its packages, which bring their own texts.
for (const w of read(root).workspaces) if (w !== 'server') visit(join(root, w));
console.log([...found.values()].sort().join('\n'));
