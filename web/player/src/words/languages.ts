export const LANGUAGES = { en: 'English', zh: '中文' } as const;
export type Language = keyof typeof LANGUAGES;

/** 'auto': the first language of the browser that there are words in. */
export function languageOf(chosen: Language | 'auto'): Language {
  if (chosen !== 'auto') return chosen;
  return navigator.languages.find((tag) => /^(en|zh)\b/.test(tag))?.startsWith('zh') ? 'zh' : 'en';
}
