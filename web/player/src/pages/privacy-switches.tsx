import type { ReactNode } from 'react';
import { Switch } from '../parts/switch.tsx';
import { useSettings } from '../state/settings.ts';
import { useWords } from '../words/use-words.ts';

/** The three switches, what is learnt from, and the private session. */
export function Switches({
  fetching,
  contributing,
  plays,
  privateText,
}: {
  /** The switch of what is fetched. Left out: one that cannot be switched, where nothing ever is. */
  readonly fetching?: ReactNode;
  /** The switch of contributions. Left out: one that cannot be switched, where there never are any. */
  readonly contributing?: ReactNode;

  /** What "plays" are, and how long a private session lasts. Left out: as in the page itself. */
  readonly plays?: string;
  readonly privateText?: string;
}): ReactNode {
  const words = useWords();
  const { learn, learnFrom, privateSession, set } = useSettings();
  const { privacy } = words.app;
  const from = (part: keyof typeof learnFrom) => ({
    on: learn && learnFrom[part],
    onChange: learn ? (on: boolean) => set({ learnFrom: { ...learnFrom, [part]: on } }) : undefined,
  });
  return (
    <>
      <section aria-labelledby="switches">
        <h2 id="switches">{privacy.switches}</h2>
        <ul className="switches">
          <Switch
            label={privacy.learn}
            text={privacy.learnText}
            on={learn}
            onChange={(on) => set({ learn: on })}
          />
          {fetching ?? <Switch label={privacy.fetch} text={privacy.fetching.never} on={false} />}
          {contributing ?? (
            <Switch label={privacy.share} text={privacy.contributing.never} on={false} />
          )}
        </ul>
      </section>
      <section aria-labelledby="learn-from">
        <h2 id="learn-from">{privacy.learnFrom}</h2>
        <p className="muted">{privacy.learnFromText}</p>
        <ul className="switches">
          <Switch label={plays ?? privacy.plays} {...from('plays')} />
          <Switch label={privacy.choices} text={privacy.choicesText} {...from('choices')} />
          <Switch label={privacy.imported} {...from('imported')} />
        </ul>
      </section>
      <section aria-labelledby="private">
        <h2 id="private" className="unseen">
          {privacy.private}
        </h2>
        <ul className="switches">
          <Switch
            label={privacy.private}
            text={privateText ?? privacy.privateText}
            on={privateSession}
            onChange={(on) => set({ privateSession: on })}
          />
        </ul>
      </section>
    </>
  );
}
