/** The package as Node uses it: the built dist, the real module and the released catalogue. */
import assert from 'node:assert/strict';
import { appendFile, cp, mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { strToU8, zipSync } from 'fflate';
import { memoryStore } from '../src/store/memory.ts';
import type { Engine, OpenOptions } from '../src/types.ts';
import { opened, openEngine, type TestEnd } from './built.ts';
import { assets, batchesOf, listenBrainz, named, ossicleError, withoutWasm } from './support.ts';

const startedAt = new Date('2026-03-01T20:00:00Z');
const now = new Date('2026-04-01T00:00:00Z');
const second = startedAt.getTime() / 1000;
const heard = ['Portishead', 'Massive Attack', 'Radiohead'];

type Options = Partial<OpenOptions>;

async function listened(t: TestEnd, options: Options = {}): Promise<Engine> {
  const engine = await opened(t, options);
  for (const artist of heard) {
    assert.equal((await engine.listen({ track: { artist }, startedAt })).matched, true);
  }
  return engine;
}

/** A copy of the assets that may be damaged. */
async function copied(t: TestEnd): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ossicle-assets-'));
  t.after(() => rm(folder, { recursive: true }));
  await cp(assets, pathToFileURL(folder), { recursive: true });
  return folder;
}

async function shardOf(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, 'catalogue/bundle.json'), 'utf8')) as {
    files: { path: string }[];
  };
  return `catalogue/${manifest.files[0]!.path}`;
}

suite('an engine in Node', { skip: withoutWasm }, () => {
  test('tells its build, why, and what its catalogue is', async (t) => {
    const engine = await opened(t);
    assert.equal(engine.build.variant, 'relaxed');
    assert.ok(engine.build.reason.length > 0);
    const { artists, factors, name, licence, source } = engine.catalogue;
    assert.ok(artists > 1000 && factors >= 16);
    assert.ok(name.length > 0 && licence.length > 0 && source.length > 0);
  });

  test('reports progress that grows up to the whole', async (t) => {
    const seen: { loadedBytes: number; totalBytes: number }[] = [];
    await opened(t, { onProgress: (progress) => seen.push(progress) });
    const last = seen.at(-1)!;
    assert.equal(last.loadedBytes, last.totalBytes);
    assert.ok(seen.every((each, i) => i === 0 || each.loadedBytes >= seen[i - 1]!.loadedBytes));
  });

  test('without a history gives the most listened artists', async (t) => {
    const engine = await opened(t);
    const { items, basis } = await engine.recommend({ limit: 5, now });
    assert.equal(basis, 'popular');
    assert.equal(items.length, 5);
    assert.ok(items.every(({ because }) => because.length === 0));
  });

  test('recommends what was not heard yet, each with the plays that caused it', async (t) => {
    const engine = await listened(t);
    const { items, basis } = await engine.recommend({ limit: 20, now });
    assert.equal(basis, 'history');
    assert.equal(items.length, 20);
    for (const { artist, because } of items) {
      assert.ok(!heard.includes(artist.name), artist.name);
      assert.ok(because.length >= 1 && because.length <= 3);
      for (const reason of because) {
        assert.ok(heard.includes(reason.artist.name));
        assert.ok(reason.contribution > 0);
        assert.equal(reason.plays, 1);
        assert.deepEqual(reason.firstPlayedAt, startedAt);
      }
    }
    const scores = items.map(({ score }) => score);
    assert.deepEqual(
      scores,
      scores.toSorted((a, b) => b - a),
    );
    const bare = await engine.recommend({ limit: 20, reasons: 0, now });
    assert.ok(bare.items.every(({ because }) => because.length === 0));
    assert.equal(bare.basis, 'history');
  });

  test('gives the same list in both builds', async (t) => {
    const lists = [];
    for (const variant of ['simd', 'relaxed'] as const) {
      const engine = await listened(t, { variant });
      assert.equal(engine.build.variant, variant);
      lists.push(await engine.recommend({ limit: 50, now }));
    }
    assert.deepEqual(lists[0], lists[1]);
  });

  test('explains a score as the sum of its reasons, and what deleting one does', async (t) => {
    const engine = await listened(t);
    const { items } = await engine.recommend({ limit: 1, now });
    const { id } = items[0]!.artist;
    const explained = await engine.explain(id, { now });
    assert.equal(explained.score, items[0]!.score);
    assert.equal(explained.because.length, heard.length);
    const [first] = explained.because;
    const without = await opened(t);
    for (const artist of heard.filter((each) => each !== first!.artist.name)) {
      await without.listen({ track: { artist }, startedAt });
    }
    const fallen = explained.score - (await without.explain(id, { now })).score;
    assert.ok(Math.abs(fallen - first!.ifRemoved) <= 1e-4 * Math.abs(first!.ifRemoved));
  });

  test('a reason names the tags that both artists have', async (t) => {
    const engine = await listened(t);
    let named = 0;
    for (const { artist, because } of (await engine.recommend({ limit: 50, reasons: 4, now }))
      .items) {
      for (const reason of because) {
        const both = artist.tags.filter((tag) => reason.artist.tags.includes(tag));
        assert.deepEqual(reason.sharedTags, both);
        named += both.length;
      }
    }
    assert.ok(named > 20, `${named} shared tags`);
  });

  test('lets what was shown rest, and turns the dial to what fewer people know', async (t) => {
    const engine = await listened(t);
    const list = await engine.recommend({ limit: 5, now });
    await engine.shown(list, { at: now });
    assert.deepEqual(await engine.recommend({ limit: 5, now }), list);
    const ids = new Set(list.items.map(({ artist }) => artist.id));
    const rested = await engine.recommend({ limit: 5, now, shownRestDays: 1 });
    assert.ok(rested.items.every(({ artist }) => !ids.has(artist.id)));
    const known = async (novelty: number): Promise<number> =>
      (await engine.recommend({ limit: 5, now, novelty })).items
        .map(({ artist }) => Math.log2(1 + artist.listeners))
        .reduce((sum, x) => sum + x);
    assert.ok((await known(1)) < (await known(0)));
  });

  test('gives a list of the bandit again for the same seed, with a mark', async (t) => {
    const engine = await listened(t);
    const options = { limit: 5, now, follow: { seed: 4 } };
    const list = await engine.recommend(options);
    assert.ok(list.mark > 0);
    assert.deepEqual(await engine.recommend(options), list);
  });

  test('love, ban and clear change the list at once', async (t) => {
    const engine = await listened(t);
    const [first, next] = (await engine.recommend({ limit: 2, now })).items;
    const at = now;
    await engine.feedback(first!.artist.id, 'ban', { at });
    const names = async (): Promise<string[]> =>
      (await engine.recommend({ limit: 20, now })).items.map(({ artist }) => artist.name);
    assert.equal((await names()).includes(first!.artist.name), false);
    assert.deepEqual(await engine.flagged('ban'), [first!.artist]);
    await engine.feedback(first!.artist.id, 'clear', { at: new Date(at.getTime() + 1000) });
    assert.equal((await names()).includes(first!.artist.name), true);
    await engine.feedback(next!.artist.id, 'love', { at });
    assert.deepEqual(await engine.flagged('love'), [next!.artist]);
    assert.equal((await engine.profile()).loved, 1);
    assert.ok((await engine.recommend({ now })).items.some(({ because }) => because[0]?.loved));
  });

  test('tells what was learnt in words, whose shares add up', async (t) => {
    const engine = await listened(t);
    const all = await engine.taste({ now, tags: 1000, artists: 1000 });
    for (const shares of [all.tags, all.artists].map((rows) => rows.map(({ share }) => share))) {
      assert.ok(shares.length > 2 && shares.every((share) => share >= 0));
      assert.deepEqual(
        shares,
        shares.toSorted((a, b) => b - a),
      );
      assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9);
    }
    const some = await engine.taste({ now, tags: 2, artists: 1 });
    assert.deepEqual(some, { tags: all.tags.slice(0, 2), artists: all.artists.slice(0, 1) });
    await assert.rejects(engine.taste({ tags: -1 }), ossicleError('invalid_argument'));
    await engine.erase();
    assert.deepEqual(await engine.taste({ now }), { tags: [], artists: [] });
  });

  test('a clear at the second of a skip takes it back', async (t) => {
    const engine = await listened(t);
    const before = await engine.recommend({ now });
    const { id } = before.items[0]!.artist;
    await engine.feedback(id, 'skip', { at: now });
    const skipped = (await engine.recommend({ now })).items.map(({ artist }) => artist.id);
    assert.equal(skipped.includes(id), false);
    await engine.feedback(id, 'clear', { at: now });
    assert.deepEqual(await engine.recommend({ now }), before);
  });

  test('in Node nothing is asked of the network', async (t) => {
    assert.deepEqual(await (await listened(t)).requests(), []);
  });

  test('a replayed store gives the same list', async (t) => {
    const store = memoryStore();
    const first = await listened(t, { store });
    await first.import(listenBrainz([['Björk', 'Jóga', second]]), { now });
    await first.feedback((await first.recommend({ now })).items[0]!.artist.id, 'love', { at: now });
    const again = await opened(t, { store });
    assert.deepEqual(await again.recommend({ now }), await first.recommend({ now }));
    assert.deepEqual(await again.profile(), await first.profile());
  });

  test('erases everything and goes on', async (t) => {
    const store = memoryStore();
    const engine = await listened(t, { store });
    await engine.erase();
    assert.deepEqual(await batchesOf(store), []);
    const { events, firstEventAt } = await engine.profile();
    assert.deepEqual([events, firstEventAt], [0, null]);
    assert.equal((await engine.recommend({ now })).basis, 'popular');
    assert.equal((await engine.listen({ track: { artist: 'Björk' }, startedAt })).duplicate, false);
  });

  test('a play of no milliseconds is not a whole play', async (t) => {
    const engine = await opened(t);
    await engine.listen({
      track: { artist: 'Portishead' },
      startedAt,
      playedMs: 0,
      durationMs: 200_000,
    });
    assert.equal((await engine.recommend({ now })).basis, 'popular');
  });

  test('names of HTML, emoji and thousands of letters are stored as they are', async (t) => {
    const store = memoryStore();
    const engine = await opened(t, { store });
    const names = [
      '<img src=x onerror=alert(1)>',
      '🎵🎶',
      'x'.repeat(5000),
      '\ud800 broken',
      'a\0b',
    ];
    for (const artist of names) {
      const became = await engine.listen({ track: { artist, title: artist }, startedAt });
      assert.deepEqual(became, { matched: false, duplicate: false });
    }
    assert.equal((await batchesOf(store)).length, names.length);
  });
});

suite('importing in Node', { skip: withoutWasm }, () => {
  const rows = Array.from({ length: 3000 }, (_, i) => {
    const artist = i % 10 === 9 ? `Unheard Of ${i % 20}` : heard[i % 3]!;
    return [artist, `Song ${i}`, second + 60 * i] as const;
  });

  test('counts, matches and stores, and a second time adds nothing', async (t) => {
    const store = memoryStore();
    const engine = await opened(t, { store });
    const seen: number[] = [];
    const file = new Blob([listenBrainz(rows) as Uint8Array<ArrayBuffer>]);
    const options = { now, onProgress: (each: { readBytes: number }) => seen.push(each.readBytes) };
    const report = await engine.import(file, options);
    assert.deepEqual(report, {
      format: 'listenbrainz',
      listens: 3000,
      estimatedDates: 0,
      added: 3000,
      duplicates: 0,
      matchedListens: 2700,
      artists: 5,
      matchedArtists: 3,
      unmatchedArtists: [
        { name: 'Unheard Of 9', listens: 150 },
        { name: 'Unheard Of 19', listens: 150 },
      ],
      problems: [],
    });
    assert.equal(seen.at(-1), file.size);
    const stored = (await batchesOf(store)).length;
    const again = await engine.import(file, { now });
    assert.deepEqual([again.added, again.duplicates, again.matchedListens], [0, 3000, 2700]);
    assert.equal((await batchesOf(store)).length, stored);
    assert.equal((await engine.profile()).events, 3000);
  });

  test('reads the zip of ListenBrainz', async (t) => {
    const engine = await opened(t);
    const zip = zipSync({
      'user.json': strToU8('{}'),
      'listens/2026/3.jsonl': listenBrainz(rows.slice(0, 100)),
      'listens/2026/4.jsonl': listenBrainz(rows.slice(100, 300)),
    });
    assert.equal((await engine.import(zip, { now })).added, 300);
  });

  test('reads the CSV of Last.fm', async (t) => {
    const engine = await opened(t);
    const csv =
      'Radiohead,Kid A,Idioteque,01 Mar 2026 20:00\n"Björk","Homogenic","Jóga",01 Mar 2026 20:05\n';
    const report = await engine.import(new TextEncoder().encode(csv), { now });
    assert.deepEqual([report.format, report.added, report.matchedArtists], ['lastfm-csv', 2, 2]);
  });

  test('passes bad records over, and says how many and where', async (t) => {
    const engine = await opened(t);
    const good = listenBrainz(rows.slice(0, 3));
    const bad = '{"listened_at": "never", "track_metadata": {"artist_name": "a"}}\nnot json\n';
    const future = listenBrainz([['Björk', 'x', second + 400 * 86400]]);
    const report = await engine.import(Buffer.concat([good, Buffer.from(bad), future]), { now });
    assert.equal(report.added, 3);
    const lines = Object.fromEntries(report.problems.map((each) => [each.kind, each.firstLine]));
    assert.deepEqual(lines, { bad_date: 4, bad_record: 5, future_date: 6 });
  });

  test('refuses another kind of file, and an empty one', async (t) => {
    const engine = await opened(t);
    for (const text of ['%PDF-1.7 ...\n', '', '<html></html>']) {
      const refused = engine.import(new TextEncoder().encode(text), { now });
      await assert.rejects(refused, ossicleError('unknown_format', /ListenBrainz/));
    }
    await assert.rejects(
      engine.import('text' as unknown as Blob),
      ossicleError('invalid_argument', /Blob/),
    );
  });

  test('an abort keeps what was read and lets the next import start', async (t) => {
    const store = memoryStore();
    const engine = await opened(t, { store });
    const controller = new AbortController();
    const aborted = engine.import(listenBrainz(rows), {
      now,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await assert.rejects(aborted, named('AbortError'));
    const { events } = await engine.profile();
    assert.ok(events > 0 && events < 3000);
    assert.equal((await batchesOf(store)).flatMap((batch) => batch.events).length, events);
    assert.equal((await engine.import(listenBrainz(rows), { now })).added, 3000 - events);
  });

  test('other calls are answered while it runs', async (t) => {
    const engine = await opened(t);
    const order: string[] = [];
    const importing = engine.import(listenBrainz(rows), { now }).then(() => order.push('import'));
    await engine.recommend({ now });
    order.push('recommend');
    await importing;
    assert.deepEqual(order, ['recommend', 'import']);
  });
});

suite('opening what is not right', { skip: withoutWasm }, () => {
  test('a file that is missing is named', async (t) => {
    const folder = await copied(t);
    await unlink(join(folder, 'ossicle-relaxed.wasm'));
    await assert.rejects(
      openEngine({ assets: folder }),
      ossicleError('missing', /relaxed.*dist\/assets/),
    );
  });

  test('an altered byte of the catalogue is a checksum_mismatch that names the file', async (t) => {
    const folder = await copied(t);
    const shard = await shardOf(folder);
    const bytes = await readFile(join(folder, shard));
    bytes[bytes.length - 5]! ^= 1;
    await writeFile(join(folder, shard), bytes);
    await assert.rejects(openEngine({ assets: folder }), (cause) => {
      assert.ok(ossicleError('checksum_mismatch', /catalogue is damaged/)(cause), String(cause));
      assert.equal((cause as { at: unknown }).at, shard);
      return true;
    });
  });

  test('a catalogue that was cut short or made longer is refused', async (t) => {
    const folder = await copied(t);
    const shard = join(folder, await shardOf(folder));
    const bytes = await readFile(shard);
    await writeFile(shard, bytes.subarray(0, bytes.length / 2));
    await assert.rejects(openEngine({ assets: folder }), named('OssicleError'));
    await writeFile(shard, bytes);
    await appendFile(shard, 'more');
    await assert.rejects(openEngine({ assets: folder }), named('OssicleError'));
  });

  test('a manifest that is no JSON is refused', async (t) => {
    const folder = await copied(t);
    await writeFile(join(folder, 'catalogue/bundle.json'), '{"format":');
    await assert.rejects(openEngine({ assets: folder }), ossicleError('corrupt', /bundle\.json/));
  });

  test('a module of another kind is refused', async (t) => {
    const folder = await copied(t);
    await writeFile(join(folder, 'ossicle-relaxed.wasm'), 'not wasm');
    await assert.rejects(
      openEngine({ assets: folder }),
      ossicleError('corrupt', /ossicle-relaxed/),
    );
  });

  test('an address that is no file is refused', async () => {
    const elsewhere = openEngine({ assets: new URL('https://example.org/ossicle/') });
    await assert.rejects(elsewhere, ossicleError('invalid_argument', /file: URL/));
  });

  test('a setting out of range is refused by name', async () => {
    const refused = openEngine({ assets, profile: { halfLifeDays: 0 } });
    await assert.rejects(refused, ossicleError('invalid_argument', /half_life_days/));
  });

  test('without SIMD says "unsupported_browser"', async (t) => {
    const { validate } = WebAssembly;
    t.after(() => void (WebAssembly.validate = validate));
    WebAssembly.validate = () => false;
    await assert.rejects(openEngine({ assets }), ossicleError('unsupported_browser', /SIMD/));
  });

  test('an abort ends the opening', async () => {
    const aborted = openEngine({ assets, signal: AbortSignal.abort() });
    await assert.rejects(aborted, named('AbortError'));
    const controller = new AbortController();
    const soon = openEngine({ assets, signal: controller.signal });
    controller.abort();
    await assert.rejects(soon, named('AbortError'));
  });

  test('an abort of a call rejects with the reason that was given', async (t) => {
    const engine = await opened(t);
    const reason = new Error('changed my mind');
    const call = engine.recommend({ signal: AbortSignal.abort(reason) });
    await assert.rejects(call, reason);
  });
});

suite('the command line of the package', { skip: withoutWasm }, () => {
  test('has the verbs of the native one', async () => {
    const { execFile } = await import('node:child_process');
    const { promisify } = await import('node:util');
    const bin = fileURLToPath(new URL('../bin/ossicle.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [bin, '--help']);
    for (const verb of ['train', 'eval', 'inspect', 'recommend']) assert.ok(stdout.includes(verb));
    const wrong = promisify(execFile)(process.execPath, [bin, 'no-such-verb']);
    await assert.rejects(wrong, (cause) => (cause as { code: number }).code === 2);
  });
});
