/** `library.playlist`: what is asked of the core, and what becomes of the answers. */
import { amount, count, curveArguments, secondsOf } from './arguments.ts';
import { checksum } from './checksum.ts';
import { OssicleError } from './errors.ts';
import type { Journal } from './journal.ts';
import type { TrackKnobs, TrackScores } from './protocol.ts';
import { creditParts, layOut, standardised, type Candidate } from './track-playlist.ts';
import type * as api from './types.ts';

/** What a list needs of the library. */
export interface ListSide {
  readonly journal: Journal;
  /** Inside serial(): the core has the library. */
  open(): Promise<void>;
  /** Errors: unknown_item. */
  rowOf(id: string): number;
  trackAt(row: number): api.LibraryTrack | null;
  /** null: there is none. */
  vectorOf(track: api.LibraryTrack): Float32Array | null;
}

/** As the page's own weights of a list are in standard deviations: 20, the default for artists, is 8 of them. */
const CURVE_UNIT = 0.4;
const CURVE_WEIGHT = 20;

interface Asked {
  readonly rows: { readonly from: number | null; readonly to: number | null };
  readonly taste: TrackScores;
  readonly from: TrackScores | null;
  readonly to: TrackScores | null;
}

export async function trackPlaylist(
  side: ListSide,
  options: api.TrackPlaylistOptions,
): Promise<readonly api.LibraryTrack[]> {
  const wanted = count(options.length, 20, 1, 500, 'length');
  const adventure = amount(options.adventure, 0.3, 0, 1, 'adventure');
  const seed = count(options.seed, 0, 0, Number.MAX_SAFE_INTEGER, 'seed');
  const spacing = count(options.spacing, 3, 0, 20, 'spacing');
  const repeatDays = amount(options.repeatDays, 0, 0, 36500, 'repeatDays');
  const now = secondsOf(options.now, 'now');
  // Checked before anything is asked; drawn once the length is known.
  const checked = options.curve && curveArguments(options.curve, wanted);
  const { signal } = options;
  const knobs: TrackKnobs = {
    shelf: 'any',
    perArtist: 0,
    spacing: 0,
    repeatDays,
    familiarity: 1 - 2 * adventure,
    textShare: 0.3,
  };
  return side.journal.serial(async () => {
    await side.open();
    const rows = {
      from: options.from === undefined ? null : side.rowOf(options.from),
      to: options.to === undefined ? null : side.rowOf(options.to),
    };
    const ask = (like: number | null): Promise<TrackScores> =>
      side.journal.ask('libraryScores', { like, now, knobs }, signal);
    const taste = await ask(null);
    const near = (row: number | null): Promise<TrackScores> | null =>
      row === null ? null : ask(row);
    const asked = { rows, taste, from: await near(rows.from), to: await near(rows.to) };
    if (asked.from && asked.from.song === asked.to?.song) {
      throw new OssicleError('invalid_argument', 'from and to are the same song.', 'to');
    }
    const { candidates, from, to } = candidatesOf(side, asked, options.curve?.values);
    const songs = new Set(candidates.map(({ each }) => each.song)).size;
    const length = Math.min(wanted, songs);
    const drawn = options.curve && curveArguments(options.curve, length);
    const order = layOut(
      candidates.map(({ each }) => each),
      {
        ...{ length, from, to, adventure, seed, spacing },
        target: drawn?.target ?? null,
        weight: CURVE_UNIT * (checked?.weight ?? CURVE_WEIGHT),
      },
    );
    return order.flatMap((index) => candidates[index]?.track ?? []);
  }, signal);
}

interface Pool {
  readonly candidates: readonly {
    readonly track: api.LibraryTrack;
    readonly each: Candidate;
  }[];
  readonly from: number | null;
  readonly to: number | null;
}

/** Those that any of the lists has, and the ends. */
function candidatesOf(
  side: ListSide,
  { rows, taste, from, to }: Asked,
  values: ReadonlyMap<string, number> | undefined,
): Pool {
  const songs = new Map<number, number>();
  const add = (scores: TrackScores | null): void =>
    scores?.rows.forEach((row, i) => songs.set(row, scores.songs[i] ?? row));
  [taste, from, to].forEach(add);
  if (rows.from !== null) songs.set(rows.from, from?.song ?? rows.from);
  if (rows.to !== null) songs.set(rows.to, to?.song ?? rows.to);
  const placed = [...songs].flatMap(([row, song]) => {
    const track = side.trackAt(row);
    return track ? [{ row, song, track }] : [];
  });
  const order = placed.map(({ row }) => row);
  const [byTaste, byFrom, byTo] = [taste, from, to].map((scores) => spreadOver(order, scores));
  const credits = new Map<string, readonly string[]>();
  const partsOf = (credit: string): readonly string[] => {
    const parts = credits.get(credit) ?? creditParts(credit);
    credits.set(credit, parts);
    return parts;
  };
  const candidates = placed.map(({ song, track }, i) => ({
    track,
    each: {
      song,
      artists: partsOf(track.artist),
      key: checksum(track.id),
      taste: byTaste?.[i] ?? 0,
      first: byFrom?.[i] ?? 0,
      last: byTo?.[i] ?? 0,
      value: values?.get(track.id) ?? Number.NaN,
      vector: () => side.vectorOf(track),
    },
  }));
  const placeOf = (row: number | null): number | null => (row === null ? null : order.indexOf(row));
  return { candidates, from: placeOf(rows.from), to: placeOf(rows.to) };
}

/** The scores of these rows, standardised; what was not listed is as good as the last that was. */
function spreadOver(rows: readonly number[], scores: TrackScores | null): readonly number[] {
  if (scores === null) return [];
  const known = new Map<number, number>();
  scores.rows.forEach((row, i) => known.set(row, scores.scores[i] ?? 0));
  const least = scores.scores.at(-1) ?? 0;
  return standardised(rows.map((row) => known.get(row) ?? least));
}
