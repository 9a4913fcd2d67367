import type { Artist } from 'ossicle';
import type { ReactNode } from 'react';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { Icon } from './icons.tsx';

export function LoveButton({ artist }: { readonly artist: Artist }): ReactNode {
  const words = useWords();
  const [, session] = useSession();
  return (
    <button
      type="button"
      className="icon-button love"
      aria-label={words.list.love(artist.name)}
      onClick={() => void session.choose(artist, 'love')}
    >
      <Icon name="heart" />
    </button>
  );
}
