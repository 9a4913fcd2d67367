import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import 'fake-indexeddb/auto';
import { fileStore } from '../src/store/file.ts';
import { indexedDbStore } from '../src/store/indexeddb.ts';
import { memoryStore } from '../src/store/memory.ts';
import { sqliteStore } from '../src/store/sqlite.ts';
import type { Store } from '../src/types.ts';
import { batchesOf, ossicleError, play } from './support.ts';

interface Case {
  /** Opens the same history each time; `null`: it does not outlive its store. */
  readonly again: (() => Store) | null;
  readonly store: Store;
}

const folder = await mkdtemp(join(tmpdir(), 'ossicle-store-'));
process.on('exit', () => void rm(folder, { recursive: true, force: true }));
let nth = 0;

const kinds: Record<string, () => Case> = {
  memory: () => ({ store: memoryStore(), again: null }),
  file: () => {
    const path = join(folder, `history-${(nth += 1)}.jsonl`);
    return { store: fileStore(path), again: () => fileStore(path) };
  },
  sqlite: () => {
    const path = join(folder, `history-${(nth += 1)}.db`);
    return { store: sqliteStore(path), again: () => sqliteStore(path) };
  },
  'sealed sqlite': () => {
    const path = join(folder, `history-${(nth += 1)}.db`);
    const key = new Uint8Array(32).fill(7);
    return { store: sqliteStore(path, { key }), again: () => sqliteStore(path, { key }) };
  },
  indexeddb: () => {
    const name = `history-${(nth += 1)}`;
    return { store: indexedDbStore(name), again: () => indexedDbStore(name) };
  },
};

for (const [kind, make] of Object.entries(kinds)) {
  suite(`a ${kind} store`, () => {
    test('gives back what was appended, in order and numbered', async () => {
      const { store } = make();
      await store.open();
      const seqs: number[] = [];
      for (const artist of ['a', 'b', 'c']) seqs.push(await store.append([play(artist)]));
      assert.deepEqual(seqs, [1, 2, 3]);
      const batches = await batchesOf(store);
      assert.deepEqual(
        batches.map(({ seq }) => seq),
        seqs,
      );
      assert.deepEqual(batches[1]?.events, [play('b')]);
      assert.deepEqual(
        (await batchesOf(store, 2)).map(({ seq }) => seq),
        [3],
      );
      await store.close();
    });

    test('appends after the newest batch, and not where another was first', async () => {
      const { store } = make();
      // One process, or one tab, has such a store for itself.
      if (!store.appendAfter) return;
      await store.open();
      assert.equal(await store.appendAfter(0, [play('a')]), 1);
      assert.equal(await store.appendAfter(0, [play('b')]), null);
      assert.equal(await store.appendAfter(1, [play('c')]), 2);
      assert.deepEqual(
        (await batchesOf(store)).map(({ events }) => events),
        [[play('a')], [play('c')]],
      );
      await store.close();
    });

    test('keeps more batches than it reads at a time', async () => {
      const { store } = make();
      await store.open();
      for (let i = 0; i < 40; ++i) await store.append([play(`artist ${i}`)]);
      assert.equal((await batchesOf(store)).length, 40);
      await store.close();
    });

    test('is empty after erase, and goes on', async () => {
      const { store, again } = make();
      await store.open();
      await store.append([play('a')]);
      await store.erase();
      assert.deepEqual(await batchesOf(store), []);
      await store.append([play('b')]);
      assert.equal((await batchesOf(store)).length, 1);
      await store.close();
      if (!again) return;
      const later = again();
      await later.open();
      assert.deepEqual((await batchesOf(later))[0]?.events, [play('b')]);
      await later.close();
    });

    test('puts other events in the place of a batch, which keep its number', async () => {
      const { store, again } = make();
      await store.open();
      for (const artist of ['a', 'b', 'c']) await store.append([play(artist), play(`${artist}2`)]);
      await store.replace(2, [play('b2')]);
      await store.replace(3, []);
      assert.equal(await store.append([play('d')]), 4);
      const expected = [
        { seq: 1, events: [play('a'), play('a2')] },
        { seq: 2, events: [play('b2')] },
        { seq: 3, events: [] },
        { seq: 4, events: [play('d')] },
      ];
      assert.deepEqual(await batchesOf(store), expected);
      await assert.rejects(store.replace(9, []), ossicleError('unknown_item', /Record 9/));
      await store.close();
      if (!again) return;
      const later = again();
      await later.open();
      assert.deepEqual(await batchesOf(later), expected);
      await later.close();
    });

    test('remembers after it was closed', async () => {
      const { store, again } = make();
      if (!again) return;
      await store.open();
      await store.append([play('a'), play('b')]);
      await store.close();
      const later = again();
      await later.open();
      assert.deepEqual((await batchesOf(later))[0]?.events, [play('a'), play('b')]);
      assert.equal(await later.append([play('c')]), 2);
      assert.ok(((await later.storedBytes()) ?? 0) > 0);
      await later.close();
    });
  });
}
