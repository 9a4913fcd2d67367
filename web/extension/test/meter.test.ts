import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toldOf } from '../src/content/element.ts';
import { Meter } from '../src/content/meter.ts';
import { Stretch, type SoundState } from '../src/content/stretch.ts';
import type { PlayReport } from '../src/wire/plays.ts';

function state(positionMs: number, over: Partial<SoundState> = {}): SoundState {
  const plain = { durationMs: 200_000, rate: 1, moves: true, ended: false, jumps: false };
  return { positionMs, ...plain, ...over };
}

test('a stretch is as long as the media went on', () => {
  const stretch = new Stretch();
  assert.equal(stretch.advance(state(5000), 0).ms, 0);
  assert.equal(stretch.advance(state(6000), 1000).ms, 1000);
  // It waited for the network without saying so.
  assert.equal(stretch.advance(state(6100), 2000).ms, 100);
  assert.equal(stretch.advance(state(6600, { moves: false }), 2500).ms, 500);
  assert.equal(stretch.advance(state(9000), 10_000).ms, 0);
});

test('before a seek the clock counts, for a second at most', () => {
  const stretch = new Stretch();
  stretch.advance(state(0), 0);
  const seek = { jumps: true, moves: false };
  assert.deepEqual(stretch.advance(state(90_000, seek), 200), { ms: 200, reachedMs: 200 });
  stretch.advance(state(90_000), 300);
  assert.equal(stretch.advance(state(90_250), 550).ms, 250);
  assert.equal(stretch.advance(state(10, seek), 60_000).ms, 1000);
  // It stood still.
  stretch.advance(state(10), 60_000);
  stretch.advance(state(10), 60_200);
  assert.equal(stretch.advance(state(5000, seek), 61_000).ms, 0);
});

test('twice as fast is heard twice', () => {
  const stretch = new Stretch();
  stretch.advance(state(0, { rate: 2 }), 0);
  assert.equal(stretch.advance(state(2000, { rate: 2 }), 1000).ms, 2000);
});

test('positions that run away are bounded by the clock and half a second', () => {
  const stretch = new Stretch();
  let heard = 0;
  stretch.advance(state(0), 0);
  for (let i = 1; i <= 1000; i++) heard += stretch.advance(state(i * 10_000), i * 10).ms;
  assert.ok(heard <= 10_500, String(heard));
});

test('numbers that are none', () => {
  const stretch = new Stretch();
  stretch.advance(state(0, { rate: -1 }), 0);
  assert.ok(stretch.advance(state(1000, { rate: 1e9 }), 1000).ms <= 250);
  assert.ok(stretch.advance(state(1e12), 2000).ms <= 17_000);
});

test('a clock that goes back', () => {
  const reports: PlayReport[] = [];
  const meter = new Meter(
    () => 'id',
    (report) => reports.push(report),
  );
  meter.name({ artist: 'a', title: 'b', album: '' }, { at: 0, date: 0 });
  for (let i = 0; i <= 100; i++) meter.sound(1, state(i * 100), { at: 10_000 - i * 100, date: 0 });
  meter.leave({ at: 0, date: 0 });
  assert.deepEqual(reports, []);
});

test('what the page’s world tells is checked', () => {
  const told = {
    ...{ element: 1, kind: 'playing', seconds: 2, duration: 3, rate: 1 },
    ...{ moves: true, ended: false, seeking: false },
  };
  assert.deepEqual(toldOf(JSON.stringify(told)), {
    element: 1,
    kind: 'playing',
    state: state(2000, { durationMs: 3000 }),
  });
  const lies = [null, {}, '', 'x', '[]', 'null', '{"kind":"playing"}', ' '.repeat(10_000)];
  for (const lie of lies) assert.equal(toldOf(lie), null);
  for (const element of [-1, 0.5, 1e9, '1', null]) {
    assert.equal(toldOf(JSON.stringify({ ...told, element })), null);
  }
  const odd = toldOf('{"element":1,"kind":"x","seconds":1e999,"duration":-1,"rate":"fast"}');
  assert.deepEqual(odd?.state, state(0, { durationMs: null, moves: false }));
});
