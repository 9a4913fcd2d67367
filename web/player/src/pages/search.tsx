import { useDeferredValue, useEffect, useState, type ReactNode } from 'react';
import { Input, Label, SearchField } from 'react-aria-components';
import type { Engine, FoundArtist } from 'ossicle';
import type { Track } from '../library/types.ts';
import { LoveButton } from '../parts/love-button.tsx';
import { problemOf } from '../problem.ts';
import { useAnswer } from '../state/use-answer.ts';
import { useMusic } from '../state/use-music.ts';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';

const FOUND = 12;

function Tracks({ tracks }: { readonly tracks: readonly Track[] }): ReactNode {
  const words = useWords();
  const [, music] = useMusic();
  return (
    <section aria-labelledby="found-tracks">
      <h2 id="found-tracks">{words.app.search.yours}</h2>
      <ol className="lines" data-found="tracks">
        {tracks.map((track, index) => (
          <li key={track.id}>
            <button
              type="button"
              className="line"
              aria-label={words.app.library.playFrom(track.title)}
              onClick={() => music.play(tracks, index)}
            >
              <bdi>{track.title}</bdi>
              <bdi className="muted">
                {track.artist} · {track.album}
              </bdi>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Artists({ items }: { readonly items: readonly FoundArtist[] }): ReactNode {
  const words = useWords();
  return (
    <section aria-labelledby="found-artists">
      <h2 id="found-artists">{words.app.search.catalogue}</h2>
      <ol className="lines" data-found="artists">
        {items.map(({ artist }) => (
          <li key={artist.id} className="line">
            <span>
              <bdi>{artist.name}</bdi>{' '}
              <span className="muted">{artist.tags.slice(0, 4).join(' · ')}</span>
            </span>
            <LoveButton artist={artist} />
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The catalogue by meaning takes a while to prepare, once a visit: it is offered, not done unasked. */
function Meaning({ onReady }: { readonly onReady: (engine: Engine) => void }): ReactNode {
  const words = useWords();
  const [, session] = useSession();
  const [progress, setProgress] = useState<{ done: number; total: number } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const { search } = words.app;
  const prepare = async (): Promise<void> => {
    setProgress({ done: 0, total: 1 });
    setProblem(null);
    try {
      const engine = session.shown;
      await engine?.prepareSearch({
        onProgress: ({ done, total }) => setProgress({ done, total }),
      });
      if (engine) onReady(engine);
    } catch (cause) {
      setProblem(words.problem(problemOf(cause)).title);
    }
    setProgress(null);
  };
  if (progress) {
    return (
      <div>
        <p id="preparing">{search.preparing(progress.done, progress.total)}</p>
        <progress aria-labelledby="preparing" value={progress.done} max={progress.total} />
      </div>
    );
  }
  return (
    <div className="offer">
      <button type="button" className="button" onClick={() => void prepare()}>
        {search.meaning}
      </button>
      <p className="muted">{problem ?? search.meaningText}</p>
    </div>
  );
}

export function SearchPage(): ReactNode {
  const words = useWords();
  const [{ learned }, music] = useMusic();
  const [, session] = useSession();
  const [text, setText] = useState('');
  // Another engine has to be prepared anew.
  const [prepared, setPrepared] = useState<Engine | null>(null);
  const byMeaning = prepared !== null && prepared === session.shown;
  const query = useDeferredValue(text.trim());
  const { search } = words.app;
  useEffect(() => {
    document.title = `${search.title} · ${words.appName}`;
  }, [search, words]);

  useEffect(() => music.prepareFind(), [music, learned]);
  const tracks = useAnswer(`${query} ${learned}`, async (signal) =>
    query === '' ? [] : music.find(query, FOUND, signal),
  );
  const artists = useAnswer(`${query} ${byMeaning}`, async (signal) =>
    query === '' ? null : session.shown?.search(query, { limit: FOUND, asTyped: true, signal }),
  );
  const nothing = query !== '' && artists?.items.length === 0 && (tracks?.length ?? 0) === 0;
  return (
    <>
      <h1>{search.title}</h1>
      {/* Off: the browser keeps what was typed in a list of its own, which no page can erase. */}
      <SearchField
        value={text}
        onChange={setText}
        className="field search"
        autoFocus
        autoComplete="off"
      >
        <Label>{search.label}</Label>
        <Input placeholder={search.hint} />
      </SearchField>
      <div aria-live="polite">
        {nothing && <p className="lead">{search.nothing(query)}</p>}
        {query !== '' && tracks && tracks.length > 0 && <Tracks tracks={tracks} />}
        {query !== '' && artists && artists.items.length > 0 && <Artists items={artists.items} />}
      </div>
      {!byMeaning && <Meaning onReady={setPrepared} />}
    </>
  );
}
