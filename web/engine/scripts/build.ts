/** Makes dist/: the JavaScript (bundled, so that a plain page needs no resolver), the types, the WASM files and the catalogue. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const engine = fileURLToPath(new URL('..', import.meta.url));
const root = join(engine, '..', '..');
const dist = join(engine, 'dist');
const require = createRequire(import.meta.url);

/** Entries that are bundled together: what one page or process may load shares its modules, and so its classes. Each group has a folder for what its entries share, or load later. */
const groups: Readonly<Record<string, readonly string[]>> = {
  shared: [
    ...['index', 'node', 'store/indexeddb', 'store/memory', 'store/file', 'store/sqlite'],
    ...['export/playlist', 'export/listenbrainz'],
    // Loaded when such a file is imported.
    ...['import/spotify', 'import/youtube', 'import/youtube-html'],
    ...['import/apple-library', 'import/apple-activity'],
  ],
  // A thread of its own. In one file it starts a round trip to the server sooner; updates and contributions are loaded when they are asked for.
  worker: ['worker'],
};
/** Bundled in; their licences go along. */
const bundled = [
  'idb',
  'fflate',
  'htmlparser2',
  'domhandler',
  'domelementtype',
  'entities',
  'hpke',
];

/** from (below the repository) -> to (below dist), and what makes it. */
const assets = [
  ['build/wasm-simd/wasm/ossicle-simd.wasm', 'assets/ossicle-simd.wasm', 'make wasm'],
  ['build/wasm-simd/wasm/ossicle-private.wasm', 'assets/ossicle-private.wasm', 'make wasm'],
  ['build/wasm-relaxed/wasm/ossicle-relaxed.wasm', 'assets/ossicle-relaxed.wasm', 'make wasm'],
  ['models/items/bundle', 'assets/catalogue', 'git checkout models/items/bundle'],
  ['models/encoder/bundle', 'assets/encoder', 'git checkout models/encoder/bundle'],
  ['models/style/bundle', 'assets/style', 'git checkout models/style/bundle'],
  ['models/sequence/bundle', 'assets/sequence', 'git checkout models/sequence/bundle'],
  ['build/wasm-simd/core/tools/ossicle-cli.mjs', 'cli/ossicle-cli.mjs', 'make wasm'],
  ['build/wasm-simd/core/tools/ossicle-cli.wasm', 'cli/ossicle-cli.wasm', 'make wasm'],
  ['LICENSE', 'LICENSE', 'git checkout LICENSE'],
] as const;

function licenceOf(name: string): string {
  const texts = ['LICENSE', 'LICENSE.md', 'LICENSE.txt'];
  let folder = dirname(require.resolve(name));
  while (!texts.some((text) => existsSync(join(folder, text)))) folder = dirname(folder);
  const path = join(folder, texts.find((text) => existsSync(join(folder, text))) ?? '');
  return `${name}\n${'-'.repeat(name.length)}\n\n${readFileSync(path, 'utf8')}`;
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

for (const [folder, entries] of Object.entries(groups)) {
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map((name) => [name, join(engine, 'src', `${name}.ts`)])),
    external: /^node:/,
    platform: 'neutral',
    resolve: { conditionNames: ['import', 'browser', 'default'], mainFields: ['module', 'main'] },
    tsconfig: false,
    // What is loaded later takes what it shares with an entry from there, not both from a third file.
    preserveEntrySignatures: folder === 'worker' ? 'allow-extension' : 'strict',
  });
  await bundle.write({
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: `${folder}/[name].js`,
    comments: false,
    minify: true,
  });
  await bundle.close();
}
// `ossicle audit` is for people who have nothing of the server but what it publishes.
const audit = await rolldown({
  input: join(engine, '..', 'server', 'src', 'learn', 'audit-command.ts'),
  // Of the package itself, which is beside it.
  external: [/^node:/, 'ossicle/node'],
  platform: 'node',
  tsconfig: false,
});
await audit.write({ file: join(dist, 'cli', 'audit.js'), format: 'esm', comments: false });
await audit.close();
writeFileSync(join(dist, 'THIRD_PARTY.txt'), bundled.map(licenceOf).join('\n\n'));

const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
execFileSync(process.execPath, [tsc, '-p', join(engine, 'tsconfig.build.json')], {
  stdio: 'inherit',
});
// What is bundled in from the workspace's own packages has declarations, too; no entry names them.
const declarations = join(dist, 'declarations');
cpSync(join(declarations, 'engine', 'src'), dist, { recursive: true });
rmSync(declarations, { recursive: true });

// tsc rewrites import paths in JavaScript only; not every tool finds './x.d.ts' under the name './x.ts'.
for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.d.ts')) continue;
  const path = join(dist, file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace(/(['"])(\.{1,2}\/[^'"]+)\.ts\1/g, '$1$2.js$1'));
}

const absent = assets.filter(([from]) => !existsSync(join(root, from)));
for (const [from, to] of assets) {
  if (existsSync(join(root, from))) cpSync(join(root, from), join(dist, to), { recursive: true });
}
for (const [from, , how] of absent) console.error(`missing: ${from} (run \`${how}\` first)`);
// Without its assets the package would only fail later, in somebody's page.
if (absent.length > 0 && !process.argv.includes('--without-assets')) process.exit(1);
