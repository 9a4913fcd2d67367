import type { Engine } from 'ossicle';
import { useId, type ReactNode } from 'react';
import { useAnswer } from '../state/use-answer.ts';
import { useSession } from '../state/use-session.ts';
import { periodsBetween, type Period } from './periods.ts';
import { useTasteWords } from './words.ts';

/** Each period is a question of its own: the history counts, and no entry of it is handed over. */
async function playsIn(
  engine: Engine,
  periods: readonly Period[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const plays: number[] = [];
  for (const { from, to } of periods) {
    const { total } = await engine.history.query({ from, to, kinds: ['play'], limit: 1, signal });
    plays.push(total);
  }
  return plays;
}

/** Listening over time: plays by month, or by as many months as let the bars fit. */
export function OverTime(): ReactNode {
  const words = useTasteWords();
  const [{ profile, sample }, session] = useSession();
  const id = useId();
  const periods =
    profile?.firstEventAt && profile.lastEventAt
      ? periodsBetween(profile.firstEventAt, profile.lastEventAt)
      : [];
  const plays = useAnswer(`${sample} ${profile?.events ?? 0}`, async (signal) =>
    session.shown ? playsIn(session.shown, periods, signal) : [],
  );
  const first = periods[0];
  const last = periods.at(-1);
  // One bar says nothing, and while the answer is to other periods there is none.
  if (!first || !last || first === last || plays?.length !== periods.length) return null;
  const most = Math.max(...plays, 1);
  return (
    <section className="over-time" aria-labelledby={id}>
      <h2 id={id}>{words.over}</h2>
      <p className="muted">{words.overText}</p>
      <ol className="columns-chart">
        {periods.map(({ from }, i) => {
          const said = `${words.period.format(from)}: ${words.plays(plays[i] ?? 0)}`;
          return (
            <li key={from.getTime()} title={said}>
              <span className="unseen">{said}</span>
              <span
                className="column"
                aria-hidden="true"
                style={{ blockSize: `${((plays[i] ?? 0) / most) * 100}%` }}
              />
            </li>
          );
        })}
      </ol>
      <p className="chart-ends muted" aria-hidden="true">
        <span>{words.period.format(first.from)}</span>
        <span>{words.period.format(last.from)}</span>
      </p>
    </section>
  );
}
