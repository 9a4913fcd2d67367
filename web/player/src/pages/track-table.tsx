import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type ReactNode } from 'react';
import type { TrackQuery } from '../library/types.ts';
import { useMusic, usePlayer } from '../state/use-music.ts';
import { useWords } from '../words/use-words.ts';
import { useTrackRows } from './track-rows.ts';

const ROW = 56;

/** Tracks in a table of which only what is seen is drawn: 20,000 rows are as fast as 20. */
export function TrackTable({ query }: { readonly query: TrackQuery }): ReactNode {
  const words = useWords();
  const [, music] = useMusic();
  const { current } = usePlayer();
  const { total, at, need } = useTrackRows(query);
  const scroll = useRef<HTMLDivElement>(null);
  // What it returns changes without being another object, which the compiler of React must know.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtualizer = useVirtualizer({
    count: total ?? 0,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 8,
  });
  const shown = virtualizer.getVirtualItems();
  const first = shown[0]?.index ?? 0;
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => need(first, last), [first, last, need]);

  const playFrom = async (index: number): Promise<void> => {
    // A queue of everything that the table shows, from the row on: a thousand at most.
    const ids = await music.library.trackIds(query);
    const tracks = await music.library.get(ids.slice(index, index + 1000));
    music.play(tracks.filter((track) => track !== null));
  };

  const { library } = words.app;
  if (total === 0) return <p className="muted">{library.nothing}</p>;
  return (
    <div
      className="track-table"
      role="table"
      aria-label={library.tracks}
      aria-rowcount={total ?? -1}
    >
      <div role="rowgroup">
        <div role="row" className="track-row head" aria-rowindex={1}>
          <span role="columnheader">{library.trackTitle}</span>
          <span role="columnheader">{library.artist}</span>
          <span role="columnheader">{library.album}</span>
          <span role="columnheader" className="numbers">
            {library.length}
          </span>
        </div>
      </div>
      <div ref={scroll} className="track-scroll" role="rowgroup" tabIndex={-1}>
        <div className="track-all" style={{ blockSize: `${virtualizer.getTotalSize()}px` }}>
          {shown.map(({ index, start, key }) => {
            const track = at(index);
            return (
              <div
                key={key}
                role="row"
                aria-rowindex={index + 2}
                className={track && track.id === current?.track.id ? 'track-row now' : 'track-row'}
                style={{ transform: `translateY(${start}px)` }}
              >
                <span role="cell">
                  {track && (
                    <button
                      type="button"
                      className="row-play"
                      disabled={!track.hasAudio}
                      aria-label={library.playFrom(track.title)}
                      onClick={() => void playFrom(index)}
                    >
                      <bdi>{track.title}</bdi>
                    </button>
                  )}
                </span>
                <span role="cell">
                  <bdi>{track?.artist}</bdi>
                </span>
                <span role="cell">
                  <bdi>{track?.album}</bdi>
                </span>
                <span role="cell" className="numbers">
                  {typeof track?.durationMs === 'number' && words.app.minutes(track.durationMs)}
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
