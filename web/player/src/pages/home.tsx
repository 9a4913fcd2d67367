import type { Recommendation } from 'ossicle';
import { useEffect, type ReactNode } from 'react';
import { Aside } from '../parts/aside.tsx';
import { ImportProgress } from '../parts/import-progress.tsx';
import { List } from '../parts/list.tsx';
import { LoveButton } from '../parts/love-button.tsx';
import { Report } from '../parts/report.tsx';
import { SampleBanner } from '../parts/sample-banner.tsx';
import { Welcome } from '../parts/welcome.tsx';
import type { State } from '../state/session.ts';
import { useAnswer } from '../state/use-answer.ts';
import { useMusic } from '../state/use-music.ts';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { AddMusic } from './add-music.tsx';
import { Shelf, TrackShelf } from './shelf.tsx';
import { Working } from './working.tsx';

const SHELF = 12;

/** A history with nothing in it: nothing played, loved, skipped or banned. */
function isEmpty({ profile }: State): boolean {
  return profile === null || profile.events === 0;
}

function OwnShelves(): ReactNode {
  const words = useWords();
  const [{ learned, counts }, music] = useMusic();
  const [{ revision, profile }] = useSession();
  const played = (profile?.events ?? 0) > 0;
  const key = `${learned} ${revision}`;
  const forYou = useAnswer(key, (signal) =>
    music.recommend({ limit: SHELF, reasons: 2, repeatDays: 0.02, signal }),
  );
  const rediscover = useAnswer(key, (signal) =>
    music.recommend({ limit: SHELF, reasons: 2, shelf: 'rediscover', signal }),
  );
  const unplayed = useAnswer(key, (signal) =>
    music.recommend({ limit: SHELF, reasons: 2, shelf: 'unplayed', signal }),
  );
  const { home } = words.app;
  if (counts.tracks === 0) return null;
  return (
    <>
      <TrackShelf title={home.forYou} text={home.forYouText} picks={forYou ?? []} />
      <TrackShelf title={home.rediscover} text={home.rediscoverText} picks={rediscover ?? []} />
      {played && (
        <TrackShelf title={home.unplayed} text={home.unplayedText} picks={unplayed ?? []} />
      )}
    </>
  );
}

function ArtistShelf({
  title,
  text,
  items,
}: {
  readonly title: string;
  readonly text: string;
  readonly items: readonly Recommendation[];
}): ReactNode {
  const words = useWords();
  if (items.length === 0) return null;
  return (
    <Shelf title={title} text={text}>
      {items.map(({ artist, because }) => (
        <li key={artist.id} className="artist-card">
          <h3>
            <bdi>{artist.name}</bdi>
          </h3>
          <p className="muted">{artist.tags.slice(0, 3).join(' · ')}</p>
          <p className="card-why">
            {because.length > 0
              ? words.list.because(because)
              : words.list.popular(artist.listeners)}
          </p>
          <LoveButton artist={artist} />
        </li>
      ))}
    </Shelf>
  );
}

/** Shelves over the catalogue: near to the last plays, and what few know. */
function Discover(): ReactNode {
  const words = useWords();
  const [state, session] = useSession();
  const ask = `${state.revision} ${state.sample}`;
  const near = useAnswer(`near ${ask}`, async (signal) =>
    session.shown?.recommend({ limit: SHELF, neighbours: 8, diversity: 0.2, reasons: 4, signal }),
  );
  const bold = useAnswer(`bold ${ask}`, async (signal) =>
    session.shown?.recommend({ limit: SHELF, novelty: 1, diversity: 0.2, reasons: 4, signal }),
  );
  if (state.list?.basis !== 'history') return null;
  const { home } = words.app;
  const last = near?.items[0]?.because.toSorted(
    (a, b) => (b.lastPlayedAt?.getTime() ?? 0) - (a.lastPlayedAt?.getTime() ?? 0),
  )[0];
  return (
    <>
      {last && (
        <ArtistShelf
          title={home.moreLike(last.artist.name)}
          text={home.moreLikeText}
          items={near.items}
        />
      )}
      <ArtistShelf title={home.adventurous} text={home.adventurousText} items={bold?.items ?? []} />
    </>
  );
}

function FirstRun(): ReactNode {
  const words = useWords();
  const [{ sample }] = useSession();
  return (
    <div className="first-run">
      <h1>{words.app.start.title}</h1>
      <AddMusic large />
      {!sample && (
        <>
          <p className="lead">{words.app.start.history}</p>
          <Welcome />
        </>
      )}
    </div>
  );
}

export function Home(): ReactNode {
  const words = useWords();
  const [state] = useSession();
  const [{ counts, ready, scanning }] = useMusic();
  const empty = isEmpty(state);
  const first = empty && ready && counts.tracks === 0 && !scanning && !state.importing;
  useEffect(() => {
    document.title = words.appName;
  }, [words]);
  return (
    <>
      {/* The first run and the list have a heading of their own. */}
      {empty && !first && <h1 className="unseen">{words.app.nav.home}</h1>}
      {state.sample && !state.importing && <SampleBanner />}
      {state.importing && <ImportProgress importing={state.importing} />}
      {state.outcome && !state.importing && <Report outcome={state.outcome} />}
      <Working />
      <OwnShelves />
      {empty && counts.tracks > 0 && <p className="lead">{words.app.home.fresh}</p>}
      {empty ? (
        first && <FirstRun />
      ) : (
        <>
          <div className="columns">
            <List />
            <Aside />
          </div>
          <Discover />
        </>
      )}
    </>
  );
}
