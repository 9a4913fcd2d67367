import { useEffect, useId, useState, type ReactNode } from 'react';
import { Erase } from '../parts/erase.tsx';
import { Proof } from '../parts/proof.tsx';
import { problemOf } from '../problem.ts';
import { useSettings, type Settings } from '../state/settings.ts';
import { useMusic, usePlaylists } from '../state/use-music.ts';
import { useSession } from '../state/use-session.ts';
import { LANGUAGES, type Language } from '../words/languages.ts';
import { useWords } from '../words/use-words.ts';
import { HistoryList } from './history-list.tsx';
import { saveFile, today } from './save-file.ts';
import { useAnswer } from './shelf.tsx';

function Switch({
  label,
  text,
  on,
  onChange,
}: {
  readonly label: string;
  readonly text: string;
  readonly on: boolean;
  /** Left out: what this version does not have is said, and cannot be switched on. */
  readonly onChange?: (on: boolean) => void;
}): ReactNode {
  return (
    <li>
      <button
        type="button"
        role="switch"
        className="switch"
        aria-checked={on}
        disabled={onChange === undefined}
        onClick={() => onChange?.(!on)}
      >
        <span className="switch-track" aria-hidden="true" />
        <span>{label}</span>
      </button>
      <p className="muted">{text}</p>
    </li>
  );
}

function Switches(): ReactNode {
  const words = useWords();
  const { privateSession, set } = useSettings();
  const { privacy } = words.app;
  return (
    <ul className="switches">
      <Switch
        label={privacy.private}
        text={privacy.privateText}
        on={privateSession}
        onChange={(on) => set({ privateSession: on })}
      />
      <Switch label={privacy.snapshots} text={privacy.snapshotsText} on={false} />
      <Switch label={privacy.share} text={privacy.shareText} on={false} />
    </ul>
  );
}

function Stored(): ReactNode {
  const words = useWords();
  const [{ profile, revision }] = useSession();
  const [{ revision: changed }, { library }] = useMusic();
  const { privacy } = words.app;
  const ofLibrary = useAnswer(`library ${changed}`, () => library.storedBytes());
  const all = useAnswer(`all ${revision} ${changed}`, async () => {
    const { usage } = await navigator.storage.estimate();
    return usage ?? null;
  });
  if (profile === null) return null;
  const size = (n: number | null): string => (n === null ? '' : words.bytes(n));
  return (
    <section aria-labelledby="stored">
      <h2 id="stored">{privacy.stored}</h2>
      <table className="stored">
        <tbody>
          <tr>
            <th scope="row">{privacy.history}</th>
            <td>
              {words.aside.stored(profile)} {words.aside.span(profile)}
            </td>
            <td className="numbers">{size(profile.storedBytes)}</td>
          </tr>
          <tr>
            <th scope="row">{privacy.library}</th>
            <td />
            <td className="numbers">{size(ofLibrary)}</td>
          </tr>
          <tr>
            <th scope="row">{privacy.all}</th>
            <td />
            <td className="numbers">{size(all)}</td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}

/** The whole history in a file of the person's own. */
function SaveAll(): ReactNode {
  const words = useWords();
  const [, session] = useSession();
  const [, lists] = usePlaylists();
  const [problem, setProblem] = useState<string | null>(null);
  const { privacy } = words.app;
  const save = async (): Promise<void> => {
    try {
      const engine = session.own;
      if (!engine) return;
      saveFile(
        `ossicle-${today()}.json`,
        await new Response(engine.export({ settings: lists.exported() })).blob(),
      );
    } catch (cause) {
      setProblem(problemOf(cause).message);
    }
  };
  return (
    <div className="offer">
      <button type="button" className="button" onClick={() => void save()}>
        {privacy.save}
      </button>
      <p className="muted">{problem ?? privacy.saveText}</p>
    </div>
  );
}

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
  const { privacy } = words.app;
  useEffect(() => {
    document.title = `${privacy.title} · ${words.appName}`;
  }, [privacy, words]);
  const asksServer = sources.some(({ kind }) => kind === 'server');
  return (
    <>
      <h1>{privacy.title}</h1>
      <p className="lead">{asksServer ? privacy.sentenceServer : privacy.sentence}</p>
      <section aria-labelledby="switches">
        <h2 id="switches">{privacy.switches}</h2>
        <Switches />
      </section>
      <Stored />
      <HistoryList />
      {!sample && profile !== null && profile.events > 0 && <SaveAll />}
      <Proof />
      {!sample && profile !== null && <Erase />}
      <Preferences />
    </>
  );
}
