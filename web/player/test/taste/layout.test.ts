import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layOut } from '../../src/taste/layout.ts';
import { skyOf, starAt, starsAlong } from '../../src/taste/sky.ts';
import type { Star } from '../../src/taste/stars.ts';

const D = 8;
const KINDS = 4;

/** 400 vectors around four directions, one kind after the other in turn. */
function vectors(n = 400): Float32Array<ArrayBuffer> {
  let state = 7;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
  const rows = new Float32Array(n * D);
  for (let i = 0; i < n; ++i) {
    for (let j = 0; j < D; ++j) rows[i * D + j] = 0.3 * random() + (j === i % KINDS ? 1 : 0);
  }
  return rows;
}

function star(i: number): Star {
  const tags = [`kind ${i % KINDS}`, 'music'];
  return { id: `${i}`, name: `Track ${i}`, detail: 'Artist', tags, plays: i, track: null };
}

const stars = Array.from({ length: 400 }, (_, i) => star(i));

test('what is alike stands together', () => {
  const { places } = layOut(vectors(), D);
  const between = (a: number, b: number): number =>
    Math.hypot(places[2 * a]! - places[2 * b]!, places[2 * a + 1]! - places[2 * b + 1]!);
  let nearestIsAlike = 0;
  for (let i = 0; i < 400; ++i) {
    const others = [...Array(400).keys()].filter((j) => j !== i);
    const nearest = others.reduce((best, j) => (between(i, j) < between(i, best) ? j : best));
    if (nearest % KINDS === i % KINDS) ++nearestIsAlike;
  }
  assert(nearestIsAlike > 380, `${nearestIsAlike} of 400`);
});

test('every place is inside the picture, and the same vectors give the same picture', () => {
  const layout = layOut(vectors(), D);
  assert(layout.places.every((x) => x >= -1 && x <= 1));
  assert.deepEqual(layOut(vectors(), D), layout);
});

test('one vector, or the same one many times, has a place', () => {
  for (const n of [1, 2, 30]) {
    const { places } = layOut(new Float32Array(n * D).fill(0.5), D);
    assert(places.every(Number.isFinite), `${n} vectors`);
  }
});

test('clusters are named by their own tags, not by those of all', () => {
  const { clusters } = skyOf(stars, layOut(vectors(), D));
  for (const { name, stars: members } of clusters) {
    assert.match(name, new RegExp(`^kind ${members[0]! % KINDS}`));
  }
});

test('a path has stars from its beginning to its end, none twice', () => {
  const sky = skyOf(stars, layOut(vectors(), D));
  const view = { sx: 100, sy: 100, dx: 100, dy: 100 };
  const path = starsAlong(
    sky,
    view,
    [
      [10, 10],
      [190, 190],
    ],
    20,
  );
  assert.equal(new Set(path).size, 20);
  assert.equal(path[0], starAt(sky, view, 10, 10, Infinity));
});
