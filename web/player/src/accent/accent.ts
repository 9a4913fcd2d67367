/** One accent colour out of a cover, as legible as the page's own. */

export interface Accent {
  readonly accent: string;
  readonly soft: string;
  readonly onAccent: string;
}

export interface Hue {
  /** 0..360 */
  readonly hue: number;
  /** 0..1 */
  readonly saturation: number;
}

type Rgb = readonly [number, number, number];

/** The grounds of styles/base.css that accented text stands on. */
const GROUNDS: Readonly<Record<'light' | 'dark', readonly Rgb[]>> = {
  light: [
    [255, 255, 255],
    [247, 247, 245],
    [238, 238, 234],
  ],
  dark: [
    [22, 23, 21],
    [31, 32, 30],
    [42, 44, 41],
  ],
};
/** WCAG AA, and a little for rounding. */
const LEAST_CONTRAST = 4.6;
const BINS = 24;
/** With less colour in it a cover has no say. */
const LEAST_COLOUR = 0.04;

function rgbOf({ hue, saturation }: Hue, lightness: number): Rgb {
  const a = saturation * Math.min(lightness, 1 - lightness);
  const channel = (n: number): number => {
    const k = (n + hue / 30) % 12;
    return Math.round(255 * (lightness - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((v) => {
    const c = v / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

export function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

/** The hue that most of the coloured pixels have; null: the cover is as good as grey. `pixels`: red, green, blue, opacity of each. */
export function hueOf(pixels: Uint8ClampedArray): Hue | null {
  const weights = new Float64Array(BINS);
  const saturations = new Float64Array(BINS);
  const hues = new Float64Array(BINS);
  for (let i = 0; i < pixels.length; i += 4) {
    const [r = 0, g = 0, b = 0] = pixels.subarray(i, i + 3);
    const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
    const colour = (most - least) / 255;
    if (colour === 0) continue;
    const turn =
      most === r
        ? ((g - b) / (most - least) + 6) % 6
        : most === g
          ? (b - r) / (most - least) + 2
          : (r - g) / (most - least) + 4;
    const bin = Math.min(BINS - 1, Math.floor((turn / 6) * BINS));
    weights[bin] = (weights[bin] ?? 0) + colour;
    hues[bin] = (hues[bin] ?? 0) + colour * turn * 60;
    saturations[bin] = (saturations[bin] ?? 0) + (colour * (most - least)) / Math.max(most, 1);
  }
  const best = weights.indexOf(Math.max(...weights));
  const weight = weights[best] ?? 0;
  if (weight === 0 || weight / (pixels.length / 4) < LEAST_COLOUR) return null;
  return { hue: (hues[best] ?? 0) / weight, saturation: (saturations[best] ?? 0) / weight };
}

const hex = (rgb: Rgb): string => `#${rgb.map((v) => v.toString(16).padStart(2, '0')).join('')}`;

/** Lighter or darker until it can be read on every ground, and what stands on it can be read, too. */
export function accentOf({ hue, saturation }: Hue, theme: 'light' | 'dark'): Accent {
  // Neither grey nor glaring.
  const tone = { hue, saturation: Math.min(0.75, Math.max(0.3, saturation)) };
  const soft = rgbOf({ hue, saturation: 0.3 }, theme === 'light' ? 0.89 : 0.17);
  const onAccent: Rgb = theme === 'light' ? [255, 255, 255] : [14, 15, 14];
  const against = [...GROUNDS[theme], soft, onAccent];
  const step = theme === 'light' ? -0.01 : 0.01;
  let lightness = theme === 'light' ? 0.45 : 0.6;
  let accent = rgbOf(tone, lightness);
  while (
    lightness > 0 &&
    lightness < 1 &&
    against.some((ground) => contrast(accent, ground) < LEAST_CONTRAST)
  ) {
    lightness += step;
    accent = rgbOf(tone, lightness);
  }
  return { accent: hex(accent), soft: hex(soft), onAccent: hex(onAccent) };
}
