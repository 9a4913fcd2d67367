import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { Importing } from '../state/session.ts';
import { useSession } from '../state/use-session.ts';
import { useWords, type Words } from '../words/use-words.ts';

/** Before this much time an estimate would jump about. */
const ESTIMATE_AFTER_MS = 700;
/** How often a screen reader hears where the import is. */
const ANNOUNCE_MS = 3000;

function timeLeft({ progress, startedAt }: Importing, now: number, words: Words): string {
  const { readBytes, totalBytes } = progress;
  const elapsed = now - startedAt;
  if (totalBytes === 0 || readBytes === 0 || elapsed < ESTIMATE_AFTER_MS) return '';
  if (readBytes >= totalBytes) return words.importing.finishing;
  const seconds = ((elapsed / readBytes) * (totalBytes - readBytes)) / 1000;
  return words.importing.timeLeft(seconds);
}

/** The text as it was at most ANNOUNCE_MS ago. */
function useSlow(text: string): string {
  const latest = useRef(text);
  const [slow, setSlow] = useState(text);
  useEffect(() => {
    latest.current = text;
  }, [text]);
  useEffect(() => {
    const timer = setInterval(() => setSlow(latest.current), ANNOUNCE_MS);
    return () => clearInterval(timer);
  }, []);
  return slow;
}

export function ImportProgress({ importing }: { readonly importing: Importing }): ReactNode {
  const words = useWords();
  const [, session] = useSession();
  const { name, progress } = importing;
  const [now, setNow] = useState(importing.startedAt);
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 250);
    return () => clearInterval(timer);
  }, []);

  const known = progress.totalBytes > 0;
  const facts = [
    words.importing.bytes(progress),
    words.importing.listens(progress),
    timeLeft(importing, now, words),
  ].filter((part) => part !== '');
  const spoken = useSlow(facts.join(', '));
  return (
    <section className="card importing" aria-labelledby="importing">
      <h2 id="importing" className="small-title">
        {words.importing.title(name)}
      </h2>
      <progress
        aria-labelledby="importing"
        {...(known && { value: progress.readBytes, max: progress.totalBytes })}
      />
      <ul className="facts numbers">
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      <div className="stop">
        <button
          type="button"
          className="button"
          aria-describedby="stop-hint"
          onClick={() => session.stopImport()}
        >
          {words.importing.stop}
        </button>
        <span id="stop-hint" className="muted">
          {words.importing.stopHint}
        </span>
      </div>
      <p className="unseen" aria-live="polite">
        {spoken}
      </p>
    </section>
  );
}
