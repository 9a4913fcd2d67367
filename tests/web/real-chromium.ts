/** A Chromium of its own over a profile folder that stays, so that it can be killed as a whole and looked into afterwards. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Page } from 'playwright-core';
import type { Music } from '../../web/player/src/state/music.ts';
import type { Session } from '../../web/player/src/state/session.ts';
import { CHROMIUM, chromium, FLAGS, observe, type Watched } from './site.ts';

export interface RealChromium extends AsyncDisposable {
  /** Of the profile itself: nothing in it is private browsing. */
  readonly watched: Watched;
  /** SIGKILL to every process of it at once, as a system that is out of memory ends it. */
  kill(): Promise<void>;
  /** As a person closes it. */
  close(): Promise<void>;
}

/** Where it listens to us: it says so among its errors. */
async function endpointOf({ stderr, exitCode }: ChildProcess): Promise<string> {
  assert(stderr);
  let said = '';
  for await (const chunk of stderr as AsyncIterable<Buffer>) {
    said += chunk.toString();
    const found = /DevTools listening on (ws:\S+)/.exec(said);
    if (found?.[1] !== undefined) return found[1];
  }
  throw new Error(`Chromium ended (${exitCode}): ${said}`);
}

export async function startChromium(
  profile: string,
  flags: readonly string[] = [],
): Promise<RealChromium> {
  const own = [
    `--user-data-dir=${profile}`,
    '--headless=new',
    '--remote-debugging-port=0',
    '--autoplay-policy=no-user-gesture-required',
    '--mute-audio',
    '--lang=en-GB',
    '--hide-crash-restore-bubble',
  ];
  // A group of its own: what kills the group kills every process that Chromium started.
  const child = spawn(CHROMIUM, [...FLAGS, ...own, ...flags, 'about:blank'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const { pid } = child;
  assert(pid !== undefined);
  const ended = once(child, 'exit');
  const endpoint = await endpointOf(child);
  child.stderr.destroy();
  const browser = await chromium.connectOverCDP(endpoint);
  const [context] = browser.contexts();
  assert(context);
  const watched = await observe(context);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-pid, 'SIGKILL');
    await ended;
    await browser.close();
  };
  return {
    watched,
    kill,
    async close() {
      const cdp = await browser.newBrowserCDPSession();
      await cdp.send('Browser.close');
      await ended;
    },
    [Symbol.asyncDispose]: kill,
  };
}

declare global {
  /** In the page: what it is made of, as its own parts hold it. */
  var parts: { readonly session: Session; readonly music: Music };
}

interface Fiber {
  readonly memoizedProps: { readonly session?: Session; readonly music?: Music } | null;
  readonly child: Fiber | null;
}

interface Root {
  readonly stateNode: { readonly current: Fiber };
}

/** Runs in the page: puts what it was built around where a test can call it. The page has no door of its own for that. */
export function showParts(): void {
  const root = document.getElementById('root') as unknown as Readonly<Record<string, Root>>;
  const key = Object.keys(root).find((name) => name.startsWith('__reactContainer$')) ?? '';
  // What was drawn last: React keeps two of each.
  let fiber = root[key]?.stateNode.current ?? null;
  for (; fiber; fiber = fiber.child) {
    const { session, music } = fiber.memoizedProps ?? {};
    if (session && music) {
      globalThis.parts = { session, music };
      return;
    }
  }
  throw new Error('The page is not built around a session any more.');
}

export function findParts(page: Page): Promise<void> {
  return page.evaluate(showParts);
}

/** A play by the second and the title, as the engine tells plays of one artist apart. */
export function playKey(at: number, title: string): string {
  return `${at} ${title}`;
}

/** The key of every play that is stored, as often as it is stored. */
export async function storedPlays(page: Page): Promise<readonly string[]> {
  const text = await page.evaluate(async () => {
    const engine = parts.session.own;
    if (!engine) throw new Error('no engine');
    const lines = (await new Response(engine.export()).text()).split('\n').slice(1, -1);
    return (
      lines
        .map((line) => JSON.parse(line) as { kind: string; at: number; title?: string })
        // One that was given up in its first moments is kept as a skip.
        .flatMap(({ kind, at, title = '' }) =>
          kind === 'play' || kind === 'skip' ? [`${at} ${title}`] : [],
        )
        .join('\n')
    );
  });
  return text === '' ? [] : text.split('\n');
}

/** Events in the engine: what a replay of the store gives. */
export function countedEvents(page: Page): Promise<number> {
  return page.evaluate(async () => (await parts.session.own?.profile())?.events ?? -1);
}

/** Those of `acknowledged` that are not there, and all that are there more than once. */
export function amiss(
  acknowledged: Iterable<string>,
  stored: readonly string[],
): { readonly lost: readonly string[]; readonly twice: readonly string[] } {
  const there = new Set<string>();
  const twice = stored.filter((play) => there.size === there.add(play).size);
  return { lost: [...acknowledged].filter((play) => !there.has(play)), twice };
}
