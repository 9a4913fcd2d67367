import type { Taste as Learnt } from 'ossicle';
import { useEffect, type ReactNode } from 'react';
import { useAnswer } from '../state/use-answer.ts';
import { useSession } from '../state/use-session.ts';
import { OverTime } from '../taste/over-time.tsx';
import { TasteMap } from '../taste/taste-map.tsx';
import { useWords } from '../words/use-words.ts';

function Bars({ rows }: { readonly rows: Learnt['artists'] }): ReactNode {
  const words = useWords();
  const most = rows[0]?.share ?? 1;
  return (
    <ol className="bars">
      {rows.map(({ artist, share }) => (
        <li key={artist.id}>
          <div className="bar-head">
            <bdi>{artist.name}</bdi>
            <span className="numbers">{words.why.share(share)}</span>
          </div>
          <div className="bar" aria-hidden="true">
            <span style={{ inlineSize: `${(share / most) * 100}%` }} />
          </div>
        </li>
      ))}
    </ol>
  );
}

export function Taste(): ReactNode {
  const words = useWords();
  const [{ list, loved, revision, sample, profile }, session] = useSession();
  const found = useAnswer(`${revision} ${sample}`, async (signal) =>
    session.shown?.taste({ signal }),
  );
  const { taste } = words.app;
  useEffect(() => {
    document.title = `${taste.title} · ${words.appName}`;
  }, [taste, words]);
  const knows = list?.basis === 'history' && profile !== null;
  return (
    <>
      <h1>{taste.title}</h1>
      {!knows ? (
        <p className="lead">{taste.nothing}</p>
      ) : (
        <>
          <p className="lead">
            {words.aside.known(profile)} {words.aside.span(profile)}
          </p>
          <div className="taste-columns">
            <section aria-labelledby="taste-words">
              <h2 id="taste-words">{taste.words}</h2>
              <p className="muted">{taste.wordsText}</p>
              <ul className="tag-cloud">
                {found?.tags.map(({ tag }, i) => (
                  <li key={tag} className={`tag-${Math.floor(i / 6)}`}>
                    {tag}
                  </li>
                ))}
              </ul>
            </section>
            <section aria-labelledby="taste-strongest">
              <h2 id="taste-strongest">{taste.strongest}</h2>
              <p className="muted">{taste.strongestText}</p>
              <Bars rows={found?.artists ?? []} />
            </section>
            {loved.length > 0 && (
              <section aria-labelledby="taste-loves">
                <h2 id="taste-loves">{taste.loves}</h2>
                <ul className="tag-cloud">
                  {loved.map(({ id, name }) => (
                    <li key={id} className="tag-2">
                      <bdi>{name}</bdi>
                    </li>
                  ))}
                </ul>
              </section>
            )}
          </div>
          <OverTime />
        </>
      )}
      <TasteMap />
    </>
  );
}
