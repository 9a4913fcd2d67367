/** The third switch of the privacy page, as a listener finds it, and a server that asks for contributions. */
import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { startServer, type Server } from '../../web/server/src/server.ts';
import { BUNDLE, run } from '../../web/server/test/kit.ts';
import { ARTIFACTS, flaws, objections } from './look.ts';
import { privacySwitch } from './privacy-switch.ts';
import { PAGE } from './site.ts';
import { newPublishing } from './snapshots.ts';

export const { control: contribute, entry, press, says } = privacySwitch('Contribute statistics');
export const isFocused = (locator: Locator): Promise<boolean> =>
  locator.evaluate((element) => element === document.activeElement);

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
