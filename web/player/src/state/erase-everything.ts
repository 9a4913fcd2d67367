import type { Contributing } from './contributing.ts';
import type { Music } from './music.ts';
import type { NewerVectors } from './newer-vectors.ts';
import type { Session } from './session.ts';
import { forgetSettings } from './settings.ts';

/** All that is stored but the page's own files: history, library, covers, lyrics, vectors, settings and the record of contributions. */
export async function eraseEverything(
  session: Session,
  music: Music,
  newer: NewerVectors,
  contributing: Contributing,
): Promise<void> {
  music.silence();
  await Promise.all([session.erase(), music.erase(), newer.stop(), contributing.stop()]);
  forgetSettings();
  // Their database has the record of contributions, too.
  await newer.erase();
}
