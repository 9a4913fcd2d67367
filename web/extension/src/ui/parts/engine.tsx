import { useWords } from '@ossicle/player/shared';
import type { ReactNode } from 'react';
import { useOwnWords } from '../words/use-own-words.ts';

/** The engine opens. */
export function Engine(): ReactNode {
  const words = useWords();
  const { opening } = useOwnWords();
  return (
    <section className="card opening-engine" aria-labelledby="opening">
      <h2 id="opening" className="small-title">
        {words.opening}
      </h2>
      <progress aria-labelledby="opening" />
      <p className="muted">{opening}</p>
    </section>
  );
}
