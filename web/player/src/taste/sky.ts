/** What is drawn, and what lies where; knows nothing of the page. */
import { Dots } from './dots.ts';
import type { Layout } from './layout.ts';
import type { Star } from './stars.ts';

export interface Cluster {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Indices of its stars, the most played first. */
  readonly stars: readonly number[];
}

export interface Sky {
  readonly stars: readonly Star[];
  readonly places: Float32Array;
  readonly clusterOf: Uint8Array;
  /** The largest first. */
  readonly clusters: readonly Cluster[];
}

/** From places in -1..1 to pixels: x * sx + dx, y * sy + dy. */
export interface View {
  readonly sx: number;
  readonly sy: number;
  readonly dx: number;
  readonly dy: number;
}

const NAME_TAGS = 2;

/** The tags that are most of a cluster's own: frequent in it, and not everywhere. */
function tagsOf(members: readonly Star[], everywhere: ReadonlyMap<string, number>): string[] {
  const here = new Map<string, number>();
  for (const { tags } of members) {
    tags.slice(0, 5).forEach((tag, i) => {
      const weight = 1 / (1 + i);
      here.set(tag, (here.get(tag) ?? 0) + weight);
    });
  }
  const scored = [...here].map(([tag, weight]) => ({
    tag,
    score: (weight / members.length) * (weight / (everywhere.get(tag) ?? weight)) ** 0.5,
  }));
  return scored
    .toSorted((a, b) => b.score - a.score)
    .slice(0, NAME_TAGS)
    .map(({ tag }) => tag);
}

export function skyOf(stars: readonly Star[], layout: Layout): Sky {
  const everywhere = new Map<string, number>();
  for (const { tags } of stars) {
    tags.slice(0, 5).forEach((tag, i) => {
      everywhere.set(tag, (everywhere.get(tag) ?? 0) + 1 / (1 + i));
    });
  }
  const members: number[][] = Array.from({ length: layout.clusters.length / 3 }, () => []);
  layout.clusterOf.forEach((cluster, i) => members[cluster]?.push(i));
  const clusters = members.flatMap((indices, c): Cluster[] => {
    if (indices.length === 0) return [];
    const [x = 0, y = 0, radius = 0] = layout.clusters.subarray(3 * c, 3 * c + 3);
    const own = indices.flatMap((i) => stars[i] ?? []);
    const name = tagsOf(own, everywhere).join(', ') || (own[0]?.detail ?? '');
    const byPlays = indices.toSorted((a, b) => (stars[b]?.plays ?? 0) - (stars[a]?.plays ?? 0));
    return [{ name, x, y, radius, stars: byPlays }];
  });
  return {
    stars,
    places: layout.places,
    clusterOf: layout.clusterOf,
    clusters: clusters.toSorted((a, b) => b.stars.length - a.stars.length),
  };
}

/** The star nearest to a point of the picture, within `reach` pixels; -1: none. */
export function starAt(
  { places, stars }: Sky,
  { sx, sy, dx, dy }: View,
  x: number,
  y: number,
  reach: number,
  free: (index: number) => boolean = () => true,
): number {
  let [best, at] = [reach * reach, -1];
  for (let i = 0; i < stars.length; ++i) {
    const across = (places[2 * i] ?? 0) * sx + dx - x;
    const down = (places[2 * i + 1] ?? 0) * sy + dy - y;
    const distance = across * across + down * down;
    if (distance <= best && free(i)) [best, at] = [distance, i];
  }
  return at;
}

export type Point = readonly [x: number, y: number];

/** Stars along a line that was drawn over the picture, `length` of them at most, none twice. */
export function starsAlong(sky: Sky, view: View, line: readonly Point[], length: number): number[] {
  const pieces = line.slice(1).map(([x, y], i) => {
    const [px, py] = line[i] ?? [x, y];
    return Math.hypot(x - px, y - py);
  });
  const whole = pieces.reduce((sum, piece) => sum + piece, 0);
  const found = new Set<number>();
  for (let n = 0; n < length; ++n) {
    let left = (whole * n) / Math.max(length - 1, 1);
    let i = 0;
    while (i < pieces.length - 1 && left > (pieces[i] ?? 0)) left -= pieces[i++] ?? 0;
    const [ax, ay] = line[i] ?? [0, 0];
    const [bx, by] = line[i + 1] ?? [ax, ay];
    const part = pieces[i] ? Math.min(1, left / (pieces[i] ?? 1)) : 0;
    const [x, y] = [ax + (bx - ax) * part, ay + (by - ay) * part];
    const star = starAt(sky, view, x, y, Infinity, (index) => !found.has(index));
    if (star !== -1) found.add(star);
  }
  return [...found];
}

/** Light on a dark ground, in the page's light and dark colours alike: it is a sky. */
const GROUND = [13, 18, 17] as const;
const GROUND_COLOUR = '#0d1211';
const NAME = '#ffffff';
const STAR_NAME = '#a9b8b3';
const LINE = '#8fe3d5';
const COLOURS = [
  [242, 201, 138],
  [143, 208, 240],
  [182, 227, 154],
  [240, 166, 180],
  [198, 181, 245],
  [143, 227, 213],
  [240, 181, 140],
] as const;
/** Brightness is play count, in this many steps. */
const STEPS = 5;

function brightness(plays: number, most: number): number {
  return most === 0 ? 0 : Math.round((Math.log1p(plays) / Math.log1p(most)) * (STEPS - 1));
}

export interface Marks {
  /** -1: none. */
  readonly current: number;
  readonly chosen: number;
  readonly line: readonly Point[];
  readonly path: readonly number[];
}

export function draw(
  canvas: HTMLCanvasElement,
  sky: Sky,
  view: View,
  { current, chosen, line, path }: Marks,
): void {
  const pen = canvas.getContext('2d');
  if (!pen) return;
  const pixels = canvas.width / Math.max(canvas.clientWidth, 1);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const { stars, places, clusterOf } = sky;
  const most = stars.reduce((all, { plays }) => Math.max(all, plays), 0);
  const at = (i: number): Point => [
    (places[2 * i] ?? 0) * view.sx + view.dx,
    (places[2 * i + 1] ?? 0) * view.sy + view.dy,
  ];
  // The more there are, the smaller each one.
  const size = Math.min(3.2, Math.max(1, view.sy / (9 * Math.sqrt(stars.length))));
  const picture = new Dots(pen, GROUND);
  // Nothing is made anew in here: it runs for each star of each frame.
  for (let i = 0; i < stars.length; ++i) {
    const x = (places[2 * i] ?? 0) * view.sx + view.dx;
    const y = (places[2 * i + 1] ?? 0) * view.sy + view.dy;
    if (x < -9 || y < -9 || x > width + 9 || y > height + 9) continue;
    const step = brightness(stars[i]?.plays ?? 0, most);
    const alpha = 0.45 + (0.55 * step) / (STEPS - 1);
    const colour = COLOURS[(clusterOf[i] ?? 0) % COLOURS.length] ?? GROUND;
    picture.put(x * pixels, y * pixels, size * (1 + 0.35 * step) * pixels, colour, alpha);
  }
  picture.show();
  pen.setTransform(pixels, 0, 0, pixels, 0, 0);
  pen.globalAlpha = 1;

  pen.strokeStyle = LINE;
  pen.lineWidth = 2;
  pen.lineJoin = 'round';
  const way = line.length > 0 ? line : path.map(at);
  pen.beginPath();
  way.forEach(([x, y], i) => (i === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
  pen.stroke();
  for (const i of path) ring(pen, at(i), size + 3);

  if (chosen !== -1) ring(pen, at(chosen), size + 5);
  if (current !== -1) glow(pen, at(current), size);

  writeNames(pen, sky, view, [width, height]);
}

const NAME_PX = 13;
const STAR_PX = 12;
/** Names of single stars: those that are seen largest, as many as leave the picture readable. */
const MOST_NAMES = 40;

function writeNames(
  pen: CanvasRenderingContext2D,
  { stars, places, clusters }: Sky,
  { sx, sy, dx, dy }: View,
  [width, height]: Point,
): void {
  pen.textAlign = 'center';
  pen.lineWidth = 4;
  pen.lineJoin = 'round';
  pen.strokeStyle = GROUND_COLOUR;
  /** Middle, and half the width, of what is written already. */
  const taken: (readonly [number, number, number])[] = [];
  const write = (name: string, x: number, y: number, colour: string): void => {
    const half = pen.measureText(name).width / 2;
    if (x < half || x > width - half || y < NAME_PX || y > height - 4) return;
    if (taken.some(([tx, ty, th]) => Math.abs(tx - x) < th + half + 8 && Math.abs(ty - y) < 17))
      return;
    taken.push([x, y, half]);
    pen.strokeText(name, x, y);
    pen.fillStyle = colour;
    pen.fillText(name, x, y);
  };

  pen.font = `650 ${NAME_PX}px system-ui, sans-serif`;
  for (const { name, x, y, radius } of clusters) {
    // Over the cluster, and inside the picture.
    const half = pen.measureText(name).width / 2 + 8;
    const [left, top] = [x * sx + dx, (y - radius) * sy + dy - 4];
    if (left < -half || left > width + half || top < -20 || top > height + 20) continue;
    const [px, py] = [
      Math.min(Math.max(left, half), width - half),
      Math.min(Math.max(top, 20), height - 12),
    ];
    write(name, px, py, NAME);
  }

  pen.font = `${STAR_PX}px system-ui, sans-serif`;
  // Few enough to be told apart.
  const seen: number[] = [];
  for (let i = 0; i < stars.length; ++i) {
    const x = (places[2 * i] ?? 0) * sx + dx;
    const y = (places[2 * i + 1] ?? 0) * sy + dy;
    if (x > 0 && y > 0 && x < width && y < height) seen.push(i);
    if (seen.length > 4 * MOST_NAMES) return;
  }
  const plays = (i: number): number => stars[i]?.plays ?? 0;
  for (const i of seen.toSorted((a, b) => plays(b) - plays(a)).slice(0, MOST_NAMES)) {
    const [x, y] = [(places[2 * i] ?? 0) * sx + dx, (places[2 * i + 1] ?? 0) * sy + dy];
    write(stars[i]?.name ?? '', x, y + 18, STAR_NAME);
  }
}

function ring(pen: CanvasRenderingContext2D, [x, y]: Point, radius: number): void {
  pen.strokeStyle = LINE;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.stroke();
}

function glow(pen: CanvasRenderingContext2D, [x, y]: Point, size: number): void {
  const light = pen.createRadialGradient(x, y, 0, x, y, 22);
  light.addColorStop(0, '#ffffff');
  light.addColorStop(0.25, '#8fe3d5aa');
  light.addColorStop(1, '#8fe3d500');
  pen.fillStyle = light;
  pen.beginPath();
  pen.arc(x, y, 22, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = '#ffffff';
  pen.beginPath();
  pen.arc(x, y, size + 1, 0, 2 * Math.PI);
  pen.fill();
}
