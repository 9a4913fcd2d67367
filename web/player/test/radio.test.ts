import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaseOf } from '../src/library/leases.ts';
import type { Track } from '../src/library/types.ts';
import { TwoDeckPlayer } from '../src/playback/open-player.ts';
import { openRadio } from '../src/playback/radio.ts';
import { FakeAudio } from './support/fake-audio.ts';
import { track } from './support/tracks.ts';

function player(): TwoDeckPlayer {
  const any = { get: () => ({ seconds: 100 }) } as unknown as FakeAudio['files'];
  return new TwoDeckPlayer(
    { media: (id) => Promise.resolve(leaseOf(id, () => undefined)) },
    {
      audio: () => new FakeAudio(any),
      mediaSession: null,
      now: () => new Date(),
      random: () => 0,
      onHide: () => () => undefined,
    },
  );
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function play(p: TwoDeckPlayer, tracks: number): Promise<readonly string[]> {
  const heard: string[] = [];
  for (let i = 0; i < tracks; ++i) {
    await settle();
    const { current } = p.state();
    if (!current) break;
    heard.push(current.track.id);
    await p.next();
  }
  return heard;
}

const all: readonly Track[] = Array.from({ length: 100 }, (_, i) => track(`t${i}`));

test('radio goes on for ever, and nothing comes back within its window', async () => {
  using p = player();
  await p.playTracks([track('t0')]);
  using radio = openRadio(p, {
    window: 60,
    more: (recent) => Promise.resolve(all.filter(({ id }) => !recent.includes(id)).slice(0, 10)),
  });
  const heard = await play(p, 500);
  assert.equal(heard.length, 500);
  const nearest = heard.map((id, i) => i - heard.lastIndexOf(id, i - 1)).slice(101);
  assert(Math.min(...nearest) > 60, `one came back after ${Math.min(...nearest)}`);
  assert.equal(radio.dry, false);
});

test('a filler that gives what was played lately is not believed', async () => {
  using p = player();
  await p.playTracks([track('t0')]);
  using radio = openRadio(p, { more: () => Promise.resolve(all.slice(0, 8)) });
  await settle();
  const ids = p.state().queue.map((item) => item.track.id);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(radio.dry, false);
});

test('a library smaller than the window plays on, oldest first', async () => {
  using p = player();
  await p.playTracks([track('t0')]);
  const few = all.slice(0, 12);
  using radio = openRadio(p, {
    more: (recent) => Promise.resolve(few.filter(({ id }) => !recent.includes(id))),
  });
  const heard = await play(p, 100);
  assert.equal(heard.length, 100);
  assert(heard.every((id, i) => id !== heard[i - 1]));
  assert.equal(radio.dry, false);
});

test('a filler with nothing at all runs dry and asks no more', async () => {
  using p = player();
  await p.playTracks([track('t0')]);
  let asked = 0;
  using radio = openRadio(p, {
    more() {
      ++asked;
      return Promise.resolve([]);
    },
  });
  await settle();
  p.setVolume(0.3);
  await settle();
  assert.equal(radio.dry, true);
  assert(asked <= 2, `asked ${asked} times`);
});

test('a failing filler is told of, and the queue plays on', async () => {
  using p = player();
  await p.playTracks(all.slice(0, 3));
  const problems: unknown[] = [];
  using radio = openRadio(p, {
    more: () => Promise.reject(new Error('no engine')),
    onProblem: (cause) => problems.push(cause),
  });
  await settle();
  assert.equal(problems.length, 1);
  assert.equal(radio.dry, false);
  assert.equal(p.state().current?.track.id, 't0');
});

test('after it is switched off nothing is added', async () => {
  using p = player();
  await p.playTracks([track('t0')]);
  const radio = openRadio(p, { more: () => Promise.resolve(all.slice(1)) });
  radio[Symbol.dispose]();
  await settle();
  assert.equal(p.state().queue.length, 1);
});
