/** What is left out of learning, on the real module and on one that traps. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { strToU8 } from 'fflate';
import { start } from '../src/engine.ts';
import { OssicleError } from '../src/errors.ts';
import { memoryStore } from '../src/store/memory.ts';
import type { Engine, Learning, Store } from '../src/types.ts';
import { opened, type TestEnd } from './built.ts';
import { FakeCore } from './fake-core.ts';
import { batchesOf, listenBrainz, ossicleError, withoutWasm } from './support.ts';

const now = new Date('2026-11-01T00:00:00Z');
const second = 1_760_000_000;
const imported = ['Portishead', 'Radiohead', 'Björk', 'Nobody Yet'];
const played = ['Massive Attack', 'Björk', 'Tricky', 'The Unheard'];
const rows = Array.from({ length: 400 }, (_, i) => {
  return [imported[i % 4]!, `Song ${i % 37}`, second + 3600 * i] as const;
});
const tracks = [...imported, ...played].flatMap((artist, a) =>
  [0, 5, 11].map((n) => ({ id: `${a}/${n}`, artist, title: `Song ${n}`, tags: ['rock'] })),
);

/** Of a list that a bandit made. */
const MARK = 3;

const parts: readonly (keyof Learning)[] = ['plays', 'choices', 'imported'];
const everyChoice: readonly Learning[] = Array.from({ length: 8 }, (_, bits) => ({
  plays: (bits & 1) !== 0,
  choices: (bits & 2) !== 0,
  imported: (bits & 4) !== 0,
}));

/** The same listener, without the parts that are false. */
async function live(engine: Engine, { plays, choices, imported: read }: Learning): Promise<void> {
  await engine.library.add(tracks, { vectors: false });
  const ids = await idsOf(engine);
  if (choices) {
    const items = await Promise.all([...ids.values()].map((id) => engine.explain(id, { now })));
    const showing = { items, mark: MARK, basis: 'popular' } as const;
    // Before the plays, which answer it.
    await engine.shown(showing, { at: new Date(1000 * (second - 60)) });
  }
  if (read) await engine.import(listenBrainz(rows), { now });
  if (plays) {
    for (const [i, artist] of played.entries()) {
      for (let n = 0; n < 12; ++n) {
        const startedAt = new Date(1000 * (second + 86_400 * n + i));
        const track = { artist, title: `Song ${n}` };
        await engine.listen({ track, startedAt, playedMs: 200_000, source: 'player' });
      }
    }
  }
  if (choices) {
    const at = (n: number) => ({ at: new Date(1000 * (second + 200_000 + n)) });
    await engine.feedback(ids.get('Radiohead')!, 'love', at(0));
    await engine.feedback(ids.get('Tricky')!, 'ban', at(1));
    await engine.feedback(ids.get('Björk')!, 'skip', at(2));
    await engine.feedback(ids.get('Portishead')!, 'ban', at(3));
    await engine.feedback(ids.get('Portishead')!, 'clear', at(4));
  }
}

async function idsOf(engine: Engine): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const name of ['Radiohead', 'Tricky', 'Björk', 'Portishead']) {
    const { items } = await engine.search(name, { limit: 1 });
    found.set(name, items[0]!.artist.id);
  }
  return found;
}

/** All that is made of a history. */
async function madeOf(engine: Engine): Promise<string> {
  const ids = await idsOf(engine);
  const { artists, loved, banned } = await engine.profile();
  return JSON.stringify([
    { artists, loved, banned },
    await engine.recommend({ limit: 100, now, repeatDays: 1, shownRestDays: 30 }),
    await engine.recommend({ limit: 20, now, novelty: 0.9, follow: { seed: 7 } }),
    await Promise.all([...ids.values()].map((id) => engine.explain(id, { now }))),
    await engine.flagged('love'),
    await engine.flagged('ban'),
    await engine.library.recommend({ limit: 30, now, repeatDays: 1, perArtist: 0 }),
    await engine.library.recommend({ limit: 30, now, shelf: 'unplayed' }),
    await engine.playlist({ length: 10, seed: 5 }),
  ]);
}

async function engineOf(
  t: TestEnd,
  had: Learning,
  options: { store?: Store; learning?: Partial<Learning> } = {},
): Promise<Engine> {
  const engine = await opened(t, options);
  await live(engine, had);
  return engine;
}

const everything: Learning = { plays: true, choices: true, imported: true };

suite('what is left out of learning', { skip: withoutWasm }, () => {
  test('leaves all lists as those of a listener who never had it, byte for byte', async (t) => {
    const engine = await engineOf(t, everything);
    assert.deepEqual(engine.learning, everything);
    const whole = await madeOf(engine);
    const all = await engine.profile();
    assert.equal(all.eventsLearntFrom, all.events);
    const made = new Set<string>();
    for (const learning of everyChoice) {
      await engine.setLearning(learning);
      assert.deepEqual(engine.learning, learning);
      const never = await engineOf(t, learning);
      made.add(await madeOf(engine));
      assert.equal(await madeOf(engine), await madeOf(never), JSON.stringify(learning));
      // What is stored is stored all the same.
      const { events, eventsInCatalogue, firstEventAt, lastEventAt, eventsLearntFrom } =
        await engine.profile();
      assert.deepEqual(
        { events, eventsInCatalogue, firstEventAt, lastEventAt },
        {
          events: all.events,
          eventsInCatalogue: all.eventsInCatalogue,
          firstEventAt: all.firstEventAt,
          lastEventAt: all.lastEventAt,
        },
      );
      assert.equal(eventsLearntFrom, (await never.profile()).events);
      await never.close();
    }
    assert.equal(made.size, 8, 'each choice makes another list');
    await engine.setLearning({ plays: false });
    await engine.setLearning(everything);
    assert.equal(await madeOf(engine), whole);
  });

  test('may be said when the engine opens, over a history that is stored', async (t) => {
    const store = memoryStore();
    await (await engineOf(t, everything, { store })).close();
    const engine = await opened(t, { store, learning: { imported: false } });
    await engine.library.add(tracks, { vectors: false });
    const never = await engineOf(t, { ...everything, imported: false });
    assert.equal(await madeOf(engine), await madeOf(never));
  });

  for (const part of parts) {
    test(`is stored once, and counts as before when it is let in: ${part}`, async (t) => {
      const store = memoryStore();
      const usual = await engineOf(t, everything);
      const engine = await engineOf(t, everything, { store, learning: { [part]: false } });
      const stored = JSON.stringify((await batchesOf(store)).map(({ events }) => events));
      // All of it once more.
      await live(engine, everything);
      const again = JSON.stringify((await batchesOf(store)).map(({ events }) => events));
      assert.equal(again, stored);
      const report = await engine.import(listenBrainz(rows), { now });
      assert.deepEqual([report.added, report.duplicates], [0, rows.length]);
      assert.equal(report.matchedListens, 300);
      await engine.setLearning({ [part]: true });
      assert.equal(await madeOf(engine), await madeOf(usual));
      assert.deepEqual(
        { ...(await engine.profile()), storedBytes: 0 },
        { ...(await usual.profile()), storedBytes: 0 },
      );
    });
  }

  test('is one play, whichever part it comes in with', async (t) => {
    const store = memoryStore();
    const engine = await opened(t, { store, learning: { imported: false } });
    const [artist, title, at] = rows[0]!;
    const input = { track: { artist, title }, startedAt: new Date(1000 * at) } as const;
    assert.equal((await engine.listen(input)).duplicate, false);
    assert.equal((await engine.import(listenBrainz(rows.slice(0, 2)), { now })).added, 1);
    assert.equal((await engine.profile()).eventsLearntFrom, 1);
    const back = { track: { artist: rows[1]![0], title: rows[1]![1] } };
    const startedAt = new Date(1000 * rows[1]![2]);
    assert.equal((await engine.listen({ ...back, startedAt })).duplicate, true);
    const events = (await batchesOf(store)).flatMap((batch) => batch.events);
    assert.equal(events.length, 2);
  });

  test('is stored for ever, even where the core fills up on the way', async (t) => {
    const engine = await opened(t, { learning: { imported: false, plays: false } });
    const many = Array.from(
      { length: 70_000 },
      (_, i) => ['Radiohead', `Song ${i}`, second + i] as const,
    );
    const report = await engine.import(listenBrainz(many), { now });
    assert.deepEqual([report.added, report.duplicates], [70_000, 0]);
    assert.deepEqual(
      [(await engine.profile()).events, (await engine.profile()).eventsLearntFrom],
      [70_000, 0],
    );
    assert.equal((await engine.recommend({ now })).basis, 'popular');
    await engine.setLearning({ imported: true });
    assert.equal((await engine.profile()).eventsLearntFrom, 70_000);
    assert.equal((await engine.recommend({ now })).basis, 'history');
  });

  test('is left out of what is restored from a backup, and in the backup', async (t) => {
    const engine = await engineOf(t, everything, { learning: { choices: false } });
    const text = await new Response(engine.export()).text();
    assert.match(text, /"kind":"love"/);
    const other = await opened(t, { learning: { choices: false } });
    await other.library.add(tracks, { vectors: false });
    await other.import(strToU8(text), { now });
    assert.equal(await madeOf(other), await madeOf(engine));
    assert.equal((await other.profile()).events, (await engine.profile()).events);
  });
});

suite('a change of what is learnt from', () => {
  async function fake(store: Store): Promise<{ engine: Engine; cores: FakeCore[] }> {
    const cores: FakeCore[] = [];
    const traps = (): ((name: string) => boolean) => {
      const first = cores.length === 0;
      return (name) => first && name === 'recommend';
    };
    const connect = (): FakeCore => {
      const core = new FakeCore({ traps: traps() });
      cores.push(core);
      return core;
    };
    return { engine: await start(connect, { assets: 'file:///', store }), cores };
  }

  test('holds in the core that comes after one that trapped', async () => {
    const { engine, cores } = await fake(memoryStore());
    await engine.listen({ track: { artist: 'Björk' }, startedAt: now });
    await engine.setLearning({ plays: false });
    await engine.recommend();
    assert.equal(cores.length, 2);
    assert.equal((await engine.profile()).eventsLearntFrom, 0);
  });

  test('that could not be made at once is made by the next call', async () => {
    const store = memoryStore();
    const { engine } = await fake(store);
    await engine.listen({ track: { artist: 'Björk' }, startedAt: now });
    const read = store.read.bind(store);
    store.read = () => {
      throw new OssicleError('store_unavailable', 'away');
    };
    await assert.rejects(engine.setLearning({ plays: false }), ossicleError('store_unavailable'));
    store.read = read;
    const { events, eventsLearntFrom } = await engine.profile();
    assert.deepEqual([events, eventsLearntFrom], [1, 0]);
  });
});
