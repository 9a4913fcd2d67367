import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { start } from '../src/engine.ts';
import { OssicleError } from '../src/errors.ts';
import type { CallName } from '../src/protocol.ts';
import { memoryStore } from '../src/store/memory.ts';
import type { Engine, Store, StoreChange, StoredEvent } from '../src/types.ts';
import { FakeCore, idOf, type FakeOptions } from './fake-core.ts';
import { batchesOf, named, ossicleError, play } from './support.ts';

const startedAt = new Date('2026-03-01T20:00:00Z');

interface Opened {
  readonly engine: Engine;
  readonly cores: readonly FakeCore[];
}

async function open(
  store: Store,
  options: (nth: number) => FakeOptions = () => ({}),
): Promise<Opened> {
  const cores: FakeCore[] = [];
  const connect = (): FakeCore => {
    const core = new FakeCore(options(cores.length));
    cores.push(core);
    return core;
  };
  return { engine: await start(connect, { assets: 'file:///', store }), cores };
}

/** Traps at the first call of this name. */
function once(name: CallName): (each: CallName) => boolean {
  let armed = true;
  return (each) => each === name && armed && !(armed = false);
}

/** Stores of several tabs on one history. */
function sharedStores(n: number): Store[] {
  const shared = memoryStore();
  let last = 0;
  const listeners: ((change: StoreChange) => void)[] = [];
  return Array.from({ length: n }, (_, tab): Store => {
    const tell = (change: StoreChange): void =>
      listeners.forEach((listener, other) => other !== tab && listener(change));
    return {
      ...shared,
      async append(events: readonly StoredEvent[]) {
        last += 1;
        const seq = await shared.append(events);
        tell('appended');
        return seq;
      },
      async appendAfter(after: number, events: readonly StoredEvent[]) {
        return last === after ? this.append(events) : null;
      },
      async replace(seq: number, events: readonly StoredEvent[]) {
        await shared.replace(seq, events);
        tell('changed');
      },
      async erase() {
        last = 0;
        await shared.erase();
        tell('erased');
      },
      onExternalChange(listener) {
        listeners[tab] = listener;
        return () => undefined;
      },
    };
  });
}

async function artistsHeard(store: Store): Promise<string[]> {
  return (await batchesOf(store)).flatMap(({ events }) => events.map(({ artist }) => artist));
}

function fakeExport(rows: readonly (readonly [number, string])[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(rows));
}

suite('the store and the core in step', () => {
  test('what is stored is known again after opening', async () => {
    const store = memoryStore();
    const first = await open(store);
    await first.engine.listen({ track: { artist: 'Björk' }, startedAt });
    await first.engine.close();
    const second = await open(store);
    assert.equal((await second.engine.profile()).events, 1);
    assert.deepEqual((await second.engine.profile()).firstEventAt, startedAt);
  });

  test('a listen given twice is stored once', async () => {
    const store = memoryStore();
    const { engine } = await open(store);
    const input = { track: { artist: 'Björk', title: 'Jóga' }, startedAt };
    assert.deepEqual(await engine.listen(input), { matched: true, duplicate: false });
    assert.deepEqual(await engine.listen(input), { matched: true, duplicate: true });
    assert.equal((await batchesOf(store)).length, 1);
  });

  test('an artist that the catalogue lacks is stored all the same', async () => {
    const store = memoryStore();
    const { engine } = await open(store);
    const became = await engine.listen({ track: { artist: 'Nobody Yet' }, startedAt });
    assert.deepEqual(became, { matched: false, duplicate: false });
    assert.deepEqual(await artistsHeard(store), ['Nobody Yet']);
  });

  test('an event that cannot be stored is not known either', async () => {
    const store = memoryStore();
    const { engine, cores } = await open(store);
    await engine.listen({ track: { artist: 'Björk' }, startedAt });
    const append = store.append.bind(store);
    store.append = () => Promise.reject(new OssicleError('quota_exceeded', 'full'));
    const lost = engine.listen({ track: { artist: 'Radiohead' }, startedAt });
    await assert.rejects(lost, ossicleError('quota_exceeded'));
    assert.deepEqual(
      cores[0]?.events.map(({ artist }) => artist),
      ['Björk'],
    );
    store.append = append;
    const again = await engine.listen({ track: { artist: 'Radiohead' }, startedAt });
    assert.equal(again.duplicate, false);
  });

  test('a core that is full is opened again with more room, and nothing is lost', async () => {
    const store = memoryStore();
    const { engine, cores } = await open(store, () => ({ maxEvents: 2 }));
    const rows = [0, 1, 2, 3, 4].map((i) => [1_700_000_000 + i, 'Björk'] as const);
    await engine.listen({ track: { artist: 'Portishead' }, startedAt });
    const report = await engine.import(fakeExport(rows));
    assert.deepEqual([report.added, report.duplicates], [5, 0]);
    for (const artist of ['Radiohead', 'Massive Attack', 'Nobody Yet']) {
      await engine.listen({ track: { artist }, startedAt });
    }
    assert.equal(cores.length, 1);
    assert.equal((await engine.profile()).events, 9);
    assert.equal((await artistsHeard(store)).length, 9);
    await engine.close();
    const second = await open(store, () => ({ maxEvents: 2 }));
    assert.equal((await second.engine.profile()).events, 9);
  });
});

suite('a core that traps', () => {
  test('is made anew from the store, and the call is answered', async () => {
    const store = memoryStore();
    const traps = once('recommend');
    const { engine, cores } = await open(store, () => ({ traps }));
    await engine.listen({ track: { artist: 'Björk' }, startedAt });
    assert.equal((await engine.recommend()).basis, 'popular');
    assert.equal(cores.length, 2);
    assert.equal(cores[0]?.closed, true);
    assert.equal((await engine.profile()).events, 1);
  });

  test('twice in one call rejects with "internal" and loses nothing', async () => {
    const store = memoryStore();
    const traps = (name: CallName): boolean => name === 'recommend';
    const { engine } = await open(store, () => ({ traps }));
    await engine.listen({ track: { artist: 'Björk' }, startedAt });
    await assert.rejects(engine.recommend(), ossicleError('internal', /history is safe/));
    assert.equal((await engine.profile()).events, 1);
  });

  test('at each opening fails the opening with "internal"', async () => {
    const opened = open(memoryStore(), () => ({ traps: (name) => name === 'open' }));
    await assert.rejects(opened, ossicleError('internal'));
  });

  test('inside an import ends the import and keeps what was stored', async () => {
    const store = memoryStore();
    const traps = once('importFeed');
    const { engine } = await open(store, () => ({ traps }));
    await engine.listen({ track: { artist: 'Björk' }, startedAt });
    const ended = engine.import(fakeExport([[1_700_000_000, 'Björk']]));
    await assert.rejects(ended, ossicleError('internal', /imported before is kept/));
    assert.equal((await engine.profile()).events, 1);
  });
});

suite('two tabs', () => {
  test('one hears what the other listens to', async () => {
    const [left, right] = sharedStores(2);
    const a = (await open(left!)).engine;
    const b = (await open(right!)).engine;
    let told = 0;
    b.onChange(() => (told += 1));
    await a.listen({ track: { artist: 'Björk' }, startedAt });
    assert.equal((await b.profile()).events, 1);
    assert.equal(told, 1);
  });

  test('both write at once and end with the same history', async () => {
    const [left, right] = sharedStores(2);
    const a = (await open(left!)).engine;
    const b = (await open(right!)).engine;
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 ? a : b).listen({
          track: { artist: 'Björk' },
          startedAt: new Date(startedAt.getTime() + 1000 * i),
        }),
      ),
    );
    assert.equal((await a.profile()).events, 20);
    assert.equal((await b.profile()).events, 20);
  });

  test('what two hear at the same moment is stored once', async () => {
    const [left, right] = sharedStores(2);
    const a = (await open(left!)).engine;
    const b = (await open(right!)).engine;
    const hear = (engine: Engine, artist: string): Promise<{ readonly duplicate: boolean }> =>
      engine.listen({ track: { artist }, startedAt });
    // Both cores have recorded it before either store has.
    const same = await Promise.all([hear(a, 'Björk'), hear(b, 'Björk')]);
    assert.deepEqual(same.map(({ duplicate }) => duplicate).sort(), [false, true]);
    const others = await Promise.all([hear(a, 'Radiohead'), hear(b, 'Portishead')]);
    assert.deepEqual(
      others.map(({ duplicate }) => duplicate),
      [false, false],
    );
    const exported = fakeExport(Array.from({ length: 40 }, (_, i) => [i, 'Massive Attack']));
    const reports = await Promise.all([a.import(exported), b.import(exported)]);
    assert.equal(reports[0].added + reports[1].added, 40);
    const stored = await artistsHeard(left!);
    assert.equal(stored.length, 43);
    for (const engine of [a, b]) assert.equal((await engine.profile()).events, 43);
  });

  test('a tab that did not hear of an erasing does not append behind it', async () => {
    const [left, right] = sharedStores(2);
    left!.onExternalChange = () => () => undefined;
    const a = (await open(left!)).engine;
    const b = (await open(right!)).engine;
    await a.listen({ track: { artist: 'Björk' }, startedAt });
    await b.erase();
    const again = await a.listen({ track: { artist: 'Radiohead' }, startedAt });
    assert.equal(again.duplicate, false);
    assert.deepEqual(await artistsHeard(right!), ['Radiohead']);
    assert.equal((await a.profile()).events, 1);
  });

  test('erasing in one empties the other, which can go on', async () => {
    const [left, right] = sharedStores(2);
    const a = (await open(left!)).engine;
    const b = (await open(right!)).engine;
    await a.listen({ track: { artist: 'Björk' }, startedAt });
    await b.erase();
    assert.equal((await a.profile()).events, 0);
    const again = await a.listen({ track: { artist: 'Björk' }, startedAt });
    assert.equal(again.duplicate, false);
    assert.equal((await b.profile()).events, 1);
  });

  test('what one deletes the other forgets', async () => {
    const [left, right] = sharedStores(2);
    const a = (await open(left!)).engine;
    const b = (await open(right!)).engine;
    await a.listen({ track: { artist: 'Björk' }, startedAt });
    await b.listen({ track: { artist: 'Radiohead' }, startedAt });
    const [first] = (await b.history.query({ text: 'bjork' })).entries;
    assert.deepEqual(await b.history.delete(first!.id), { deleted: 1 });
    assert.equal((await a.profile()).events, 1);
    assert.equal((await a.listen({ track: { artist: 'Björk' }, startedAt })).duplicate, false);
    assert.equal((await b.profile()).events, 2);
  });

  test('a tab that missed the erasing notices at its next event', async () => {
    const [left, right] = sharedStores(2);
    left!.onExternalChange = () => () => undefined;
    const a = (await open(left!)).engine;
    const b = (await open(right!)).engine;
    await a.listen({ track: { artist: 'Björk' }, startedAt });
    await a.listen({ track: { artist: 'Radiohead' }, startedAt });
    await b.erase();
    await a.listen({ track: { artist: 'Portishead' }, startedAt });
    assert.equal((await a.profile()).events, 1);
  });

  test("another tab's broken record is reported by the next call, and again", async () => {
    const [left, right] = sharedStores(2);
    const a = (await open(left!)).engine;
    const b = (await open(right!)).engine;
    left!.read = () => {
      throw new OssicleError('store_corrupt', 'record 1');
    };
    await b.listen({ track: { artist: 'Björk' }, startedAt });
    await assert.rejects(a.profile(), ossicleError('store_corrupt'));
    await assert.rejects(a.recommend(), ossicleError('store_corrupt'));
  });
});

suite('feedback', () => {
  test('given back and forth within one second, the last word counts', async () => {
    const { engine } = await open(memoryStore());
    const id = idOf('Björk');
    for (const kind of ['love', 'clear', 'love', 'ban', 'clear', 'love'] as const) {
      await engine.feedback(id, kind);
    }
    assert.deepEqual(
      (await engine.flagged('love')).map(({ name }) => name),
      ['Björk'],
    );
    assert.deepEqual(await engine.flagged('ban'), []);
  });

  test('about an artist that nobody knows is refused', async () => {
    const { engine } = await open(memoryStore());
    const refused = engine.feedback('0'.repeat(32), 'love');
    await assert.rejects(refused, ossicleError('unknown_item'));
  });
});

suite('ends', () => {
  test('an erased history stays erased while an import runs', async () => {
    const store = memoryStore();
    const { engine } = await open(store);
    let erased: Promise<void> | undefined;
    const piece = new Uint8Array(65536).fill(0x20);
    piece.set(fakeExport([[1_700_000_000, 'Björk']]));
    const stream = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (erased) await erased;
        controller.enqueue(piece);
        erased ??= engine.erase();
      },
    });
    await assert.rejects(engine.import(stream), named('AbortError'));
    assert.deepEqual(await batchesOf(store), []);
  });

  test('a closed engine answers with "closed"; closing twice is fine', async () => {
    const { engine, cores } = await open(memoryStore());
    await engine.close();
    await engine.close();
    await assert.rejects(engine.recommend(), ossicleError('closed'));
    assert.equal(cores[0]?.closed, true);
  });

  test('an opening that fails leaves the store closed', async () => {
    const store = memoryStore();
    let closed = 0;
    store.close = () => Promise.resolve(void (closed += 1));
    await store.append([play('Björk')]);
    store.read = () => {
      throw new OssicleError('store_corrupt', 'record 1');
    };
    await assert.rejects(open(store), ossicleError('store_corrupt'));
    assert.equal(closed, 1);
  });

  test('an abort while waiting in line does nothing', async () => {
    const store = memoryStore();
    const { engine } = await open(store);
    const controller = new AbortController();
    const first = engine.listen({ track: { artist: 'Björk' }, startedAt });
    const second = engine.listen(
      { track: { artist: 'Radiohead' }, startedAt },
      { signal: controller.signal },
    );
    controller.abort();
    await first;
    await assert.rejects(second, named('AbortError'));
    assert.deepEqual(await artistsHeard(store), ['Björk']);
  });

  test('arguments out of range are refused with their name', async () => {
    const { engine } = await open(memoryStore());
    const cases: [Promise<unknown>, RegExp][] = [
      [engine.recommend({ limit: 0 }), /limit/],
      [engine.recommend({ limit: 257 }), /limit/],
      [engine.recommend({ reasons: 17 }), /reasons/],
      [engine.recommend({ diversity: 1.1 }), /diversity/],
      [engine.recommend({ novelty: NaN }), /novelty/],
      [engine.recommend({ neighbours: -1 }), /neighbours/],
      [engine.recommend({ repeatDays: 1e9 }), /repeatDays/],
      [engine.recommend({ perArtist: 0 }), /perArtist/],
      [engine.recommend({ follow: { situation: 3 } }), /situation/],
      [engine.recommend({ follow: { seed: 0.5 } }), /seed/],
      [engine.recommend({ now: new Date(NaN) }), /now/],
      [engine.listen({ track: { artist: ' ' }, startedAt }), /artist/],
      [engine.listen({ track: { artist: 'a' }, startedAt: new Date('nonsense') }), /startedAt/],
      [engine.listen({ track: { artist: 'a' }, startedAt, playedMs: -1 }), /playedMs/],
    ];
    for (const [call, message] of cases) {
      await assert.rejects(call, ossicleError('invalid_argument', message));
    }
  });
});
