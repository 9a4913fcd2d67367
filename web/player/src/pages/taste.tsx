import type { Recommendation } from 'ossicle';
import { useEffect, type ReactNode } from 'react';
import { useSession } from '../state/use-session.ts';
import { OverTime } from '../taste/over-time.tsx';
import { TasteMap } from '../taste/taste-map.tsx';
import { useWords } from '../words/use-words.ts';
import { useAnswer } from './shelf.tsx';

const READ = 100;

interface Weighed {
  readonly name: string;
  readonly weight: number;
}

function heaviest(weights: ReadonlyMap<string, number>, limit: number): readonly Weighed[] {
  const sorted = [...weights].map(([name, weight]) => ({ name, weight }));
  return sorted.toSorted((a, b) => b.weight - a.weight).slice(0, limit);
}

/** The tags of what is recommended, each by the scores of the artists that have it. */
function tagsOf(items: readonly Recommendation[]): readonly Weighed[] {
  const weights = new Map<string, number>();
  for (const { artist, score } of items) {
    artist.tags.slice(0, 5).forEach((tag, i) => {
      weights.set(tag, (weights.get(tag) ?? 0) + Math.max(score, 0) / (i + 1));
    });
  }
  return heaviest(weights, 24);
}

/** The artists whose parts in all of the list's scores are the largest. */
function strongestOf(items: readonly Recommendation[]): readonly Weighed[] {
  const weights = new Map<string, number>();
  for (const { because } of items) {
    for (const { artist, contribution } of because) {
      weights.set(artist.name, (weights.get(artist.name) ?? 0) + contribution);
    }
  }
  return heaviest(weights, 12);
}

function Bars({ rows }: { readonly rows: readonly Weighed[] }): ReactNode {
  const words = useWords();
  const most = rows[0]?.weight ?? 1;
  const whole = rows.reduce((sum, { weight }) => sum + weight, 0);
  return (
    <ol className="bars">
      {rows.map(({ name, weight }) => (
        <li key={name}>
          <div className="bar-head">
            <bdi>{name}</bdi>
            <span className="numbers">{words.why.share(weight / whole)}</span>
          </div>
          <div className="bar" aria-hidden="true">
            <span style={{ inlineSize: `${(weight / most) * 100}%` }} />
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
    session.shown?.recommend({ limit: READ, reasons: 8, signal }),
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
                {tagsOf(found?.items ?? []).map(({ name }, i) => (
                  <li key={name} className={`tag-${Math.floor(i / 6)}`}>
                    {name}
                  </li>
                ))}
              </ul>
            </section>
            <section aria-labelledby="taste-strongest">
              <h2 id="taste-strongest">{taste.strongest}</h2>
              <p className="muted">{taste.strongestText}</p>
              <Bars rows={strongestOf(found?.items ?? [])} />
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
