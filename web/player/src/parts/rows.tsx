import type { Artist, Recommendation } from 'ossicle';
import { useEffect, useRef, type ReactNode, type RefObject } from 'react';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { Icon } from './icons.tsx';
import { Why } from './why.tsx';

const ACTIONS = [
  { kind: 'love', icon: 'heart', tip: 'loveTip' },
  { kind: 'skip', icon: 'later', tip: 'skipTip' },
  { kind: 'ban', icon: 'never', tip: 'banTip' },
] as const;

type Action = (typeof ACTIONS)[number]['kind'];

interface RowProps {
  readonly item: Recommendation;
  readonly beside: ReactNode;
  readonly onChoose: (artist: Artist, kind: Action) => void;
}

function Row({ item, beside, onChoose }: RowProps): ReactNode {
  const words = useWords();
  const { artist, because } = item;
  return (
    <li className="row" data-artist={artist.id}>
      <div className="row-text">
        <h2 className="row-name">
          <bdi>{artist.name}</bdi>
        </h2>
        {artist.tags.length > 0 && <p className="tags">{artist.tags.slice(0, 4).join(' · ')}</p>}
        <p className="reason">
          {because.length > 0 ? words.list.because(because) : words.list.popular(artist.listeners)}
        </p>
      </div>
      <div className="actions" role="group" aria-label={words.list.actions(artist.name)}>
        {beside}
        {ACTIONS.map(({ kind, icon, tip }) => (
          <button
            key={kind}
            type="button"
            className={`icon-button ${kind}`}
            data-action={kind}
            aria-label={words.list[kind](artist.name)}
            title={words.list[tip]}
            onClick={() => onChoose(artist, kind)}
          >
            <Icon name={icon} />
          </button>
        ))}
      </div>
      {because.length > 0 && <Why artist={artist} />}
    </li>
  );
}

/** When a chosen row goes, the row that takes its place gets the focus, on the same button. Tells what was chosen where. */
function useFocusNext(
  list: RefObject<HTMLOListElement | null>,
  rows: number,
): (index: number, kind: Action) => void {
  const wanted = useRef<{ readonly index: number; readonly kind: Action } | null>(null);
  useEffect(() => {
    const next = wanted.current;
    wanted.current = null;
    if (next === null) return;
    const buttons = list.current?.querySelectorAll<HTMLElement>(`[data-action="${next.kind}"]`);
    buttons?.[Math.min(next.index, buttons.length - 1)]?.focus({ preventScroll: true });
  }, [list, rows]);
  return (index, kind) => {
    wanted.current = { index, kind };
  };
}

/** Recommended artists, each with what can be said of it and why it is there. */
export function Rows({
  items,
  beside,
}: {
  readonly items: readonly Recommendation[];
  /** What more there is to do with an artist. */
  readonly beside?: (artist: Artist) => ReactNode;
}): ReactNode {
  const [, session] = useSession();
  const rows = useRef<HTMLOListElement>(null);
  const focusNext = useFocusNext(rows, items.length);
  return (
    <ol ref={rows}>
      {items.map((item, index) => (
        <Row
          key={item.artist.id}
          item={item}
          beside={beside?.(item.artist)}
          onChoose={(artist, kind) => {
            focusNext(index, kind);
            void session.choose(artist, kind);
          }}
        />
      ))}
    </ol>
  );
}

/** Everything was heard, loved or banned. */
export function NothingLeft(): ReactNode {
  const words = useWords();
  return (
    <div className="card">
      <h2 className="small-title">{words.list.empty}</h2>
      <p>{words.list.emptyText}</p>
    </div>
  );
}
