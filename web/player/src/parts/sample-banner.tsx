import type { ReactNode } from 'react';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';

export function SampleBanner(): ReactNode {
  const words = useWords();
  const [, session] = useSession();
  return (
    <section className="banner" aria-label={words.sample.title}>
      <p>
        <strong>{words.sample.title}.</strong> {words.sample.text}
      </p>
      <button type="button" className="button" onClick={() => void session.leaveSample()}>
        {words.sample.leave}
      </button>
    </section>
  );
}
