import type { Music } from './music.ts';
import type { NewerVectors } from './newer-vectors.ts';
import type { Session } from './session.ts';
import { forgetSettings } from './settings.ts';

/** All that is stored but the page's own files: history, library, covers, lyrics, vectors and settings. */
export async function eraseEverything(
  session: Session,
  music: Music,
  newer: NewerVectors,
): Promise<void> {
  music.silence();
  await Promise.all([session.erase(), music.erase(), newer.stop()]);
  forgetSettings();
  await newer.erase();
}
