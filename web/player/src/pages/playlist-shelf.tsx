import { ListMusic, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { usePlaylists } from '../state/use-music.ts';
import { sumOf } from '../state/playlists.ts';
import { useWords } from '../words/use-words.ts';

/** The playlists that are kept on the device. */
export function Saved(): ReactNode {
  const words = useWords();
  const [{ saved, open }, lists] = usePlaylists();
  const { playlists } = words.app;
  if (saved.length === 0) return null;
  return (
    <section className="saved" aria-labelledby="saved">
      <h2 id="saved">{playlists.saved}</h2>
      <ul data-list="saved">
        {saved.map((playlist) => {
          return (
            <li
              key={playlist.id}
              className={playlist.id === open?.id ? 'saved-line now' : 'saved-line'}
            >
              <button
                type="button"
                className="saved-open"
                aria-current={playlist.id === open?.id}
                onClick={() => lists.look(playlist)}
              >
                <ListMusic className="icon" aria-hidden="true" />
                <span className="saved-words">
                  <bdi>{playlist.title}</bdi>
                  <span className="muted">{playlists.holds(...sumOf(playlist.entries))}</span>
                </span>
              </button>
              <button
                type="button"
                className="icon-button"
                aria-label={playlists.delete(playlist.title)}
                onClick={() => void lists.delete(playlist)}
              >
                <Trash2 className="icon" aria-hidden="true" />
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** What was just taken away, with the way back. */
export function Undo(): ReactNode {
  const words = useWords();
  const [{ undoable, problem }, lists] = usePlaylists();
  const { playlists } = words.app;
  return (
    <div className="notices" aria-live="polite">
      {(undoable ?? problem) !== null && (
        <div className={problem === null ? 'notice' : 'notice problem'}>
          <div className="notice-text">
            <p>{problem ?? (undoable && playlists.gone[undoable.kind](undoable.name))}</p>
          </div>
          {undoable && problem === null && (
            <button type="button" className="button undo" onClick={() => void lists.undo()}>
              {words.choice.undo}
            </button>
          )}
          <button type="button" className="button undo" onClick={() => lists.dismiss()}>
            {playlists.fine}
          </button>
        </div>
      )}
    </div>
  );
}
