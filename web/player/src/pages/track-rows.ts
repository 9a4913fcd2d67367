import { useCallback, useEffect, useRef, useState } from 'react';
import type { Track, TrackQuery } from '../library/types.ts';
import { useMusic } from '../state/use-music.ts';

const WINDOW = 200;

interface Rows {
  readonly key: string;
  readonly total: number;
  readonly windows: ReadonlyMap<number, readonly Track[]>;
}

/** The tracks of a query, a window at a time: `need` asks for the windows that rows `first` to `last` are in. */
export function useTrackRows(query: TrackQuery): {
  readonly total: number | null;
  readonly at: (index: number) => Track | null;
  readonly need: (first: number, last: number) => void;
} {
  const [{ revision }, { library }] = useMusic();
  const key = `${revision} ${JSON.stringify(query)}`;
  const [rows, setRows] = useState<Rows | null>(null);
  const asked = useRef<{ key: string; windows: Set<number> }>({ key: '', windows: new Set() });

  const load = useCallback(
    (window: number) => {
      const { current } = asked;
      if (current.key !== key || current.windows.has(window)) return;
      current.windows.add(window);
      library.tracks({ ...query, offset: window * WINDOW, limit: WINDOW }).then(
        ({ total, rows: found }) => {
          if (asked.current !== current) return;
          setRows((now) => ({
            key,
            total,
            windows: new Map(now?.key === key ? now.windows : []).set(window, found),
          }));
        },
        // The library's own problem is told by the page.
        () => current.windows.delete(window),
      );
    },
    // `key` stands for the query.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [key, library],
  );

  useEffect(() => {
    asked.current = { key, windows: new Set() };
    load(0);
  }, [key, load]);

  const at = (index: number): Track | null =>
    rows?.windows.get(Math.floor(index / WINDOW))?.[index % WINDOW] ?? null;
  const need = useCallback(
    (first: number, last: number) => {
      for (let w = Math.floor(first / WINDOW); w <= Math.floor(last / WINDOW); ++w) load(w);
    },
    [load],
  );
  return { total: rows?.total ?? null, at, need };
}
