import type { Artist, Explanation, Reason } from 'ossicle';
import { useEffect, useId, useState, type ReactNode } from 'react';
import { isAbort, problemOf, type Problem } from '../problem.ts';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { Icon } from './icons.tsx';

const SHOWN = 8;

function Bar({
  reason,
  score,
  part,
}: {
  readonly reason: Reason;
  readonly score: number;
  readonly part: number;
}): ReactNode {
  const words = useWords();
  return (
    <li>
      <div className="bar-head">
        <bdi>{reason.artist.name}</bdi>
        <span className="numbers">{part > 0 ? words.why.share(part) : words.why.against}</span>
      </div>
      <div className="bar" aria-hidden="true">
        <span style={{ inlineSize: `${Math.max(0, Math.min(1, part)) * 100}%` }} />
      </div>
      <p className="muted">
        {words.why.plays(reason)}. {words.why.without(reason, score)}
      </p>
    </li>
  );
}

function Reasons({ explanation }: { readonly explanation: Explanation }): ReactNode {
  const words = useWords();
  const { because, score, artist } = explanation;
  const speaking = because.filter(({ contribution }) => contribution > 0);
  const whole = speaking.reduce((sum, { contribution }) => sum + contribution, 0);
  const shown = because.slice(0, SHOWN);
  const rest = speaking.slice(SHOWN);
  const restPart = rest.reduce((sum, { contribution }) => sum + contribution, 0) / whole;
  return (
    <>
      <p>{words.why.caption(artist.name)}:</p>
      <ul className="bars">
        {shown.map((reason) => (
          <Bar
            key={reason.artist.id}
            reason={reason}
            score={score}
            part={whole > 0 ? reason.contribution / whole : 0}
          />
        ))}
      </ul>
      {rest.length > 0 && <p>{words.why.more(rest.length, restPart)}</p>}
      <p className="muted">{words.why.exact}</p>
    </>
  );
}

/** The explanation is asked for when it is opened, and again when the list has changed. */
function WhyBody({ artist }: { readonly artist: Artist }): ReactNode {
  const words = useWords();
  const [{ revision }, session] = useSession();
  const [explanation, setExplanation] = useState<Explanation | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    const left = new AbortController();
    session.explain(artist.id, left.signal).then(
      (found) => {
        if (left.signal.aborted) return;
        setExplanation(found);
        setProblem(null);
      },
      (cause: unknown) => {
        if (!left.signal.aborted && !isAbort(cause)) setProblem(problemOf(cause));
      },
    );
    return () => left.abort();
  }, [artist.id, revision, session]);

  if (problem) return <p>{problem.message}</p>;
  if (!explanation) return <p className="muted">{words.why.loading}</p>;
  return <Reasons explanation={explanation} />;
}

export function Why({ artist }: { readonly artist: Artist }): ReactNode {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <div className="why">
      <button
        type="button"
        className="why-button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <Icon name="chevron" />
        {words.list.why}
      </button>
      <div id={id} className="why-body" hidden={!open}>
        {open && <WhyBody artist={artist} />}
      </div>
    </div>
  );
}
