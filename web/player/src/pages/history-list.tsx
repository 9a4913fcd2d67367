import { Trash2 } from 'lucide-react';
import type { HistoryEntry, HistoryPage } from 'ossicle';
import { useDeferredValue, useEffect, useState, type ReactNode } from 'react';
import { Input, Label, SearchField } from 'react-aria-components';
import { problemOf } from '../problem.ts';
import { useSession } from '../state/use-session.ts';
import { useLanguage, useWords } from '../words/use-words.ts';

const PAGE = 25;

function nameOf({ track }: HistoryEntry): string {
  return track.title === undefined ? track.artist : `${track.artist} – ${track.title}`;
}

function Entry({
  entry,
  onDelete,
}: {
  readonly entry: HistoryEntry;
  readonly onDelete: () => void;
}): ReactNode {
  const words = useWords();
  const language = useLanguage();
  const { privacy } = words.app;
  const at = entry.at.toLocaleString(language === 'zh' ? 'zh-CN' : 'en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
  });
  return (
    <li className="line">
      <span>
        <bdi>{nameOf(entry)}</bdi>{' '}
        <span className="muted">
          {privacy.kinds[entry.kind]}, <time dateTime={entry.at.toISOString()}>{at}</time>
        </span>
      </span>
      <button
        type="button"
        className="icon-button"
        aria-label={privacy.delete(nameOf(entry))}
        onClick={onDelete}
      >
        <Trash2 className="icon" aria-hidden="true" />
      </button>
    </li>
  );
}

/** Each thing that is stored, newest first; what is deleted was never listened to. */
export function HistoryList(): ReactNode {
  const words = useWords();
  const [{ revision }, session] = useSession();
  const [text, setText] = useState('');
  const [limit, setLimit] = useState(PAGE);
  const [page, setPage] = useState<HistoryPage | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const query = useDeferredValue(text.trim());
  const { privacy } = words.app;

  useEffect(() => {
    const left = new AbortController();
    const { signal } = left;
    const asked = session.shown?.history.query({
      limit,
      signal,
      ...(query !== '' && { text: query }),
    });
    asked?.then(
      (found) => {
        if (!signal.aborted) setPage(found);
      },
      (cause: unknown) => {
        if (!signal.aborted) setProblem(problemOf(cause).message);
      },
    );
    return () => left.abort();
  }, [session, revision, query, limit]);

  const remove = async (entry: HistoryEntry): Promise<void> => {
    try {
      await session.forget(entry.id);
      setPage((now) => now && { ...now, entries: now.entries.filter(({ id }) => id !== entry.id) });
    } catch (cause) {
      setProblem(problemOf(cause).message);
    }
  };

  // Closed it looks the same before the answer, so that nothing below it moves when that comes.
  if (page?.total === 0 && query === '') return null;
  return (
    <details className="disclosure">
      <summary>{privacy.entries}</summary>
      <SearchField value={text} onChange={setText} className="field" autoComplete="off">
        <Label>{privacy.find}</Label>
        <Input />
      </SearchField>
      {problem !== null && <p role="alert">{problem}</p>}
      {page && (
        <>
          <p className="muted numbers">{privacy.of(page.entries.length, page.total)}</p>
          <ol className="lines" data-list="history">
            {page.entries.map((entry) => (
              <Entry key={entry.id} entry={entry} onDelete={() => void remove(entry)} />
            ))}
          </ol>
        </>
      )}
      {page && page.next !== null && limit < 1000 && (
        <button
          type="button"
          className="button"
          onClick={() => setLimit(Math.min(1000, limit * 4))}
        >
          {privacy.more}
        </button>
      )}
    </details>
  );
}
