import { ChevronDown, ChevronUp, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Track } from '../library/types.ts';
import { useWords } from '../words/use-words.ts';

/** A place in a list: a track that can be played, or an artist to look for. */
export interface Entry {
  readonly key: string;
  readonly name: string;
  readonly detail: string;
  readonly track: Track | null;
}

export function Entries({
  entries,
  onChange,
}: {
  readonly entries: readonly Entry[];
  readonly onChange: (entries: readonly Entry[]) => void;
}): ReactNode {
  const words = useWords();
  const { playlists } = words.app;
  const moved = (index: number, by: -1 | 1): void => {
    const next = [...entries];
    const [entry] = next.splice(index, 1);
    if (entry) next.splice(index + by, 0, entry);
    onChange(next);
  };
  return (
    <ol className="lines numbered" data-list="playlist">
      {entries.map(({ key, name, detail }, index) => (
        <li key={key} className="line">
          <span>
            <bdi>{name}</bdi> <span className="muted">{detail}</span>
          </span>
          <span className="line-buttons">
            <button
              type="button"
              className="icon-button"
              disabled={index === 0}
              aria-label={playlists.moveUp(name)}
              onClick={() => moved(index, -1)}
            >
              <ChevronUp className="icon" aria-hidden="true" />
            </button>
            <button
              type="button"
              className="icon-button"
              disabled={index === entries.length - 1}
              aria-label={playlists.moveDown(name)}
              onClick={() => moved(index, 1)}
            >
              <ChevronDown className="icon" aria-hidden="true" />
            </button>
            <button
              type="button"
              className="icon-button"
              aria-label={playlists.remove(name)}
              onClick={() => onChange(entries.filter((_, i) => i !== index))}
            >
              <X className="icon" aria-hidden="true" />
            </button>
          </span>
        </li>
      ))}
    </ol>
  );
}
