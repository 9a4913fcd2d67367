import { useAnswer, useSession } from '@ossicle/player/shared';
import { useDeferredValue, useState, type ReactNode } from 'react';
import { Input, Label, SearchField } from 'react-aria-components';
import { useOwnWords } from '../words/use-own-words.ts';
import { SearchFor } from './search-link.tsx';
import { Verdict } from './verdict.tsx';

const FOUND = 8;

/** Finds artists of the catalogue by words. */
export function Find(): ReactNode {
  const { search } = useOwnWords();
  const [, session] = useSession();
  const [text, setText] = useState('');
  const query = useDeferredValue(text.trim());
  const found = useAnswer(query, async (signal) =>
    query === ''
      ? null
      : ((await session.own?.search(query, { limit: FOUND, asTyped: true, signal })) ?? null),
  );
  const items = query === '' ? [] : (found?.items ?? []);
  return (
    <section aria-label={search.title} className="find">
      {/* Off: the browser keeps what was typed in a list of its own, which no page can erase. */}
      <SearchField value={text} onChange={setText} className="field" autoComplete="off">
        <Label>{search.label}</Label>
        <Input placeholder={search.hint} />
      </SearchField>
      <div aria-live="polite">
        {query !== '' && found?.items.length === 0 && <p>{search.nothing(query)}</p>}
      </div>
      {items.length > 0 && (
        <ol className="lines" data-found="artists">
          {items.map(({ artist }) => (
            <li key={artist.id} className="line">
              <span className="found">
                <bdi>{artist.name}</bdi>
                <span className="muted found-tags">{artist.tags.slice(0, 3).join(' · ')}</span>
              </span>
              <span className="line-end">
                <SearchFor name={artist.name} />
                <Verdict artist={artist} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
