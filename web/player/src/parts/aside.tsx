import type { Artist } from 'ossicle';
import type { ReactNode } from 'react';
import { hasContributed } from '../state/contributed.ts';
import { useContributing } from '../state/use-contributing.ts';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { EraseAll } from './erase-all.tsx';
import { ChooseFile } from './file-drop.tsx';
import { Icon } from './icons.tsx';
import { ProofLink } from './proof.tsx';

function Flagged({
  artists,
  was,
  title,
  label,
}: {
  readonly artists: readonly Artist[];
  readonly was: 'love' | 'ban';
  readonly title: string;
  readonly label: (name: string) => string;
}): ReactNode {
  const [, session] = useSession();
  if (artists.length === 0) return null;
  return (
    <details className="disclosure" open={artists.length <= 5}>
      <summary>{title}</summary>
      <ul className="flagged">
        {artists.map((artist) => (
          <li key={artist.id}>
            <bdi>{artist.name}</bdi>
            <button
              type="button"
              className="icon-button"
              aria-label={label(artist.name)}
              title={label(artist.name)}
              onClick={() => void session.clear(artist, was)}
            >
              <Icon name="undo" />
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

export function Aside(): ReactNode {
  const words = useWords();
  const [{ profile, loved, banned, sample }] = useSession();
  const [{ kept }] = useContributing();
  if (profile === null) return null;
  return (
    <aside className="aside">
      <section aria-labelledby="history">
        <h2 id="history" className="small-title">
          {words.aside.historyTitle}
        </h2>
        <p>
          {words.aside.known(profile)} {words.aside.span(profile)}
        </p>
        <p className="muted">{words.aside.stored(profile)}</p>
        <ChooseFile label={words.aside.add} quiet />
      </section>
      <section aria-labelledby="choices">
        <h2 id="choices" className="small-title">
          {words.aside.choicesTitle}
        </h2>
        {loved.length + banned.length === 0 && <p className="muted">{words.aside.noChoices}</p>}
        <Flagged
          artists={loved}
          was="love"
          title={words.aside.loved(loved.length)}
          label={words.aside.takeBackLove}
        />
        <Flagged
          artists={banned}
          was="ban"
          title={words.aside.banned(banned.length)}
          label={words.aside.takeBackBan}
        />
      </section>
      <section aria-labelledby="privacy">
        <h2 id="privacy" className="small-title">
          {words.privacy.title}
        </h2>
        <p>
          {hasContributed(kept) ? words.app.privacy.contributing.aside : words.privacy.left}{' '}
          {words.privacy.stored(profile, sample)}
        </p>
        <p>
          <ProofLink>{words.privacy.showProof}</ProofLink>
        </p>
        {!sample && <EraseAll />}
      </section>
    </aside>
  );
}
