import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './shell/app.tsx';
import type { Contributing } from './state/contributing.ts';
import type { Music } from './state/music.ts';
import type { NewerVectors } from './state/newer-vectors.ts';
import type { Session } from './state/session.ts';

/** The interface, into index.html's #root. */
export function draw(
  session: Session,
  music: Music,
  newer: NewerVectors,
  contributing: Contributing,
): void {
  const root = document.getElementById('root');
  if (root === null) throw new Error('index.html has no #root');
  createRoot(root).render(
    <StrictMode>
      <App session={session} music={music} newer={newer} contributing={contributing} />
    </StrictMode>,
  );
}
