import type { ReactNode } from 'react';
import type { Problem } from '../problem.ts';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { Icon } from './icons.tsx';

export function Opening(): ReactNode {
  const words = useWords();
  const [{ load }] = useSession();
  const known = load !== null && load.totalBytes > 0;
  return (
    <section className="card opening" aria-labelledby="opening">
      <h1 id="opening" className="small-title">
        {words.opening}
      </h1>
      <progress
        aria-labelledby="opening"
        {...(known && { value: load.loadedBytes, max: load.totalBytes })}
      />
      <p className="muted numbers">
        {known ? words.openingBytes(load.loadedBytes, load.totalBytes) : words.openingOnce}
      </p>
    </section>
  );
}

/** What happened, what is safe, what to do; the engine's own words behind a disclosure. */
export function ProblemText({
  problem,
  level: Heading = 'h2',
}: {
  readonly problem: Problem;
  readonly level?: 'h1' | 'h2';
}): ReactNode {
  const words = useWords();
  const { title, safe, advice } = words.problem(problem);
  return (
    <>
      <Heading className="small-title">
        <Icon name="alert" />
        {title}
      </Heading>
      <p>
        {safe} {advice}
      </p>
      <details className="disclosure">
        <summary>{words.details}</summary>
        <p className="exact">{problem.message}</p>
      </details>
    </>
  );
}

export function Failed(): ReactNode {
  const words = useWords();
  const [{ failure }] = useSession();
  if (failure === null) return null;
  return (
    <section className="card failed" role="alert">
      <ProblemText problem={failure} level="h1" />
      {failure.code !== 'unsupported_browser' && (
        <button type="button" className="button" onClick={() => location.reload()}>
          {words.reload}
        </button>
      )}
    </section>
  );
}
