/** What the extension uses of the player: parts and state that need neither a library nor a sound, and no network. */
export { HistoryList } from './pages/history-list.tsx';
export { WhatLeft } from './pages/privacy-left.tsx';
export { Preferences } from './pages/privacy-preferences.tsx';
export { SaveAll } from './pages/privacy-save.tsx';
export { Switches } from './pages/privacy-switches.tsx';
export { HistoryRow, StoredRow } from './pages/stored-row.tsx';
export { Erase } from './parts/erase.tsx';
export { ChooseFile, FileDrop } from './parts/file-drop.tsx';
export { Icon, Mark } from './parts/icons.tsx';
export { ImportProgress } from './parts/import-progress.tsx';
export { Notices } from './parts/notices.tsx';
export { Failed } from './parts/opening.tsx';
export { Report } from './parts/report.tsx';
export { NothingLeft, Rows } from './parts/rows.tsx';
export { Switch } from './parts/switch.tsx';
export { Why } from './parts/why.tsx';
export { isAbort, problemOf } from './problem.ts';
export { useDocument } from './shell/use-document.ts';
export { Session, type OpenEngine } from './state/session.ts';
export {
  followOtherTabs,
  forgetSettings,
  learningOf,
  settingsBytes,
  useSettings,
} from './state/settings.ts';
export { useAnswer } from './state/use-answer.ts';
export { SessionContext, useSession } from './state/use-session.ts';
export type { Language } from './words/languages.ts';
export { useLanguage, useWords } from './words/use-words.ts';
