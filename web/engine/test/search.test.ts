/** createIndex() and search() as their users call them, on the real module, the starter catalogue and the released encoder. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { start } from '../src/engine.ts';
import { memoryStore } from '../src/store/memory.ts';
import type { IndexProgress, SearchDocument } from '../src/types.ts';
import { folder, opened } from './built.ts';
import { FakeCore } from './fake-core.ts';
import { assets, named, ossicleError, withoutWasm } from './support.ts';

const tracks: readonly SearchDocument[] = [
  { title: 'Army of Me', artist: 'Björk', album: 'Post', tags: ['electronic', 'art pop'] },
  { title: 'Halo', artist: 'Beyoncé', tags: 'pop', text: 'remember those walls I built' },
  { title: 'Gymnopédie No. 1', artist: 'Erik Satie', text: 'slow sad piano music' },
  { title: 'Raining Blood', artist: 'Slayer', text: 'fast aggressive heavy metal' },
  { title: 'Carnival', text: 'samba, dance, percussion' },
  {},
];

const rowsOf = (hits: readonly { readonly row: number }[]): number[] => hits.map(({ row }) => row);

suite('an index of documents', { skip: withoutWasm }, () => {
  test('is searched by the words of every field, mistyped and as they are typed', async (t) => {
    const engine = await opened(t);
    const index = await engine.createIndex(tracks);
    assert.equal(index.documents, tracks.length);
    assert.equal(index.by, 'words');
    for (const [query, row] of [
      ['army', 0],
      ['bjork', 0],
      ['POST', 0],
      ['art pop', 0],
      ['walls', 1],
      ['gymnopedie', 2],
      ['agressive', 3],
    ] as const) {
      const [best] = await index.search(query);
      assert.equal(best?.row, row, query);
      assert.equal(best.found, 'words');
      assert.ok(best.score > 0);
    }
    assert.deepEqual(await index.search('rai'), []);
    assert.deepEqual(rowsOf(await index.search('rai', { asTyped: true })), [3]);
    assert.deepEqual(rowsOf(await index.search('pop', { limit: 1 })), [1]);
    for (const query of ['', ' \t', 'zzzzz']) assert.deepEqual(await index.search(query), []);
  });

  test('is searched by meaning, in another language, when vectors are asked for', async (t) => {
    const engine = await opened(t);
    await using index = await engine.createIndex(tracks, { vectors: true });
    assert.equal(index.by, 'words and meaning');
    const hits = await index.search('悲伤的钢琴曲');
    assert.equal(hits[0]?.row, 2);
    assert.equal(hits[0].found, 'meaning');
    const [slayer] = await index.search('slayer');
    assert.equal(slayer?.row, 3);
    assert.equal(slayer.found, 'both');
  });

  test('takes vectors that embed() gave, as a list or as rows, and shorter ones too', async (t) => {
    const engine = await opened(t);
    const texts = tracks.map(({ title = '', text = '' }) => `${title} ${text}`);
    const long = await engine.embed(texts);
    const short = await engine.embed(texts, { dimensions: 64 });
    const flat = new Float32Array(short.flatMap((row) => [...row]));
    const indexes = await Promise.all(
      [long, short, flat].map((vectors) => engine.createIndex(tracks, { vectors })),
    );
    const answers = await Promise.all(indexes.map((index) => index.search('悲伤的钢琴曲')));
    for (const hits of answers) assert.equal(hits[0]?.row, 2);
    assert.deepEqual(answers[1], answers[2]);
    assert.notDeepEqual(answers[0], answers[1]);
  });

  test('gives the hits and scores of `ossicle search`, in both builds', async (t) => {
    const at = await folder(t);
    const columns = ['title', 'artist', 'album', 'tags', 'text'] as const;
    const cell = (value: string | readonly string[] = ''): string =>
      typeof value === 'string' ? value : value.join(', ');
    const lines = tracks.map((track) => columns.map((name) => cell(track[name])).join('\t'));
    await writeFile(join(at, 'tracks.tsv'), [columns.join('\t'), ...lines, ''].join('\n'));
    const bin = fileURLToPath(new URL('../bin/ossicle.mjs', import.meta.url));
    const encoder = fileURLToPath(new URL('encoder', assets));
    const queries = ['sad piano', '悲伤的钢琴曲', 'army'];
    const asked = queries.flatMap((query) => ['--query', query]);
    const args = ['search', '--json', '--tracks', join(at, 'tracks.tsv'), '--bundle', encoder];
    const { stdout } = await promisify(execFile)(process.execPath, [bin, ...args, ...asked]);
    const expected = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { hits: { row: number; score: number }[] }).hits);
    for (const variant of ['simd', 'relaxed'] as const) {
      const engine = await opened(t, { variant });
      const index = await engine.createIndex(tracks, { vectors: true });
      for (const [i, query] of queries.entries()) {
        const hits = await index.search(query, { limit: 10 });
        assert.deepEqual(
          hits.map(({ row, score }) => ({ row, score })),
          expected[i]?.map(({ row, score }) => ({ row, score })),
        );
      }
    }
  });

  test('tells how far it is, lets other calls in, and leaves nothing when it is stopped', async (t) => {
    const engine = await opened(t);
    const many = Array.from({ length: 5000 }, (_, i) => ({ title: `song ${i}` }));
    const seen: IndexProgress[] = [];
    const index = await engine.createIndex(many, { onProgress: (progress) => seen.push(progress) });
    const steps = [2048, 4096, 5000].map((done) => ({ stage: 'words', done, total: 5000 }));
    assert.deepEqual(seen, steps);
    assert.equal((await index.search('song 4321'))[0]?.row, 4321);

    seen.length = 0;
    let between = 0;
    await engine.createIndex(many.slice(0, 100), {
      vectors: true,
      onProgress: (progress) => {
        seen.push(progress);
        void index.search('song').then(() => (between = between || seen.length));
      },
    });
    assert.deepEqual(
      seen.filter(({ stage }) => stage === 'meaning').map(({ done }) => done),
      [32, 64, 96, 100],
    );
    assert.ok(between < seen.length);

    for (const vectors of [false, true]) {
      const controller = new AbortController();
      const stopped = engine.createIndex(many, {
        vectors,
        signal: controller.signal,
        onProgress: ({ stage }) => {
          if (!vectors || stage === 'meaning') controller.abort();
        },
      });
      await assert.rejects(stopped, named('AbortError'));
    }
    const late = index.search('song', { signal: AbortSignal.abort() });
    await assert.rejects(late, named('AbortError'));
    assert.equal((await index.search('song 7'))[0]?.row, 7);
  });

  test('may be empty, and may hold any text', async (t) => {
    const engine = await opened(t);
    const empty = await engine.createIndex([], { vectors: true });
    assert.deepEqual(await empty.search('a'), []);
    const odd = ['\0', '\ud800', '❤️🎵', 'x'.repeat(1 << 20), '!!!', '\u0301'];
    const index = await engine.createIndex(odd.map((title) => ({ title })));
    assert.deepEqual(rowsOf(await index.search('!!!')), [4]);
    for (const query of odd) await index.search(query, { asTyped: true });
  });

  test('what cannot be searched is refused, and by its row', async (t) => {
    const engine = await opened(t);
    const index = await engine.createIndex(tracks);
    const refused = ossicleError('invalid_argument');
    const six = new Float32Array(6 * 64).fill(0.125);
    await assert.rejects(() => index.search(7 as unknown as string), refused);
    await assert.rejects(() => index.search('a', { limit: 1001 }), refused);
    for (const [documents, vectors] of [
      [[{ title: 3 as unknown as string }], false],
      [tracks, [Float32Array.of(1)]],
      [tracks, six.subarray(1)],
      [tracks, new Float32Array(6 * 65)],
      [tracks, six.with(70, Number.NaN)],
    ] as const) {
      await assert.rejects(() => engine.createIndex(documents, { vectors }), refused);
    }
    for (const wrong of [{ tags: ['a', 4] }, { tags: 4 }, { text: null }, null, 'a title']) {
      const row = engine.createIndex([{}, wrong as SearchDocument]);
      await assert.rejects(row, ossicleError('invalid_argument', /documents\[1\]/));
    }
  });

  test('a closed index says so, and so does one of a closed engine', async (t) => {
    const engine = await opened(t);
    const index = await engine.createIndex(tracks);
    const other = await engine.createIndex(tracks);
    await index.close();
    await index.close();
    await assert.rejects(() => index.search('army'), ossicleError('closed', /index/));
    assert.equal((await other.search('army'))[0]?.row, 0);
    await engine.close();
    await assert.rejects(() => other.search('army'), ossicleError('closed', /engine/));
  });
});

suite('search of the catalogue', { skip: withoutWasm }, () => {
  test('finds artists by name and tag from the first call', async (t) => {
    const engine = await opened(t);
    const { items, by } = await engine.search('massive attak');
    assert.equal(by, 'words');
    assert.equal(items[0]?.artist.name, 'Massive Attack');
    assert.equal(items[0].found, 'words');
    const { items: typed } = await engine.search('portish', { asTyped: true, limit: 5 });
    assert.equal(typed[0]?.artist.name, 'Portishead');
    assert.ok(typed.length <= 5);
    const { items: tagged } = await engine.search('trip hop', { limit: 10 });
    assert.equal(tagged.length, 10);
    for (const { artist } of tagged)
      assert.match(`${artist.name} ${artist.tags.join(' ')}`, /trip/i);
    assert.deepEqual(await engine.search(' '), { items: [], by: 'words' });
  });

  test('does not load the encoder before it is asked to', async (t) => {
    const copy = await folder(t);
    await cp(assets, pathToFileURL(copy), { recursive: true });
    await rm(join(copy, 'encoder'), { recursive: true });
    const engine = await opened(t, { assets: copy });
    assert.equal((await engine.search('radiohead')).items[0]?.artist.name, 'Radiohead');
    await assert.rejects(() => engine.prepareSearch(), ossicleError('missing', /encoder/));
    assert.equal((await engine.search('radiohead')).by, 'words');
  });

  test('an aborted preparation goes on where it was, shared by all who wait for it', async (t) => {
    const engine = await opened(t);
    const seen: number[] = [];
    const stopAt = async (wanted: number, more: readonly Promise<void>[] = []): Promise<void> => {
      const controller = new AbortController();
      const stopped = engine.prepareSearch({
        signal: controller.signal,
        onProgress: ({ stage, done, total }) => {
          assert.equal(stage, 'meaning');
          assert.equal(total, engine.catalogue.artists);
          seen.push(done);
          if (done >= wanted) controller.abort();
        },
      });
      await assert.rejects(Promise.all([stopped, ...more]), named('AbortError'));
    };
    await stopAt(64);
    await stopAt(192, [engine.prepareSearch({ signal: AbortSignal.timeout(30_000) })]);
    assert.deepEqual(seen.slice(0, 2), [32, 64]);
    assert.ok(seen.every((done, i) => i === 0 || done > (seen[i - 1] ?? 0)));
    assert.equal((await engine.search('重金属')).by, 'words');
  });

  test('goes by meaning once it is prepared', async (t) => {
    const small = await folder(t);
    await cp(assets, pathToFileURL(small), { recursive: true });
    await rm(join(small, 'catalogue'), { recursive: true });
    const golden = new URL('../../../tests/golden/catalogue-v1', import.meta.url);
    await cp(golden, join(small, 'catalogue'), { recursive: true });
    const engine = await opened(t, { assets: small });
    assert.equal((await engine.search('爵士乐')).items.length, 0);
    await engine.prepareSearch();
    const { items, by } = await engine.search('爵士乐');
    assert.equal(by, 'words and meaning');
    assert.deepEqual(items[0]?.artist.tags, ['jazz']);
    assert.equal(items[0].found, 'meaning');
    assert.equal((await engine.search('bjork')).items[0]?.artist.name, 'Björk');
  });
});

test('an index of a core that stopped says that it is gone; the search of the catalogue makes its own anew', async () => {
  let stops = 0;
  const connect = (): FakeCore =>
    new FakeCore({ traps: (name) => name === 'counts' && stops++ === 0 });
  const engine = await start(connect, { assets: 'file:///', store: memoryStore() });
  const index = await engine.createIndex([{ title: 'a' }]);
  assert.equal((await index.search('a')).length, 1);
  assert.equal((await engine.search('a')).items.length, 1);
  await engine.profile();
  assert.equal(stops, 2);
  await assert.rejects(() => index.search('a'), ossicleError('closed', /create it again/));
  assert.equal((await engine.search('a')).items.length, 1);
  await engine.close();
});

test('a core that stops in a search is made anew, and the search says that its index is gone', async () => {
  let stops = 0;
  const connect = (): FakeCore =>
    new FakeCore({ traps: (name) => name === 'indexSearch' && stops++ === 0 });
  const engine = await start(connect, { assets: 'file:///', store: memoryStore() });
  const index = await engine.createIndex([{ title: 'a' }]);
  await assert.rejects(() => index.search('a'), ossicleError('internal', /make them again/));
  assert.equal((await engine.search('a')).items.length, 1);
  await engine.close();
});
