import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { fileStore } from '../src/store/file.ts';
import { indexedDbStore } from '../src/store/indexeddb.ts';
import { sqliteStore } from '../src/store/sqlite.ts';
import type { Store, StoredEvent } from '../src/types.ts';
import { batchesOf, play } from './support.ts';

const golden = (name: string): string => join(import.meta.dirname, 'golden', name);
const key = Uint8Array.from({ length: 32 }, (_, i) => i);
const expected = JSON.parse(await readFile(golden('events.json'), 'utf8')) as StoredEvent[][];

interface End {
  after: (end: () => Promise<void>) => void;
}

async function copied(t: End, name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ossicle-golden-'));
  t.after(() => rm(folder, { recursive: true }));
  await copyFile(golden(name), join(folder, name));
  return join(folder, name);
}

/** Puts a database as version 1 left it into this process's IndexedDB; gives its name. */
async function restored(): Promise<string> {
  const stored = JSON.parse(await readFile(golden('indexeddb-v1.json'), 'utf8')) as {
    readonly name: string;
    readonly version: number;
    readonly key: string;
    readonly facts: Readonly<Record<string, number>>;
    readonly batches: readonly {
      readonly seq: number;
      readonly iv: string;
      readonly sealed: string;
    }[];
  };
  const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(Buffer.from(text, 'base64'));
  const db = await openDB(stored.name, stored.version, {
    upgrade(database) {
      database.createObjectStore('batches', { keyPath: 'seq' });
      database.createObjectStore('facts');
    },
  });
  const raw = bytesOf(stored.key);
  const sealing = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ]);
  await db.put('facts', sealing, 'key');
  for (const [name, value] of Object.entries(stored.facts)) await db.put('facts', value, name);
  for (const { seq, iv, sealed } of stored.batches) {
    await db.put('batches', { seq, iv: bytesOf(iv), sealed: bytesOf(sealed).buffer });
  }
  db.close();
  return stored.name;
}

const released: Readonly<Record<string, (t: End) => Promise<Store>>> = {
  'file, version 1': async (t) => fileStore(await copied(t, 'file-v1.jsonl')),
  'IndexedDB, version 1': async () => indexedDbStore(await restored()),
  'SQLite, version 1': async (t) => sqliteStore(await copied(t, 'sqlite-v1.db')),
  'sealed SQLite, version 1': async (t) =>
    sqliteStore(await copied(t, 'sqlite-sealed-v1.db'), { key }),
};

suite('a store that an earlier release wrote', () => {
  for (const [name, make] of Object.entries(released)) {
    test(`is read and goes on: ${name}`, async (t) => {
      const store = await make(t);
      await store.open();
      const before = await batchesOf(store);
      assert.deepEqual(
        before.map(({ events }) => events),
        expected,
      );
      assert.equal(await store.append([play('a')]), expected.length + 1);
      await store.replace(1, [play('b')]);
      const after = await batchesOf(store);
      assert.deepEqual(
        after.map(({ events }) => events),
        [[play('b')], ...expected.slice(1), [play('a')]],
      );
      await store.close();
    });
  }
});
