/** Makes dist/chromium and dist/firefox, ready to be loaded, and a zip of each for the stores. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.ts';
import { foreignCode, notWhole, tooLarge } from './guards.ts';
import { iconOf } from './icons.ts';
import { BROWSERS, FILES, ICON_SIZES, manifestOf, type Browser } from './manifest.ts';
import { messageFiles } from './messages.ts';
import { filesIn, sizeOf, zipOf } from './pack.ts';

const here = fileURLToPath(new URL('..', import.meta.url));
const dist = join(here, 'dist');
const icon = readFileSync(join(here, '../player/public/icon.svg'), 'utf8');
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')) as {
  readonly version: string;
};

function put(folder: string, path: string, contents: string | Uint8Array): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, contents);
}

/** What is wrong with it. */
function pack(browser: Browser): readonly string[] {
  const folder = join(dist, browser);
  const manifest = manifestOf(browser, version);
  put(folder, 'manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
  const files = filesIn(folder);
  const zip = zipOf(files);
  const name = `ossicle-${browser}-${version}.zip`;
  writeFileSync(join(dist, name), zip);
  console.log(`${name}: ${zip.length} bytes; unpacked ${sizeOf(files)} in ${files.length} files`);
  const classic = files.filter(({ path }) => path === FILES.content || path === FILES.page);
  return [
    ...foreignCode(files),
    ...classic.flatMap(notWhole),
    ...tooLarge(name, zip.length),
    ...tooLarge(`${name}, unpacked,`, sizeOf(files)),
  ];
}

rmSync(dist, { recursive: true, force: true });
const [first, second] = BROWSERS.map((browser) => join(dist, browser)) as [string, string];
await bundle(first);
for (const [path, contents] of messageFiles()) put(first, path, contents);
for (const size of ICON_SIZES) put(first, `icons/${size}.png`, iconOf(icon, size));
put(first, 'LICENSE', readFileSync(join(here, '../../LICENSE')));
cpSync(first, second, { recursive: true });

const wrong = BROWSERS.flatMap(pack);
for (const what of wrong) console.error(`extension: ${what}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
