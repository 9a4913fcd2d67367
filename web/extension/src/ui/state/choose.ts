/** Which of what the browser tells is meant. */
import { siteOf } from '../../sites.ts';
import type { NowPlaying } from '../../wire/calls.ts';

/** What plays in the tab in view, else what plays anywhere, else what was paused last. */
export function shownPlay(now: readonly NowPlaying[], tabId: number | null): NowPlaying | null {
  const playing = now.filter(({ playing }) => playing);
  return playing.find((each) => each.tabId === tabId) ?? playing[0] ?? now[0] ?? null;
}

export interface SiteInUse {
  /** With the port, where the page has told of it. */
  readonly origin: string;
  /** The search that the page says its site has. */
  readonly template: string | null;
}

/** Where a search opens: the site in view when it is on, else the one that plays, else the one in view all the same. null: none. */
export function siteInUse(
  now: readonly NowPlaying[],
  sites: readonly string[],
  site: string | null,
): SiteInUse | null {
  const isOn = site !== null && sites.includes(site);
  const used = isOn ? site : (siteOf(now[0]?.origin ?? '') ?? site);
  if (used === null) return null;
  const told = now.find(({ origin, search }) => search !== null && siteOf(origin) === used);
  return { origin: told?.origin ?? used, template: told?.search ?? null };
}

/** As a person calls it: without the scheme. '*': every site. */
export function hostOf(site: string): string {
  return site === '<all_urls>' ? '*' : site.replace(/^[a-z*]+:\/\//, '');
}
