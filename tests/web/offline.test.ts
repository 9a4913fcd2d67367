/** After the first visit the page needs no network: here its server is gone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as web from './site.ts';

test('the service worker, and nothing else, may ask other hosts', async () => {
  await using site = await web.serveSite();
  const policyOf = async (file: string): Promise<string> => {
    const answer = await fetch(`${site.origin}/${file}`);
    return answer.headers.get('content-security-policy') ?? '';
  };
  assert.match(await policyOf('service-worker.js'), /connect-src 'self' https: http:;/);
  for (const file of ['', 'icon.svg', 'ossicle/catalogue/bundle.json']) {
    assert.match(await policyOf(file), /connect-src 'self';/, file);
  }
});

test('after the first visit the page opens, recommends and finds without its server', async () => {
  const browser = await web.launch();
  const site = await web.serveSite();
  const watched = await web.watch(browser);
  const page = await web.openPage(watched, site);
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  await site[Symbol.asyncDispose]();
  await assert.rejects(fetch(site.origin), 'the server is gone');

  await page.reload();
  await page.locator('.sample-offer button').click();
  await page.locator('.row').nth(19).waitFor();
  // The encoder is not loaded before it is needed.
  await page.getByRole('link', { name: 'Taste' }).click();
  await page.getByRole('img', { name: /^A map of \d+ stars/ }).waitFor();
  assert.deepEqual(watched.complaints, []);
  await browser.close();
});
