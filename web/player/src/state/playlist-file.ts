import { fromJspf } from 'ossicle/export/playlist';
import type { Library, PlaylistEntry } from '../library/types.ts';
import { problemOf } from '../problem.ts';

export interface OpenedFile {
  /** Tracks of it that are in the library, and all that could be read. */
  readonly found: number;
  readonly all: number;
  readonly unread: number;
  /** What is wrong with the file; null: nothing. */
  readonly problem: string | null;
}

/** Whether a file is meant for the playlists, and no history to import. */
export function isPlaylistFile({ name }: File): boolean {
  return /\.jspf$/i.test(name);
}

/** The list of a JSPF file. Tracks that are not in the library are in it as the file has them. */
export async function readPlaylistFile(
  file: File,
  library: Library,
): Promise<OpenedFile & { readonly title: string; readonly entries: readonly PlaylistEntry[] }> {
  try {
    const { playlist, problems } = fromJspf(await file.text());
    const entries = playlist.tracks.map((track): PlaylistEntry => {
      const { title = '', artist = '', album = '', durationMs = null, location = null } = track;
      // One that has only a place is called by it.
      const name = title === '' && artist === '' ? (location ?? track.identifier ?? '') : title;
      return { trackId: null, title: name, artist, album, durationMs, location, tags: [] };
    });
    const tracks = await library.find(entries);
    return {
      title: playlist.title ?? file.name.replace(/\.[^.]*$/, ''),
      entries: entries.map((entry, i) => ({ ...entry, trackId: tracks[i]?.id ?? null })),
      found: tracks.filter((track) => track !== null).length,
      all: entries.length,
      unread: problems.length,
      problem: null,
    };
  } catch (cause) {
    const nothing = { title: '', entries: [], found: 0, all: 0, unread: 0 };
    return { ...nothing, problem: problemOf(cause).message };
  }
}
