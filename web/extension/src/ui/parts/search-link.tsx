import { Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { useNow, useSites, useTab } from '../state/browser.ts';
import { siteInUse, type SiteInUse } from '../state/choose.ts';
import { searchedHost, searchLink } from '../state/search-link.ts';
import { useOwnWords } from '../words/use-own-words.ts';

function useSiteInUse(): SiteInUse | null {
  return siteInUse(useNow(), useSites(), useTab().site);
}

/** Opens the search of the site in use, in a tab of its own. */
export function SearchFor({ name }: { readonly name: string }): ReactNode {
  const { search } = useOwnWords();
  const { href, host } = searchLink(useSiteInUse(), name);
  const label = host === null ? search.onWeb(name) : search.onSite(name, host);
  return (
    <a
      className="icon-button"
      data-action="search"
      href={href}
      target="_blank"
      rel="noreferrer"
      aria-label={label}
      title={label}
    >
      <Search className="icon" aria-hidden="true" />
    </a>
  );
}

/** Says once, for all of a list, where its links lead. */
export function WhereSearched(): ReactNode {
  const { search } = useOwnWords();
  const host = searchedHost(useSiteInUse());
  return (
    <p className="muted where">
      <Search className="icon" aria-hidden="true" />
      {host === null ? search.web : search.site(host)}
    </p>
  );
}
