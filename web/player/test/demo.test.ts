import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PIECES } from '../demo/catalogue.ts';
import { render, synthesise } from '../demo/render.ts';
import { readTags } from '../src/sources/folder/read-tags.ts';

test('the demo album is forty pieces of 15 to 40 seconds in eight styles, some with words in two languages', () => {
  assert.equal(PIECES.length, 40);
  assert.equal(new Set(PIECES.map(({ style }) => style)).size, 8);
  assert.equal(new Set(PIECES.map(({ file }) => file)).size, 40);
  for (const style of new Set(PIECES.map((piece) => piece.style))) {
    const artists = PIECES.filter((piece) => piece.style === style).map(({ artist }) => artist);
    assert(new Set(artists).size >= 2, style);
  }
  const words = PIECES.flatMap((piece) => piece.words ?? []).join('');
  assert.match(words, /[a-z]/);
  assert.match(words, /\p{Script=Han}/u);
  for (const { title, tempo, bars, tags } of PIECES) {
    const seconds = (bars * 4 * 60) / tempo;
    assert(seconds > 12 && seconds < 38, `${title}: ${seconds} s`);
    assert(tags.length >= 3, title);
  }
});

test('a piece is music: it sounds, does not clip, is the same again, and carries its tags', async () => {
  const piece = PIECES.find(({ words }) => words !== null);
  assert(piece);
  const { left, right } = synthesise(piece);
  const again = synthesise(piece);
  assert.deepEqual(left, again.left);
  let peak = 0;
  let sum = 0;
  for (let i = 0; i < left.length; ++i) {
    peak = Math.max(peak, Math.abs(left[i] ?? 0), Math.abs(right[i] ?? 0));
    sum += (left[i] ?? 0) ** 2;
  }
  assert(peak > 0.3 && peak < 0.95, `peak ${peak}`);
  assert(Math.sqrt(sum / left.length) > 0.05);

  const { bytes, durationMs, lyrics } = await render(piece);
  const file = new File([bytes], piece.file);
  const read = await readTags(file, piece.file, new AbortController().signal);
  assert.equal(read.problem, null);
  assert.equal(read.facts?.title, piece.title);
  assert.equal(read.facts.artist, piece.artist);
  assert.equal(read.facts.durationMs, durationMs, 'the length is exact');
  assert.equal(read.lyrics?.lines?.length, piece.words?.length);
  assert.equal(lyrics?.split('\n').length, piece.words?.length);
});
