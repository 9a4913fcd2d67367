import type { ReactNode } from 'react';
import { eraseEverything } from '../state/erase-everything.ts';
import { useMusic } from '../state/use-music.ts';
import { useSession } from '../state/use-session.ts';
import { Erase } from './erase.tsx';

/** Of this page: the music library included. */
export function EraseAll(): ReactNode {
  const [, session] = useSession();
  const [, music] = useMusic();
  return <Erase onErase={() => void eraseEverything(session, music)} />;
}
