import type { Engine } from 'ossicle';
import { useEffect, useState } from 'react';
import { useMusic } from '../state/use-music.ts';
import { useSession } from '../state/use-session.ts';
import { layOutAside } from './lay-out-aside.ts';
import { skyOf, type Sky } from './sky.ts';
import { artistStars, DIMENSIONS, heardArtists, trackStars, vectorsOf } from './stars.ts';

/** With fewer there is nothing to see. */
const LEAST = 12;

export type SkyState =
  | { readonly kind: 'waiting' | 'placing' | 'few' | 'failed' }
  | { readonly kind: 'reading'; readonly done: number; readonly total: number }
  | { readonly kind: 'ready'; readonly sky: Sky };

/** The map of the listener's tracks, or, when they have none or look at the sample, of the artists of the history. */
export function useSky(): {
  readonly state: SkyState;
  readonly ofArtists: boolean;
  readonly again: () => void;
} {
  const [{ sample, phase, profile }, session] = useSession();
  const [{ counts, encoding }, { library }] = useMusic();
  const [state, setState] = useState<SkyState>({ kind: 'waiting' });
  const [tries, setTries] = useState(0);
  const ofArtists = sample || counts.tracks < LEAST;
  // With another number of them it is another map.
  const size = ofArtists ? (profile?.artists ?? 0) : counts.tracks;
  // The engine reads the same texts then; after it they are there.
  const busy = encoding !== null || phase !== 'ready';

  useEffect(() => {
    if (busy) return;
    const left = new AbortController();
    const { signal } = left;
    const set = (next: SkyState): void => {
      if (!signal.aborted) setState(next);
    };
    const make = async (engine: Engine): Promise<void> => {
      const stars = ofArtists
        ? artistStars(await heardArtists(engine, signal))
        : await trackStars(engine, library, signal);
      if (stars.length < LEAST) {
        set({ kind: 'few' });
        return;
      }
      const reading = (done: number): void => set({ kind: 'reading', done, total: stars.length });
      const vectors = await vectorsOf(engine, stars, reading, signal);
      set({ kind: 'placing' });
      const layout = await layOutAside(vectors, DIMENSIONS, signal);
      set({ kind: 'ready', sky: skyOf(stars, layout) });
    };
    const engine = ofArtists ? session.shown : session.own;
    if (engine) {
      // Of a map that was left nothing is said; every other end is.
      make(engine).catch(() => set({ kind: 'failed' }));
    }
    return () => left.abort();
  }, [busy, ofArtists, size, tries, library, session]);

  return { state, ofArtists, again: () => setTries(tries + 1) };
}
