import { searchUrl } from '../../content/connectors/searches.ts';
import { hostOf, type SiteInUse } from './choose.ts';

export interface SearchLink {
  readonly href: string;
  /** null: the whole web. */
  readonly host: string | null;
}

/** Leads to a search for these words, on the site in use where it has one that we know, else on the web. */
export function searchLink(used: SiteInUse | null, words: string): SearchLink {
  const href = used && searchUrl(used.origin, used.template, words);
  if (used !== null && href !== null) {
    return { href, host: hostOf(used.origin) };
  }
  return { href: `https://duckduckgo.com/?${new URLSearchParams({ q: words })}`, host: null };
}

/** Where such links lead, whatever the words; null: the whole web. */
export function searchedHost(used: SiteInUse | null): string | null {
  return searchLink(used, 'music').host;
}
