import type { ReactNode } from 'react';
import { eraseEverything } from '../state/erase-everything.ts';
import { useMusic } from '../state/use-music.ts';
import { useNewerVectors } from '../state/use-newer-vectors.ts';
import { useSession } from '../state/use-session.ts';
import { Erase } from './erase.tsx';

/** Of this page: the music library and fetched vectors included. */
export function EraseAll(): ReactNode {
  const [, session] = useSession();
  const [, music] = useMusic();
  const [, newer] = useNewerVectors();
  return <Erase onErase={() => void eraseEverything(session, music, newer)} />;
}
