import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import type { Language } from '../words/languages.ts';

/** How the page looks and behaves. Kept in this browser; nothing of it is about what was listened to. */
export interface Settings {
  readonly language: Language | 'auto';
  readonly theme: 'auto' | 'light' | 'dark';
  /** While it is on, plays, loves and skips are not written down. */
  readonly privateSession: boolean;
  readonly volume: number;
  readonly set: (change: Partial<Omit<Settings, 'set'>>) => void;
}

export const useSettings = create<Settings>()(
  persist(
    (set) => ({
      language: 'auto',
      theme: 'auto',
      privateSession: false,
      volume: 0.8,
      set: (change) => set(change),
    }),
    {
      name: 'ossicle-settings',
      version: 1,
      // A private session ends with the tab.
      partialize: ({ language, theme, volume }) => ({ language, theme, volume }),
    },
  ),
);
