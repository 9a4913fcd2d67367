import type { ReactNode } from 'react';
import { eraseEverything } from '../state/erase-everything.ts';
import { hasContributed } from '../state/contributed.ts';
import { useContributing } from '../state/use-contributing.ts';
import { useMusic } from '../state/use-music.ts';
import { useNewerVectors } from '../state/use-newer-vectors.ts';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { Erase } from './erase.tsx';

/** Of this page: the music library and fetched vectors included. */
export function EraseAll(): ReactNode {
  const [, session] = useSession();
  const [, music] = useMusic();
  const [, newer] = useNewerVectors();
  const [{ kept }, contributing] = useContributing();
  const words = useWords();
  const sure = hasContributed(kept)
    ? `${words.privacy.eraseSure} ${words.app.privacy.contributing.erasing}`
    : words.privacy.eraseSure;
  return (
    <Erase sure={sure} onErase={() => void eraseEverything(session, music, newer, contributing)} />
  );
}
