import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage } from './observer-stage.ts';

function set(): { stage: Stage; audio: ReturnType<Stage['element']> } {
  const stage = new Stage();
  return { stage, audio: stage.element() };
}

test('songs one after the other, the last one left', () => {
  const { stage, audio } = set();
  for (const title of ['a', 'b']) {
    audio.begin(title, 60);
    stage.pass(61_000);
  }
  audio.begin('c', 60);
  stage.pass(10_000);
  stage.observer.leave();
  assert.deepEqual(stage.told, ['a 60 finished', 'b 60 finished', 'c 10 left']);
  const [first] = stage.plays;
  assert.equal(first?.durationMs, 60_000);
  assert.equal(first.startedAt, 1_800_000_000_000);
  assert.equal(stage.timers, 0);
});

test('told at a second, at pause and resume, and every ten seconds', () => {
  const { stage, audio } = set();
  audio.begin('a', 100);
  stage.pass(900);
  assert.equal(stage.reports.length, 0);
  stage.pass(24_100);
  audio.pause();
  stage.pass(5000);
  audio.play();
  stage.pass(1000);
  const shown = stage.reports.map(({ playedMs, playing }) => [
    Math.round(playedMs / 1000),
    playing,
  ]);
  assert.deepEqual(shown, [
    [1, true],
    [11, true],
    [21, true],
    [25, false],
    [25, true],
  ]);
});

test('an element that the page’s world tells of is measured by its events, however fast it plays', () => {
  for (const rate of [1, 8, 16]) {
    const { stage, audio } = set();
    audio.isTold = true;
    audio.rate = rate;
    audio.begin('a', 400);
    stage.pass((400_000 / rate) * 1.01);
    assert.deepEqual(stage.told, ['a 400 finished'], String(rate));
  }
});

test('less than a second is never told', () => {
  const { stage, audio } = set();
  audio.begin('a', 100);
  stage.pass(800);
  audio.begin('b', 100);
  stage.pass(2000);
  stage.observer.leave();
  assert.deepEqual(stage.told, ['b 2 left']);
});

test('pauses, stalls and seeks do not count', () => {
  const { stage, audio } = set();
  audio.begin('a', 200);
  stage.pass(10_000);
  audio.pause();
  stage.pass(60_000);
  audio.play();
  stage.pass(5000);
  audio.stall(true);
  stage.pass(20_000);
  audio.stall(false);
  stage.pass(5000);
  audio.seek(150);
  stage.pass(10_000);
  audio.seek(20);
  stage.pass(10_000);
  stage.observer.leave();
  assert.deepEqual(stage.told, ['a 40 left']);
});

test('a song that was nearly at its end is finished, another one is skipped', () => {
  const { stage, audio } = set();
  audio.begin('a', 60);
  stage.pass(56_000);
  audio.begin('b', 60);
  stage.pass(20_000);
  audio.begin('c', 60);
  stage.pass(2000);
  assert.deepEqual(stage.told, ['a 56 finished', 'b 20 skipped', 'c 1 open']);
});

test('a name that comes late belongs to the play from its start', () => {
  const { stage, audio } = set();
  audio.load(60);
  audio.play();
  stage.pass(8000);
  stage.song('a');
  stage.pass(53_000);
  // The next source still bears the old name.
  audio.load(60);
  audio.play();
  stage.pass(3000);
  stage.song('b');
  stage.pass(10_000);
  stage.observer.leave();
  assert.deepEqual(stage.told, ['a 60 finished', 'b 13 left']);
});

test('a name that comes early', () => {
  const { stage, audio } = set();
  audio.begin('a', 60);
  stage.pass(59_000);
  stage.song('b');
  stage.pass(2000);
  audio.load(60);
  audio.play();
  stage.pass(61_000);
  assert.deepEqual(stage.told, ['a 59 finished', 'b 61 finished']);
});

test('skips where the name changes first are skips', () => {
  const { stage, audio } = set();
  for (const title of ['a', 'b', 'c']) {
    stage.song(title);
    stage.pass(300);
    audio.load(180);
    audio.play();
    stage.pass(4000);
  }
  assert.deepEqual(stage.told, ['a 4 skipped', 'b 4 skipped', 'c 1 open']);
});

test('one source with many songs is split', () => {
  const { stage, audio } = set();
  audio.begin('a', Infinity);
  stage.pass(40_000);
  stage.song('b');
  stage.pass(50_000);
  stage.song('c');
  stage.pass(5000);
  stage.observer.leave();
  assert.deepEqual(stage.told, ['a 40 skipped', 'b 50 skipped', 'c 5 left']);
  assert.ok(stage.plays.every(({ durationMs }) => durationMs === null));
});

test('two elements that fade into each other', () => {
  const { stage, audio } = set();
  const other = stage.element();
  audio.begin('a', 60);
  stage.pass(55_000);
  stage.song('b');
  other.load(60);
  other.play();
  stage.pass(56_000);
  stage.song('c');
  audio.load(60);
  audio.play();
  stage.pass(30_000);
  stage.observer.leave();
  assert.deepEqual(stage.told, ['a 55 finished', 'b 56 finished', 'c 30 left']);
});

test('again from the beginning is another play', () => {
  const { stage, audio } = set();
  audio.loop = true;
  audio.begin('a', 60);
  stage.pass(130_000);
  stage.observer.leave();
  assert.deepEqual(stage.told, ['a 60 finished', 'a 60 finished', 'a 10 left']);

  const replay = set();
  replay.audio.begin('a', 60);
  replay.stage.pass(61_000);
  replay.audio.play();
  replay.stage.pass(61_000);
  assert.deepEqual(replay.stage.told, ['a 60 finished', 'a 60 finished']);
});

test('a short bed of silence in a loop is no song of its length', () => {
  const { stage, audio } = set();
  audio.loop = true;
  audio.begin('a', 8);
  stage.pass(90_000);
  stage.observer.leave();
  assert.deepEqual(stage.told, ['a 90 left']);
  assert.equal(stage.plays[0]?.durationMs, null);
});

test('advertisements are not told, and the song goes on after one', () => {
  const { stage, audio } = set();
  stage.page = 'ad';
  audio.load(15);
  audio.play();
  stage.pass(16_000);
  audio.begin('a', 120);
  stage.pass(60_000);
  stage.page = 'ad';
  audio.load(15);
  audio.play();
  stage.pass(16_000);
  stage.song('a');
  audio.load(120);
  audio.seek(60);
  audio.play();
  stage.pass(61_000);
  assert.deepEqual(stage.told, ['a 120 finished']);
});

test('an advertisement that bears the name of the song', () => {
  const { stage, audio } = set();
  audio.begin('a', 120);
  stage.pass(60_000);
  audio.load(20);
  audio.play();
  stage.pass(21_000);
  audio.load(120);
  audio.seek(60);
  audio.play();
  stage.pass(61_000);
  assert.deepEqual(stage.told, ['a 120 finished']);
});

test('an advertisement in the same source', () => {
  const { stage, audio } = set();
  audio.begin('a', 500);
  stage.pass(60_000);
  stage.page = 'ad';
  stage.pass(30_000);
  stage.song('a');
  stage.pass(60_000);
  stage.page = 'ad';
  stage.pass(30_000);
  stage.song('b');
  stage.pass(10_000);
  stage.observer.leave();
  assert.deepEqual(stage.told, ['a 120 skipped', 'b 10 left']);
});

test('what is muted is not heard, and short sounds without a name are nothing', () => {
  const { stage, audio } = set();
  const beep = stage.element();
  audio.begin('a', 120);
  stage.pass(10_000);
  audio.mute(true);
  stage.pass(20_000);
  assert.equal(stage.timers, 0);
  audio.mute(false);
  stage.pass(5000);
  audio.pause();
  beep.load(0.5);
  beep.play();
  stage.pass(1000);
  audio.play();
  stage.pass(5000);
  beep.play();
  stage.pass(5000);
  stage.observer.leave();
  assert.deepEqual(stage.told, ['a 25 left']);
});

test('a page that plays without an element is measured by the clock', () => {
  const { stage } = set();
  stage.song('a');
  stage.session = true;
  stage.observer.session();
  stage.pass(30_000);
  stage.session = false;
  stage.observer.session();
  stage.pass(30_000);
  assert.equal(stage.timers, 0);
  stage.session = true;
  stage.song('b');
  stage.observer.session();
  stage.pass(5000);
  stage.observer.leave();
  assert.deepEqual(stage.told, ['a 30 skipped', 'b 5 left']);
});

test('where there is an element, what the page says does not count', () => {
  const { stage, audio } = set();
  stage.session = true;
  audio.begin('a', 100);
  stage.pass(10_000);
  audio.stall(true);
  stage.observer.session();
  stage.pass(20_000);
  stage.observer.leave();
  assert.deepEqual(stage.told, ['a 10 left']);
});

test('positions that run faster than the clock gain nothing', () => {
  const { stage, audio } = set();
  audio.begin('a', 10_000);
  for (let i = 0; i < 100; i++) {
    stage.pass(100);
    audio.position += 60;
    audio.fire();
  }
  stage.observer.leave();
  assert.ok((stage.plays[0]?.playedMs ?? 0) <= 11_000);
});

test('lengths that are lies are not known', () => {
  for (const duration of [NaN, Infinity, -5, 0]) {
    const { stage, audio } = set();
    audio.begin('a', 100);
    audio.duration = duration;
    stage.observer.leave();
    const other = set();
    other.audio.begin('a', Infinity);
    other.audio.duration = duration === 0 ? Infinity : duration;
    other.stage.pass(5000);
    other.stage.observer.leave();
    assert.ok(other.stage.plays.every(({ durationMs }) => durationMs === null || durationMs > 0));
  }
});

test('1,000 changes of the name a second are looked at four times a second', () => {
  const { stage, audio } = set();
  audio.begin('a', 1000);
  for (let i = 0; i < 5000; i++) {
    stage.song(`song ${i}`);
    stage.observer.session();
    if (i % 50 === 0) stage.pass(50);
  }
  assert.ok(stage.looks <= 25, String(stage.looks));
  assert.ok(stage.plays.length <= 6);
});

test('a thousand elements are bounded', () => {
  const { stage } = set();
  stage.song('a');
  for (let i = 0; i < 1000; i++) {
    const element = stage.element();
    element.load(100);
    element.play();
  }
  stage.pass(1000);
  stage.observer.leave();
  assert.equal(stage.plays.length, 1);
});

test('an element that was silenced without an event', () => {
  const { stage, audio } = set();
  audio.begin('a', 100);
  stage.pass(10_000);
  audio.paused = true;
  stage.pass(10_000);
  assert.equal(stage.timers, 0);
  assert.equal(stage.reports.at(-1)?.playing, false);
});
