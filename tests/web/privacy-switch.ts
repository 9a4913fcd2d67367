/** A switch of the privacy page with what is said and can be pressed beside it, as a listener finds them. */
import type { Locator, Page } from 'playwright-core';

export interface PrivacySwitch {
  readonly control: (page: Page) => Locator;
  readonly entry: (page: Page) => Locator;
  /** Presses a button of the entry. */
  readonly press: (page: Page, name: string) => Promise<void>;
  /** Waits until the entry says so. */
  readonly says: (page: Page, text: string | RegExp) => Promise<void>;
}

export function privacySwitch(name: string): PrivacySwitch {
  const control = (page: Page): Locator => page.getByRole('switch', { name, exact: true });
  const entry = (page: Page): Locator => page.getByRole('listitem').filter({ has: control(page) });
  return {
    control,
    entry,
    press: (page, button) => entry(page).getByRole('button', { name: button, exact: true }).click(),
    says: (page, text) => entry(page).getByText(text).waitFor(),
  };
}
