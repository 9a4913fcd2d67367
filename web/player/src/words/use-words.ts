import { useSettings } from '../state/settings.ts';
import { enApp } from './en-app.ts';
import { en } from './en.ts';
import { languageOf, type Language } from './languages.ts';
import { zhApp } from './zh-app.ts';
import { zh } from './zh.ts';

type EngineWords = typeof en;
/** The same words in every language: the shape is that of the English ones. */
export interface Words extends EngineWords {
  readonly app: typeof enApp;
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: { ...en, app: enApp },
  zh: { ...zh, app: zhApp },
};

export function useLanguage(): Language {
  return languageOf(useSettings((settings) => settings.language));
}

export function useWords(): Words {
  return WORDS[useLanguage()];
}
