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
const made = new Map<string, Float32Array>();

/** The first numbers of a vector are a vector too, at unit length again. */
function shortened(vector: Float32Array): Float32Array {
  const short = vector.slice(0, DIMENSIONS);
  let square = 0;
  for (const x of short) square += x * x;
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  return short.map((x) => x * scale);
}

/** Rows of DIMENSIONS numbers, one for each star. Of tracks that the engine has taken in it has the vectors; the others are made. */
export async function vectorsOf(
  engine: Engine,
  stars: readonly Star[],
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<Float32Array<ArrayBuffer>> {
  const rows = new Float32Array(stars.length * DIMENSIONS);
  const lacking = new Map<string, number[]>();
  for (const [i, { name, detail, tags, track }] of stars.entries()) {
    if (i % BATCH === 0) await breathe(signal);
    const known = track ? engine.library.vectorOf(track.id) : null;
    const text = track ? `${name}. ${detail}. ${tags.join(', ')}` : `${name}. ${tags.join(', ')}`;
    const vector = known ? shortened(known) : made.get(text);
    if (vector) rows.set(vector, i * DIMENSIONS);
    else lacking.set(text, [...(lacking.get(text) ?? []), i]);
  }
  const texts = [...lacking.keys()];
  for (let at = 0; at < texts.length; at += BATCH) {
    const batch = texts.slice(at, at + BATCH);
    onProgress(stars.length - texts.length + at);
    const vectors = await engine.embed(batch, { dimensions: DIMENSIONS, signal });
    vectors.forEach((vector, i) => {
      const text = batch[i] ?? '';
      made.set(text, vector);
      for (const row of lacking.get(text) ?? []) rows.set(vector, row * DIMENSIONS);
    });
  }
  return rows;
}

/** Lets the page draw between two pieces of work. */
async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  signal.throwIfAborted();
}
