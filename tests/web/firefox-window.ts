/**
 * Firefox's own window, with its buttons and questions, as its scripts see it. BiDi lets nobody in there, and to no page of an extension, unless the browser was
 * started with system access.
 */
import assert from 'node:assert/strict';
import type { Browser } from 'puppeteer-core';
import { until } from './extension-kit.ts';

export interface ShownPopup extends Element {
  readonly messageManager: {
    addMessageListener(name: string, told: (message: { readonly data: unknown }) => void): void;
    loadFrameScript(url: string, later: boolean): void;
  };
}
export interface ShownPage extends Element {
  readonly currentURI?: { readonly filePath: string };
}
export interface Panel extends Element {
  hidePopup(): void;
}
/** What is used of it. */
export interface FirefoxWindow extends Window {
  readonly WebExtensionPolicy: {
    getByID(id: string): {
      readonly extension: { readonly backgroundState: string };
      readonly allowedOrigins: { readonly patterns: readonly { readonly pattern: string }[] };
    };
  };
  readonly CustomizableUI: { addWidgetToArea(widget: string, area: string): void };
  readonly ChromeUtils: {
    importESModule(url: string): {
      readonly event: {
        synthesizeMouseAtPoint(x: number, y: number, how: object, on: Window): Promise<void>;
      };
    };
  };
  readonly Services: {
    readonly console: { getMessageArray(): readonly { readonly message?: string }[] };
  };
  readonly SidebarController: { readonly browser: { readonly contentDocument: Document | null } };
  readonly gBrowser: { addTrustedTab(url: string): unknown };
}
interface Wire {
  send(method: string, params: object): Promise<{ readonly result: unknown }>;
}
interface Called {
  readonly type: 'success' | 'exception';
  readonly result?: { readonly value: string };
  readonly exceptionDetails?: { readonly text: string };
}
export interface Point {
  readonly x: number;
  readonly y: number;
}

export class BrowserWindow {
  readonly #wire: Wire;
  readonly #context: string;

  static async of(browser: Browser): Promise<BrowserWindow> {
    // Puppeteer has no function for it.
    const { connection } = browser as unknown as { readonly connection: Wire };
    const { result } = await connection.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
    const { contexts } = result as { readonly contexts: readonly { readonly context: string }[] };
    assert(contexts[0]);
    return new BrowserWindow(connection, contexts[0].context);
  }

  private constructor(wire: Wire, context: string) {
    this.#wire = wire;
    this.#context = context;
  }

  /** Runs in the window; arguments and result are plain. */
  async run<T, A extends readonly string[] | readonly number[]>(
    run: (window: FirefoxWindow, ...args: A) => T,
    ...args: A
  ): Promise<Awaited<T>> {
    const { result } = await this.#wire.send('script.callFunction', {
      functionDeclaration: `async (...args) =>
        JSON.stringify([await (${String(run)})(globalThis, ...args)])`,
      arguments: args.map((value) => ({ type: typeof value, value })),
      target: { context: this.#context },
      awaitPromise: true,
    });
    const { type, result: given, exceptionDetails } = result as Called;
    assert(type === 'success' && given, exceptionDetails?.text);
    return (JSON.parse(given.value) as [Awaited<T>])[0];
  }

  /** null: it is not there. */
  boxOf(selector: string): Promise<{ readonly corner: Point; readonly middle: Point } | null> {
    return this.run(({ document }, wanted) => {
      const box = document.querySelector(wanted)?.getBoundingClientRect();
      if (!box || box.width === 0) return null;
      const { x, y, width, height } = box;
      return { corner: { x, y }, middle: { x: x + width / 2, y: y + height / 2 } };
    }, selector);
  }

  /** With the mouse. */
  clickAt({ x, y }: Point): Promise<void> {
    return this.run(
      async (window, left, top) => {
        const url = 'chrome://remote/content/shared/webdriver/Event.sys.mjs';
        const { event } = window.ChromeUtils.importESModule(url);
        await event.synthesizeMouseAtPoint(left, top, {}, window);
      },
      x,
      y,
    );
  }

  async clickOn(selector: string): Promise<void> {
    await until(`${selector} is there`, () => this.boxOf(selector));
    const box = await this.boxOf(selector);
    assert(box);
    await this.clickAt(box.middle);
  }
}
