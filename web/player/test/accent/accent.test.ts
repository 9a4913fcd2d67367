import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accentOf, contrast, hueOf } from '../../src/accent/accent.ts';

type Rgb = readonly [number, number, number];

function rgb(hex: string): Rgb {
  const [, r = '', g = '', b = ''] = /^#(..)(..)(..)$/.exec(hex) ?? [];
  return [parseInt(r, 16), parseInt(g, 16), parseInt(b, 16)];
}

const pixels = (...colours: readonly Rgb[]): Uint8ClampedArray =>
  Uint8ClampedArray.from(colours.flatMap((colour) => [...colour, 255]));

test('every hue gives an accent that can be read on all grounds, and be written on', () => {
  const grounds = {
    light: ['#ffffff', '#f7f7f5', '#eeeeea'],
    dark: ['#161715', '#1f201e', '#2a2c29'],
  };
  for (const theme of ['light', 'dark'] as const) {
    for (let hue = 0; hue < 360; hue += 5) {
      for (const saturation of [0.05, 0.4, 1]) {
        const { accent, soft, onAccent } = accentOf({ hue, saturation }, theme);
        for (const ground of [...grounds[theme], soft, onAccent]) {
          const found = contrast(rgb(accent), rgb(ground));
          assert(found >= 4.5, `${theme}, hue ${hue}: ${accent} on ${ground} is ${found}`);
        }
      }
    }
  }
});

test('the hue is that of most of the coloured pixels', () => {
  const red: Rgb = [200, 40, 30];
  const blue: Rgb = [30, 60, 200];
  const found = hueOf(pixels(red, red, red, blue, [20, 20, 20], [250, 250, 250]));
  assert(found && Math.abs(found.hue - 4) < 3, JSON.stringify(found));
});

test('a grey cover has no say', () => {
  assert.equal(hueOf(pixels([0, 0, 0], [128, 128, 128], [255, 255, 255], [90, 91, 90])), null);
  assert.equal(hueOf(pixels()), null);
});
