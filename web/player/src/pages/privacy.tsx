import { useEffect, useId, type ReactNode } from 'react';
import { Erase } from '../parts/erase.tsx';
import { Proof } from '../parts/proof.tsx';
import { useSettings, type Settings } from '../state/settings.ts';
import { useMusic } from '../state/use-music.ts';
import { useSession } from '../state/use-session.ts';
import { LANGUAGES, type Language } from '../words/languages.ts';
import { useWords } from '../words/use-words.ts';
import { HistoryList } from './history-list.tsx';
import { WhatLeft } from './privacy-left.tsx';
import { SaveAll, Stored, useStored } from './privacy-stored.tsx';
import { Switches } from './privacy-switches.tsx';

/** A few options, all of them in view. */
function Choice<Value extends string>({
  label,
  options,
  chosen,
  onChoose,
}: {
  readonly label: string;
  readonly options: readonly {
    readonly value: Value;
    readonly name: string;
    readonly lang?: string;
  }[];
  readonly chosen: Value;
  readonly onChoose: (value: Value) => void;
}): ReactNode {
  const id = useId();
  return (
    <div className="preference">
      <span id={id}>{label}</span>
      <div className="kinds" role="group" aria-labelledby={id}>
        {options.map(({ value, name, lang }) => (
          <button
            key={value}
            type="button"
            className="button"
            aria-pressed={value === chosen}
            lang={lang}
            onClick={() => onChoose(value)}
          >
            {name}
          </button>
        ))}
      </div>
    </div>
  );
}

const LANGUAGE_NAMES = Object.entries(LANGUAGES) as readonly (readonly [Language, string])[];
const THEMES: readonly Settings['theme'][] = ['auto', 'light', 'dark'];

function Preferences(): ReactNode {
  const words = useWords();
  const { language, theme, set } = useSettings();
  const { privacy } = words.app;
  return (
    <section aria-labelledby="settings">
      <h2 id="settings">{privacy.settings}</h2>
      <Choice
        label={privacy.language}
        options={[
          { value: 'auto', name: privacy.auto },
          ...LANGUAGE_NAMES.map(([value, name]) => ({ value, name, lang: value })),
        ]}
        chosen={language}
        onChoose={(value) => set({ language: value })}
      />
      <Choice
        label={privacy.theme}
        options={THEMES.map((value) => ({ value, name: privacy.themes[value] }))}
        chosen={theme}
        onChoose={(value) => set({ theme: value })}
      />
    </section>
  );
}

export function Privacy(): ReactNode {
  const words = useWords();
  const [{ profile, sample }] = useSession();
  const [{ sources }] = useMusic();
  const stored = useStored();
  const { privacy } = words.app;
  useEffect(() => {
    document.title = `${privacy.title} · ${words.appName}`;
  }, [privacy, words]);
  const asksServer = sources.some(({ kind }) => kind === 'server');
  return (
    <>
      <h1>{privacy.title}</h1>
      <p className="lead">{asksServer ? privacy.sentenceServer : privacy.sentence}</p>
      <Switches />
      <WhatLeft />
      <section aria-labelledby="requests">
        <h2 id="requests" className="unseen">
          {privacy.requests}
        </h2>
        <Proof />
      </section>
      {stored && (
        <>
          <Stored stored={stored} />
          <HistoryList />
          {!sample && profile !== null && <SaveAll />}
          {!sample && profile !== null && <Erase />}
          <Preferences />
        </>
      )}
    </>
  );
}
