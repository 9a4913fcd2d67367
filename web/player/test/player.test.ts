import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaseOf } from '../src/library/leases.ts';
import type { Track } from '../src/library/types.ts';
import { TwoDeckPlayer } from '../src/playback/open-player.ts';
import type { PlayedListen } from '../src/playback/types.ts';
import { SourceError } from '../src/sources/types.ts';
import { FakeAudio, type FakeFile } from './support/fake-audio.ts';
import { track } from './support/tracks.ts';

interface Rig extends Disposable {
  readonly player: TwoDeckPlayer;
  readonly decks: readonly FakeAudio[];
  readonly listens: PlayedListen[];
  readonly counted: string[];
  /** Leases that were not given back. */
  readonly held: Set<string>;
  /** The one that sounds. */
  sounding(): FakeAudio;
  hide(): void;
  settle(): Promise<void>;
}

function rig(files: Readonly<Record<string, FakeFile>> = {}): Rig {
  const known = new Map<string, FakeFile>(
    Object.entries(files).map(([id, file]) => [`media:${id}`, file]),
  );
  // Whatever is not listed plays for 100 seconds.
  const any = { get: (src: string) => known.get(src) ?? { seconds: 100 } };
  const decks: FakeAudio[] = [];
  const listens: PlayedListen[] = [];
  const counted: string[] = [];
  const held = new Set<string>();
  let hide = (): void => undefined;
  const player = new TwoDeckPlayer(
    {
      media(id) {
        if (id === 'gone') return Promise.reject(new SourceError('files_gone', 'It is gone.', id));
        held.add(id);
        return Promise.resolve(leaseOf(`media:${id}`, () => held.delete(id)));
      },
      onListen: (listen) => listens.push(listen),
      onCounted: ({ id }) => counted.push(id),
    },
    {
      audio() {
        const audio = new FakeAudio(any as ReadonlyMap<string, FakeFile>);
        decks.push(audio);
        return audio;
      },
      mediaSession: null,
      now: () => new Date('2026-11-25T12:00:00Z'),
      random: () => 0,
      onHide(listener) {
        hide = listener;
        return () => undefined;
      },
    },
  );
  return {
    ...{ player, decks, listens, counted, held },
    sounding() {
      const found = decks.find(({ paused }) => !paused);
      assert(found, 'nothing sounds');
      return found;
    },
    hide: () => hide(),
    settle: () => new Promise((resolve) => setTimeout(resolve, 5)),
    [Symbol.dispose]: () => player[Symbol.dispose](),
  };
}

const three: readonly Track[] = ['a', 'b', 'c'].map((id) => track(id));
const queueOf = ({ player }: Rig): string =>
  player
    .state()
    .queue.map((i) => i.track.id)
    .join('');
const nowOf = ({ player }: Rig): string | undefined => player.state().current?.track.id;

test('a queue plays from the place that was asked for, and ends idle', async () => {
  using r = rig();
  await r.player.playTracks(three, 1);
  await r.settle();
  assert.equal(nowOf(r), 'b');
  assert.equal(r.player.state().status, 'playing');
  r.sounding().pass(100);
  await r.settle();
  assert.equal(nowOf(r), 'c');
  r.sounding().pass(100);
  await r.settle();
  assert.equal(r.player.state().status, 'idle');
  assert.equal(r.player.state().current, null);
  assert.deepEqual([...r.held], [], 'everything was given back');
  assert.equal(queueOf(r), 'abc', 'the queue stays, to be played again');
});

test('the next track is loaded before the current one ends, and starts a moment before its end', async () => {
  using r = rig();
  await r.player.playTracks(three);
  await r.settle();
  const first = r.sounding();
  first.pass(75);
  assert.deepEqual([...r.held], ['a'], 'not too early');
  first.pass(10);
  await r.settle();
  assert.deepEqual([...r.held], ['a', 'b']);
  first.currentTime = 99.97;
  first.pass(0.01);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(nowOf(r), 'b');
  assert.equal(r.player.state().status, 'playing');
  assert.equal(r.listens.length, 1);
  assert.equal(r.listens[0]?.playedMs, 100_000, 'its last samples count as heard');
  assert.equal(r.listens[0].counted, true);
});

test('a play counts at half, and is told once, with what was heard', async () => {
  using r = rig();
  await r.player.playTracks(three);
  await r.settle();
  r.sounding().pass(49.75);
  assert.deepEqual(r.counted, []);
  r.sounding().pass(0.5);
  assert.deepEqual(r.counted, ['a']);
  r.sounding().pass(10);
  await r.player.next();
  assert.deepEqual(r.counted, ['a']);
  const [listen] = r.listens;
  assert.equal(listen?.playedMs, 60_250);
  assert.equal(listen.durationMs, 100_000);
  assert.equal(listen.startedAt.toISOString(), '2026-11-25T12:00:00.000Z');
  assert.equal(listen.skipped, false, 'half was heard: that is a play, whatever came then');
});

test('a long track counts after four minutes', async () => {
  using r = rig({ a: { seconds: 3600 } });
  await r.player.playTracks(three);
  await r.settle();
  r.sounding().pass(239.75);
  assert.deepEqual(r.counted, []);
  r.sounding().pass(0.25);
  assert.deepEqual(r.counted, ['a']);
});

test('pauses, seeks and waiting are not heard', async () => {
  using r = rig();
  await r.player.playTracks(three);
  await r.settle();
  r.sounding().pass(10);
  r.player.pause();
  assert.equal(r.player.state().status, 'paused');
  await r.player.play();
  await r.settle();
  r.sounding().pass(5);
  r.player.seek(80_000);
  r.sounding().pass(2);
  r.sounding().wait();
  assert.equal(r.player.state().status, 'loading');
  r.sounding().goOn();
  assert.equal(r.player.state().status, 'playing');
  r.sounding().pass(1);
  await r.player.next();
  assert.equal(r.listens[0]?.playedMs, 18_000);
  assert.equal(r.listens[0].counted, false);
  assert.equal(r.listens[0].skipped, true);
});

test('leaving a track early is a skip, its end by itself is none', async () => {
  using r = rig({ b: { seconds: 30 } });
  await r.player.playTracks(three);
  await r.settle();
  r.sounding().pass(3);
  await r.player.next();
  await r.settle();
  r.player.seek(29_000);
  r.sounding().pass(1);
  await r.settle();
  assert.deepEqual(
    r.listens.map(({ track: { id }, skipped }) => [id, skipped]),
    [
      ['a', true],
      ['b', false],
    ],
  );
});

test('a broken file is told of and passed over; nothing of it is a listen', async () => {
  using r = rig({ a: { seconds: NaN, error: 3 }, b: { seconds: NaN, error: 4 } });
  await r.player.playTracks(three);
  await r.settle();
  assert.equal(nowOf(r), 'c');
  assert.equal(r.player.state().status, 'playing');
  assert.equal(r.player.state().problem?.track.id, 'b');
  assert.match(r.player.state().problem?.message ?? '', /b\.opus/);
  assert.deepEqual(r.listens, []);
  assert.deepEqual([...r.held], ['c']);
  r.player.dismissProblem();
  assert.equal(r.player.state().problem, null);
});

test('without a sound device the track waits instead of running through the queue', async () => {
  using r = rig({ a: { seconds: NaN, error: 3, message: 'OnMediaSinkAudioError' } });
  await r.player.playTracks(three);
  await r.settle();
  assert.deepEqual([nowOf(r), r.player.state().status], ['a', 'paused']);
  assert.equal(r.player.state().problem?.reason, 'no_sound');
});

test('a file that is gone is told in the words of its source', async () => {
  using r = rig();
  await r.player.playTracks([track('gone'), track('b')]);
  await r.settle();
  assert.equal(nowOf(r), 'b');
  assert.deepEqual(r.player.state().problem?.message, 'It is gone.');
});

test('a queue of broken files stops instead of running through all of them', async () => {
  const ids = Array.from({ length: 50 }, (_, i) => `x${i}`);
  using r = rig(Object.fromEntries(ids.map((id) => [id, { seconds: NaN, error: 3 }])));
  await r.player.playTracks(ids.map((id) => track(id)));
  await r.settle();
  assert.equal(r.player.state().status, 'paused');
  assert.equal(r.player.state().index, 4);
});

test('previous goes to the beginning first, then back', async () => {
  using r = rig();
  await r.player.playTracks(three, 1);
  await r.settle();
  r.sounding().pass(10);
  await r.player.previous();
  assert.equal(nowOf(r), 'b');
  assert.equal(r.player.position(), 0);
  await r.player.previous();
  await r.settle();
  assert.equal(nowOf(r), 'a');
});

test('insert, move, remove, clear and restore keep the current track playing', async () => {
  using r = rig();
  await r.player.playTracks(three);
  await r.settle();
  const [d = 0] = r.player.insert([track('d')], 'next');
  r.player.insert([track('e')], 'end', 'radio');
  assert.equal(queueOf(r), 'adbce');
  assert.equal(r.player.state().queue.at(-1)?.from, 'radio');
  const keyOf = (id: string): number =>
    r.player.state().queue.find((item) => item.track.id === id)?.key ?? -1;
  r.player.move([d, keyOf('c')], keyOf('a'));
  assert.equal(queueOf(r), 'dcabe');
  assert.equal(r.player.state().index, 2);
  r.player.move([keyOf('a')], null);
  assert.equal(queueOf(r), 'dcbea');
  const before = r.player.state().queue;
  r.player.clear();
  assert.equal(queueOf(r), 'a');
  r.player.restore(before);
  assert.equal(queueOf(r), 'dcbea');
  r.player.remove([d, keyOf('e')]);
  assert.equal(queueOf(r), 'cba');
  assert.equal(nowOf(r), 'a');
  assert.equal(r.player.state().status, 'playing');
  assert.deepEqual(r.listens, []);
});

test('removing the current track goes on with the next one', async () => {
  using r = rig();
  await r.player.playTracks(three);
  await r.settle();
  r.sounding().pass(5);
  r.player.remove([r.player.state().current?.key ?? -1]);
  await r.settle();
  assert.equal(queueOf(r), 'bc');
  assert.equal(nowOf(r), 'b');
  assert.equal(r.listens[0]?.skipped, true);
});

test('shuffle leaves what was played where it is, and off brings the order back', async () => {
  using r = rig();
  await r.player.playTracks(
    ['a', 'b', 'c', 'd', 'e'].map((id) => track(id)),
    1,
  );
  r.player.setShuffle(true);
  assert.equal(queueOf(r).slice(0, 2), 'ab');
  assert.notEqual(queueOf(r), 'abcde');
  assert.equal(queueOf(r).split('').sort().join(''), 'abcde');
  r.player.setShuffle(false);
  assert.equal(queueOf(r), 'abcde');
});

test('repeat: one plays again as another listen, all goes round', async () => {
  using r = rig();
  await r.player.playTracks([track('a'), track('b')], 1);
  await r.settle();
  r.player.setRepeat('one');
  r.sounding().pass(100);
  await r.settle();
  assert.equal(nowOf(r), 'b');
  assert.equal(r.listens.length, 1);
  r.player.setRepeat('all');
  r.sounding().pass(100);
  await r.settle();
  assert.equal(nowOf(r), 'a');
  assert.equal(r.listens.length, 2);
});

test('volume is heard evenly: the gain is its cube', () => {
  using r = rig();
  r.player.setVolume(0.5);
  assert.deepEqual(
    r.decks.map(({ volume }) => volume),
    [0.125, 0.125],
  );
  r.player.setMuted(true);
  assert.equal(r.decks[0]?.muted, true);
  r.player.setVolume(7);
  assert.equal(r.player.state().volume, 1);
  assert.equal(r.player.state().muted, false);
});

test('a click on something else while a track is still loading wins', async () => {
  using r = rig();
  void r.player.playTracks([track('a')]);
  await r.player.playTracks([track('b')]);
  await r.settle();
  assert.equal(nowOf(r), 'b');
  assert.deepEqual([...r.held], ['b']);
  assert.equal(r.decks.filter(({ paused }) => !paused).length, 1);
});

test('a page that goes away tells of the play that goes on', async () => {
  using r = rig();
  await r.player.playTracks(three);
  await r.settle();
  r.sounding().pass(60);
  r.hide();
  assert.equal(r.listens[0]?.playedMs, 60_000);
  assert.equal(r.listens[0].counted, true);
});

test('a thousand tracks leave nothing behind', async () => {
  using r = rig();
  await r.player.playTracks(Array.from({ length: 1000 }, (_, i) => track(`t${i}`)));
  for (let i = 0; i < 1000; ++i) {
    await new Promise((resolve) => setImmediate(resolve));
    r.sounding().pass(85);
    await new Promise((resolve) => setImmediate(resolve));
    assert(r.held.size <= 2, `${r.held.size} are held at track ${i}`);
    await r.player.next();
  }
  assert.deepEqual([...r.held], []);
  assert.equal(r.listens.length, 1000);
});
