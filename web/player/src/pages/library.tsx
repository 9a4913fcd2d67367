import { FolderOpen, RefreshCw, Trash2 } from 'lucide-react';
import { useDeferredValue, useEffect, useState, type ReactNode } from 'react';
import { Input, Label, SearchField } from 'react-aria-components';
import type { FileProblem, SourceInfo } from '../sources/types.ts';
import type { TrackOrder, TrackQuery } from '../library/types.ts';
import { useMusic } from '../state/use-music.ts';
import { useWords } from '../words/use-words.ts';
import { AddMusic } from './add-music.tsx';
import { TrackTable } from './track-table.tsx';
import { Working } from './working.tsx';

const ORDERS: readonly TrackOrder[] = ['album', 'title', 'artist', 'addedAt', 'durationMs', 'year'];
/** Where the newest or the longest come first. */
const FALLING: readonly TrackOrder[] = ['addedAt', 'durationMs', 'year'];

function Problems({ source }: { readonly source: SourceInfo }): ReactNode {
  const words = useWords();
  const [, music] = useMusic();
  const [problems, setProblems] = useState<readonly FileProblem[] | null>(null);
  if (source.problems === 0) return null;
  return (
    <details
      className="disclosure"
      onToggle={({ currentTarget }) => {
        if (!currentTarget.open || problems) return;
        music.library.problems(source.id).then(setProblems, () => setProblems([]));
      }}
    >
      <summary>{words.app.library.problems(source.problems)}</summary>
      <ul className="problems">
        {problems?.slice(0, 200).map(({ path, reason }) => (
          <li key={path}>
            <bdi>{path}</bdi>: {reason}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Source({ source }: { readonly source: SourceInfo }): ReactNode {
  const words = useWords();
  const [{ scanning }, music] = useMusic();
  const { library } = words.app;
  return (
    <li className="source">
      <div className="source-line">
        <span>{library.sourceOf(source)}</span>
        {source.state === 'ask' && (
          <button type="button" className="button" onClick={() => void music.allow(source)}>
            <FolderOpen className="icon" aria-hidden="true" />
            {library.allow}
          </button>
        )}
        {source.state === 'choose' && <span className="muted">{library.choose}</span>}
        <button
          type="button"
          className="icon-button"
          disabled={scanning !== null || source.state !== 'ready'}
          aria-label={`${library.scan}: ${source.name}`}
          title={library.scan}
          onClick={() => void music.scan(source)}
        >
          <RefreshCw className="icon" aria-hidden="true" />
        </button>
        <button
          type="button"
          className="icon-button"
          disabled={scanning !== null}
          aria-label={library.remove(source.name)}
          title={library.remove(source.name)}
          onClick={() => void music.remove(source)}
        >
          <Trash2 className="icon" aria-hidden="true" />
        </button>
      </div>
      <Problems source={source} />
    </li>
  );
}

export function LibraryPage(): ReactNode {
  const words = useWords();
  const [{ counts, sources }] = useMusic();
  const [text, setText] = useState('');
  const [order, setOrder] = useState<TrackOrder>('album');
  const typed = useDeferredValue(text);
  const { library } = words.app;
  useEffect(() => {
    document.title = `${library.title} · ${words.appName}`;
  }, [library, words]);
  const query: TrackQuery = {
    order,
    descending: FALLING.includes(order),
    ...(typed.trim() !== '' && { text: typed }),
  };
  return (
    <>
      <h1>{library.title}</h1>
      <Working />
      {counts.tracks === 0 ? (
        <p className="lead">
          {library.empty}. {library.emptyText}
        </p>
      ) : (
        <>
          <p className="muted">{library.counts(counts.tracks, counts.albums, counts.durationMs)}</p>
          <div className="filters">
            <SearchField value={text} onChange={setText} className="field" autoComplete="off">
              <Label>{library.filter}</Label>
              <Input />
            </SearchField>
            <label className="field">
              <span>{library.order}</span>
              <select value={order} onChange={({ target }) => setOrder(target.value as TrackOrder)}>
                {ORDERS.map((name) => (
                  <option key={name} value={name}>
                    {library.orders[name]}
                  </option>
                ))}
              </select>
            </label>
          </div>
          <TrackTable query={query} />
        </>
      )}
      <section className="sources" aria-labelledby="sources">
        <h2 id="sources">{library.sources}</h2>
        <ul>
          {sources.map((source) => (
            <Source key={source.id} source={source} />
          ))}
        </ul>
        <AddMusic />
      </section>
    </>
  );
}
