/** Where there can be no contribution, the third switch of the privacy page says why, and what would help. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  contribute,
  entry,
  look,
  press,
  says,
  serverWithoutRound,
  serverWithRound,
} from './contribute-kit.ts';
import { AXE } from './look.ts';
import * as web from './site.ts';

test('a page whose address has files only says that it cannot be switched on, and why', async () => {
  await using site = await web.serveSite();
  const browser = await web.launch();
  const watched = await web.watch(browser);
  const page = await web.openPage(watched, site);
  await web.visit(page, 'Privacy');
  await press(page, 'Ask whether it does');
  await says(page, /an address that asks for none: .* nothing is sent/);
  assert(await contribute(page).isDisabled());
  assert.deepEqual(watched.complaints, []);
  await browser.close();
});

test('where the server asks for nothing there is nothing to agree to', async () => {
  using folder = web.temporaryFolder();
  await using server = await serverWithoutRound(join(folder.path, 'data'));
  const browser = await web.launch();
  const watched = await web.watch(browser, { reducedMotion: 'reduce' });
  await watched.context.addInitScript({ content: AXE });
  const page = await web.openPage(watched, server);
  await web.visit(page, 'Privacy');
  await press(page, 'Ask whether it does');
  await contribute(page).click();
  await says(page, /^The server asks for nothing now, so there is nothing to agree to\. Come back/);
  await look(page, 'nothing', entry(page).locator('.consent'));
  const agree = entry(page).getByRole('button', { name: 'Contribute', exact: true });
  assert.equal(await agree.count(), 0);
  await press(page, 'Not now');
  await entry(page).locator('.consent').waitFor({ state: 'detached' });
  assert.deepEqual(watched.complaints, []);
  await browser.close();
});

test('a report that this page could not send is not agreed to, nor one that cannot be shown', async () => {
  using folder = web.temporaryFolder();
  const elsewhere = 'http://aggregator.example/sync/';
  const { server } = await serverWithRound(join(folder.path, 'data'), 0, elsewhere);
  const browser = await web.launch();
  const watched = await web.watch(browser);
  const page = await web.openPage(watched, server);
  await web.visit(page, 'Privacy');
  await press(page, 'Ask whether it does');
  await contribute(page).click();
  await says(
    page,
    /the first aggregator is at aggregator\.example\. So a report could not be sent/,
  );
  const agree = entry(page).getByRole('button', { name: 'Contribute', exact: true });
  assert.equal(await agree.count(), 0);
  await press(page, 'Not now');
  await server.close();
  await contribute(page).click();
  await says(page, /^This page’s server did not answer\. So what would be sent cannot be shown/);
  assert.equal(await agree.count(), 0);
  await entry(page).getByRole('button', { name: 'Try again' }).waitFor();
  await browser.close();
});

test('a round for invited people asks for the code, and for nothing else', async () => {
  using folder = web.temporaryFolder();
  const port = await web.freePort();
  const url = `http://localhost:${port}/sync/`;
  const invited = ['--invitations', '1'];
  const { server, said } = await serverWithRound(join(folder.path, 'data'), port, url, ...invited);
  const code = /^invitation (\S+)$/m.exec(said)?.[1] ?? '';
  const browser = await web.launch();
  const watched = await web.watch(browser, { reducedMotion: 'reduce' });
  await watched.context.addInitScript({ content: AXE });
  const page = await web.openPage(watched, server);
  await web.visit(page, 'Privacy');
  await press(page, 'Ask whether it does');
  await contribute(page).click();
  await says(page, /^Both aggregators are at/);
  await press(page, 'Contribute');
  await says(page, /^This round is for those who were invited\./);
  await look(page, 'invitation', contribute(page));
  const field = entry(page).getByLabel('Code of the invitation');
  await field.fill('not-a-code');
  await page.keyboard.press('Enter');
  await says(page, 'The server does not know this code. Look at it again.');
  await field.fill(` ${code} `);
  await press(page, 'Use this code');
  await field.waitFor({ state: 'detached' });
  await says(page, /^Made and sent on /);
  assert.equal(await entry(page).getByText(/code/).count(), 0);
  await browser.close();
  await server.close();
});
