import { useRef, useState, type ReactNode } from 'react';
import { turnOff } from '../../sites.ts';
import { useSites } from '../state/browser.ts';
import { hostOf } from '../state/choose.ts';
import { useOwnWords } from '../words/use-own-words.ts';

/** Every site that Ossicle sees, and the way to turn it off. */
export function SiteList({ offersAll = false }: { readonly offersAll?: boolean }): ReactNode {
  const { sites: words } = useOwnWords();
  const sites = useSites();
  const [told, setTold] = useState('');
  const title = useRef<HTMLHeadingElement>(null);
  const turn = async (which: readonly string[], done: string): Promise<void> => {
    try {
      for (const site of which) await turnOff(site);
      setTold(done);
      // The button that had the focus is gone with its site.
      title.current?.focus();
    } catch {
      setTold(words.failed);
    }
  };
  return (
    <section aria-labelledby="sites">
      <h2 id="sites" ref={title} tabIndex={-1}>
        {words.title}
      </h2>
      <p className="muted">{sites.length > 0 ? words.text : words.none}</p>
      <ul className="lines" data-list="sites">
        {sites.map((site) => {
          const host = hostOf(site) === '*' ? words.everywhere : hostOf(site);
          return (
            <li key={site} className="line">
              <bdi>{host}</bdi>
              <button
                type="button"
                className="button"
                aria-label={words.offLabel(host)}
                onClick={() => void turn([site], words.turnedOff(host))}
              >
                {words.off}
              </button>
            </li>
          );
        })}
      </ul>
      {offersAll && sites.length > 0 && (
        <button
          type="button"
          className="button"
          onClick={() => void turn(sites, words.allTurnedOff)}
        >
          {words.allOff(sites.length)}
        </button>
      )}
      <p className="told" role="status">
        {told}
      </p>
    </section>
  );
}
