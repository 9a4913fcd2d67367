// The same measurement in Debian's Chromium, through playwright-core of the web workspace.
import { createServer } from 'node:http';
import { existsSync } from 'node:fs';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

// --no-sandbox: CI runs as root. The others keep Chromium from looking for hosts of its maker.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function findChromium() {
  const named = process.env.OSSICLE_CHROMIUM ?? 'chromium';
  const places = named.includes('/') ? [named] : process.env.PATH.split(delimiter).map((dir) => join(dir, named));
  const found = places.find((place) => existsSync(place));
  if (!found) throw new Error(`Chromium ('${named}') is not there. Run: make setup, or set OSSICLE_CHROMIUM`);
  return found;
}

function loadPlaywright(root) {
  try {
    return createRequire(join(root, 'web', 'package.json'))('playwright-core');
  } catch {
    throw new Error('playwright-core is not in web/node_modules. Run: make web');
  }
}

/** Serves `files` (path -> { file, type }) and nothing else, cross-origin isolated: without that the page's clock has steps of 0.1 ms. */
async function serve(files) {
  const server = createServer(async (request, response) => {
    const entry = files[request.url];
    if (!entry) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': entry.type,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
    response.end(await readFile(entry.file));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

/**
 * Opens Chromium over a server of `files` and nothing else. `use(openPage, engine)`; each openPage() is a page of its own at '/', without heap or
 * code of another, once its script has set `window.ready`.
 */
export async function withChromium(root, files, use) {
  const { chromium } = loadPlaywright(root);
  const server = await serve(files);
  const profile = await mkdtemp(join(tmpdir(), 'ossicle-bench-'));
  let context;
  try {
    context = await chromium.launchPersistentContext(profile, {
      executablePath: findChromium(),
      headless: true,
      args: FLAGS,
    });
    const openPage = async () => {
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${server.address().port}/`);
      await page.waitForFunction(() => window.ready !== undefined);
      if (!(await page.evaluate(() => window.ready))) throw new Error('the page is not cross-origin isolated');
      return page;
    };
    await use(openPage, `Chromium ${context.browser()?.version() ?? ''}`.trim());
  } finally {
    await context?.close();
    server.close();
    await rm(profile, { recursive: true, force: true });
  }
}

/** `modules`: variant -> file. Calls `each(variant, engine, result)` for one after another. */
export async function measureInChromium(root, modules, quick, each) {
  const here = import.meta.dirname;
  const files = {
    '/': { file: join(here, 'page.html'), type: 'text/html' },
    '/measure.mjs': { file: join(here, 'measure.mjs'), type: 'text/javascript' },
  };
  for (const [variant, file] of Object.entries(modules)) {
    files[`/${variant}.wasm`] = { file, type: 'application/wasm' };
  }
  await withChromium(root, files, async (openPage, engine) => {
    for (const variant of Object.keys(modules)) {
      const page = await openPage();
      const result = await page.evaluate(([path, small]) => window.measureModule(path, small), [`/${variant}.wasm`, quick]);
      await page.close();
      each(variant, engine, result);
    }
  });
}
