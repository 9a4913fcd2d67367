import { Switch, useSettings } from '@ossicle/player/shared';
import { useState, type ReactNode } from 'react';
import { turnOff, turnOn } from '../../sites.ts';
import { useSites, useTab } from '../state/browser.ts';
import { hostOf } from '../state/choose.ts';
import { useOwnWords } from '../words/use-own-words.ts';
import { PrivateSwitch } from './private-switch.tsx';

/** What is listened to: the site in the tab in view, and whether anything is kept at all. */
export function ListenAlong(): ReactNode {
  const words = useOwnWords();
  const sites = useSites();
  const privateSession = useSettings((settings) => settings.privateSession);
  const { site } = useTab();
  const [problem, setProblem] = useState<string | null>(null);
  const isOn = site !== null && sites.includes(site);
  const change = (which: string, on: boolean): void => {
    setProblem(null);
    // The browser asks only while the click is handled: nothing may be awaited before.
    const changed = on ? turnOn(which) : turnOff(which).then(() => true);
    changed.then(
      (done) => {
        if (!done) setProblem(words.site.refused(hostOf(which)));
      },
      () => setProblem(words.site.failed),
    );
  };
  const text = isOn ? (privateSession ? words.site.private : words.site.on) : words.site.off;
  return (
    <section aria-label={words.site.title}>
      {site === null && <p className="muted closed-site">{words.site.closed}</p>}
      <ul className="switches this-site">
        {site !== null && (
          <Switch
            label={words.site.listen(hostOf(site))}
            text={text}
            on={isOn}
            onChange={(on) => change(site, on)}
          />
        )}
        {sites.length > 0 && <PrivateSwitch />}
      </ul>
      <p className="told" role="status">
        {problem}
      </p>
    </section>
  );
}

/** Before any site is on: what this is, in three sentences. */
export function FirstRun(): ReactNode {
  const { first } = useOwnWords();
  return (
    <section className="first" aria-labelledby="first">
      <h2 id="first">{first.title}</h2>
      {first.text.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </section>
  );
}
