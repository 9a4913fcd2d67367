import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScanProgress, SourceError } from '../src/sources/types.ts';
import { fileAt, opusFile, picture, pictureTag } from './support/files.ts';
import { newName, open } from './support/library.ts';

const roads = opusFile('Portishead/Dummy/09 Roads.opus', {
  TITLE: 'Roads',
  ARTIST: 'Portishead',
  ALBUM: 'Dummy',
  ALBUMARTIST: 'Portishead',
  TRACKNUMBER: '9',
  DATE: '1994',
  GENRE: ['Trip-Hop', 'Electronic;Downtempo'],
  LYRICS: '[00:10.50]Oh\n[00:12]can’t anybody see',
  METADATA_BLOCK_PICTURE: pictureTag(picture(1)),
});

test('tags, lyrics and the cover of a file are found', async () => {
  await using library = open(newName());
  const source = await library.addFiles([roads]);
  assert.equal(source.kind, 'files');
  assert.equal(source.name, 'Music');
  const report = await library.scan(source.id);
  assert.deepEqual(report, { added: 1, changed: 0, removed: 0, unchanged: 0, problems: [] });
  const { rows } = await library.tracks();
  const [track] = rows;
  assert(track);
  assert.equal(track.title, 'Roads');
  assert.equal(track.artist, 'Portishead');
  assert.equal(track.album, 'Dummy');
  assert.equal(track.number, 9);
  assert.equal(track.year, 1994);
  assert.deepEqual(track.genres, ['Trip-Hop', 'Electronic', 'Downtempo']);
  assert.equal(track.durationMs, 1000);
  assert.equal(track.hasAudio, true);
  assert.deepEqual(await library.lyrics(track.id), {
    plain: 'Oh\ncan’t anybody see',
    lines: [
      { atMs: 10_500, text: 'Oh' },
      { atMs: 12_000, text: 'can’t anybody see' },
    ],
  });
  const cover = await library.cover(track.cover ?? '');
  const shown = await (await fetch(cover?.url ?? '')).arrayBuffer();
  assert.deepEqual(new Uint8Array(shown), picture(1));
  cover?.release();
  using media = await library.media(track.id);
  assert.match(media.url, /^blob:/);
});

test('broken, empty and untagged files are told by name and reason, and the rest is read', async () => {
  await using library = open(newName());
  const whole = await roads.arrayBuffer();
  const source = await library.addFiles([
    roads,
    fileAt('empty.mp3', ''),
    fileAt('letter.mp3', 'Dear diary, '.repeat(100)),
    fileAt('cut.opus', new Uint8Array(whole.slice(0, 20))),
    fileAt('noise.flac', picture(3, 5000)),
    opusFile('03 - Nobody - No Tags.opus', {}),
    fileAt('notes.txt', 'no music'),
    opusFile('.hidden/x.opus', { TITLE: 'hidden' }),
  ]);
  const { added, problems } = await library.scan(source.id);
  assert.equal(added, 2);
  assert.deepEqual(problems.map(({ path, kind }) => `${path}: ${kind}`).sort(), [
    '03 - Nobody - No Tags.opus: untagged',
    'cut.opus: corrupt',
    'empty.mp3: empty',
    'letter.mp3: corrupt',
    'noise.flac: corrupt',
  ]);
  assert(problems.every(({ reason }) => reason.length > 10));
  const untagged = (await library.tracks({ text: 'no tags' })).rows[0];
  assert.equal(untagged?.title, 'No Tags');
  assert.equal(untagged.artist, 'Nobody');
  assert.equal(untagged.number, 3);
  assert.equal((await library.sources())[0]?.problems, 5);
  const again = await library.scan(source.id);
  assert.equal(again.added + again.changed + again.removed, 0, 'broken files are not read again');
  assert.equal(again.problems.length, 5);
});

test('a rescan reads what is new or changed, and forgets what is gone', async () => {
  await using library = open(newName());
  const files = ['a', 'b', 'c'].map((name) => opusFile(`${name}.opus`, { TITLE: name }));
  const { id } = await library.addFiles(files);
  await library.scan(id);
  const addedAt = (await library.tracks({ text: 'b' })).rows[0]?.addedAt;
  const changed = opusFile('b.opus', { TITLE: 'b, anew' }, { lastModified: 1_700_000_100_000 });
  await library.addFiles([...files.slice(0, 1), changed, opusFile('d.opus', { TITLE: 'd' })]);
  const report = await library.scan(id);
  assert.deepEqual(report, { added: 1, changed: 1, removed: 1, unchanged: 1, problems: [] });
  const titles = (await library.tracks({ order: 'title' })).rows.map(({ title }) => title);
  assert.deepEqual(titles, ['a', 'b, anew', 'd']);
  assert.equal((await library.tracks({ text: 'anew' })).rows[0]?.addedAt, addedAt);
});

test('a stopped scan keeps what it read, and the next one goes on from there', async () => {
  await using library = open(newName());
  const files = Array.from({ length: 450 }, (_, i) => opusFile(`${i}.opus`, { TITLE: `t${i}` }));
  const { id } = await library.addFiles(files);
  const control = new AbortController();
  const seen: ScanProgress[] = [];
  const scan = library.scan(id, {
    signal: control.signal,
    onProgress(progress) {
      seen.push(progress);
      if (progress.stage === 'reading' && progress.done >= 150) control.abort();
    },
  });
  await assert.rejects(scan, { name: 'AbortError' });
  const kept = (await library.counts()).tracks;
  assert(kept >= 100 && kept < 450, `${kept} were kept`);
  assert.equal((await library.sources())[0]?.scannedAt, null);
  const report = await library.scan(id);
  assert.equal(report.unchanged, kept);
  assert.equal(report.added, 450 - kept);
  const reading = seen.filter(({ stage }) => stage === 'reading');
  assert(reading.every(({ total, totalBytes }) => total === 450 && totalBytes > 0));
});

test('the library is there after a reload; chosen files must be chosen again', async () => {
  const name = newName();
  {
    await using library = open(name);
    const { id } = await library.addFiles([roads]);
    await library.scan(id);
  }
  await using library = open(name);
  const [source] = await library.sources();
  assert.equal(source?.state, 'choose');
  const [track] = (await library.tracks()).rows;
  assert.equal(track?.title, 'Roads');
  assert.equal(track.hasAudio, false);
  await assert.rejects(library.media(track.id), (cause: SourceError) => {
    assert.equal(cause.code, 'files_gone');
    assert.match(cause.message, /Choose the folder "Music" again/);
    return true;
  });
  assert.equal((await library.addFiles([roads])).id, source.id);
  assert.equal((await library.tracks()).rows[0]?.hasAudio, true);
});

test('one picture is stored once, and goes with the last track that has it', async () => {
  await using library = open(newName());
  const tag = pictureTag(picture(9, 30_000));
  const { id } = await library.addFiles(
    Array.from({ length: 30 }, (_, i) =>
      opusFile(`${i}.opus`, { TITLE: `${i}`, METADATA_BLOCK_PICTURE: tag }),
    ),
  );
  await library.scan(id);
  const covers = new Set((await library.tracks()).rows.map(({ cover }) => cover));
  assert.equal(covers.size, 1);
  const kept = await library.stored();
  assert.equal(kept.covers.count, 1);
  assert(kept.covers.bytes + kept.tracks.bytes < 60_000);
  await library.removeSource(id);
  const left = await library.stored();
  assert.deepEqual(left.covers, { count: 0, bytes: 0 });
  assert(left.tracks.bytes < 1000);
  assert.equal(await library.cover([...covers][0] ?? ''), null);
  assert.equal((await library.counts()).tracks, 0);
});

test('cover.jpg and .lrc files beside the music are used', async () => {
  await using library = open(newName());
  const { id } = await library.addFiles([
    opusFile('x/one.opus', { TITLE: 'one' }),
    opusFile('y/two.opus', { TITLE: 'two' }),
    fileAt('x/Cover.JPG', picture(4)),
    fileAt('x/one.lrc', '[ar:Somebody]\n[offset:500]\n[00:01.00]first'),
  ]);
  await library.scan(id);
  const [one, two] = (await library.tracks({ order: 'title' })).rows;
  assert.notEqual(one?.cover, null);
  assert.equal(two?.cover, null);
  assert.deepEqual((await library.lyrics(one?.id ?? ''))?.lines, [{ atMs: 500, text: 'first' }]);
});

test('two tabs see each other’s changes', async () => {
  const name = newName();
  await using one = open(name);
  await using two = open(name);
  await two.counts();
  const told = new Promise<void>((resolve) => two.onChange(resolve));
  const { id } = await one.addFiles([roads]);
  await one.scan(id);
  await told;
  for (let tries = 0; (await two.counts()).tracks === 0 && tries < 100; ++tries) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal((await two.counts()).tracks, 1);
  // And neither overwrites what the other wrote.
  const other = await two.addFiles([opusFile('b.opus', { TITLE: 'b' })]);
  assert.equal(other.id, id, 'it is the same folder');
  await two.addDemo();
  for (let tries = 0; (await one.sources()).length === 1 && tries < 100; ++tries) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal((await one.sources()).length, 2);
});

test('what is stored cannot be read in the database, and erasing leaves nothing', async () => {
  const name = newName();
  await using library = open(name);
  const { id } = await library.addFiles([roads]);
  await library.scan(id);
  const dump = async (): Promise<string> => {
    const db = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
    });
    let all = '';
    for (const store of db.objectStoreNames) {
      const request = db.transaction(store).objectStore(store).getAll();
      const keys = db.transaction(store).objectStore(store).getAllKeys();
      await new Promise((resolve) => (keys.onsuccess = resolve));
      all += JSON.stringify([keys.result, request.result], (_key, value: unknown) =>
        value instanceof ArrayBuffer ? Buffer.from(value).toString('latin1') : value,
      );
    }
    db.close();
    return all;
  };
  const before = await dump();
  assert(before.length > 1000);
  assert.doesNotMatch(before, /Roads|Portishead|anybody/);
  await library.erase();
  assert.deepEqual(await library.sources(), []);
  assert.equal((await library.counts()).tracks, 0);
  assert((await dump()).length < 200);
});
