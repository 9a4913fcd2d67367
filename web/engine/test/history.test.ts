import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { strToU8 } from 'fflate';
import { OssicleError } from '../src/errors.ts';
import { memoryStore } from '../src/store/memory.ts';
import type { Engine, HistoryEntry, HistoryQuery } from '../src/types.ts';
import { opened } from './built.ts';
import { batchesOf, listenBrainz, named, ossicleError, withoutWasm } from './support.ts';

const now = new Date('2026-11-01T00:00:00Z');
const second = 1_760_000_000;
const artists = ['Portishead', 'Massive Attack', 'Radiohead', 'Björk', 'Tricky'];
const rows = Array.from({ length: 500 }, (_, i) => {
  return [artists[i % 5]!, `Song ${i}`, second + 3600 * i] as const;
});

async function all(engine: Engine, query: HistoryQuery = {}): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  for (let after: string | null | undefined; after !== null;) {
    const page = await engine.history.query({ ...query, ...(after && { after }) });
    entries.push(...page.entries);
    after = page.next;
  }
  return entries;
}

/** All that a listener could tell an engine by. */
async function stateOf(engine: Engine): Promise<unknown> {
  const profile = { ...(await engine.profile()), storedBytes: null };
  const entries = (await all(engine, { limit: 1000 })).map((entry) => ({ ...entry, id: '' }));
  const list = await engine.recommend({ limit: 100, now, repeatDays: 1, shownRestDays: 30 });
  return { profile, entries, list, loved: await engine.flagged('love') };
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text();
}

suite('the history', { skip: withoutWasm }, () => {
  test('is given in pages, newest or oldest first, each entry once', async (t) => {
    const engine = await opened(t);
    await engine.import(listenBrainz(rows), { now });
    const newest = await all(engine, { limit: 70 });
    assert.deepEqual(
      newest.map(({ track }) => track.title),
      rows.map(([, title]) => title).reverse(),
    );
    const oldest = await all(engine, { limit: 499, order: 'oldest' });
    assert.deepEqual(oldest, newest.reverse());
    assert.equal((await engine.history.query({ limit: 1 })).total, 500);
  });

  test('is found by time, artist, source, kind and words', async (t) => {
    const engine = await opened(t);
    await engine.import(listenBrainz(rows), { now });
    const startedAt = new Date(1000 * (second - 60));
    await engine.listen({
      track: { artist: 'Björk', title: 'Jóga', album: 'Homogenic' },
      startedAt,
      source: 'player',
    });
    const [jóga] = await all(engine, { source: 'player' });
    assert.equal(jóga?.track.title, 'Jóga');
    const { artistId } = jóga;
    await engine.feedback(artistId, 'love', { at: now });
    const total = async (query: HistoryQuery): Promise<number> =>
      (await engine.history.query(query)).total;
    assert.equal(await total({ artistId }), 102);
    assert.equal(await total({ artistId, kinds: ['love'] }), 1);
    assert.equal(await total({ text: 'JOGA' }), 1);
    assert.equal(await total({ text: 'homogenic' }), 1);
    assert.equal(await total({ to: new Date(1000 * second) }), 1);
    assert.equal(
      await total({ from: new Date(1000 * second), to: new Date(1000 * (second + 3600)) }),
      1,
    );
    await assert.rejects(total({ limit: 0 }), ossicleError('invalid_argument', /limit/));
    await assert.rejects(total({ after: 'x' }), ossicleError('invalid_argument', /after/));
    const signal = AbortSignal.abort();
    await assert.rejects(total({ signal }), named('AbortError'));
  });

  test('without what was deleted is that of an engine that never had it', async (t) => {
    const store = memoryStore();
    const engine = await opened(t, { store });
    const kept = rows.filter((_, i) => i % 7 !== 3);
    await engine.import(listenBrainz(rows), { now });
    const { artistId } = (await all(engine, { text: 'Tricky', limit: 1 }))[0]!;
    await engine.feedback(artistId, 'ban', { at: now });
    const gone = (await all(engine)).filter(
      ({ kind, track }) => kind === 'ban' || Number(track.title?.slice(5)) % 7 === 3,
    );
    assert.equal(gone.length, 72);
    const ids = gone.map(({ id }) => id);
    assert.deepEqual(await engine.history.delete(ids), { deleted: 72 });
    assert.deepEqual(await engine.history.delete([...ids, '1/play/0/x/']), { deleted: 0 });

    const never = await opened(t);
    await never.import(listenBrainz(kept), { now });
    const expected = await stateOf(never);
    assert.deepEqual(await stateOf(engine), expected);
    const again = await opened(t, { store });
    assert.deepEqual(await stateOf(again), expected);
    assert.equal(JSON.stringify(await batchesOf(store)).includes('"Song 3"'), false);
  });

  test('with an edited play is that of an engine that had it so', async (t) => {
    const engine = await opened(t);
    await engine.import(listenBrainz(rows), { now });
    const entry = (await all(engine)).find(({ track }) => track.title === 'Song 42');
    const startedAt = new Date(1000 * (second + 77));
    const edited = await engine.history.edit(entry!.id, {
      track: { artist: 'Portishead', title: 'Roads' },
      startedAt,
    });
    assert.deepEqual([edited.track.artist, edited.at], ['Portishead', startedAt]);
    assert.deepEqual(await all(engine, { text: 'Roads' }), [edited]);

    const so = await opened(t);
    const others = rows.map((row, i) =>
      i === 42 ? (['Portishead', 'Roads', second + 77] as const) : row,
    );
    await so.import(listenBrainz(others), { now });
    assert.deepEqual(await stateOf(engine), await stateOf(so));
    const gone = engine.history.edit(entry!.id, { playedMs: 1 });
    await assert.rejects(gone, ossicleError('unknown_item', /no entry/));
  });

  test('that could not be changed is as it was', async (t) => {
    const store = memoryStore();
    const engine = await opened(t, { store });
    await engine.import(listenBrainz(rows), { now });
    const before = await stateOf(engine);
    store.replace = () => Promise.reject(new OssicleError('quota_exceeded', 'full'));
    const [entry] = await all(engine, { limit: 1 });
    await assert.rejects(engine.history.delete(entry!.id), ossicleError('quota_exceeded'));
    assert.deepEqual(await stateOf(engine), before);
  });

  test('exported and imported again is the same, with what was said and the settings', async (t) => {
    const engine = await opened(t);
    await engine.import(listenBrainz(rows), { now });
    const { artistId } = (await all(engine, { text: 'Radiohead' }))[0]!;
    await engine.feedback(artistId, 'love', { at: now });
    await engine.shown(await engine.recommend({ limit: 5, now }), { at: now });
    const settings = { learn: true, language: 'zh' };
    const text = await textOf(engine.export({ settings }));
    assert.match(text.split('\n')[0]!, /"ossicle":"history"/);

    const other = await opened(t);
    const report = await other.import(strToU8(text), { now });
    assert.deepEqual([report.format, report.added, report.settings], ['ossicle', 506, settings]);
    assert.deepEqual(await stateOf(other), await stateOf(engine));
    assert.equal((await other.import(strToU8(text), { now })).added, 0);
  });

  test('a backup with broken lines gives the rest, and says which; one of a later Ossicle is refused', async (t) => {
    const engine = await opened(t);
    await engine.import(listenBrainz(rows.slice(0, 3)), { now });
    const [head, ...events] = (await textOf(engine.export())).trimEnd().split('\n');
    const broken = [head, events[0], '{"kind":"play"}', 'nonsense', events[1]?.slice(0, -9)];
    const other = await opened(t);
    const report = await other.import(strToU8(broken.join('\n')), { now });
    assert.equal(report.added, 1);
    assert.deepEqual(
      report.problems.map(({ kind, count, firstLine }) => [kind, count, firstLine]),
      [
        ['bad_record', 2, 3],
        ['truncated', 1, 5],
      ],
    );
    const newer = strToU8('{"ossicle":"history","version":9}\n');
    await assert.rejects(other.import(newer, { now }), ossicleError('unsupported_version'));
  });

  test('exported for ListenBrainz has the plays, and nothing else', async (t) => {
    const engine = await opened(t);
    await engine.import(listenBrainz(rows), { now });
    const { artistId } = (await all(engine, { limit: 1 }))[0]!;
    await engine.feedback(artistId, 'love', { at: now });
    const text = await textOf(engine.export({ format: 'listenbrainz' }));
    const other = await opened(t);
    const report = await other.import(strToU8(text), { now });
    assert.deepEqual([report.format, report.added, report.problems], ['listenbrainz', 500, []]);
  });

  test('an export that nobody reads on ends, and a closed engine exports nothing', async (t) => {
    const engine = await opened(t);
    await engine.import(listenBrainz(rows), { now });
    const reader = engine.export().getReader();
    await reader.read();
    await reader.cancel();
    const aborted = engine.export({ signal: AbortSignal.abort() }).getReader();
    await assert.rejects(aborted.read(), named('AbortError'));
    await engine.close();
    await assert.rejects(engine.export().getReader().read(), ossicleError('closed'));
  });
});
