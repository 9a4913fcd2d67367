import { useId, type ReactNode } from 'react';
import { useSettings, type Settings } from '../state/settings.ts';
import { LANGUAGES, type Language } from '../words/languages.ts';
import { useWords } from '../words/use-words.ts';

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

/** Language and colours. */
export function Preferences(): ReactNode {
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
