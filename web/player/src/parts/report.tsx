import type { ImportReport } from 'ossicle';
import type { ReactNode } from 'react';
import type { Outcome } from '../state/session.ts';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { Icon } from './icons.tsx';
import { ProblemText } from './opening.tsx';

function Unmatched({ report }: { readonly report: ImportReport }): ReactNode {
  const words = useWords();
  if (report.unmatchedArtists.length === 0) return null;
  return (
    <details className="disclosure">
      <summary>{words.report.unmatchedTitle(report)}</summary>
      <p>{words.report.unmatchedMost}</p>
      <ul className="pairs">
        {report.unmatchedArtists.map(({ name, listens }) => (
          <li key={name}>
            <bdi>{name}</bdi>
            <span className="muted numbers">{listens}</span>
          </li>
        ))}
      </ul>
      <p className="muted">{words.report.unmatchedNote}</p>
    </details>
  );
}

function Problems({ problems }: Pick<ImportReport, 'problems'>): ReactNode {
  const words = useWords();
  if (problems.length === 0) return null;
  return (
    <details className="disclosure">
      <summary>{words.report.problemsTitle(problems.length)}</summary>
      <ul className="problems">
        {problems.map(({ kind, count, firstLine }) => (
          <li key={kind}>{words.report.problem(kind, count, firstLine)}</li>
        ))}
      </ul>
    </details>
  );
}

function Done({ report }: { readonly report: ImportReport }): ReactNode {
  const words = useWords();
  return (
    <>
      <h2 className="small-title">{words.report.matched(report)}</h2>
      {report.listens > 0 && (
        <meter
          aria-label={words.report.matched(report)}
          min={0}
          max={report.listens}
          value={report.matchedListens}
        />
      )}
      <p>
        {words.report.added(report)} {report.listens > 0 && words.report.artists(report)}
      </p>
      <Unmatched report={report} />
      <Problems problems={report.problems} />
    </>
  );
}

function Stopped({ listens }: { readonly listens: number }): ReactNode {
  const words = useWords();
  return (
    <>
      <h2 className="small-title">{words.report.stoppedTitle(listens)}</h2>
      <p>{words.report.stoppedText}</p>
    </>
  );
}

/** How the last import went. */
export function Report({ outcome }: { readonly outcome: Outcome }): ReactNode {
  const words = useWords();
  const [, session] = useSession();
  return (
    <section className="card report" role={outcome.kind === 'failed' ? 'alert' : 'status'}>
      <p className="file-name">
        <bdi>{outcome.name}</bdi>
      </p>
      {outcome.kind === 'done' && <Done report={outcome.report} />}
      {outcome.kind === 'done' && outcome.settings && <p>{words.app.privacy.settingsBack}</p>}
      {outcome.kind === 'stopped' && <Stopped listens={outcome.listens} />}
      {outcome.kind === 'failed' && <ProblemText problem={outcome.problem} />}
      <button
        type="button"
        className="icon-button close"
        aria-label={words.report.dismiss}
        onClick={() => session.dismissOutcome()}
      >
        <Icon name="close" />
      </button>
    </section>
  );
}
