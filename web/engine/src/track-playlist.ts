/** How a list of the listener's own tracks is laid out: plain arithmetic over scores that the core gave. */

/** A track that may be in the list. */
export interface Candidate {
  /** Editions of one song have one number. */
  readonly song: number;
  /** The names in its credit, folded. */
  readonly artists: readonly string[];
  /** A number of the track's own, for chance. */
  readonly key: number;
  /** Standardised over all candidates: how well it fits the listener, and how alike it is to the first and to the last track. */
  readonly taste: number;
  readonly first: number;
  readonly last: number;
  /** 0..1 for the curve; NaN: nobody knows. */
  readonly value: number;
  /** Of unit length; null: none was made. Asked for only where it can decide something. */
  readonly vector: () => Float32Array | null;
}

export interface Layout {
  readonly length: number;
  /** Indices of the candidates that stand at the ends. */
  readonly from: number | null;
  readonly to: number | null;
  /** What the curve wants at each place. */
  readonly target: Float32Array | null;
  /** Price of a value that is off by 1. */
  readonly weight: number;
  readonly adventure: number;
  readonly seed: number;
  /** Other tracks between two of one artist. */
  readonly spacing: number;
}

/** Weights, in standard deviations of a score. */
const TASTE = 0.6;
const NEAR = 1.5;
/** Of a cosine of 1 with the track before. */
const FLOW = 1.5;
/** For each track of the same artist that is in the list already. */
const SAME_ARTIST = 0.7;
const TOO_NEAR = 6;
/** Chance, without and with all adventure. */
const CHANCE = [0.25, 1] as const;
/** What a value that nobody knows is taken to be off by, as `engine.playlist` does. */
const UNKNOWN_OFF = 0.25;
/** Places between two that may change with each other. */
const REACH = 60;
const ROUNDS = 3;

/** The same three numbers, the same answer in 0..1 (exclusive): a mix as of MurmurHash3. */
function chance(seed: number, key: number): number {
  let x = (seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x9e3779b1)) | 0;
  for (const part of [key | 0, Math.floor(key / 2 ** 32) | 0]) {
    x = Math.imul(x ^ part, 0x85ebca6b);
    x ^= x >>> 13;
    x = Math.imul(x, 0xc2b2ae35);
    x ^= x >>> 16;
  }
  return ((x >>> 0) + 0.5) / 2 ** 32;
}

function dot(a: Float32Array | null, b: Float32Array | null): number {
  if (a === null || b === null) return 0;
  let sum = 0;
  for (let i = 0; i < a.length; ++i) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

const NOBODY: readonly number[] = [];

/** The candidates as columns: a list of 500 looks at millions of numbers. */
class Columns {
  readonly size: number;
  readonly songs: Uint32Array;
  readonly artists: readonly (readonly number[])[];
  readonly artistCount: number;
  /** What is the same at each place. */
  readonly #always: Float64Array;
  readonly #first: Float64Array;
  readonly #last: Float64Array;
  readonly #values: Float64Array;
  readonly #vectors = new Map<number, Float32Array | null>();
  readonly #candidates: readonly Candidate[];
  readonly #layout: Layout;

  constructor(candidates: readonly Candidate[], layout: Layout) {
    const { seed, adventure } = layout;
    const spread = CHANCE[0] + (CHANCE[1] - CHANCE[0]) * adventure;
    const ids = new Map<string, number>();
    const idOf = (name: string): number => {
      const id = ids.get(name) ?? ids.size;
      ids.set(name, id);
      return id;
    };
    this.#candidates = candidates;
    this.#layout = layout;
    this.size = candidates.length;
    this.songs = Uint32Array.from(candidates, ({ song }) => song);
    this.artists = candidates.map(({ artists }) => artists.map(idOf));
    this.artistCount = ids.size;
    // Gumbel's, so that the best of many is drawn as by weights.
    this.#always = Float64Array.from(
      candidates,
      ({ taste, key }) => TASTE * taste - Math.log(-Math.log(chance(seed, key))) * spread,
    );
    this.#first = Float64Array.from(candidates, ({ first }) => first);
    this.#last = Float64Array.from(candidates, ({ last }) => last);
    this.#values = Float64Array.from(candidates, ({ value }) => value);
  }

  artistsAt(index: number): readonly number[] {
    return this.artists[index] ?? NOBODY;
  }

  /** How a candidate fits a place of a list of this length, by itself. */
  fitAt(place: number, length: number): (index: number) => number {
    const { from, to, target, weight } = this.#layout;
    const along = length > 1 ? place / (length - 1) : 0;
    const both = from !== null && to !== null;
    const first = from === null ? 0 : NEAR * (both ? 1 - along : 1);
    const last = to === null ? 0 : NEAR * (both ? along : 1);
    const wanted = target?.[place] ?? Number.NaN;
    return (index) => {
      const sum =
        (this.#always[index] ?? 0) +
        first * (this.#first[index] ?? 0) +
        last * (this.#last[index] ?? 0);
      if (Number.isNaN(wanted)) return sum;
      const value = this.#values[index] ?? Number.NaN;
      return sum - weight * (Number.isNaN(value) ? UNKNOWN_OFF : Math.abs(value - wanted));
    };
  }

  flow(a: number, b: number): number {
    return FLOW * dot(this.#vector(a), this.#vector(b));
  }

  #vector(index: number): Float32Array | null {
    let vector = this.#vectors.get(index);
    if (vector === undefined) {
      vector = this.#candidates[index]?.vector() ?? null;
      this.#vectors.set(index, vector);
    }
    return vector;
  }
}

/** Indices into `candidates`, in the order of the list; fewer than `length` where there are no more songs. */
export function layOut(candidates: readonly Candidate[], layout: Layout): readonly number[] {
  const columns = new Columns(candidates, layout);
  const length = Math.min(layout.length, new Set(columns.songs).size);
  const list = fill(columns, layout, length);
  return exchanged(columns, list, layout);
}

/** From the first place to the last, the best of what is left. */
function fill(columns: Columns, { from, to, spacing }: Layout, length: number): number[] {
  const list: number[] = [];
  const songs = new Set<number>();
  const counts = new Uint16Array(columns.artistCount);
  const last = length < 2 ? null : to;
  const put = (index: number): void => {
    list.push(index);
    songs.add(columns.songs[index] ?? 0);
    for (const artist of columns.artistsAt(index)) counts[artist] = (counts[artist] ?? 0) + 1;
  };
  if (last !== null) songs.add(columns.songs[last] ?? 0);
  if (from !== null && length > 0) put(from);
  while (list.length < length) {
    const place = list.length;
    if (last !== null && place === length - 1) {
      put(last);
      break;
    }
    const before = list.at(-1);
    const near = new Set<number>();
    for (const index of spacing === 0 ? [] : list.slice(-spacing)) {
      for (const artist of columns.artistsAt(index)) near.add(artist);
    }
    if (last !== null && length - 1 - place <= spacing) {
      for (const artist of columns.artistsAt(last)) near.add(artist);
    }
    const fits = columns.fitAt(place, length);
    let best = -1;
    let most = -Infinity;
    for (let index = 0; index < columns.size; ++index) {
      let sum = fits(index);
      if (sum + FLOW <= most || songs.has(columns.songs[index] ?? 0)) continue;
      for (const artist of columns.artistsAt(index)) {
        sum -= SAME_ARTIST * (counts[artist] ?? 0) + (near.has(artist) ? TOO_NEAR : 0);
      }
      // The dear part last, for the few that it can still decide on.
      if (sum + FLOW <= most) continue;
      if (before !== undefined) sum += columns.flow(index, before);
      if (sum > most) [best, most] = [index, sum];
    }
    if (best < 0) break;
    put(best);
  }
  return list;
}

/** Two tracks change places as long as the whole gains by it: what was filled from the front has its leftovers at the end. */
function exchanged(
  columns: Columns,
  list: readonly number[],
  { from, to, spacing }: Layout,
): readonly number[] {
  const n = list.length;
  const start = from === null ? 0 : 1;
  const end = to === null ? n : n - 1;
  // By where they were: pairs are looked up thousands of times.
  const flow = new Float32Array(n * n);
  const same = new Uint8Array(n * n);
  const worth = new Float64Array(n * n);
  for (let j = 0; j < n; ++j) {
    const fits = columns.fitAt(j, n);
    const b = list[j] ?? 0;
    const artists = columns.artistsAt(b);
    for (let i = 0; i < n; ++i) {
      const a = list[i] ?? 0;
      worth[i * n + j] = fits(a);
      if (i >= j) continue;
      flow[i * n + j] = flow[j * n + i] = columns.flow(a, b);
      const shared = columns.artistsAt(a).some((artist) => artists.includes(artist));
      same[i * n + j] = same[j * n + i] = shared ? 1 : 0;
    }
  }
  const order = Uint16Array.from(list, (_, i) => i);
  const at = (place: number): number => order[place] ?? 0;
  /** What depends on the track at a place: its fit, and how it goes with those before it. */
  const gainAt = (place: number): number => {
    const each = at(place);
    let sum = worth[each * n + place] ?? 0;
    if (place > 0) sum += flow[each * n + at(place - 1)] ?? 0;
    for (let back = 1; back <= spacing && back <= place; ++back) {
      if (same[each * n + at(place - back)] === 1) sum -= TOO_NEAR;
    }
    return sum;
  };
  const reach = Math.max(1, spacing);
  const gainOf = (i: number, j: number): number => {
    let sum = 0;
    for (let place = i; place <= Math.min(n - 1, i + reach); ++place) sum += gainAt(place);
    const rest = Math.max(j, i + reach + 1);
    for (let place = rest; place <= Math.min(n - 1, j + reach); ++place) sum += gainAt(place);
    return sum;
  };
  const swap = (i: number, j: number): void => {
    const was = at(i);
    order[i] = at(j);
    order[j] = was;
  };
  let changed = true;
  for (let round = 0; changed && round < ROUNDS; ++round) {
    changed = false;
    for (let i = start; i < end; ++i) {
      for (let j = i + 1; j < Math.min(end, i + REACH); ++j) {
        const before = gainOf(i, j);
        swap(i, j);
        if (gainOf(i, j) > before + 1e-9) changed = true;
        else swap(i, j);
      }
    }
  }
  return Array.from(order, (was) => list[was] ?? 0);
}

/** Names of a credit: "A feat. B & C" has three. Only for telling whether two tracks share one. */
export function creditParts(credit: string): readonly string[] {
  const folded = credit.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const parts = folded.split(/[,;&/]|[\s([]+(?:feat|ft|featuring|with)(?:\.|\s)/);
  const names = new Set(parts.map((part) => part.replace(/[()[\]]/g, '').trim()));
  names.delete('');
  return [...names];
}

/** With mean 0 and deviation 1, far-off ones cut, so that several kinds of scores can be added. */
export function standardised(scores: readonly number[]): readonly number[] {
  const mean = scores.reduce((sum, x) => sum + x, 0) / scores.length;
  const spread = Math.sqrt(scores.reduce((sum, x) => sum + (x - mean) ** 2, 0) / scores.length);
  return scores.map((x) => (spread > 0 ? Math.max(-3, Math.min(3, (x - mean) / spread)) : 0));
}
