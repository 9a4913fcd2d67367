/** What the map shows: the listener's own tracks, or, without any, the artists of the history. */
import type { Engine, Reason } from 'ossicle';
import type { Library, Track } from '../library/types.ts';

/** Above this the map would take minutes to prepare and its points would touch each other. */
const MOST = 20_000;
const BATCH = 256;
export const DIMENSIONS = 64;

export interface Star {
  readonly id: string;
  readonly name: string;
  readonly detail: string;
  readonly tags: readonly string[];
  readonly plays: number;
  /** null: an artist of the history, with nothing to play. */
  readonly track: Track | null;
}

/** Every artist of the history that the catalogue knows: what a score is made of names them all. */
export async function heardArtists(
  engine: Engine,
  signal: AbortSignal,
): Promise<readonly Reason[]> {
  const { items, basis } = await engine.recommend({ limit: 1, reasons: 0, signal });
  const any = items[0];
  if (basis !== 'history' || !any) return [];
  const { because } = await engine.explain(any.artist.id, { signal });
  return because;
}

export function artistStars(heard: readonly Reason[]): readonly Star[] {
  return heard.slice(0, MOST).map(({ artist: { id, name, tags }, plays }) => ({
    ...{ id, name, detail: tags.slice(0, 3).join(' · '), tags, plays, track: null },
  }));
}

export async function trackStars(
  engine: Engine,
  library: Library,
  signal: AbortSignal,
): Promise<readonly Star[]> {
  // Ordered by plays; what is not among the thousand most played counts as hardly played.
  const played = await engine.library.recommend({
    ...{
      limit: 1000,
      reasons: 0,
      familiarity: 10,
      repeatDays: 0,
      perArtist: 0,
      spacing: 0,
      signal,
    },
  });
  const plays = new Map(played.map((found) => [found.track.id, found.plays]));
  const stars: Star[] = [];
  for await (const tracks of library.each(1000)) {
    signal.throwIfAborted();
    for (const track of tracks) {
      const { id, title, artist, genres } = track;
      const star = { id, name: title, detail: artist, tags: genres, plays: plays.get(id) ?? 0 };
      stars.push({ ...star, track });
    }
    if (stars.length >= MOST) break;
  }
  return stars.slice(0, MOST);
}

/** Kept for the visit: what is made once is not made again, also after the page was left in between. */
const vectors = new Map<string, Float32Array>();

/** Rows of DIMENSIONS numbers, one for each star. */
export async function vectorsOf(
  engine: Engine,
  stars: readonly Star[],
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<Float32Array<ArrayBuffer>> {
  const texts = stars.map(({ name, detail, tags, track }) =>
    track ? `${name}. ${detail}. ${tags.join(', ')}` : `${name}. ${tags.join(', ')}`,
  );
  const lacking = [...new Set(texts)].filter((text) => !vectors.has(text));
  for (let at = 0; at < lacking.length; at += BATCH) {
    const batch = lacking.slice(at, at + BATCH);
    onProgress(texts.length - lacking.length + at);
    const made = await engine.embed(batch, { dimensions: DIMENSIONS, signal });
    made.forEach((vector, i) => vectors.set(batch[i] ?? '', vector));
  }
  const rows = new Float32Array(stars.length * DIMENSIONS);
  texts.forEach((text, i) => rows.set(vectors.get(text) ?? [], i * DIMENSIONS));
  return rows;
}
