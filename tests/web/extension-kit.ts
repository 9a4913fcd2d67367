/** The built extension in a Chromium of its own, whose service worker can be ended at will. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import type { HistoryEntry } from '../../web/engine/src/types-history.ts';
import type { CallName, FromHome, ToHome } from '../../web/extension/src/wire/calls.ts';
import { startChromium, type RealChromium } from './real-chromium.ts';

export { temporaryFolder } from './site.ts';

const BUILT = fileURLToPath(new URL('../../web/extension/dist/', import.meta.url));

/** A copy of what `make extension` built for a browser, in `folder`. */
export function copyOfExtension(browser: 'chromium' | 'firefox', folder: string): string {
  const from = join(BUILT, browser);
  assert(existsSync(join(from, 'manifest.json')), `${from} is missing: run make extension`);
  const to = join(folder, 'extension');
  cpSync(from, to, { recursive: true });
  return to;
}

/** Chromium names an unpacked extension after its folder. */
export function idOf(folder: string): string {
  const digest = createHash('sha256').update(folder).digest('hex').slice(0, 32);
  return digest.replace(/./g, (digit) => String.fromCharCode(97 + parseInt(digit, 16)));
}

export interface Extension extends AsyncDisposable {
  readonly id: string;
  readonly context: BrowserContext;
  readonly browser: Browser;
  readonly profile: string;
  /** What pages complained of, the extension's own and the sites'. */
  readonly complaints: readonly string[];
  /** One of its pages that does nothing by itself. */
  readonly witness: Page;
  /** One of its pages, in a tab. */
  open(path: string): Promise<Page>;
  /** Ends the service worker, and makes sure that it has ended; false: there was none. */
  endWorker(): Promise<boolean>;
  close(): Promise<void>;
  kill(): Promise<void>;
}

/** Its service worker as the browser's tools see it, running or not. */
async function workerOf(cdp: CDPSession, id: string): Promise<string | null> {
  const { targetInfos } = await cdp.send('Target.getTargets');
  const found = targetInfos.find(
    ({ type, url }) => type === 'service_worker' && url.startsWith(`chrome-extension://${id}/`),
  );
  return found?.targetId ?? null;
}

/** The service workers that run: none or one, with a name of its own each time it is started. */
function running(witness: Page): Promise<readonly string[]> {
  return witness.evaluate(async () => {
    const contextTypes = [chrome.runtime.ContextType.BACKGROUND];
    return (await chrome.runtime.getContexts({ contextTypes })).map(({ contextId }) => contextId);
  });
}

/** Ten seconds are long. */
export async function until(what: string, holds: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; !(await holds()); ++tries) {
    assert(tries < 400, `waited in vain: ${what}`);
    await rest(25);
  }
}

/** Waits until the extension is there. */
async function meet(chromium: RealChromium, id: string, profile: string): Promise<Extension> {
  const { context, complaints } = chromium.watched;
  const browser = context.browser();
  assert(browser);
  const cdp = await browser.newBrowserCDPSession();
  await until('the extension is there', async () => (await workerOf(cdp, id)) !== null);
  const open = async (path: string): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(`chrome-extension://${id}/${path}`);
    return page;
  };
  // A page of the extension's that does nothing by itself.
  const witness = await open('third-party-notices.txt');
  return {
    ...{ id, context, browser, profile, complaints, witness, open },
    async endWorker() {
      const [ran] = await running(witness);
      const targetId = await workerOf(cdp, id);
      if (ran === undefined || targetId === null) return false;
      await cdp.send('Target.closeTarget', { targetId });
      await until(
        'the service worker has ended',
        async () => !(await running(witness)).includes(ran),
      );
      return true;
    },
    close: () => chromium.close(),
    kill: () => chromium.kill(),
    [Symbol.asyncDispose]: () => chromium.kill(),
  };
}

async function start(
  extension: string,
  profile: string,
  flags: readonly string[],
): Promise<Extension> {
  const load = [`--disable-extensions-except=${extension}`, `--load-extension=${extension}`];
  const chromium = await startChromium(profile, [...load, ...flags]);
  try {
    return await meet(chromium, idOf(extension), profile);
  } catch (failure) {
    await chromium.kill();
    throw failure;
  }
}

export interface StartOptions {
  /** Sites that the person has said yes to, once. */
  readonly sites?: readonly string[];
  readonly flags?: readonly string[];
}

interface Preferences {
  readonly extensions: {
    readonly settings: Readonly<Record<string, Record<string, unknown>>>;
  };
}

/** Writes down that the browser's question was answered with yes, as the browser does it. */
function rememberYes(profile: string, id: string, sites: readonly string[]): void {
  const path = join(profile, 'Default', 'Preferences');
  const preferences = JSON.parse(readFileSync(path, 'utf8')) as Preferences;
  const ours = preferences.extensions.settings[id];
  assert(ours);
  const none = { api: [], manifest_permissions: [], scriptable_host: [] };
  ours['runtime_granted_permissions'] = { ...none, explicit_host: sites.map(patternOf) };
  writeFileSync(path, JSON.stringify(preferences));
}

/**
 * Starts the extension over a new profile in `folder`. Nobody is there to answer the browser's question whether a site may be read, so the
 * profile remembers an answer from an earlier time. No site is on by that: turning one on goes through without a question, and only those.
 */
export async function startExtension(
  folder: string,
  { sites = [], flags = [] }: StartOptions = {},
): Promise<Extension> {
  const extension = copyOfExtension('chromium', folder);
  const profile = join(folder, 'profile');
  if (sites.length > 0) {
    const { id, close } = await start(extension, profile, flags);
    await close();
    rememberYes(profile, id, sites);
  }
  return start(extension, profile, flags);
}

const patternOf = (site: string): string => `${site}/*`;

/** The same extension over the same profile, as the next morning. */
export function reopenExtension(folder: string): Promise<Extension> {
  return start(join(folder, 'extension'), join(folder, 'profile'), []);
}

/** What may be read now. */
export function granted(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => (await chrome.permissions.getAll()).origins ?? []);
}

/** As the switch of a site does, while a click is handled. */
export async function turnOn(page: Page, sites: readonly string[]): Promise<void> {
  await page.evaluate((origins) => {
    addEventListener('click', () => void chrome.permissions.request({ origins }), { once: true });
  }, sites.map(patternOf));
  await page.mouse.click(2, 2);
  await until('the sites are on', async () => {
    const on = await granted(page);
    return sites.every((site) => on.includes(patternOf(site)));
  });
}

/** The popup in a tab, told that it was opened over the tab that shows `address`: what `activeTab` tells it. */
export async function openPopupOver({ context, id }: Extension, address: string): Promise<Page> {
  const page = await context.newPage();
  await page.addInitScript((url) => {
    chrome.tabs.query = () => Promise.resolve([{ id: 1, windowId: 1, url } as chrome.tabs.Tab]);
  }, address);
  await page.goto(`chrome-extension://${id}/popup.html`);
  return page;
}

/** Asks the engine as the extension's own pages do. */
export function ask<T>(page: Page, name: CallName, args: readonly unknown[] = []): Promise<T> {
  return page.evaluate(
    async ([call, given]) => {
      await chrome.runtime.sendMessage({ kind: 'home' });
      const channel = new BroadcastChannel('ossicle-engine');
      const id = crypto.randomUUID();
      try {
        return await new Promise<T>((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error(`${call} was not answered`)), 20_000);
          channel.addEventListener('message', ({ data }: MessageEvent<FromHome>) => {
            if (!('id' in data) || data.id !== id) return;
            if (data.kind === 'gives') resolve(data.value as T);
            if (data.kind === 'fails') reject(new Error(JSON.stringify(data.failure)));
            if (data.kind !== 'taken') clearTimeout(timer);
          });
          channel.postMessage({ kind: 'call', id, name: call, args: given } satisfies ToHome);
        });
      } finally {
        channel.close();
      }
    },
    [name, args] as const,
  );
}

/** Everything that was kept, when what waits has been taken in. */
export async function historyOf(page: Page): Promise<readonly HistoryEntry[]> {
  await ask(page, 'opened');
  const { entries } = await ask<{ readonly entries: readonly HistoryEntry[] }>(
    page,
    'history.query',
    [{ limit: 1000, order: 'oldest' }],
  );
  return entries;
}
