import { useLanguage, type Language } from '@ossicle/player/shared';
import { en } from './en.ts';
import { zh } from './zh.ts';

export type OwnWords = typeof en;

const WORDS: Readonly<Record<Language, OwnWords>> = { en, zh };

export function useOwnWords(): OwnWords {
  return WORDS[useLanguage()];
}
