import { Random } from './random.ts';
import type { Style } from './catalogue.ts';

/** Ground, and two colours on it. */
const COLOURS: Readonly<Record<Style, readonly [string, string, string]>> = {
  ambient: ['#12343b', '#2d8a8a', '#e1b382'],
  piano: ['#f1ece4', '#2b2b33', '#b5543b'],
  jazz: ['#1b2a49', '#e4a11b', '#d8d2c4'],
  'bossa nova': ['#f6d8ae', '#2e7d5b', '#d9593d'],
  folk: ['#efe6d0', '#5b6b3a', '#a4552f'],
  synthpop: ['#2a1248', '#ff4f9a', '#35d0e6'],
  techno: ['#101114', '#d7ff3e', '#5a5f68'],
  'trip-hop': ['#2c2226', '#b8735c', '#7d8f95'],
};

/** A square picture for an album: rings, stripes or hills, by its style. */
export function cover(style: Style, seed: number): string {
  const random = new Random(seed);
  const [ground, one, two] = COLOURS[style];
  const shapes: string[] = [];
  const n = (x: number): string => x.toFixed(1);
  switch (style) {
    case 'ambient':
    case 'trip-hop':
      for (let i = 9; i >= 1; --i) {
        const r = i * 34 + random.between(-6, 6);
        const fill = i % 2 === 0 ? one : ground;
        shapes.push(
          `<circle cx="${n(random.between(290, 350))}" cy="${n(random.between(300, 360))}" r="${n(r)}" fill="${fill}" opacity="${n(0.5 + i / 20)}"/>`,
        );
      }
      shapes.push(
        `<circle cx="${n(random.between(380, 500))}" cy="${n(random.between(120, 220))}" r="46" fill="${two}"/>`,
      );
      break;
    case 'piano':
    case 'techno':
      for (let x = 40; x < 600;) {
        const width = random.pick([14, 22, 30, 46]);
        const top = random.between(60, 360);
        const fill = random.chance(0.18) ? two : one;
        shapes.push(
          `<rect x="${n(x)}" y="${n(top)}" width="${n(width)}" height="${n(580 - top)}" fill="${fill}"/>`,
        );
        x += width + 12;
      }
      break;
    case 'jazz':
    case 'synthpop':
      for (let i = 0; i < 11; ++i) {
        const x = random.between(0, 560);
        const y = random.between(0, 560);
        const s = random.between(60, 190);
        const turn = random.pick([0, 15, 30, 45, -20]);
        const fill = random.chance(0.5) ? one : two;
        shapes.push(
          `<rect x="${n(x)}" y="${n(y)}" width="${n(s)}" height="${n(s * random.pick([0.12, 0.3, 1]))}" fill="${fill}" opacity="0.85" transform="rotate(${n(turn)} ${n(x)} ${n(y)})"/>`,
        );
      }
      break;
    case 'bossa nova':
    case 'folk': {
      shapes.push(
        `<circle cx="${n(random.between(180, 460))}" cy="210" r="${n(random.between(70, 110))}" fill="${two}"/>`,
      );
      for (let i = 0; i < 4; ++i) {
        const y = 300 + i * 80;
        const points = Array.from(
          { length: 9 },
          (_, k) => `${n(k * 80)} ${n(y + random.between(-38, 38))}`,
        );
        const fill = i % 2 === 0 ? one : two;
        shapes.push(
          `<path d="M0 640 L${points.join(' L')} L640 640 Z" fill="${fill}" opacity="${n(0.55 + 0.15 * i)}"/>`,
        );
      }
      break;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 640" width="640" height="640"><rect width="640" height="640" fill="${ground}"/>${shapes.join('')}</svg>\n`;
}
