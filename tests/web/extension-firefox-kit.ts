/** The extension in a stock Firefox ESR, as a temporary add-on over WebDriver BiDi, and handled as a person does: by its button, in its popup, with the browser's question. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { setTimeout as rest } from 'node:timers/promises';
import type * as playwright from 'playwright-core';
import type { Browser, Page, PuppeteerNode } from 'puppeteer-core';
import type { HistoryEntry } from '../../web/engine/src/types-history.ts';
import { copyOfExtension, historyOf, until } from './extension-kit.ts';
import {
  BrowserWindow,
  type Panel,
  type Point,
  type ShownPage,
  type ShownPopup,
} from './firefox-window.ts';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { default: puppeteer } = require('puppeteer-core') as { readonly default: PuppeteerNode };
const FIREFOX = process.env['OSSICLE_FIREFOX'] ?? '/usr/bin/firefox-esr';
const ID = 'ossicle@ossicle.example';
/** Firefox makes one up for each profile. */
const HOST = '6f3e5a1c-9b7d-4c2e-8a4f-0d1e2f3a4b5c';
/** An event page is ended so long after its last event; Firefox has 30 s. */
const IDLE_MS = 2500;
const BUTTON = '#ossicle_ossicle_example-BAP';
const ALLOW = '#addon-webext-permissions-notification .popup-notification-primary-button';
/** It takes no click at first, lest one that was meant for the page answers it. */
const QUESTION_DEAF_MS = 700;
const POPUP = '.webextension-popup-browser';
/** The site's, in the popup. */
const SWITCH = '.this-site [role=switch]';

export class FirefoxWithExtension implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #window: BrowserWindow;

  static async start(): Promise<FirefoxWithExtension> {
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: FIREFOX,
      args: ['--remote-allow-system-access'],
      extraPrefsFirefox: {
        'extensions.background.idle.timeout': IDLE_MS,
        'extensions.webextensions.uuids': JSON.stringify({ [ID]: HOST }),
        'media.autoplay.default': 0,
        'media.autoplay.blocking_policy': 0,
        // Firefox's own stand-in for a sound device: without any, each sound fails after two seconds.
        'media.cubeb.force_mock_context': true,
      },
    });
    return new FirefoxWithExtension(browser, await BrowserWindow.of(browser));
  }

  private constructor(browser: Browser, window: BrowserWindow) {
    this.#browser = browser;
    this.#window = window;
  }

  newPage(): Promise<Page> {
    return this.#browser.newPage();
  }

  /** From a copy in `folder`; its button comes into the toolbar. */
  async install(folder: string): Promise<void> {
    const id = await this.#browser.installExtension(copyOfExtension('firefox', folder));
    assert.equal(id, ID);
    await this.#window.run(({ CustomizableUI }) =>
      CustomizableUI.addWidgetToArea('ossicle_ossicle_example-browser-action', 'nav-bar'),
    );
  }

  /** Over the tab in front. */
  async openPopup(): Promise<void> {
    await this.#window.clickOn(BUTTON);
    await until('the popup is open', () => this.#window.boxOf(POPUP));
    await until('the popup is drawn', () =>
      this.inPopup((document) => document.querySelector('.row') !== null),
    );
  }

  async closePopup(): Promise<void> {
    await this.#window.run(({ document }, popup) => {
      const panel = document.querySelector(popup)?.closest('panel');
      (panel as Panel | null | undefined)?.hidePopup();
    }, POPUP);
    await until('the popup is closed', async () => (await this.#window.boxOf(POPUP)) === null);
  }

  async popupWidth(): Promise<number> {
    const box = await this.#window.boxOf(POPUP);
    return box ? 2 * (box.middle.x - box.corner.x) : NaN;
  }

  /** Runs in the popup's process; what it gives must be plain. */
  async inPopup<T>(run: (document: Document, given: string) => T, given = ''): Promise<T> {
    const answer = await this.#window.run(
      ({ document }, popup, script) =>
        new Promise((resolve) => {
          const { messageManager } = document.querySelector(popup) as ShownPopup;
          messageManager.addMessageListener('answer', ({ data }) => resolve(data ?? null));
          messageManager.loadFrameScript(`data:,${encodeURIComponent(script)}`, false);
        }),
      POPUP,
      `sendAsyncMessage('answer', (${String(run)})(content.document, ${JSON.stringify(given)}))`,
    );
    return answer as T;
  }

  isSwitchOn(): Promise<boolean> {
    return this.inPopup(
      (document, on) => document.querySelector(on) !== null,
      `${SWITCH}[aria-checked=true]`,
    );
  }

  clickSwitch(): Promise<void> {
    return this.clickInPopup(SWITCH);
  }

  placeOfSwitch(): Promise<Point | null> {
    return this.#placeInPopup(SWITCH);
  }

  /** With the mouse, once it stands still: the popup grows while it is drawn, and what is in it moves. */
  async clickInPopup(selector: string): Promise<void> {
    let before: Point | null = null;
    await until(`${selector} stands still`, async () => {
      const at = await this.#placeInPopup(selector);
      const stands = at !== null && at.x === before?.x && at.y === before.y;
      before = at;
      return stands;
    });
    assert(before);
    await this.#window.clickAt(before);
  }

  /** Where a click on it goes; null: it is not there. */
  async #placeInPopup(selector: string): Promise<Point | null> {
    const popup = await this.#window.boxOf(POPUP);
    const inside = await this.inPopup((document, wanted) => {
      const found = document.querySelector(wanted);
      found?.scrollIntoView({ block: 'center', behavior: 'instant' });
      const box = found?.getBoundingClientRect();
      return box ? { x: box.x + Math.min(box.width / 2, 20), y: box.y + box.height / 2 } : null;
    }, selector);
    if (!popup || !inside) return null;
    return { x: popup.corner.x + inside.x, y: popup.corner.y + inside.y };
  }

  /** Path of the extension's page at the side of the window. */
  sidePage(): Promise<string | null> {
    return this.#window.run(({ SidebarController }, id) => {
      const side = SidebarController.browser.contentDocument;
      return side?.querySelector<ShownPage>(id)?.currentURI?.filePath ?? null;
    }, '#webext-panels-browser');
  }

  /** The browser's question. */
  async isAsking(): Promise<boolean> {
    return (await this.#window.boxOf(ALLOW)) !== null;
  }

  async allow(): Promise<void> {
    await until('the browser asks', () => this.isAsking());
    await rest(QUESTION_DEAF_MS);
    await this.#window.clickOn(ALLOW);
  }

  /** Sites that the browser lets it read. */
  readable(): Promise<readonly string[]> {
    return this.#window.run(
      ({ WebExtensionPolicy }, id) =>
        WebExtensionPolicy.getByID(id)
          .allowedOrigins.patterns.map(({ pattern }) => pattern)
          .filter((pattern) => !pattern.startsWith('moz-extension:')),
      ID,
    );
  }

  /** An event page that was ended begins again with its next event. */
  async backgroundIs(state: 'running' | 'stopped'): Promise<void> {
    const is = (): Promise<string> =>
      this.#window.run(
        ({ WebExtensionPolicy }, id) => WebExtensionPolicy.getByID(id).extension.backgroundState,
        ID,
      );
    await until(`the event page is ${state}`, async () => (await is()) === state);
  }

  /** One of the extension's pages in a tab, which is not in front. */
  async openTab(path: string): Promise<Page> {
    const there = new Set(await this.#browser.pages());
    const find = async (): Promise<Page | undefined> =>
      (await this.#browser.pages()).find((page) => !there.has(page));
    const url = `moz-extension://${HOST}/${path}`;
    await this.#window.run(({ gBrowser }, address) => void gBrowser.addTrustedTab(address), url);
    await until('the tab is there', find);
    const tab = await find();
    assert(tab);
    await tab.waitForFunction((wanted) => location.href === wanted && 'chrome' in window, {}, url);
    return tab;
  }

  async history(): Promise<readonly HistoryEntry[]> {
    const tab = await this.openTab('third-party-notices.txt');
    // It asks nothing of a page but `evaluate`, which is the same in both.
    const entries = await historyOf(tab as unknown as playwright.Page);
    await tab.close();
    return entries;
  }

  /** Errors and warnings that Firefox shows in its console and that name the extension. */
  async complaints(): Promise<readonly string[]> {
    const found = await this.#window.run(
      ({ Services }, host) =>
        Services.console
          .getMessageArray()
          .map(({ message = '' }) => message)
          .filter((message) => message.includes(host) || message.includes('ossicle')),
      HOST,
    );
    // Its own, when a page goes that listens to its storage.
    return found.filter((message) => !message.includes('sendRemoveListener on closed conduit'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#browser.close();
  }
}
