/** engine.library: what stays on the caller's side on a fake core, and what tracks are recommended on the real module. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { start } from '../src/engine.ts';
import type { CallName } from '../src/protocol.ts';
import { memoryStore } from '../src/store/memory.ts';
import { TextCache } from '../src/text-cache.ts';
import type { Engine, LibraryTrack, RecommendedTrack } from '../src/types.ts';
import { opened } from './built.ts';
import { FakeCore, type FakeOptions } from './fake-core.ts';
import { named, ossicleError, withoutWasm } from './support.ts';

const DAY = 86_400_000;
const now = new Date('2026-06-01T12:00:00Z');

function track(id: string, more: Partial<LibraryTrack> = {}): LibraryTrack {
  return { id, title: `Title ${id}`, artist: 'Portishead', ...more };
}
const many = (n: number, from = 0): LibraryTrack[] =>
  Array.from({ length: n }, (_, i) => track(String(from + i)));
const idsOf = (list: readonly RecommendedTrack[]): string[] => list.map((each) => each.track.id);

async function faked(options: (nth: number) => FakeOptions = () => ({})): Promise<{
  readonly engine: Engine;
  readonly cores: FakeCore[];
}> {
  const cores: FakeCore[] = [];
  const connect = (): FakeCore => {
    const core = new FakeCore(options(cores.length));
    cores.push(core);
    return core;
  };
  return { engine: await start(connect, { assets: 'file:///', store: memoryStore() }), cores };
}

suite('tracks on the side of the caller', () => {
  test('are added, left alone when they are the same, replaced when they are not, removed', async () => {
    const { engine } = await faked();
    const { library } = engine;
    assert.equal(library.size, 0);
    assert.deepEqual(await library.recommend(), []);
    assert.deepEqual(await library.add(many(3)), { added: 3 });
    assert.deepEqual(await library.add(many(4)), { added: 1 });
    assert.equal(library.size, 4);
    const renamed = track('1', { title: 'Another', tags: ['x'] });
    assert.deepEqual(await library.add([renamed, track('2')]), { added: 1 });
    assert.equal(library.size, 4);
    const list = await library.recommend();
    assert.deepEqual(idsOf(list).sort(), ['0', '1', '2', '3']);
    assert.deepEqual(list.find((each) => each.track.id === '1')?.track, renamed);
    assert.deepEqual(await library.remove(['1', '1', 'nobody']), { removed: 1 });
    assert.deepEqual(idsOf(await library.recommend()).sort(), ['0', '2', '3']);
    assert.deepEqual(await library.add([renamed]), { added: 1 });
    await assert.rejects(library.similar('nobody'), ossicleError('unknown_item', /nobody/));
    await library.clear();
    assert.equal(library.size, 0);
    assert.deepEqual(await library.add(many(2)), { added: 2 });
  });

  test('are more than the first room holds', async () => {
    const { engine } = await faked();
    await engine.library.add(many(1000), { vectors: false });
    await engine.library.remove(['7']);
    await engine.library.add(many(3000, 1000), { vectors: false });
    assert.equal(engine.library.size, 3999);
    const list = await engine.library.recommend({ limit: 1000 });
    assert.ok(!idsOf(list).includes('7'));
    assert.equal(new Set(idsOf(list)).size, 1000);
  });

  test('keep what was added before an abort, and no text is encoded twice', async () => {
    const { engine, cores } = await faked();
    const controller = new AbortController();
    const seen: number[] = [];
    const stopped = engine.library.add(many(200), {
      signal: controller.signal,
      onProgress: ({ done, total }) => {
        assert.equal(total, 200);
        seen.push(done);
        if (done >= 64) controller.abort();
      },
    });
    await assert.rejects(stopped, named('AbortError'));
    assert.deepEqual(seen, [32, 64]);
    assert.equal(engine.library.size, 64);
    assert.deepEqual(await engine.library.add(many(200)), { added: 136 });
    // Two hundred tracks, and one artist.
    assert.equal(cores[0]?.encoded, 201);
    const kept = engine.library.vectors();

    const again = await faked();
    await again.engine.library.add(many(200), { vectors: kept });
    assert.equal(again.cores[0]?.encoded, 0);
    await again.engine.library.add(many(1, 900), { vectors: false });
    assert.equal(again.cores[0].encoded, 0);

    const [first, rest] = [engine.library.vectors().length, engine.library.vectorCount];
    await engine.library.add(many(50, 200));
    assert.equal(engine.library.vectorCount, rest + 50);
    const more = engine.library.vectors(rest);
    assert.ok(more.length < first);
    const third = await faked();
    await third.engine.library.add(many(250), { vectors: [kept, more] });
    assert.equal(third.cores[0]?.encoded, 0);
    assert.deepEqual(third.engine.library.vectors(), engine.library.vectors());
    assert.equal(third.engine.library.vectorOf('none'), null);
    assert.deepEqual(third.engine.library.vectorOf('3'), engine.library.vectorOf('3'));
  });

  test('come back after the core stopped on a bug', async () => {
    for (const name of ['libraryList', 'libraryAdd', 'libraryHide', 'recommend'] as CallName[]) {
      let armed = false;
      const traps = (each: CallName): boolean => each === name && armed && !(armed = false);
      const { engine, cores } = await faked((nth) => (nth === 0 ? { traps } : {}));
      await engine.library.add(many(600), { vectors: false });
      armed = true;
      if (name === 'recommend') await engine.recommend();
      else if (name === 'libraryList')
        await assert.rejects(engine.library.recommend(), /next call/);
      else if (name === 'libraryAdd')
        await assert.rejects(engine.library.add(many(1, 700)), /next/);
      else await assert.rejects(engine.library.remove(['3']), /next call/);
      assert.equal(cores.length, 2, name);
      assert.equal(engine.library.size, 600);
      assert.equal((await engine.library.recommend({ limit: 1000 })).length, 600);
    }
  });

  test('get no vectors of another encoder than the catalogue was made for', async () => {
    const { engine } = await faked(() => ({ textEncoder: 'other' }));
    await assert.rejects(engine.library.add(many(2)), ossicleError('bundle_mismatch'));
    assert.deepEqual(await engine.library.add(many(2), { vectors: false }), { added: 2 });
    const same = await faked(() => ({ textEncoder: 'fake' }));
    assert.deepEqual(await same.engine.library.add(many(2)), { added: 2 });
  });

  test('and what is none are refused, with the index', async () => {
    const { engine } = await faked();
    const wrong: readonly unknown[] = [
      null,
      'a path',
      { title: 'x', artist: 'y' },
      { id: '', title: 'x', artist: 'y' },
      { id: 'a', title: 1, artist: 'y' },
      { id: 'a', title: 'x' },
      { id: 'a', title: 'x', artist: 'y', tags: [1] },
      { id: 'a', title: 'x', artist: 'y', durationMs: -1 },
      { id: 'a', title: 'x', artist: 'y', durationMs: NaN },
    ];
    for (const each of wrong) {
      const given = [track('0'), each as LibraryTrack];
      const added = engine.library.add(given);
      await assert.rejects(added, ossicleError('invalid_argument', /tracks\[1\]/));
    }
    const twice = engine.library.add([track('0'), track('0')]);
    await assert.rejects(twice, ossicleError('invalid_argument', /tracks\[1\]/));
    assert.equal(engine.library.size, 0);
    await engine.library.add(many(2), { vectors: false });
    const options: readonly (readonly [string, unknown])[] = [
      ['limit', 0],
      ['limit', 1001],
      ['reasons', 17],
      ['shelf', 'none'],
      ['perArtist', -1],
      ['spacing', 0.5],
      ['repeatDays', NaN],
      ['familiarity', 11],
      ['textShare', 2],
      ['now', new Date(NaN)],
    ];
    for (const [name, value] of options) {
      const refused = ossicleError('invalid_argument', new RegExp(name));
      await assert.rejects(engine.library.recommend({ [name]: value }), refused);
      await assert.rejects(engine.library.similar('0', { [name]: value }), refused);
    }
  });

  test('vectors that were kept: other bytes are refused, those of another encoder passed over', () => {
    const cache = new TextCache('one', 4);
    cache.put('a', Float32Array.of(0.5, -0.5, 0.5, -0.5));
    cache.put('b', new Float32Array(4));
    const bytes = cache.bytes();
    const same = new TextCache('one', 4);
    assert.equal(same.read(bytes), 2);
    assert.deepEqual(same.bytes(), bytes);
    // At an odd address, too.
    const odd = new Uint8Array(bytes.length + 1);
    odd.set(bytes, 1);
    assert.equal(new TextCache('one', 4).read(odd.subarray(1)), 2);
    const sum = new Float32Array(4);
    assert.ok(same.addTo('a', 2, sum));
    assert.ok(!same.addTo('c', 1, sum));
    assert.deepEqual(
      [...sum].map((x) => x.toFixed(4)),
      ['1.0000', '-1.0000', '1.0000', '-1.0000'],
    );
    assert.deepEqual(same.vectorOf('a'), Float32Array.of(0.5, -0.5, 0.5, -0.5));
    assert.equal(same.vectorOf('c'), null);
    // In two parts.
    const parts = new TextCache('one', 4);
    assert.equal(parts.read(cache.bytes(1)), 1);
    assert.ok(parts.has('b') && !parts.has('a'));
    same.put('d', Float32Array.of(1, 0, 0, 0));
    assert.equal(parts.read(same.bytes(2)), 1);
    assert.ok(parts.has('d'));
    assert.equal(parts.read(cache.bytes(9)), 0);
    assert.equal(new TextCache('two', 4).read(bytes), 0);
    assert.equal(new TextCache('one', 8).read(bytes), 0);
    const broken = bytes.slice();
    broken.set([0, 0, 0xc0, 0x7f], bytes.length - 2 * 4 - 2 * 4); // a scale that is no number
    const corrupt = ossicleError('corrupt');
    for (const wrong of [new Uint8Array(0), bytes.slice(1), bytes.slice(0, -1), broken]) {
      const fresh = new TextCache('one', 4);
      assert.throws(() => fresh.read(wrong), corrupt);
      assert.equal(fresh.size, 0);
    }
    const lying = bytes.slice();
    new DataView(lying.buffer).setUint32(32, 0xffffffff, true);
    assert.throws(() => new TextCache('one', 4).read(lying), corrupt);
  });
});

const own: readonly LibraryTrack[] = [
  { id: 'roads', title: 'Roads', artist: 'Portishead', tags: ['trip-hop', 'sad'] },
  { id: 'roads-2', title: 'Roads (2011 Remaster)', artist: 'Portishead' },
  { id: 'glory', title: 'Glory Box', artist: 'Portishead', tags: ['trip-hop'] },
  { id: 'sour', title: 'Sour Times', artist: 'Portishead' },
  { id: 'teardrop', title: 'Teardrop', artist: 'Massive Attack', tags: ['trip-hop'] },
  { id: 'angel', title: 'Angel (feat. Horace Andy)', artist: 'Massive Attack feat. Horace Andy' },
  { id: 'toxic', title: 'Toxic', artist: 'Britney Spears', tags: ['pop', 'dance'] },
  { id: 'everytime', title: 'Everytime', artist: 'Britney Spears', tags: ['pop'] },
  { id: 'unknown', title: 'Demo 7', artist: 'My Cousin’s Band', tags: ['trip-hop', 'sad'] },
];

async function listened(
  engine: Engine,
  artist: string,
  title: string,
  days: number,
): Promise<void> {
  const startedAt = new Date(now.getTime() - days * DAY);
  await engine.listen({ track: { artist, title }, startedAt });
}

suite('tracks on the real module', { skip: withoutWasm }, () => {
  test('are recommended by the taste that the history shows, the same in both builds', async (t) => {
    const lists = [];
    for (const variant of ['simd', 'relaxed'] as const) {
      const engine = await opened(t, { variant });
      for (const [i, artist] of ['Portishead', 'Massive Attack', 'Tricky', 'Morcheeba'].entries()) {
        await listened(engine, artist, 'something else', 20 + i);
      }
      await engine.library.add(own, { vectors: false });
      const list = await engine.library.recommend({ now, spacing: 0 });
      const ids = idsOf(list);
      assert.ok(ids.includes('teardrop'));
      assert.ok(ids.indexOf('teardrop') < ids.indexOf('toxic'), ids.join());
      assert.equal(ids.at(-1), 'unknown');
      // Two of an artist, one edition of a song.
      const ofPortishead = list.filter((each) => each.track.artist === 'Portishead');
      assert.equal(ofPortishead.length, 2);
      assert.ok(!(ids.includes('roads') && ids.includes('roads-2')));
      const first = list[0];
      assert.ok(first && first.because.length > 0 && first.artists.length > 0);
      assert.ok(Math.abs(first.byText) < 1e-2 * Math.abs(first.byArtist));
      const tagged = list.find(({ track: { tags } }) => tags?.includes('trip-hop'));
      assert.ok(tagged?.sharedTags.includes('trip-hop'));
      // The parts of an artist's reasons are those that explain() gives.
      const teardrop = list.find((each) => each.track.id === 'teardrop');
      const artist = teardrop?.artists[0];
      assert.equal(artist?.name, 'Massive Attack');
      const why = await engine.explain(artist.id, { now });
      assert.deepEqual(teardrop?.because, why.because.slice(0, 3));
      lists.push(list);
    }
    assert.deepEqual(lists[0], lists[1]);
  });

  test('rest after a play, come back on their shelf, and forget with the history', async (t) => {
    const engine = await opened(t);
    await listened(engine, 'Portishead', 'Roads', 90);
    // Before and after they were added: both count.
    await engine.library.add(own, { vectors: false });
    await listened(engine, 'Portishead', 'Glory Box', 3);
    const all = { now, perArtist: 0, limit: 100 } as const;
    const ids = async (more = {}): Promise<string[]> =>
      idsOf(await engine.library.recommend({ ...all, ...more }));
    const any = await ids();
    assert.ok(!any.includes('glory') && any.includes('sour'));
    assert.ok((await ids({ repeatDays: 2 })).includes('glory'));
    const rediscovered = await ids({ shelf: 'rediscover' });
    assert.equal(rediscovered.length, 1);
    assert.match(rediscovered[0] ?? '', /^roads/);
    const unplayed = await ids({ shelf: 'unplayed' });
    assert.ok(!unplayed.includes('roads') && !unplayed.includes('glory'));
    const [back] = await engine.library.recommend({ now, shelf: 'rediscover' });
    assert.equal(back?.plays, 1);
    assert.equal(back.lastPlayedAt?.getTime(), now.getTime() - 90 * DAY);
    await engine.erase();
    assert.deepEqual(await ids({ shelf: 'rediscover' }), []);
    assert.equal(engine.library.size, own.length);
  });

  test('of a banned artist are out, collaborations as well', async (t) => {
    const engine = await opened(t);
    await engine.library.add(own, { vectors: false });
    const { items } = await engine.search('Massive Attack', { limit: 1 });
    const artist = items[0]?.artist;
    assert.equal(artist?.name, 'Massive Attack');
    await engine.feedback(artist.id, 'ban', { at: now });
    const ids = idsOf(await engine.library.recommend({ now, limit: 100, perArtist: 0 }));
    assert.ok(!ids.includes('teardrop') && !ids.includes('angel'));
    assert.ok(ids.includes('toxic'));
  });

  test('are explained one by one, listed or not', async (t) => {
    const engine = await opened(t);
    await engine.library.add(own);
    const listed = await engine.library.recommend({ now, limit: 100, perArtist: 0 });
    assert.ok(listed.length > 0);
    for (const { score, byArtist, byText, ...rest } of listed) {
      assert.ok([score, byArtist, byText].every(Number.isFinite));
      assert.deepEqual(await engine.library.explain(rest.track.id, { now }), rest);
    }
    const unlisted = own.find(({ id }) => !idsOf(listed).includes(id));
    assert.ok(unlisted);
    const { track } = await engine.library.explain(unlisted.id, { now, reasons: 1 });
    assert.deepEqual(track, unlisted);
    await assert.rejects(engine.library.explain('nobody'), ossicleError('unknown_item', /nobody/));
  });

  test('by artists whom the catalogue lacks teach what the listener likes', async (t) => {
    const lists = [];
    const everything = { now, repeatDays: 0, perArtist: 0, spacing: 0 };
    for (const variant of ['simd', 'relaxed'] as const) {
      const engine = await opened(t, { variant });
      const band = (id: string, artist: string, tags: readonly string[]): LibraryTrack => {
        return { id, title: `Song ${id}`, artist, tags };
      };
      await engine.library.add([
        band('a1', 'The Attic Fjords', ['folk', 'acoustic', 'singer-songwriter']),
        band('a2', 'The Attic Fjords', ['folk', 'acoustic']),
        band('b', 'Juniper Ledger', ['folk', 'acoustic']),
        band('c', 'Voltage Pantry', ['techno', 'electronic', 'dance']),
        band('d', 'Grid Marmalade', ['techno', 'electronic']),
      ]);
      const before = await engine.recommend({ now, limit: 20 });
      assert.equal(before.basis, 'popular');
      const [known] = (await engine.library.explain('a1', { now })).artists;
      assert.equal(known?.name, 'The Attic Fjords');
      await listened(engine, 'The Attic Fjords', 'Song a1', 2);
      const tracks = await engine.library.recommend(everything);
      assert.deepEqual(
        idsOf(tracks)
          .slice(0, 3)
          .map((id) => id[0])
          .sort(),
        ['a', 'a', 'b'],
      );
      const techno = tracks.find(({ track }) => track.id === 'd');
      assert.ok((tracks[2]?.score ?? 0) > (techno?.score ?? 0));
      assert.deepEqual(
        tracks[2]?.because.map(({ artist }) => artist.name),
        ['The Attic Fjords'],
      );
      const list = await engine.recommend({ now, limit: 20 });
      assert.equal(list.basis, 'history');
      assert.ok(list.items.every(({ artist }) => artist.listeners > 0));
      const folk = list.items.filter(({ artist }) => artist.tags.includes('folk')).length;
      assert.ok(folk >= 10, `${folk} of 20 artists are of the same kind`);

      // A skip and a ban count, and what is taken back is as if it had not been.
      await engine.feedback(known.id, 'ban', { at: now });
      const without = await engine.library.recommend(everything);
      assert.ok(!idsOf(without).some((id) => id.startsWith('a')));
      assert.deepEqual(
        (await engine.flagged('ban')).map(({ name }) => name),
        ['The Attic Fjords'],
      );
      await engine.feedback(known.id, 'clear', { at: new Date(now.getTime() + 1000) });
      const skip = { artist: 'Juniper Ledger', title: 'Song b' };
      await engine.listen({ track: skip, startedAt: now, playedMs: 2000, skipped: true });
      const rested = await engine.library.recommend(everything);
      assert.ok(!idsOf(rested).includes('b'));
      lists.push(tracks, list, rested);

      // Without the library the artist is unknown again.
      await engine.library.clear();
      assert.equal((await engine.recommend({ now, limit: 5 })).basis, 'popular');
      await assert.rejects(engine.explain(known.id, { now }), ossicleError('unknown_item'));
    }
    assert.deepEqual(lists.slice(0, 3), lists.slice(3));
  });

  test('are alike by factor and text, and vectors are made once', async (t) => {
    const engine = await opened(t);
    const seen: number[] = [];
    await engine.library.add(own, { onProgress: ({ done }) => seen.push(done) });
    assert.deepEqual(seen, [own.length]);
    const alike = await engine.library.similar('roads', { now, perArtist: 0, limit: 8 });
    const ids = idsOf(alike);
    assert.ok(!ids.includes('roads-2'));
    assert.ok(ids.indexOf('toxic') > ids.indexOf('teardrop'), ids.join());
    const bytes = engine.library.vectors();
    const again = await opened(t);
    await again.library.add(own, { vectors: bytes });
    assert.deepEqual(again.library.vectors(), bytes);
    assert.deepEqual(await again.library.similar('roads', { now, perArtist: 0, limit: 8 }), alike);
    const wrong = again.library.add(own, { vectors: bytes.slice(1) });
    await assert.rejects(wrong, ossicleError('corrupt'));
  });
});
