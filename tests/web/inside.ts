/** The objects that the page itself calls, found where React holds them: so a test of the built page needs no door that a listener's page would have, too. */
import { readFileSync } from 'node:fs';
import type { Browser, JSHandle, Page } from 'playwright-core';
import type { Music } from '../../web/player/src/state/music.ts';
import type { Session } from '../../web/player/src/state/session.ts';

interface Fiber {
  readonly child: Fiber | null;
  readonly sibling: Fiber | null;
  readonly memoizedProps: Partial<Inside> | null;
}

export interface Inside {
  readonly music: Music;
  readonly session: Session;
}

export function inside(page: Page): Promise<JSHandle<Inside>> {
  return page.evaluateHandle(() => {
    const root = document.getElementById('root') as unknown as Record<string, Fiber>;
    const key = Object.keys(root).find((name) => name.startsWith('__reactContainer$')) ?? '';
    const find = (fiber: Fiber | null): Inside | null => {
      if (fiber === null) return null;
      const { music, session } = fiber.memoizedProps ?? {};
      if (music && session) return { music, session };
      return find(fiber.child) ?? find(fiber.sibling);
    };
    const found = find(root[key] ?? null);
    if (found === null) throw new Error('React holds no music');
    return found;
  });
}

/** Private memory of the tab's process in bytes: the page, its workers, their WebAssembly, what is drawn. Of all tabs that are open, the largest. */
export async function tabMemory(browser: Browser): Promise<number> {
  const cdp = await browser.newBrowserCDPSession();
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  await cdp.detach();
  const sizes = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => {
      const lines = readFileSync(`/proc/${id}/smaps_rollup`, 'utf8').matchAll(
        /^Private_(?:Clean|Dirty): +(\d+) kB$/gm,
      );
      return [...lines].reduce((sum, [, kilobytes]) => sum + 1024 * Number(kilobytes), 0);
    });
  return Math.max(...sizes);
}
