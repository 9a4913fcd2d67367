import type { Learning } from 'ossicle';
import * as v from 'valibot';
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { LANGUAGES, type Language } from '../words/languages.ts';

const NAME = 'ossicle-settings';

/** How the page looks and behaves. Kept in this browser; nothing of it is about what was listened to. */
export interface Settings {
  readonly language: Language | 'auto';
  readonly theme: 'auto' | 'light' | 'dark';
  /** While it is on, plays, loves and skips are not written down. */
  readonly privateSession: boolean;
  readonly volume: number;
  /** Off: nothing is learnt from anything, whatever `learnFrom` says. */
  readonly learn: boolean;
  readonly learnFrom: Learning;
  /** Whether newer item vectors are asked for. */
  readonly fetchVectors: boolean;
  /** When that is done next: milliseconds since 1970. */
  readonly nextLookAt: number;
  /** Whether item vectors that were fetched are kept here: the engine then opens with them. */
  readonly hasFetched: boolean;
  /** Whether a record of contributions may be kept here: the engine then opens with it. Whether there are any, and when, the record says. */
  readonly hasContributions: boolean;
  readonly set: (change: Partial<Omit<Settings, 'set'>>) => void;
}

/** What goes into a backup. A private session ends with the tab, and no file makes a browser ask for anything. */
export type SavedSettings = Pick<Settings, 'language' | 'theme' | 'volume' | 'learn' | 'learnFrom'>;

/** What is kept in this browser. */
type KeptSettings = Omit<Settings, 'set' | 'privateSession'>;

function kept({ privateSession, set, ...rest }: Settings): KeptSettings {
  return rest;
}

export const useSettings = create<Settings>()(
  persist(
    (set) => ({
      language: 'auto',
      theme: 'auto',
      privateSession: false,
      volume: 0.8,
      learn: true,
      learnFrom: { plays: true, choices: true, imported: true },
      fetchVectors: false,
      nextLookAt: 0,
      hasFetched: false,
      hasContributions: false,
      set: (change) => set(change),
    }),
    { name: NAME, version: 1, partialize: kept },
  ),
);

/** What the engine may learn from. */
export function learningOf({ learn, learnFrom }: Settings): Learning {
  return learn ? learnFrom : { plays: false, choices: false, imported: false };
}

export function savedSettings(): SavedSettings {
  const { language, theme, volume, learn, learnFrom } = useSettings.getState();
  return { language, theme, volume, learn, learnFrom };
}

const backup = v.partial(
  v.object({
    language: v.picklist(['auto', ...(Object.keys(LANGUAGES) as Language[])]),
    theme: v.picklist(['auto', 'light', 'dark']),
    volume: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
    learn: v.boolean(),
    learnFrom: v.object({ plays: v.boolean(), choices: v.boolean(), imported: v.boolean() }),
  }),
);

/** Takes settings of a backup; false when they are none. */
export function restoreSettings(found: unknown): boolean {
  const parsed = v.safeParse(backup, found);
  if (!parsed.success) return false;
  // What the backup lacks stays.
  const given = Object.entries(parsed.output).filter(([, value]) => value !== undefined);
  useSettings.setState(Object.fromEntries(given));
  return true;
}

/** As at the first visit. Nothing of them is kept then. */
export function forgetSettings(): void {
  useSettings.setState(kept(useSettings.getInitialState()));
  useSettings.persist.clearStorage();
}

/** Bytes that are kept. */
export function settingsBytes(): number {
  return new Blob([localStorage.getItem(NAME) ?? '']).size;
}

/** Follows what other tabs of the page choose. */
export function followOtherTabs(): void {
  addEventListener('storage', ({ key, newValue }) => {
    if (key !== NAME && key !== null) return;
    if (newValue !== null) {
      void useSettings.persist.rehydrate();
      return;
    }
    // Erased there; here, too, unless that is how it is already.
    const first = JSON.stringify(kept(useSettings.getInitialState()));
    if (JSON.stringify(kept(useSettings.getState())) !== first) forgetSettings();
  });
}
