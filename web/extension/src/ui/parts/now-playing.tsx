import { useAnswer, useSession, useSettings, useWords, Why } from '@ossicle/player/shared';
import type { ReactNode } from 'react';
import type { NowPlaying as Play } from '../../wire/calls.ts';
import { useNow, useTab } from '../state/browser.ts';
import { hostOf, shownPlay } from '../state/choose.ts';
import { about } from '../state/engine.ts';
import { useOwnWords } from '../words/use-own-words.ts';
import { Verdict } from './verdict.tsx';

/** What the engine knows of the song. */
function Known({ play }: { readonly play: Play }): ReactNode {
  const words = useWords();
  const { now } = useOwnWords();
  const [{ revision }] = useSession();
  const privateSession = useSettings((settings) => settings.privateSession);
  const { artist, title } = play;
  const found = useAnswer(`${revision}`, (signal) => about(artist, title, signal));
  if (found === null) return null;
  const { artists, plays, because } = found;
  return (
    <>
      {artists.length === 0 ? (
        <p className="muted">{now.unknown}</p>
      ) : (
        <ul className="credited">
          {artists.map((each) => (
            <li key={each.id}>
              {artists.length > 1 && <bdi>{each.name}</bdi>}
              <Verdict artist={each} />
            </li>
          ))}
        </ul>
      )}
      {artists.length > 0 && (
        <p className="reason">{because.length > 0 ? words.list.because(because) : now.notYet}</p>
      )}
      {plays > 0 && !privateSession && <p className="muted numbers">{now.kept(plays)}</p>}
      {artists[0] && because.length > 0 && <Why artist={artists[0]} />}
    </>
  );
}

/** What plays on a site that is on; everything of it came from a page and is only ever text. */
export function NowPlaying(): ReactNode {
  const { now } = useOwnWords();
  const [{ phase }] = useSession();
  const privateSession = useSettings((settings) => settings.privateSession);
  const play = shownPlay(useNow(), useTab().tabId);
  if (play === null) return <p className="muted nothing-plays">{now.nothing}</p>;
  const { artist, title, origin, playing } = play;
  return (
    <section className="card now" aria-labelledby="now" data-playing={playing}>
      <p className="muted" id="now">
        {playing ? now.plays : now.paused} <bdi>{now.on(hostOf(origin))}</bdi>
      </p>
      <h2 className="now-title">
        <bdi>{title}</bdi>
      </h2>
      <p className="now-artist">
        <bdi>{artist}</bdi>
      </p>
      {privateSession && <p className="muted">{now.private}</p>}
      <div className="known">
        {phase === 'ready' && <Known key={`${artist}\n${title}`} play={play} />}
      </div>
    </section>
  );
}
