import type { ReactNode } from 'react';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { ChooseFile } from './file-drop.tsx';
import { Icon } from './icons.tsx';

export function Welcome(): ReactNode {
  const words = useWords();
  const [, session] = useSession();
  const { welcome } = words;
  return (
    <div className="welcome">
      <h2>{welcome.title}</h2>
      <p className="lead">{welcome.lead}</p>
      <section className="drop-zone" aria-labelledby="drop">
        <Icon name="file" />
        <h3 id="drop">{welcome.drop}</h3>
        <p className="muted">{welcome.kinds}</p>
        <ChooseFile label={welcome.choose} />
      </section>
      <section className="sample-offer">
        <button
          type="button"
          className="button"
          aria-describedby="sample-hint"
          onClick={() => void session.trySample(words.sampleName)}
        >
          {welcome.sample}
        </button>
        <p id="sample-hint" className="muted">
          {welcome.sampleHint}
        </p>
      </section>
      <section aria-labelledby="how">
        <h3 id="how" className="small-title">
          {welcome.howTitle}
        </h3>
        <dl className="how">
          {welcome.how.map(({ name, text }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </section>
    </div>
  );
}
