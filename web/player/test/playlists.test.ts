/** Playlists that are kept: in the library's database, over reloads, tabs and versions; and found again from files of other programs. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toJspf } from 'ossicle/export/playlist';
import { openDB } from 'idb';
import { readFile } from 'node:fs/promises';
import { fold } from '../src/library/fold.ts';
import { Meant } from '../src/library/meant.ts';
import { SCHEMA_VERSION, type Schema } from '../src/library/schema.ts';
import type { Library, Playlist } from '../src/library/types.ts';
import { readPlaylistFile } from '../src/state/playlist-file.ts';
import { entryOf, Playlists } from '../src/state/playlists.ts';
import { SHAPES, shapeOf } from '../src/state/wish.ts';
import { opusFile } from './support/files.ts';
import { newName, open } from './support/library.ts';
import { track } from './support/tracks.ts';

const settle = (ms = 30): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function playlist(title: string, more: Partial<Playlist> = {}): Playlist {
  const entries = [entryOf(track('a', { artist: 'Björk' })), entryOf(track('b'))];
  const [createdAt, changedAt] = [1000, 2000];
  return { id: crypto.randomUUID(), title, entries, createdAt, changedAt, ...more };
}

async function listsOf(library: Library): Promise<Playlists> {
  const lists = new Playlists(library);
  await lists.open();
  return lists;
}

async function rawPlaylists(name: string): Promise<string> {
  const db = await openDB<Schema>(name);
  const stored = await db.getAll('playlists');
  db.close();
  return stored.map(({ sealed }) => Buffer.from(sealed).toString('latin1')).join();
}

suite('playlists in the library', () => {
  test('are kept sealed, outlive the page, and are gone when they are deleted or all is erased', async () => {
    const name = newName();
    const [first, second] = [playlist('Night drive'), playlist('悲伤的', { changedAt: 3000 })];
    {
      await using library = open(name);
      await library.keepPlaylists([first, second]);
    }
    assert.doesNotMatch(await rawPlaylists(name), /Night|Bj|opus/);
    await using library = open(name);
    assert.deepEqual(await library.playlists(), [second, first]);
    assert.ok((await library.stored()).playlists.bytes > 100);
    await library.keepPlaylists([{ ...first, title: 'Morning', changedAt: 4000 }]);
    await library.deletePlaylist(second.id);
    assert.deepEqual(
      (await library.playlists()).map(({ title }) => title),
      ['Morning'],
    );
    await library.erase();
    assert.deepEqual(await library.playlists(), []);
    assert.equal(await rawPlaylists(name), '');
    await library.keepPlaylists([first]);
    assert.deepEqual(await library.playlists(), [first]);
  });

  test('are seen by another tab, also one that did not know of an erasing yet', async () => {
    const name = newName();
    await using here = open(name);
    await using there = open(name);
    let told = 0;
    there.onPlaylists(() => ++told);
    await here.keepPlaylists([playlist('Shared')]);
    for (let tries = 0; told === 0 && tries < 50; ++tries) await settle();
    assert.equal((await there.playlists())[0]?.title, 'Shared');
    await here.erase();
    await there.keepPlaylists([playlist('After')]);
    assert.deepEqual(
      (await here.playlists()).map(({ title }) => title),
      ['After'],
    );
  });

  test('come into a library that the version before wrote, which stays as it is', async () => {
    const golden = JSON.parse(
      await readFile(new URL('golden/library-v1.json', import.meta.url), 'utf8'),
    ) as GoldenLibrary;
    const name = newName();
    await restore(golden, name);
    await using library = open(name);
    assert.deepEqual(
      (await library.tracks()).rows.map(({ title }) => title),
      golden.titles,
    );
    assert.deepEqual(await library.playlists(), []);
    const kept = playlist('New');
    await library.keepPlaylists([kept]);
    assert.deepEqual(await library.playlists(), [kept]);
    const db = await openDB(name);
    assert.equal(db.version, SCHEMA_VERSION);
    assert.ok(golden.version < SCHEMA_VERSION);
    db.close();
  });
});

interface Bytes {
  readonly iv: string;
  readonly sealed: string;
}

/** A database of version 1 whose key can be read, so that it can be put into a file. */
interface GoldenLibrary {
  readonly version: number;
  readonly key: string;
  readonly revision: number;
  readonly titles: readonly string[];
  readonly sources: readonly { id: string; kind: string; facts: Bytes }[];
  readonly chunks: readonly { id: number; sourceId: string; tracks: Bytes }[];
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(text, 'base64'));
const sealedOf = ({ iv, sealed }: Bytes): unknown => {
  return { iv: bytesOf(iv), sealed: bytesOf(sealed).buffer };
};

async function restore(golden: GoldenLibrary, name: string): Promise<void> {
  const db = await openDB(name, golden.version, {
    upgrade(database) {
      database.createObjectStore('facts');
      database.createObjectStore('sources', { keyPath: 'id' });
      database.createObjectStore('chunks', { keyPath: 'id' });
      database.createObjectStore('lyrics');
      database.createObjectStore('covers');
    },
  });
  const uses = ['encrypt', 'decrypt'] as const;
  const key = await crypto.subtle.importKey('raw', bytesOf(golden.key), 'AES-GCM', false, uses);
  await db.put('facts', key, 'key');
  await db.put('facts', golden.revision, 'revision');
  for (const { facts, ...rest } of golden.sources) {
    await db.put('sources', { ...rest, handle: null, facts: sealedOf(facts) });
  }
  for (const { tracks, ...rest } of golden.chunks) {
    await db.put('chunks', { ...rest, tracks: sealedOf(tracks) });
  }
  db.close();
}

suite('the page’s playlists', () => {
  test('a list is shown, kept, renamed, shortened, deleted, and each loss can be undone', async () => {
    await using library = open(newName());
    const lists = await listsOf(library);
    lists.show('Made', playlist('').entries);
    assert.equal(lists.state().open?.id, null);
    assert.deepEqual(lists.state().saved, []);
    await lists.save();
    await lists.rename('Named');
    await lists.removeEntry(0);
    const [kept] = await library.playlists();
    assert.equal(kept?.title, 'Named');
    assert.deepEqual(
      kept.entries.map(({ title }) => title),
      ['b'],
    );
    await lists.undo();
    assert.deepEqual(
      (await library.playlists())[0]?.entries.map(({ title }) => title),
      ['a', 'b'],
    );
    const [saved] = lists.state().saved;
    assert.ok(saved);
    await lists.delete(saved);
    assert.equal(lists.state().open, null);
    assert.deepEqual(await library.playlists(), []);
    await lists.undo();
    assert.deepEqual(await library.playlists(), [saved]);
    assert.equal(lists.state().open?.id, saved.id);
  });

  test('what another tab deletes stays open, to be kept again; what it changes is shown', async () => {
    const name = newName();
    await using library = open(name);
    await using other = open(name);
    const lists = await listsOf(library);
    lists.show('Mine', playlist('').entries);
    await lists.save();
    const [saved] = lists.state().saved;
    assert.ok(saved);
    await other.keepPlaylists([{ ...saved, title: 'Theirs', changedAt: saved.changedAt + 5 }]);
    for (let i = 0; lists.state().open?.title !== 'Theirs' && i < 50; ++i) await settle();
    assert.equal(lists.state().open?.title, 'Theirs');
    await other.deletePlaylist(saved.id);
    for (let i = 0; lists.state().saved.length > 0 && i < 50; ++i) await settle();
    assert.equal(lists.state().open?.title, 'Theirs');
    assert.equal(lists.state().open?.id, null);
  });

  test('a track is added to a list and to a new one, and the file of everything brings lists back', async () => {
    await using library = open(newName());
    const lists = await listsOf(library);
    await lists.add(track('x'), 'Fresh');
    const [fresh] = lists.state().saved;
    assert.ok(fresh);
    await lists.add(track('y'), fresh);
    assert.deepEqual(
      lists.state().saved[0]?.entries.map(({ title }) => title),
      ['x', 'y'],
    );
    const settings: unknown = JSON.parse(JSON.stringify(lists.exported()));
    await using empty = open(newName());
    const restored = await listsOf(empty);
    await restored.restore(settings);
    assert.deepEqual(await empty.playlists(), lists.state().saved);
    // What was changed since stays; what is no list is passed over.
    const [there] = restored.state().saved;
    assert.ok(there);
    restored.look(there);
    await restored.rename('Later');
    await restored.restore(settings);
    await restored.restore({ playlists: [{ id: 'x' }] });
    await restored.restore('nonsense');
    assert.deepEqual(
      (await empty.playlists()).map(({ title }) => title),
      ['Later'],
    );
  });

  test('a curve is known by its shape until a point is moved', () => {
    assert.equal(shapeOf(SHAPES.arc), 'arc');
    assert.equal(shapeOf([...SHAPES.arc.slice(0, 4), 0.2]), null);
  });
});

suite('a playlist of a file', () => {
  const tracks = [
    track('1', { path: 'Björk/Homogenic/01 Jóga.flac', title: 'Jóga', artist: 'Björk' }),
    track('2', { path: 'Björk/Live/01 Jóga.flac', title: 'Jóga', artist: 'Björk' }),
    track('3', { path: 'Other/01.flac', title: '悲伤', artist: '林见川' }),
    track('4', { path: 'tr-9', title: 'Alone', artist: 'Nobody' }),
  ];
  const meant = new Meant(tracks);
  const find = (location: string | null, title = '', artist = ''): string | null =>
    meant.track({ location, title, artist })?.id ?? null;

  test('is found by its place first, on another device too, then by name', () => {
    assert.equal(find('Björk/Live/01 Jóga.flac', 'Jóga', 'Björk'), '2');
    assert.equal(find('file:///home/me/Music/Bj%C3%B6rk/Live/01%20J%C3%B3ga.flac'), '2');
    assert.equal(find('C:\\Music\\Björk\\Homogenic\\01 Jóga.flac'), '1');
    assert.equal(find('Gone/02.flac', 'JOGA', 'bjork'), '1');
    assert.equal(find(null, '悲伤', '林见川'), '3');
    assert.equal(find(null, 'alone'), '4');
    assert.equal(find('tr-9'), '4');
  });

  test('is not taken for another one', () => {
    assert.equal(find('Elsewhere/01.flac', 'Something else', 'Nobody'), null);
    assert.equal(find(null, 'Jóga'), null, 'two have this title');
    assert.equal(find(null, 'Jóga', 'Someone'), null);
    assert.equal(find(null), null);
    assert.equal(find('%E0%A4%A'), null);
    assert.equal(fold('ＢＪÖＲＫ'), 'bjork');
  });

  test('comes back with all its tracks, those that are not in the library as well', async () => {
    await using library = open(newName());
    const song = opusFile('Artist/One.opus', { TITLE: 'One', ARTIST: 'Artist' });
    const source = await library.addFiles([song]);
    await library.scan(source.id);
    const list = {
      title: 'Mixed',
      tracks: [
        { title: 'One', artist: 'Artist', location: 'Artist/One.opus' },
        { title: 'Lost', artist: 'Gone', album: 'Away', durationMs: 1000, location: 'x/y.mp3' },
        { location: 'only/a place.mp3' },
      ],
    };
    const read = await readPlaylistFile(new File([toJspf(list)], 'm.jspf'), library);
    assert.deepEqual([read.found, read.all, read.unread, read.problem], [1, 3, 0, null]);
    assert.equal(read.title, 'Mixed');
    assert.deepEqual(
      read.entries.map(({ trackId, title, location }) => [trackId !== null, title, location]),
      [
        [true, 'One', 'Artist/One.opus'],
        [false, 'Lost', 'x/y.mp3'],
        [false, 'only/a place.mp3', 'only/a place.mp3'],
      ],
    );
  });

  test('that is none says what is wrong, and the list that is open stays', async () => {
    await using library = open(newName());
    const lists = await listsOf(library);
    lists.show('Here', playlist('').entries);
    for (const text of ['', '{', '[]', '<playlist/>']) {
      await lists.openFile(new File([text], 'bad.jspf'));
      assert.match(lists.state().opened?.problem ?? '', /no playlist in JSPF/);
      assert.equal(lists.state().open?.title, 'Here');
    }
  });
});
