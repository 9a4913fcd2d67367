import { Ban, Heart } from 'lucide-react';
import type { ReactNode } from 'react';
import { ToggleButton } from 'react-aria-components';
import type { Track } from '../library/types.ts';
import { useAnswer } from '../state/use-answer.ts';
import { useMusic } from '../state/use-music.ts';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';

/** What the listener thinks of the artist who plays. A love is taken back by the same button; a ban, which goes on to the next track, by the notice. */
export function Verdict({ track }: { readonly track: Track }): ReactNode {
  const words = useWords();
  const [{ loved, sample }, session] = useSession();
  const [{ learned }, music] = useMusic();
  const why = useAnswer(`${track.id} ${learned}`, (signal) => music.explain(track.id, signal));
  const [artist] = why?.track.id === track.id ? why.artists : [];
  // The sample is another listener's.
  if (!artist || sample) return null;
  return (
    <>
      <ToggleButton
        className="icon-button love"
        aria-label={words.list.love(artist.name)}
        isSelected={loved.some(({ id }) => id === artist.id)}
        onChange={(on) =>
          void (on ? session.choose(artist, 'love') : session.clear(artist, 'love'))
        }
      >
        <Heart className="icon" aria-hidden="true" />
      </ToggleButton>
      <button
        type="button"
        className="icon-button"
        aria-label={words.list.ban(artist.name)}
        onClick={() => {
          void session.choose(artist, 'ban');
          void music.player.next();
        }}
      >
        <Ban className="icon" aria-hidden="true" />
      </button>
    </>
  );
}
