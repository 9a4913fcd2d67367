/** Which track of the library an entry of a playlist means: one of another program, or of another device, has other paths. */
import { fold } from './fold.ts';
import type { Track, Wanted } from './types.ts';

const nameOf = (title: string, artist: string): string =>
  `${fold(artist).trim()}\u0001${fold(title).trim()}`;

/** Without drive, scheme and backslashes. */
function segmentsOf(location: string): readonly string[] {
  const path = location.replace(/^[a-z][a-z0-9+.-]*:\/*/i, '').replaceAll('\\', '/');
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function decoded(location: string): string {
  try {
    return decodeURIComponent(location);
  } catch {
    return location;
  }
}

export class Meant {
  readonly #byPath = new Map<string, Track[]>();
  readonly #byName = new Map<string, Track>();
  readonly #byTitle = new Map<string, Track | null>();

  constructor(tracks: readonly Track[]) {
    for (const track of tracks) {
      const path = segmentsOf(track.path).join('/');
      const there = this.#byPath.get(path);
      if (there) there.push(track);
      else this.#byPath.set(path, [track]);
      const name = nameOf(track.title, track.artist);
      if (!this.#byName.has(name)) this.#byName.set(name, track);
      const title = fold(track.title).trim();
      // null: several have it, so it says nothing.
      this.#byTitle.set(title, this.#byTitle.has(title) ? null : track);
    }
  }

  track(wanted: Wanted): Track | null {
    const { title, artist, location } = wanted;
    if (title === '' && location === null) return null;
    const found = location === null ? null : this.#at(location, wanted);
    if (found || title === '') return found;
    if (artist !== '') return this.#byName.get(nameOf(title, artist)) ?? null;
    return this.#byTitle.get(fold(title).trim()) ?? null;
  }

  /** By the whole path, else by the longest end of it; by the name of the file alone only where the title agrees. */
  #at(location: string, { title }: Wanted): Track | null {
    const agrees = (track: Track): boolean => fold(track.title) === fold(title);
    for (const path of new Set([location, decoded(location)])) {
      const segments = segmentsOf(path);
      for (let from = 0; from < segments.length; ++from) {
        const there = this.#byPath.get(segments.slice(from).join('/')) ?? [];
        const best = there.find(agrees) ?? there[0];
        const weak = from > 0 && from === segments.length - 1;
        if (best && (!weak || title === '' || agrees(best))) return best;
      }
    }
    return null;
  }
}
