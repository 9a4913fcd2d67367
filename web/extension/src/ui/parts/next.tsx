import {
  Failed,
  NothingLeft,
  Rows,
  useSession,
  useSettings,
  useWords,
} from '@ossicle/player/shared';
import type { ReactNode } from 'react';
import { useOwnWords } from '../words/use-own-words.ts';
import { Engine } from './engine.tsx';
import { PrivacyLink } from './links.tsx';
import { SearchFor, WhereSearched } from './search-link.tsx';

/** What the list goes by, when that is not the history. */
function Heading(): ReactNode {
  const { next } = useOwnWords();
  const [{ list, profile }] = useSession();
  if (list?.basis === 'history' || profile === null) return <h2>{next.title}</h2>;
  const { events, eventsLearntFrom, eventsInCatalogue } = profile;
  const isLeftOut = events > 0 && eventsLearntFrom === 0;
  return (
    <>
      <h2>{next.popular}</h2>
      {isLeftOut ? (
        <>
          <p className="muted">{next.leftOut}</p>
          <PrivacyLink>{next.change}</PrivacyLink>
        </>
      ) : events === 0 ? (
        <p className="muted">{next.empty}</p>
      ) : (
        eventsInCatalogue === 0 && <p className="muted">{next.notMatched}</p>
      )}
    </>
  );
}

/** Artists to hear next, each with a way to hear it. */
export function Next({ most }: { readonly most: number }): ReactNode {
  const words = useWords();
  const { next } = useOwnWords();
  const [{ phase, list }] = useSession();
  const privateSession = useSettings((settings) => settings.privateSession);
  if (phase === 'opening') return <Engine />;
  if (phase === 'failed') return <Failed />;
  const items = list?.items.slice(0, most) ?? [];
  return (
    <section className="list" aria-label={next.title}>
      <Heading />
      {privateSession && <p className="muted">{next.private}</p>}
      {items.length === 0 ? <NothingLeft /> : <WhereSearched />}
      <Rows items={items} beside={({ name }) => <SearchFor name={name} />} />
      <p className="unseen" aria-live="polite">
        {words.list.updated(items.length)}
      </p>
    </section>
  );
}
