/** The package as `npm pack` makes it, in the hands of a consumer: bundled by Vite, webpack and esbuild, and by nobody; run in Chromium. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, extname, join, relative } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type * as Esbuild from 'esbuild';
import type * as Vite from 'vite';
import type Webpack from 'webpack';
import { launch, watch } from './site.ts';

const web = fileURLToPath(new URL('../../web/', import.meta.url));
const require = createRequire(join(web, 'package.json'));

type Bundle = (entry: string, out: string) => Promise<void>;

const MAIN = `
import { openEngine } from 'ossicle';
import { indexedDbStore } from 'ossicle/store/indexeddb';
trustedTypes.createPolicy('default', {
  createScriptURL: (url) => (new URL(url, location.href).origin === location.origin ? url : null),
});
const engine = await openEngine({
  assets: new URL('/assets/', location.href),
  store: indexedDbStore('consumer'),
});
await engine.listen({ track: { artist: 'Portishead', title: 'Roads' }, startedAt: new Date() });
const spotify = '[{"endTime":"2026-03-01 20:04","artistName":"Massive Attack","trackName":"Angel","msPlayed":304000}]';
const { format, added } = await engine.import(new Blob([spotify]));
const { items } = await engine.recommend({ limit: 3 });
const { total } = await engine.history.query();
document.title = [format, added, items.length, total].join(' ');
`;
const TITLE = 'spotify 1 3 2';
const ONLY_STORE = `import { memoryStore } from 'ossicle/store/memory';\nconsole.log(memoryStore());\n`;
const TYPES = `
import { openEngine, OssicleError, type Engine, type HistoryPage, type ImportReport } from 'ossicle';
import { openEngine as openInNode } from 'ossicle/node';
import { toJspf } from 'ossicle/export/playlist';
import { spotifyReader } from 'ossicle/import/spotify';
import { sqliteStore } from 'ossicle/store/sqlite';
export const engine: Promise<Engine> = openEngine({ assets: '/assets/' });
export const other: Promise<Engine> = openInNode({ assets: '.', store: sqliteStore('history.db') });
export const page: Promise<HistoryPage> = engine.then((open) => open.history.query({ limit: 1 }));
export const report = (open: Engine): Promise<ImportReport> => open.import(new Blob(['']));
export const text: string = toJspf({ tracks: [{ title: 'Roads' }] });
export const records = [...spotifyReader(0).end()];
export const isOurs = (cause: unknown): boolean => cause instanceof OssicleError;
// @ts-expect-error: assets are needed
void openEngine({});
`;

const bundlers: Readonly<Record<string, Bundle>> = {
  async Vite(entry, out) {
    const { build } = (await import(require.resolve('vite'))) as typeof Vite;
    await build({
      root: join(entry, '..'),
      configFile: false,
      logLevel: 'error',
      worker: { format: 'es' },
      build: {
        target: 'es2024',
        outDir: out,
        emptyOutDir: true,
        rolldownOptions: { input: entry, output: { entryFileNames: 'main.js' } },
      },
    });
  },
  async webpack(entry, out) {
    const webpack = require('webpack') as typeof Webpack;
    await new Promise<void>((resolve, reject) => {
      webpack(
        {
          mode: 'production',
          context: join(entry, '..'),
          entry,
          target: ['web', 'es2022'],
          experiments: { outputModule: true },
          output: { path: out, filename: 'main.js', module: true, publicPath: 'auto' },
        },
        (error, stats) => {
          if (error || stats?.hasErrors() === true) {
            reject(error ?? new Error(stats?.toString('errors-only')));
          } else resolve();
        },
      );
    });
  },
  async esbuild(entry, out) {
    const { build } = require('esbuild') as typeof Esbuild;
    await build({
      entryPoints: [entry],
      outdir: out,
      bundle: true,
      splitting: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      logLevel: 'error',
    });
    // esbuild leaves the addresses of workers as they are: the worker and its later parts go beside the chunk that starts it.
    const dist = join(entry, '../node_modules/ossicle/dist');
    cpSync(join(dist, 'worker.js'), join(out, 'worker.js'));
    cpSync(join(dist, 'worker'), join(out, 'worker'), { recursive: true });
  },
};

let folder = '';
let installed = '';

function scriptsIn(out: string): string[] {
  return readdirSync(out, { recursive: true, encoding: 'utf8' })
    .map((name) => join(out, name))
    .filter((path) => statSync(path).isFile() && path.endsWith('.js'));
}

function gzipOf(paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0);
}

const TYPE: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.html': 'text/html',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};
const POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; require-trusted-types-for 'script'; trusted-types default";

/** Opens `out`/index.html in Chromium under a strict policy; gives its title once it has one, and what went wrong. */
async function run(
  out: string,
): Promise<{ readonly title: string; readonly complaints: readonly string[] }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const file =
      path.startsWith('/assets/oss') || /^\/assets\/[a-z]+\//.test(path)
        ? join(installed, 'dist', path)
        : join(out, path === '/' ? 'index.html' : path);
    try {
      const body = readFileSync(file);
      const type = TYPE[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY });
      response.end(body);
    } catch {
      response.writeHead(path === '/favicon.ico' ? 204 : 404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const address = server.address();
  assert(address !== null && typeof address === 'object');
  const browser = await launch();
  try {
    const watched = await watch(browser);
    const page = await watched.context.newPage();
    await page.goto(`http://localhost:${address.port}/`);
    // Not waitForFunction, whose text the policy rightly keeps from running.
    for (let tries = 0; tries < 100 && (await page.title()) === ''; ++tries) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return { title: await page.title(), complaints: watched.complaints };
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'ossicle-package-'));
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
  const name = execFileSync('npm', pack, { cwd: join(web, 'engine'), encoding: 'utf8' }).trim();
  const modules = join(folder, 'consumer', 'node_modules');
  mkdirSync(modules, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, basename(name)), '-C', modules]);
  installed = join(modules, 'ossicle');
  cpSync(join(modules, 'package'), installed, { recursive: true });
  rmSync(join(modules, 'package'), { recursive: true });
  const consumer = join(folder, 'consumer');
  writeFileSync(join(consumer, 'package.json'), '{"private":true,"type":"module"}\n');
  writeFileSync(join(consumer, 'main.js'), MAIN);
  writeFileSync(join(consumer, 'store.js'), ONLY_STORE);
  writeFileSync(join(consumer, 'types.ts'), TYPES);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const HTML =
  '<!doctype html><meta charset="utf-8"><script type="module" src="./main.js"></script>\n';

suite('the packed package', () => {
  for (const [name, bundle] of Object.entries(bundlers)) {
    test(`${name}: a page that uses it runs under a strict policy`, async () => {
      const out = join(folder, name);
      await bundle(join(folder, 'consumer', 'main.js'), out);
      writeFileSync(join(out, 'index.html'), HTML);
      const { title, complaints } = await run(out);
      assert.deepEqual([title, complaints], [TITLE, []]);
      console.log(`${name}: ${gzipOf(scriptsIn(out))} bytes of JavaScript, gzip`);
    });

    test(`${name}: who imports only a store gets no engine`, async () => {
      const out = join(folder, `${name}-store`);
      await bundle(join(folder, 'consumer', 'store.js'), out);
      const scripts = scriptsIn(out).filter((path) => !/^worker\b/.test(relative(out, path)));
      const text = scripts.map((path) => readFileSync(path, 'utf8')).join('');
      assert.ok(!/WebAssembly|new Worker|recommend/.test(text));
      const size = gzipOf(scripts);
      assert.ok(size < 2000, `${size} bytes`);
    });
  }

  test('a plain <script type="module"> runs it without a bundler', async () => {
    const out = join(folder, 'plain');
    mkdirSync(out);
    cpSync(join(installed, 'dist'), join(out, 'ossicle'), {
      recursive: true,
      filter: (path) => !path.startsWith(join(installed, 'dist', 'assets')),
    });
    writeFileSync(
      join(out, 'main.js'),
      MAIN.replace("'ossicle'", "'./ossicle/index.js'").replace(
        "'ossicle/store/indexeddb'",
        "'./ossicle/store/indexeddb.js'",
      ),
    );
    writeFileSync(join(out, 'index.html'), HTML);
    const { title, complaints } = await run(out);
    assert.deepEqual([title, complaints], [TITLE, []]);
  });

  test('its types are those of a strict consumer, whichever way modules are resolved', () => {
    const tsc = join(require.resolve('typescript/package.json'), '..', 'bin', 'tsc');
    for (const [module, resolution] of [
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ] as const) {
      const flags = [
        '--noEmit',
        '--strict',
        '--exactOptionalPropertyTypes',
        '--skipLibCheck',
        'false',
      ];
      const libraries = [
        '--target',
        'es2024',
        '--lib',
        'es2024,esnext.disposable,dom,dom.iterable',
      ];
      const resolved = ['--module', module, '--moduleResolution', resolution];
      execFileSync(process.execPath, [tsc, ...flags, ...libraries, ...resolved, 'types.ts'], {
        cwd: join(folder, 'consumer'),
        encoding: 'utf8',
      });
    }
  });

  test('every entry of it is there, with types', () => {
    const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      readonly exports: Readonly<Record<string, string | { types: string; default: string }>>;
    };
    for (const [name, entry] of Object.entries(exports)) {
      if (name.includes('*')) continue;
      for (const path of typeof entry === 'string' ? [entry] : Object.values(entry)) {
        assert.ok(statSync(join(installed, path)).isFile(), path);
      }
    }
    for (const path of [
      'import/spotify',
      'import/youtube',
      'import/apple-library',
      'export/playlist',
    ]) {
      for (const end of ['.js', '.d.ts']) {
        assert.ok(statSync(join(installed, 'dist', `${path}${end}`)).isFile(), path);
      }
    }
  });
});
