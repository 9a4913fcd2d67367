import { useEffect } from 'react';
import { useSettings } from '../state/settings.ts';
import { useLanguage } from '../words/use-words.ts';

/** Language and colours are those of the whole document. */
export function useDocument(): void {
  const language = useLanguage();
  const theme = useSettings((settings) => settings.theme);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
}
