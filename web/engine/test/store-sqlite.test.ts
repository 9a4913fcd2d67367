import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, test } from 'node:test';
import { sqliteStore } from '../src/store/sqlite.ts';
import { batchesOf, ossicleError, play } from './support.ts';

const key = new Uint8Array(32).fill(7);

async function folderOf(t: { after: (end: () => Promise<void>) => void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ossicle-sqlite-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** Every byte that lies in a folder. */
async function bytesIn(folder: string): Promise<string> {
  const files = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name))),
  );
  return Buffer.concat(files).toString('latin1');
}

suite('a SQLite store', () => {
  test('with a key shows no word, id or time of a listen in its files', async (t) => {
    const folder = await folderOf(t);
    const event = play('Canary Artist', 1_712_345_678);
    for (const [name, options, shows] of [
      ['open.db', {}, true],
      ['sealed.db', { key }, false],
    ] as const) {
      const path = join(folder, name);
      const store = sqliteStore(path, options);
      await store.open();
      await store.append([event]);
      const bytes =
        (await readFile(path)).toString('latin1') +
        (await readFile(`${path}-wal`)).toString('latin1');
      for (const word of ['Canary', event.artistId, '1712345678', 'player']) {
        assert.equal(bytes.includes(word), shows, `${name}: ${word}`);
      }
      await store.close();
    }
  });

  test('keeps nothing of what was replaced or erased', async (t) => {
    const folder = await folderOf(t);
    const store = sqliteStore(join(folder, 'history.db'));
    await store.open();
    for (let i = 0; i < 50; ++i) await store.append([play('Canary Artist', i), play('Kept', i)]);
    for (let seq = 1; seq <= 50; ++seq) await store.replace(seq, [play('Kept', seq)]);
    const replaced = await bytesIn(folder);
    assert.deepEqual([replaced.includes('Canary'), replaced.includes('Kept')], [false, true]);
    await store.erase();
    assert.equal((await bytesIn(folder)).includes('Kept'), false);
    await store.close();
  });

  test('says that the key is missing, or another one, and names the record whose bytes were changed or moved', async (t) => {
    const path = join(await folderOf(t), 'history.db');
    const store = sqliteStore(path, { key });
    await store.open();
    for (const artist of ['a', 'b', 'c']) await store.append([play(artist)]);
    await store.close();
    const readWith = async (options: Parameters<typeof sqliteStore>[1]): Promise<unknown> => {
      const later = sqliteStore(path, options);
      await later.open();
      try {
        return await batchesOf(later);
      } finally {
        await later.close();
      }
    };
    await assert.rejects(readWith({}), ossicleError('store_unavailable', /sealed/));
    const other = new Uint8Array(32);
    await assert.rejects(readWith({ key: other }), ossicleError('store_corrupt', /Record 1 .*key/));
    const db = new DatabaseSync(path);
    db.exec(
      'UPDATE batches SET (iv, record) = (SELECT iv, record FROM batches WHERE seq = 1) WHERE seq = 2',
    );
    db.close();
    await assert.rejects(readWith({ key }), ossicleError('store_corrupt', /Record 2/));
    const short = sqliteStore(path, { key: new Uint8Array(5) });
    await assert.rejects(short.open(), ossicleError('invalid_argument', /32/));
  });

  test('is refused when it is another program’s, a newer one, or no database; and left as it is', async (t) => {
    const folder = await folderOf(t);
    const path = join(folder, 'other.db');
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE mails (id)');
    other.close();
    const before = await readFile(path);
    await assert.rejects(
      sqliteStore(path).open(),
      ossicleError('store_corrupt', /another program/),
    );
    const db = new DatabaseSync(path);
    assert.equal(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'], 1);
    db.close();
    assert.ok(before.length > 0);

    const newer = join(folder, 'newer.db');
    const store = sqliteStore(newer);
    await store.open();
    await store.close();
    const raised = new DatabaseSync(newer);
    raised.exec('PRAGMA user_version = 9');
    raised.close();
    await assert.rejects(sqliteStore(newer).open(), ossicleError('unsupported_version', /newer/));

    const text = join(folder, 'notes.txt');
    await writeFile(text, 'This is no database at all. '.repeat(99));
    await assert.rejects(sqliteStore(text).open(), ossicleError('store_corrupt', /no history/));
    assert.match(await readFile(text, 'utf8'), /^This is no database/);
    const nowhere = sqliteStore('/nowhere/at/all/history.db');
    await assert.rejects(nowhere.open(), ossicleError('store_unavailable', /nowhere/));
  });

  test('full says so, keeps what was stored, and goes on when there is room', async (t) => {
    const path = join(await folderOf(t), 'history.db');
    const store = sqliteStore(path, { mostBytes: 100_000 });
    await store.open();
    const events = Array.from({ length: 50 }, (_, i) => play('a', i));
    let stored = 0;
    const fill = async (): Promise<void> => {
      for (;;) stored = await store.append(events);
    };
    await assert.rejects(fill(), ossicleError('quota_exceeded', /No room is left .*is kept/));
    assert.ok(stored > 2);
    assert.equal((await batchesOf(store)).length, stored);
    await store.replace(1, []);
    await store.replace(2, []);
    assert.equal(await store.append(events.slice(0, 20)), stored + 1);
    await store.close();
  });

  test('two on one file see and number each other’s appends', async (t) => {
    const path = join(await folderOf(t), 'history.db');
    const [a, b] = [sqliteStore(path, { key }), sqliteStore(path, { key })];
    await Promise.all([a.open(), b.open()]);
    const seqs = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? b : a).append([play(`artist ${i}`)])),
    );
    assert.deepEqual(
      seqs.sort((x, y) => x - y),
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    assert.equal((await batchesOf(b)).length, 20);
    await Promise.all([a.close(), b.close()]);
  });
});
