import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import 'fake-indexeddb/auto';
import { openDB, type IDBPDatabase } from 'idb';
import { indexedDbStore } from '../src/store/indexeddb.ts';
import type { Store } from '../src/types.ts';
import { batchesOf, ossicleError, play } from './support.ts';

let nth = 0;

async function opened(
  t: TestEnd,
  name = `sealed-${(nth += 1)}`,
): Promise<{ store: Store; name: string }> {
  const store = indexedDbStore(name);
  await store.open();
  t.after(() => store.close());
  return { store, name };
}

interface TestEnd {
  after: (end: () => Promise<void> | void) => void;
}

/** What somebody with the profile folder sees. */
async function raw(t: TestEnd, name: string): Promise<IDBPDatabase> {
  const db = await openDB(name);
  t.after(() => db.close());
  return db;
}

/** Everything in a value that could be read as text. */
function textIn(value: unknown): string {
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString('latin1');
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer).toString('latin1');
  if (value instanceof CryptoKey || value === null || typeof value !== 'object')
    return String(value);
  return Object.entries(value)
    .map(([key, each]) => `${key} ${textIn(each)}`)
    .join(' ');
}

suite('the sealed history', () => {
  test('shows no word, id or time of a listen in what is stored', async (t) => {
    const { store, name } = await opened(t);
    const event = play('Canary Artist', 1_712_345_678);
    await store.append([event]);
    const db = await raw(t, name);
    const stored: unknown[] = [await db.getAll('batches'), await db.getAll('facts')];
    const all = stored.flat().map(textIn).join(' ');
    assert.ok(all.length > 100);
    const open = { seq: 1, sealed: new TextEncoder().encode(JSON.stringify(event)).buffer };
    assert.ok(textIn(open).includes('Canary'), 'the search finds what is not sealed');
    for (const word of ['Canary', 'song', event.artistId, '1712345678', 'player']) {
      assert.equal(all.includes(word), false, word);
    }
  });

  test('is sealed with a key that cannot be exported', async (t) => {
    const { store, name } = await opened(t);
    await store.append([play('a')]);
    const key = (await (await raw(t, name)).get('facts', 'key')) as CryptoKey;
    assert.equal(key.extractable, false);
    await assert.rejects(crypto.subtle.exportKey('raw', key));
  });

  test('loses the key first when it is erased, then everything', async (t) => {
    const { store, name } = await opened(t);
    await store.append([play('a')]);
    const db = await raw(t, name);
    const order: string[] = [];
    const { delete: remove, clear } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.delete = function (...args) {
      order.push(`delete ${this.name} ${JSON.stringify(args[0])}`);
      return remove.apply(this, args);
    };
    IDBObjectStore.prototype.clear = function () {
      order.push(`clear ${this.name}`);
      return clear.apply(this);
    };
    t.after(() => void Object.assign(IDBObjectStore.prototype, { delete: remove, clear }));
    await store.erase();
    assert.deepEqual(order, ['delete facts "key"', 'clear batches', 'clear facts']);
    assert.equal(await db.count('batches'), 0);
    assert.equal(await db.count('facts'), 0);
  });

  test('finishes an erasing that was cut short when it is opened', async (t) => {
    const { store, name } = await opened(t);
    await store.append([play('a')]);
    const db = await raw(t, name);
    await db.delete('facts', 'key');
    await db.put('facts', true, 'erasing');
    const later = await opened(t, name);
    assert.deepEqual(await batchesOf(later.store), []);
    assert.equal(await db.count('batches'), 0);
  });

  test('names the record whose bytes were changed, and keeps the others', async (t) => {
    const { store, name } = await opened(t);
    for (const artist of ['a', 'b', 'c']) await store.append([play(artist)]);
    const db = await raw(t, name);
    const record = (await db.get('batches', 2)) as { sealed: ArrayBuffer };
    new Uint8Array(record.sealed)[20]! ^= 1;
    await db.put('batches', record);
    await assert.rejects(
      batchesOf(store),
      ossicleError('store_corrupt', /Record 2 .*seal is broken/),
    );
    assert.equal((await batchesOf(store, 2)).length, 1);
    assert.equal(await db.count('batches'), 3);
  });

  test('notices a record that was moved to another place', async (t) => {
    const { store, name } = await opened(t);
    for (const artist of ['a', 'b']) await store.append([play(artist)]);
    const db = await raw(t, name);
    await db.put('batches', { ...(await db.get('batches', 1)), seq: 2 });
    await assert.rejects(batchesOf(store), ossicleError('store_corrupt', /Record 2/));
  });

  test('says that the key is gone instead of starting a new one', async (t) => {
    const { store, name } = await opened(t);
    await store.append([play('a')]);
    await (await raw(t, name)).delete('facts', 'key');
    await assert.rejects(batchesOf(store), ossicleError('store_corrupt', /key .* is gone/));
    await assert.rejects(
      store.append([play('b')]),
      ossicleError('store_corrupt', /key .* is gone/),
    );
  });

  test('a full disk is reported, and what was stored is kept', async (t) => {
    const { store, name } = await opened(t);
    await store.append([play('a')]);
    const { add } = IDBObjectStore.prototype;
    t.after(() => void Object.assign(IDBObjectStore.prototype, { add }));
    IDBObjectStore.prototype.add = () => {
      throw new DOMException('no room', 'QuotaExceededError');
    };
    await assert.rejects(store.append([play('b')]), ossicleError('quota_exceeded', /is kept/));
    IDBObjectStore.prototype.add = add;
    assert.deepEqual(
      (await batchesOf(store)).map(({ seq }) => seq),
      [1],
    );
    assert.equal(await store.append([play('c')]), 2);
    assert.equal(await (await raw(t, name)).count('batches'), 2);
  });

  test('a full disk does not stop an erasing', async (t) => {
    const { store, name } = await opened(t);
    await store.append([play('a')]);
    const { put } = IDBObjectStore.prototype;
    t.after(() => void Object.assign(IDBObjectStore.prototype, { put }));
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('no room', 'QuotaExceededError');
    };
    await store.erase();
    IDBObjectStore.prototype.put = put;
    const db = await raw(t, name);
    assert.deepEqual([await db.count('batches'), await db.count('facts')], [0, 0]);
    assert.equal(await store.append([play('b')]), 1);
  });

  test('a database of a newer version is refused, not rewritten', async (t) => {
    const name = `sealed-${(nth += 1)}`;
    const db = await openDB(name, 9);
    db.close();
    await assert.rejects(opened(t, name), ossicleError('unsupported_version', /newer Ossicle/));
  });

  test('two stores on one database see and number each other’s appends', async (t) => {
    const { store: a, name } = await opened(t);
    const { store: b } = await opened(t, name);
    const changes: string[] = [];
    const told = Promise.withResolvers<undefined>();
    b.onExternalChange((change) => {
      changes.push(change);
      if (changes.length === 2) told.resolve(undefined);
    });
    const seqs = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 ? b : a).append([play(`artist ${i}`)])),
    );
    assert.deepEqual(
      [...seqs].sort((x, y) => x - y),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
    assert.equal((await batchesOf(a)).length, 10);
    await a.erase();
    await told.promise;
    assert.ok(changes.includes('appended'));
    assert.deepEqual(await batchesOf(b), []);
  });

  test('a batch that one replaced is told to the other, sealed anew, and counted', async (t) => {
    const { store: a, name } = await opened(t);
    const { store: b } = await opened(t, name);
    await a.append([play('Canary Artist'), play('Kept')]);
    const before = (await a.storedBytes()) ?? 0;
    const told = Promise.withResolvers<string>();
    b.onExternalChange((change) => {
      if (change !== 'appended') told.resolve(change);
    });
    const db = await raw(t, name);
    const { iv } = (await db.get('batches', 1)) as { iv: Uint8Array };
    await a.replace(1, [play('Kept')]);
    assert.equal(await told.promise, 'changed');
    assert.deepEqual((await batchesOf(b))[0]?.events, [play('Kept')]);
    assert.ok(((await b.storedBytes()) ?? 0) < before);
    assert.notDeepEqual(((await db.get('batches', 1)) as { iv: Uint8Array }).iv, iv);
  });

  test('a batch that there is no room to replace stays as it was', async (t) => {
    const { store } = await opened(t);
    await store.append([play('a')]);
    const { put } = IDBObjectStore.prototype;
    t.after(() => void Object.assign(IDBObjectStore.prototype, { put }));
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('no room', 'QuotaExceededError');
    };
    await assert.rejects(store.replace(1, []), ossicleError('quota_exceeded', /is kept/));
    IDBObjectStore.prototype.put = put;
    assert.deepEqual((await batchesOf(store))[0]?.events, [play('a')]);
  });

  test('without Web Locks says what the page lacks', async (t) => {
    const real = Object.getOwnPropertyDescriptor(navigator, 'locks') ?? {
      configurable: true,
      value: navigator.locks,
    };
    Object.defineProperty(navigator, 'locks', { configurable: true, value: undefined });
    t.after(() => void Object.defineProperty(navigator, 'locks', real));
    const store = indexedDbStore('without');
    await assert.rejects(store.open(), ossicleError('store_unavailable', /Web Locks.*https/));
  });
});
