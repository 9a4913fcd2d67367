import type { ReactNode } from 'react';
import { ProblemText } from '../parts/opening.tsx';
import { SourceError } from '../sources/types.ts';
import { useMusic } from '../state/use-music.ts';
import { useWords } from '../words/use-words.ts';

/** Scans and encoding under way, and what went wrong with a source. */
export function Working(): ReactNode {
  const words = useWords();
  const [{ scanning, encoding, encodingStopped, problem }, music] = useMusic();
  const { library } = words.app;
  return (
    <>
      {problem && (
        <section className="card" role="alert">
          {problem instanceof SourceError ? (
            <>
              <p>{library.sourceProblem(problem.code)}</p>
              <details className="disclosure">
                <summary>{words.details}</summary>
                <p className="exact">{problem.message}</p>
              </details>
            </>
          ) : (
            <ProblemText problem={problem} />
          )}
          <button type="button" className="button" onClick={() => music.dismiss()}>
            {words.choice.dismiss}
          </button>
        </section>
      )}
      {scanning && (
        <section className="card working" aria-labelledby="scanning">
          <h2 id="scanning" className="small-title">
            {library.scanning(scanning.source.name, scanning.progress)}
          </h2>
          <progress
            aria-labelledby="scanning"
            {...(scanning.progress.stage === 'reading' && {
              value: scanning.progress.done,
              max: Math.max(scanning.progress.total, 1),
            })}
          />
          <ul className="facts numbers">
            {scanning.progress.totalBytes > 0 && (
              <li>
                {words.openingBytes(scanning.progress.doneBytes, scanning.progress.totalBytes)}
              </li>
            )}
            {scanning.progress.secondsLeft !== null && (
              <li>{words.importing.timeLeft(scanning.progress.secondsLeft)}</li>
            )}
            <li>
              <bdi>{scanning.progress.current}</bdi>
            </li>
          </ul>
          <button type="button" className="button" onClick={() => music.stopScan()}>
            {library.stop}
          </button>
        </section>
      )}
      {encoding && (
        <section className="card working" aria-labelledby="encoding">
          <h2 id="encoding" className="small-title">
            {library.encoding(encoding.done, encoding.total)}
          </h2>
          <progress aria-labelledby="encoding" value={encoding.done} max={encoding.total} />
          {encoding.secondsLeft !== null && (
            <p className="facts numbers">{words.importing.timeLeft(encoding.secondsLeft)}</p>
          )}
          <button type="button" className="button" onClick={() => music.stopEncoding()}>
            {library.stopEncoding}
          </button>
        </section>
      )}
      {encodingStopped && (
        <section className="card working">
          <p>{library.encodingStopped}</p>
          <button type="button" className="button" onClick={() => music.goOnEncoding()}>
            {library.goOn}
          </button>
        </section>
      )}
    </>
  );
}
