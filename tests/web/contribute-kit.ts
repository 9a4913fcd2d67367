/** The third switch of the privacy page, as a listener finds it, and a server that asks for contributions. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import { startServer, type Server } from '../../web/server/src/server.ts';
import { BUNDLE, run } from '../../web/server/test/kit.ts';
import { ARTIFACTS, flaws } from './look.ts';
import { newPublishing } from './snapshots.ts';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
/** A script that `look` needs in every page: context.addInitScript({ content: AXE }). */
export const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const PAGE = fileURLToPath(new URL('../../web/player/dist', import.meta.url));

export const contribute = (page: Page): Locator =>
  page.getByRole('switch', { name: 'Contribute statistics', exact: true });
export const entry = (page: Page): Locator =>
  page.getByRole('listitem').filter({ has: contribute(page) });
export const press = (page: Page, name: string): Promise<void> =>
  entry(page).getByRole('button', { name, exact: true }).click();
export const says = (page: Page, text: string | RegExp): Promise<void> =>
  entry(page).getByText(text).waitFor();
export const isFocused = (locator: Locator): Promise<boolean> =>
  locator.evaluate((element) => element === document.activeElement);

/** What axe objects to. */
function objections(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(root: Document): Promise<{
          readonly violations: readonly { id: string; nodes: readonly { html: string }[] }[];
        }>;
      };
    };
    const { violations } = await axe.run(document);
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

/** The page in all its sizes and colours: a picture of each, and no flaw. */
export async function look(page: Page, state: string, at: Locator): Promise<void> {
  assert.deepEqual(await objections(page), [], state);
  for (const width of [1440, 360]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await at.evaluate((element) => element.scrollIntoView({ block: 'start' }));
      await page.screenshot({
        path: `${ARTIFACTS}contribute-${state}-${width}-${colorScheme}.png`,
      });
      assert.deepEqual(await flaws(page), [], state);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

/** A server with a snapshot, that asks for nothing. */
export async function serverWithoutRound(data: string): Promise<Server> {
  const publishing = await newPublishing(data);
  await publishing.publish(BUNDLE);
  return startServer({ data, port: 0, page: PAGE, addEveryMs: 20 });
}

/** A server with a round that is open for half a day, whose aggregators are at `url`; and what opening it said. */
export async function serverWithRound(
  data: string,
  port: number,
  url: string,
  ...more: readonly string[]
): Promise<{ readonly server: Server; readonly said: string }> {
  const publishing = await newPublishing(data);
  await publishing.publish(BUNDLE);
  const round = await run(
    ...['round', 'open', '--data', data, '--url', url, '--days', '0.5', '--min-batch', '2'],
    ...more,
  );
  assert.equal(round.code, 0, round.error);
  return { server: await startServer({ data, port, page: PAGE, addEveryMs: 20 }), said: round.out };
}
