import {
  HistoryRow,
  settingsBytes,
  StoredRow,
  useAnswer,
  useSession,
  useSettings,
  useWords,
} from '@ossicle/player/shared';
import type { ReactNode } from 'react';
import { useOwnWords } from '../words/use-own-words.ts';

/** What the extension has stored, and how much of it. */
export function StoredHere(): ReactNode {
  const words = useWords();
  const own = useOwnWords();
  const [{ profile, revision }] = useSession();
  // Their bytes change with them.
  useSettings();
  const all = useAnswer(`${revision}`, async () => {
    const { usage } = await navigator.storage.estimate();
    return { usage: usage ?? null };
  });
  const { privacy } = words.app;
  // Until all of it is known, the page would move figure by figure under the hand.
  if (profile === null || all === null) return null;
  return (
    <section aria-labelledby="stored">
      <h2 id="stored">{privacy.stored}</h2>
      <table className="stored">
        <tbody>
          <HistoryRow profile={profile} />
          <StoredRow name={privacy.settings} text={own.privacy.settings} bytes={settingsBytes()} />
          <StoredRow name={privacy.all} bytes={all.usage} />
        </tbody>
      </table>
    </section>
  );
}
