/**
 * Places vectors on a plane: what is alike stands together. Clusters by k-means over directions; their centres by the two main components
 * of all centres, pushed apart until no two overlap; within a cluster each point's direction by the two main components of that cluster.
 * The same vectors give the same picture.
 */

export interface Layout {
  /** x and y of each vector, one after the other, within -1..1. */
  readonly places: Float32Array<ArrayBuffer>;
  /** The cluster of each vector. */
  readonly clusterOf: Uint8Array<ArrayBuffer>;
  /** x, y and radius of each cluster, one after the other. */
  readonly clusters: Float32Array<ArrayBuffer>;
}

const MOST_CLUSTERS = 14;
/** A cluster has about as many points as there are clusters, times this, until there are the most. */
const POINTS_BY_CLUSTER = 2.5;
const ROUNDS = 12;
const POWER_ROUNDS = 24;
const GAP = 1.12;

/** Numbers from 0 to 1, the same every time: mulberry32. */
function seeded(): () => number {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Rows of `d` numbers. */
class Rows {
  readonly values: Float32Array;
  readonly d: number;

  constructor(values: Float32Array, d: number) {
    this.values = values;
    this.d = d;
  }

  get length(): number {
    return this.values.length / this.d;
  }

  row(i: number): Float32Array {
    return this.values.subarray(i * this.d, (i + 1) * this.d);
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; ++i) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function toUnit(row: Float32Array): void {
  const length = Math.sqrt(dot(row, row)) || 1;
  for (let i = 0; i < row.length; ++i) row[i] = (row[i] ?? 0) / length;
}

function centred(rows: Rows): Rows {
  const { d, length } = rows;
  const mean = new Float32Array(d);
  for (let i = 0; i < length; ++i) rows.row(i).forEach((x, j) => (mean[j] = (mean[j] ?? 0) + x));
  const out = new Rows(Float32Array.from(rows.values), d);
  for (let i = 0; i < length; ++i) {
    const row = out.row(i);
    for (let j = 0; j < d; ++j) row[j] = (row[j] ?? 0) - (mean[j] ?? 0) / length;
  }
  return out;
}

/** The two directions in which centred rows differ most, by power iteration; the second one is at right angles to the first. */
function mainDirections(rows: Rows, random: () => number): readonly [Float32Array, Float32Array] {
  const found: Float32Array[] = [];
  for (let which = 0; which < 2; ++which) {
    let direction = Float32Array.from({ length: rows.d }, () => random() - 0.5);
    for (let round = 0; round < POWER_ROUNDS; ++round) {
      const next = new Float32Array(rows.d);
      for (let i = 0; i < rows.length; ++i) {
        const row = rows.row(i);
        const along = dot(row, direction);
        for (let j = 0; j < rows.d; ++j) next[j] = (next[j] ?? 0) + along * (row[j] ?? 0);
      }
      for (const before of found) {
        const along = dot(next, before);
        for (let j = 0; j < rows.d; ++j) next[j] = (next[j] ?? 0) - along * (before[j] ?? 0);
      }
      toUnit(next);
      direction = next;
    }
    found.push(direction);
  }
  return [found[0] ?? new Float32Array(rows.d), found[1] ?? new Float32Array(rows.d)];
}

function nearest(row: Float32Array, centres: Rows): number {
  let [best, at] = [-Infinity, 0];
  for (let c = 0; c < centres.length; ++c) {
    const alike = dot(row, centres.row(c));
    if (alike > best) [best, at] = [alike, c];
  }
  return at;
}

/** The first centres lie apart: each one is drawn with a chance that grows with its distance from those before (k-means++). */
function firstCentres(rows: Rows, k: number, random: () => number): Rows {
  const centres = new Rows(new Float32Array(k * rows.d), rows.d);
  const far = new Float32Array(rows.length).fill(1);
  for (let c = 0; c < k; ++c) {
    let left = far.reduce((sum, x) => sum + x, 0) * random();
    let chosen = 0;
    for (; chosen < rows.length - 1; ++chosen) {
      left -= far[chosen] ?? 0;
      if (left <= 0) break;
    }
    centres.row(c).set(rows.row(chosen));
    for (let i = 0; i < rows.length; ++i) {
      const distance = Math.max(0, 1 - dot(rows.row(i), rows.row(chosen)));
      far[i] = Math.min(far[i] ?? 0, distance * distance);
    }
  }
  return centres;
}

function clustered(
  rows: Rows,
  k: number,
  random: () => number,
): { readonly centres: Rows; readonly clusterOf: Uint8Array<ArrayBuffer> } {
  const centres = firstCentres(rows, k, random);
  const clusterOf = new Uint8Array(rows.length);
  for (let round = 0; round < ROUNDS; ++round) {
    for (let i = 0; i < rows.length; ++i) clusterOf[i] = nearest(rows.row(i), centres);
    const sums = new Rows(new Float32Array(k * rows.d), rows.d);
    for (let i = 0; i < rows.length; ++i) {
      const sum = sums.row(clusterOf[i] ?? 0);
      const row = rows.row(i);
      for (let j = 0; j < rows.d; ++j) sum[j] = (sum[j] ?? 0) + (row[j] ?? 0);
    }
    for (let c = 0; c < k; ++c) {
      const sum = sums.row(c);
      // A cluster that lost all its points stays where it was.
      if (sum.every((x) => x === 0)) continue;
      toUnit(sum);
      centres.row(c).set(sum);
    }
  }
  return { centres, clusterOf };
}

/** Pushes discs [x, y, radius] apart until no two overlap, or nearly so. */
function pushApart(discs: Float32Array): void {
  const n = discs.length / 3;
  for (let round = 0; round < 300; ++round) {
    let moved = false;
    for (let a = 0; a < n; ++a) {
      for (let b = a + 1; b < n; ++b) {
        const dx = (discs[3 * b] ?? 0) - (discs[3 * a] ?? 0) || 1e-3;
        const dy = (discs[3 * b + 1] ?? 0) - (discs[3 * a + 1] ?? 0);
        const distance = Math.hypot(dx, dy);
        const lack = GAP * ((discs[3 * a + 2] ?? 0) + (discs[3 * b + 2] ?? 0)) - distance;
        if (lack <= 1e-4) continue;
        moved = true;
        const [sx, sy] = [(dx / distance) * (lack / 2), (dy / distance) * (lack / 2)];
        discs[3 * a] = (discs[3 * a] ?? 0) - sx;
        discs[3 * a + 1] = (discs[3 * a + 1] ?? 0) - sy;
        discs[3 * b] = (discs[3 * b] ?? 0) + sx;
        discs[3 * b + 1] = (discs[3 * b + 1] ?? 0) + sy;
      }
    }
    if (!moved) return;
  }
}

/** Moves and scales all discs into -1..1. */
function fit(discs: Float32Array): void {
  const box = [Infinity, -Infinity, Infinity, -Infinity] as [number, number, number, number];
  for (let i = 0; i < discs.length; i += 3) {
    const [x = 0, y = 0, r = 0] = discs.subarray(i, i + 3);
    box[0] = Math.min(box[0], x - r);
    box[1] = Math.max(box[1], x + r);
    box[2] = Math.min(box[2], y - r);
    box[3] = Math.max(box[3], y + r);
  }
  const scale = 2 / Math.max(box[1] - box[0], box[3] - box[2], 1e-9);
  for (let i = 0; i < discs.length; i += 3) {
    discs[i] = ((discs[i] ?? 0) - (box[0] + box[1]) / 2) * scale;
    discs[i + 1] = ((discs[i + 1] ?? 0) - (box[2] + box[3]) / 2) * scale;
    discs[i + 2] = (discs[i + 2] ?? 0) * scale;
  }
}

function centresOnPlane(
  centres: Rows,
  sizes: readonly number[],
  random: () => number,
): Float32Array<ArrayBuffer> {
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const [across, up] = mainDirections(centred(centres), random);
  const discs = new Float32Array(3 * sizes.length);
  sizes.forEach((size, c) => {
    const row = centred(centres).row(c);
    discs.set([dot(row, across), dot(row, up), 0.9 * Math.sqrt(size / n)], 3 * c);
  });
  pushApart(discs);
  fit(discs);
  return discs;
}

/** `vectors`: rows of `d` numbers, as the encoder gives them. */
export function layOut(vectors: Float32Array, d: number): Layout {
  const rows = centred(new Rows(vectors, d));
  const n = rows.length;
  for (let i = 0; i < n; ++i) toUnit(rows.row(i));
  const random = seeded();
  const k = Math.max(1, Math.min(MOST_CLUSTERS, Math.round(Math.sqrt(n / POINTS_BY_CLUSTER))));
  const { centres, clusterOf } = clustered(rows, k, random);

  const members: number[][] = Array.from({ length: k }, () => []);
  clusterOf.forEach((cluster, i) => members[cluster]?.push(i));
  const clusters = centresOnPlane(
    centres,
    members.map(({ length }) => length),
    random,
  );

  const places = new Float32Array(2 * n);
  members.forEach((indices, c) => {
    const [cx = 0, cy = 0, radius = 0] = clusters.subarray(3 * c, 3 * c + 3);
    const own = new Rows(new Float32Array(indices.length * d), d);
    indices.forEach((index, i) => own.row(i).set(rows.row(index)));
    const there = centred(own);
    const [across, up] = mainDirections(there, random);
    const polar = indices.map((index, i) => {
      const [x, y] = [dot(there.row(i), across), dot(there.row(i), up)];
      return { index, angle: Math.atan2(y, x), distance: Math.hypot(x, y) };
    });
    // By rank, so that the disc is filled evenly whatever the distances are.
    polar.sort((a, b) => a.distance - b.distance);
    polar.forEach(({ index, angle }, rank) => {
      const r = radius * 0.94 * Math.sqrt((rank + 0.35) / indices.length);
      places.set([cx + r * Math.cos(angle), cy + r * Math.sin(angle)], 2 * index);
    });
  });
  return { places, clusterOf, clusters };
}
