/** The built page, served as `make play` serves it, and a Chromium that looks at it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  BrowserType,
  Page,
} from 'playwright-core';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
export const { chromium } = require('playwright-core') as { readonly chromium: BrowserType };

const PLAYER = fileURLToPath(new URL('../../web/player/', import.meta.url));
/** The built page. */
export const PAGE = join(PLAYER, 'dist');
export const CHROMIUM = process.env['OSSICLE_CHROMIUM'] ?? '/usr/bin/chromium';

/** Chromium itself asks for nothing: what is left is the page. */
export const FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // By itself it asks its maker about every text field, to fill it in.
  '--disable-features=AutofillServerCommunication',
];

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert(address !== null && typeof address === 'object');
  return address.port;
}

export interface Site extends AsyncDisposable {
  readonly origin: string;
}

/** Serves web/player/dist. */
export async function serveSite(): Promise<Site> {
  const built = existsSync(join(PLAYER, 'dist', 'index.html'));
  assert(built, 'web/player/dist is missing: build it first (npm run build in web/)');
  const port = await freePort();
  const vite = join(require.resolve('vite/package.json'), '..', 'bin', 'vite.js');
  const server = spawn(
    process.execPath,
    [vite, 'preview', '--host', 'localhost', '--port', String(port), '--strictPort'],
    { cwd: PLAYER, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  }
  const origin = `http://localhost:${port}`;
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const answers = (): Promise<boolean> =>
    fetch(origin).then(
      (response) => response.ok,
      () => false,
    );
  for (let tries = 0; !(await answers()); ++tries) {
    assert(server.exitCode === null && tries < 300, `vite preview does not answer: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    origin,
    async [Symbol.asyncDispose]() {
      server.kill();
      await ended;
    },
  };
}

export interface LaunchOptions {
  /** Where Chromium writes its network log when it is closed. */
  readonly netLog?: string;
  /** Sound may play without a click. */
  readonly sound?: boolean;
  /** Further flags. */
  readonly flags?: readonly string[];
}

export function launch({
  netLog,
  sound = false,
  flags = [],
}: LaunchOptions = {}): Promise<Browser> {
  const log =
    netLog === undefined ? [] : [`--log-net-log=${netLog}`, '--net-log-capture-mode=Default'];
  const free = sound ? ['--autoplay-policy=no-user-gesture-required'] : [];
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...log, ...free, ...flags] });
}

/** A browser that finds the profile at `path` as the last one left it. */
export function launchProfile(path: string): Promise<BrowserContext> {
  const options = { executablePath: CHROMIUM, args: [...FLAGS], locale: 'en-GB' };
  return chromium.launchPersistentContext(path, options);
}

/** What a page must never do, written down as it happens. */
export interface Watched {
  readonly context: BrowserContext;
  readonly requests: string[];
  readonly complaints: string[];
}

/** A context whose pages report requests, console errors, uncaught errors and breaches of the content security policy. */
export async function watch(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  return observe(await browser.newContext({ locale: 'en-GB', ...options }));
}

/** The same over a context that is there. */
export async function observe(context: BrowserContext): Promise<Watched> {
  context.setDefaultTimeout(30_000);
  const watched: Watched = { context, requests: [], complaints: [] };
  context.on('request', (request) => watched.requests.push(request.url()));
  context.on('console', (message) => {
    // What a context with serviceWorkers: 'block' says of itself.
    if (message.text() === 'Service Worker registration blocked by Playwright') return;
    if (['error', 'warning'].includes(message.type())) {
      watched.complaints.push(`console ${message.type()}: ${message.text()}`);
    }
  });
  context.on('weberror', (error) => watched.complaints.push(`uncaught: ${error.error().message}`));
  await context.exposeFunction('breach', (what: string) =>
    watched.complaints.push(`policy: ${what}`),
  );
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      const { breach } = globalThis as unknown as { breach: (what: string) => void };
      breach(`${violatedDirective} ${blockedURI}`);
    });
  });
  return watched;
}

/** Opens the page and waits until it can be used. */
export async function openPage({ context }: Watched, { origin }: Site): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${origin}/`);
  await page.locator('.welcome, .list, .failed').first().waitFor();
  return page;
}

/** To a page of the app, by its link; the page before it stays until the new one is there. */
export async function visit(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
  if (name === 'Home') return;
  const main = page.locator('main');
  const title = main.getByRole('heading', { name, exact: true, level: 1 });
  await title.or(main.getByRole('alert')).first().waitFor();
}

export interface TestFile {
  readonly name: string;
  readonly body: string | Buffer;
}

/** Through the file chooser that the button opens. */
export async function chooseFile(page: Page, { name, body }: TestFile): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.locator('label', { hasText: /Choose a file|Add another export/ }).click();
  await (
    await chooser
  ).setFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(body) });
}

/** Lets a file fall on the page. */
export async function dropFile(page: Page, { name, body }: TestFile): Promise<void> {
  const base64 = Buffer.from(body).toString('base64');
  await page.evaluate(
    ({ text, as }) => {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], as));
      for (const type of ['dragenter', 'dragover', 'drop']) {
        const init = { dataTransfer, bubbles: true, cancelable: true };
        document.querySelector('main')?.dispatchEvent(new DragEvent(type, init));
      }
    },
    { text: base64, as: name },
  );
}

/** How the import that is under way ends: the text of its report. */
export async function reportOf(page: Page, name: string): Promise<string> {
  const report = page.locator('.report', { hasText: name });
  await report.waitFor();
  for (const summary of await report.locator('summary').all()) await summary.click();
  return report.innerText();
}

/** The artists recommended now, in order. */
export function names(page: Page): Promise<string[]> {
  return page.locator('.row-name').allInnerTexts();
}

/** Waits until the list is another one than `before`. */
export async function changed(
  page: Page,
  before: readonly string[],
  length = 20,
): Promise<string[]> {
  await page.waitForFunction(
    ([old, n]) => {
      const now = [...document.querySelectorAll<HTMLElement>('.row-name')].map(
        (row) => row.innerText,
      );
      return now.length === n && now.join('\n') !== old;
    },
    [before.join('\n'), length] as const,
  );
  return names(page);
}

/** Everything in all IndexedDB databases of the page's origin, counted; but for the library's key and its counter of changes. */
export function storedRecords(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const wait = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
      });
    let records = 0;
    for (const { name } of await indexedDB.databases()) {
      const db = await wait(indexedDB.open(name ?? ''));
      const stores = [...db.objectStoreNames].filter((store) => store !== 'facts');
      if (stores.length === 0) continue;
      const tx = db.transaction(stores);
      for (const store of stores) records += await wait(tx.objectStore(store).count());
      db.close();
    }
    return records;
  });
}

/** A folder that is gone when the test ends. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'ossicle-journey-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

interface NetLogEvent {
  readonly params?: {
    readonly url?: string;
    readonly initiator?: string;
    readonly network_isolation_key?: string;
  };
}

/**
 * What the pages of `origin` and their workers asked for, in Chromium's own network log. Chromium's requests for itself (updates,
 * signing in) have neither the page as their initiator nor its isolation key.
 */
export function pageRequestsInNetLog(path: string, origin: string): readonly string[] {
  const { events } = JSON.parse(readFileSync(path, 'utf8')) as { events: readonly NetLogEvent[] };
  const { protocol, hostname } = new URL(origin);
  const key = `${protocol}//${hostname}`;
  return events.flatMap(({ params }) => {
    if (params?.url === undefined || params.initiator === undefined) return [];
    const isolated = params.network_isolation_key?.split(' ').includes(key) ?? false;
    return isolated || params.initiator === origin ? [params.url] : [];
  });
}

/** Names of the databases that the page's origin has. */
export function databases(page: Page): Promise<readonly (string | undefined)[]> {
  return page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
}
