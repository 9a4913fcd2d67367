import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { PlaylistEntry, Track } from '../library/types.ts';
import { useMusic, usePlayer, usePlaylists } from '../state/use-music.ts';
import { useWords } from '../words/use-words.ts';

/** A place in a list, and its track where the library has it. */
export interface Place {
  readonly entry: PlaylistEntry;
  readonly track: Track | null;
}

type Action = 'up' | 'down' | 'remove';

/** A name for each entry that it keeps while it is moved; the same track may be in a list twice. */
const keys = new WeakMap<PlaylistEntry, number>();
let lastKey = 0;
function keyOf(entry: PlaylistEntry): number {
  const key = keys.get(entry) ?? ++lastKey;
  keys.set(entry, key);
  return key;
}

export function Entries({ places }: { readonly places: readonly Place[] }): ReactNode {
  const words = useWords();
  const [, music] = useMusic();
  const [, lists] = usePlaylists();
  const { current } = usePlayer();
  const [said, setSaid] = useState('');
  const list = useRef<HTMLOListElement>(null);
  const wanted = useRef<{ readonly index: number; readonly action: Action } | null>(null);
  const { playlists } = words.app;
  const tracks = places.flatMap(({ track }) => track ?? []);

  // The focus goes with what was moved, and to the next one when one was taken out.
  useEffect(() => {
    const { current: next } = wanted;
    wanted.current = null;
    if (next === null) return;
    const row = list.current?.children[Math.min(next.index, places.length - 1)];
    const buttons = [...(row?.querySelectorAll<HTMLButtonElement>('[data-action]') ?? [])];
    const usable = buttons.filter(({ disabled }) => !disabled);
    const same = usable.find((button) => button.dataset['action'] === next.action);
    (same ?? usable[0])?.focus();
  }, [places]);

  const moved = (index: number, by: -1 | 1): void => {
    const entries = places.map(({ entry }) => entry);
    const [entry] = entries.splice(index, 1);
    if (!entry) return;
    wanted.current = { index: index + by, action: by < 0 ? 'up' : 'down' };
    setSaid(playlists.movedTo(entry.title || entry.artist, index + by + 1));
    void lists.setEntries(entries.toSpliced(index + by, 0, entry));
  };

  return (
    <>
      <ol ref={list} className="lines numbered" data-list="playlist">
        {places.map(({ entry, track }, index) => {
          const name = entry.title || entry.artist;
          const detail = entry.title === '' ? entry.tags.join(' · ') : entry.artist;
          const lost = entry.title !== '' && track === null;
          const isNow = track !== null && track.id === current?.track.id;
          return (
            <li key={keyOf(entry)} className={isNow ? 'line entry now' : 'line entry'}>
              {track === null ? (
                <span className="entry-words">
                  <bdi className={lost ? 'muted' : undefined}>{name}</bdi>
                  <span className="muted">
                    <bdi>{detail}</bdi>
                    {lost && ` · ${words.app.home.notInLibrary}`}
                  </span>
                </span>
              ) : (
                <button
                  type="button"
                  className="entry-words"
                  disabled={!track.hasAudio}
                  onClick={() => music.play(tracks, tracks.indexOf(track))}
                >
                  <span className="unseen">{words.app.player.play} </span>
                  <bdi>{name}</bdi>
                  <bdi className="muted">{detail}</bdi>
                </button>
              )}
              {entry.durationMs !== null && (
                <span className="muted numbers entry-length">
                  {words.app.minutes(entry.durationMs)}
                </span>
              )}
              <span className="line-buttons">
                <button
                  type="button"
                  className="icon-button"
                  data-action="up"
                  disabled={index === 0}
                  aria-label={playlists.moveUp(name)}
                  onClick={() => moved(index, -1)}
                >
                  <ChevronUp className="icon" aria-hidden="true" />
                </button>
                <button
                  type="button"
                  className="icon-button"
                  data-action="down"
                  disabled={index === places.length - 1}
                  aria-label={playlists.moveDown(name)}
                  onClick={() => moved(index, 1)}
                >
                  <ChevronDown className="icon" aria-hidden="true" />
                </button>
                <button
                  type="button"
                  className="icon-button"
                  data-action="remove"
                  aria-label={playlists.remove(name)}
                  onClick={() => {
                    wanted.current = { index, action: 'remove' };
                    void lists.removeEntry(index);
                  }}
                >
                  <X className="icon" aria-hidden="true" />
                </button>
              </span>
            </li>
          );
        })}
      </ol>
      <p className="unseen" aria-live="polite">
        {said}
      </p>
    </>
  );
}
