import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { NothingLeft, Rows } from './rows.tsx';

function Heading(): ReactNode {
  const words = useWords();
  const [{ list, profile }] = useSession();
  if (list?.basis === 'history' || profile === null) {
    return <h1 className="list-title">{words.list.title}</h1>;
  }
  if (profile.events > 0 && profile.eventsLearntFrom === 0) {
    return (
      <>
        <h1 className="list-title">{words.list.titlePopular}</h1>
        <p className="lead">{words.app.privacy.leftOut}</p>
        <Link className="proof-link" to="/privacy">
          {words.app.privacy.change}
        </Link>
      </>
    );
  }
  if (profile.eventsInCatalogue > 0) {
    return <h1 className="list-title">{words.list.titlePopular}</h1>;
  }
  return (
    <>
      <h1 className="list-title">{words.list.nothingMatchedTitle}</h1>
      <p className="lead">{words.list.nothingMatchedText(profile)}</p>
      <h2 className="small-title">{words.list.titlePopular}</h2>
    </>
  );
}

export function List(): ReactNode {
  const words = useWords();
  const [{ list }] = useSession();
  const items = list?.items ?? [];
  return (
    <section className="list" aria-label={words.list.title}>
      <Heading />
      {items.length === 0 && <NothingLeft />}
      <Rows items={items} />
    </section>
  );
}
