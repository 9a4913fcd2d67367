import { Icon, useSession, useSettings, useWords } from '@ossicle/player/shared';
import type { Artist } from 'ossicle';
import type { ReactNode } from 'react';
import { useOwnWords } from '../words/use-own-words.ts';

/** Love and ban of an artist that is not an entry of a list: pressed while they hold, and pressed again to take them back. */
export function Verdict({ artist }: { readonly artist: Artist }): ReactNode {
  const { list } = useWords();
  const { verdict } = useOwnWords();
  const [{ loved, banned }, session] = useSession();
  const privateSession = useSettings((settings) => settings.privateSession);
  const holds = (flagged: readonly Artist[]): boolean => flagged.some(({ id }) => id === artist.id);
  const { id, name } = artist;
  const button = (kind: 'love' | 'ban', on: boolean, label: string, tip: string): ReactNode => (
    <button
      type="button"
      className={`icon-button ${kind}`}
      data-action={kind}
      data-artist={id}
      aria-pressed={on}
      aria-label={label}
      title={tip}
      disabled={privateSession}
      onClick={() => void (on ? session.clear(artist, kind) : session.choose(artist, kind))}
    >
      <Icon name={kind === 'love' ? 'heart' : 'never'} />
    </button>
  );
  const isLoved = holds(loved);
  const isBanned = holds(banned);
  return (
    <div className="verdict" role="group" aria-label={list.actions(name)}>
      {button('love', isLoved, isLoved ? verdict.loved(name) : list.love(name), list.loveTip)}
      {button('ban', isBanned, isBanned ? verdict.banned(name) : list.ban(name), list.banTip)}
    </div>
  );
}
