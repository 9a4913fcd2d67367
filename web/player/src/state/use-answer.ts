import { useEffect, useState } from 'react';

/** The answer to `ask`, asked again when `key` changes; null while there is none. What was there stays until the new answer comes. */
export function useAnswer<T>(key: string, ask: (signal: AbortSignal) => Promise<T>): T | null {
  const [answer, setAnswer] = useState<T | null>(null);
  useEffect(() => {
    const left = new AbortController();
    ask(left.signal).then(
      (found) => {
        if (!left.signal.aborted) setAnswer(found);
      },
      // The session tells what failed; a shelf without an answer is not shown.
      () => undefined,
    );
    return () => left.abort();
    // `key` says when the question is another one.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  return answer;
}
