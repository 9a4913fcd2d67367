import type { ReactNode } from 'react';
import { useSession } from '../use-session.ts';
import { words } from '../words.ts';
import { ChooseFile } from './file-drop.tsx';
import { Icon } from './icons.tsx';

export function Welcome(): ReactNode {
  const [, session] = useSession();
  const { welcome } = words;
  return (
    <div className="welcome">
      <h1>{welcome.title}</h1>
      <p className="lead">{welcome.lead}</p>
      <section className="drop-zone" aria-labelledby="drop">
        <Icon name="file" />
        <h2 id="drop">{welcome.drop}</h2>
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
        <h2 id="how" className="small-title">
          {welcome.howTitle}
        </h2>
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
