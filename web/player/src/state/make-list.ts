/** The list that comes of a wish. */
import type { Engine } from 'ossicle';
import type { Library, PlaylistEntry } from '../library/types.ts';
import { entryOf } from './playlists.ts';
import type { End, Wish } from './wish.ts';

/** Of an artist one of the tracks, another one with another seed. */
async function trackOf(library: Library, end: End | null, seed: number): Promise<string | null> {
  if (end === null || end.kind === 'track') return end?.id ?? null;
  const ids = await library.trackIds({ artist: end.id });
  return ids[seed % Math.max(1, ids.length)] ?? null;
}

export async function trackList(
  engine: Engine,
  library: Library,
  { tracks, length, adventure, seed, curve }: Wish,
): Promise<readonly PlaylistEntry[]> {
  const [from, to] = [
    await trackOf(library, tracks.from, seed),
    await trackOf(library, tracks.to, seed),
  ];
  const list = await engine.library.playlist({
    ...{ length, adventure, seed },
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    ...(curve && { curve: { target: curve, values: await engine.library.energy() } }),
  });
  const found = await library.get(list.map(({ id }) => id));
  return found.filter((track) => track !== null).map(entryOf);
}

export async function artistList(
  engine: Engine,
  { artists, length, adventure, seed, curve }: Wish,
  onProgress: (progress: { done: number; total: number }) => void,
): Promise<readonly PlaylistEntry[]> {
  const { from, to } = artists;
  const list = await engine.playlist({
    ...{ length, adventure, seed },
    ...(from && { from: from.id }),
    ...(to && { to: to.id }),
    ...(curve && { curve: { target: curve, values: await engine.energy({ onProgress }) } }),
  });
  return list.map(({ artist: { name, tags } }) => ({
    ...{ trackId: null, title: '', artist: name, album: '', durationMs: null, location: null },
    tags: tags.slice(0, 3),
  }));
}
