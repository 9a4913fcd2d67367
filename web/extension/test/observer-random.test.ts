import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage } from './observer-stage.ts';

/** mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** When a page names its songs. */
const NAMING = ['before', 'early', 'late', 'none between'] as const;

/** Does at random what listeners and networks do, and keeps the sum of what was heard itself. */
function run(seed: number): void {
  const random = randomOf(seed);
  const upTo = (most: number) => Math.floor(random() * most);
  const stage = new Stage();
  const elements = [stage.element(), stage.element()];
  const naming = NAMING[seed % NAMING.length];
  const isAlternating = (seed >> 2) % 2 === 1;
  const expected: { title: string; heardMs: number }[] = [];
  let audio = elements[0]!;

  const pass = (ms: number) => {
    for (let left = ms; left > 0; left -= 50) {
      const before = audio.position;
      const moved = audio.moves;
      stage.pass(50);
      if (moved) expected.at(-1)!.heardMs += (audio.position - before) * 1000;
    }
  };
  const next = () => {
    const title = `song ${expected.length}`;
    if (naming === 'before' || naming === 'early') stage.song(title);
    if (naming === 'early' && expected.length > 0) {
      stage.observer.session();
      pass(300);
    }
    expected.push({ title, heardMs: 0 });
    if (naming === 'none between') stage.song(null);
    if (isAlternating) {
      if (!audio.paused) audio.pause();
      audio = elements[expected.length % 2]!;
    }
    audio.stalled = false;
    audio.load(31 + upTo(120));
    audio.play();
    if (naming === 'late' || naming === 'none between') {
      pass(50 * (1 + upTo(20)));
      stage.song(title);
      stage.observer.session();
      // Long enough to be looked at.
      pass(300);
    }
  };

  next();
  for (let i = 0; i < 40; i++) {
    const what = upTo(10);
    if (what < 4) pass(50 * upTo(400));
    else if (what === 4) audio.pause();
    else if (what === 5 && !audio.ended) audio.play();
    else if (what === 6 && !audio.ended) audio.seek(5 + random() * (audio.duration - 20));
    else if (what === 7 && !audio.ended) audio.stall(true);
    else if (what === 8 && !audio.ended) audio.stall(false);
    else if (what === 9) next();
    if (audio.ended) next();
  }
  stage.observer.leave();

  const told = stage.plays;
  for (const { title, heardMs } of expected) {
    const plays = told.filter((play) => play.title === title);
    const [play] = plays;
    const about = `seed ${seed}, ${title}: heard ${heardMs}, told ${plays.map((p) => p.playedMs).join()}`;
    assert.ok(plays.length <= 1, about);
    if (play === undefined) {
      assert.ok(heardMs <= 2000, about);
      continue;
    }
    assert.ok(Math.abs(play.playedMs - heardMs) <= 1000, about);
    assert.notEqual(play.end, null, about);
  }
  assert.ok(told.every(({ title }) => expected.some((one) => one.title === title)));
  const ends = stage.reports.filter(({ end }) => end !== null);
  assert.equal(ends.length, told.length);
  for (const { id, playedMs } of ends) {
    const earlier = stage.reports.filter((report) => report.id === id);
    assert.equal(earlier.at(-1)?.playedMs, playedMs);
    assert.ok(earlier.every((report, i) => i === 0 || report.playedMs >= earlier[i - 1]!.playedMs));
  }
  assert.equal(stage.timers, 0);
}

test('500 random sessions: each play once, with its end, within a second of what was heard', () => {
  for (let seed = 1; seed <= 500; seed++) run(seed);
});
