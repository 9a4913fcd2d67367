/** Where snapshots are kept: what was stored before is there until all of what follows it is. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { FileSnapshots } from '../src/snapshots/file.ts';
import { IndexedDbSnapshots } from '../src/snapshots/indexeddb.ts';
import type { SnapshotRecord, SnapshotStore } from '../src/snapshots/store.ts';
import { named, ossicleError } from './support.ts';

interface TestEnd {
  after: (end: () => Promise<void>) => void;
}

type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

const hashOf = (epoch: number): string => String(epoch).repeat(64);
const filesOf = (epoch: number): Files => new Map([['bundle.json', Uint8Array.of(epoch)]]);

function recordOf(epoch: number): SnapshotRecord {
  const at = (n: number): SnapshotRecord['current'] =>
    n > 0 ? { epoch: n, manifest: hashOf(n), publishedAt: n, paths: ['bundle.json'] } : null;
  const root = new Uint8Array(32).fill(epoch);
  return {
    ...{ server: 'https://host.example/sync/', policy: '{}', reverted: false, checkedAt: epoch },
    accepted: {
      ...{ origin: 'log.example', size: epoch, root, looked: epoch },
      newest: { epoch, manifest: hashOf(epoch) },
    },
    ...{ current: at(epoch), previous: at(epoch - 1) },
  };
}

let nth = 0;

/** The same place again, as after the process was killed. */
type Again = () => SnapshotStore;

async function folder(t: TestEnd): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'ossicle-snapshots-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

const places: readonly (readonly [string, (t: TestEnd) => Promise<Again>])[] = [
  [
    'IndexedDB',
    () => {
      const name = `snapshots-${(nth += 1)}`;
      return Promise.resolve(() => new IndexedDbSnapshots(name));
    },
  ],
  [
    'a folder',
    async (t) => {
      const path = await folder(t);
      return () => new FileSnapshots(path);
    },
  ],
];

async function held(store: SnapshotStore, epochs: readonly number[]): Promise<readonly boolean[]> {
  const files = await Promise.all(epochs.map((n) => store.file(hashOf(n), 'bundle.json')));
  return files.map((bytes) => bytes !== null);
}

for (const [name, place] of places) {
  suite(`snapshots in ${name}`, () => {
    test('are none at first', async (t) => {
      const again = await place(t);
      assert.equal(await again().record(), null);
      assert.equal(await again().file(hashOf(1), 'bundle.json'), null);
    });

    test('come back as they were stored, two of them at most', async (t) => {
      const again = await place(t);
      for (const epoch of [1, 2, 3]) await again().write(recordOf(epoch), filesOf(epoch));
      assert.deepEqual(await again().record(), recordOf(3));
      assert.deepEqual(await held(again(), [1, 2, 3]), [false, true, true]);
      assert.deepEqual(await again().file(hashOf(3), 'bundle.json'), Uint8Array.of(3));
    });

    test('stay when only the record is written', async (t) => {
      const again = await place(t);
      await again().write(recordOf(1), filesOf(1));
      await again().write({ ...recordOf(1), checkedAt: 9 }, null);
      assert.equal((await again().record())?.checkedAt, 9);
      assert.deepEqual(await held(again(), [1]), [true]);
    });

    test('are beside the record of contributions, which comes back as it was stored', async (t) => {
      const again = await place(t);
      assert.equal(await again().contribution(), null);
      const record = { on: true, at: null, part: { sealed: new Uint8Array([1, 2, 255]) } };
      await again().writeContribution(record);
      await again().write(recordOf(1), filesOf(1));
      assert.deepEqual(await again().contribution(), record);
      await again().writeContribution({ on: false });
      assert.deepEqual(await again().contribution(), { on: false });
      assert.deepEqual(await again().record(), recordOf(1));
    });

    test('let one at a time contribute; who need not wait does something else', async (t) => {
      const store = (await place(t))();
      const { promise, resolve } = Promise.withResolvers<string>();
      const first = store.contributing(() => promise);
      const other = store.contributing(
        () => Promise.resolve('work'),
        () => Promise.resolve('else'),
      );
      assert.equal(await other, 'else');
      const second = store.contributing(() => Promise.resolve('second'));
      resolve('first');
      assert.deepEqual(await Promise.all([first, second]), ['first', 'second']);
      const free = store.contributing(
        () => Promise.resolve('work'),
        () => Promise.resolve('else'),
      );
      assert.equal(await free, 'work');
    });

    test('are changed by one at a time, and a stopped one does not wait', async (t) => {
      const again = await place(t);
      const store = again();
      const order: string[] = [];
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const first = store.exclusive(async () => {
        order.push('first begins');
        await promise;
        order.push('first ends');
      });
      const second = store.exclusive(() => Promise.resolve(order.push('second')));
      const stopped = store.exclusive(() => Promise.resolve(), AbortSignal.abort());
      resolve(undefined);
      await assert.rejects(stopped, named('AbortError'));
      await Promise.all([first, second]);
      assert.deepEqual(order, ['first begins', 'first ends', 'second']);
    });
  });
}

/** As the version before contributions wrote it. */
function firstRecord(epoch: number): object {
  const { accepted, ...rest } = recordOf(epoch);
  const { origin, size, root } = accepted;
  return { ...rest, accepted: { origin, size, root, ...accepted.newest } };
}

test('a record of before there were contributions is read on: in IndexedDB', async () => {
  const name = `snapshots-${(nth += 1)}`;
  const db = await openDB(name, 1, {
    upgrade(database) {
      database.createObjectStore('files');
      database.createObjectStore('facts');
    },
  });
  await db.put('facts', firstRecord(2), 'record');
  db.close();
  const store = new IndexedDbSnapshots(name);
  assert.deepEqual(await store.record(), recordOf(2));
  assert.equal(await store.contribution(), null);
});

test('and in a folder', async (t) => {
  const path = await folder(t);
  const first = { ...firstRecord(2) } as { accepted: { root: Uint8Array } };
  const root = Buffer.from(first.accepted.root).toString('hex');
  const written = { ...first, accepted: { ...first.accepted, root } };
  await writeFile(join(path, 'record.json'), JSON.stringify(written));
  assert.deepEqual(await new FileSnapshots(path).record(), recordOf(2));
});

test('how far an update is can be heard in every tab, until it ends', async () => {
  const name = `snapshots-${(nth += 1)}`;
  const heard: unknown[] = [];
  const tab = new BroadcastChannel(`ossicle-snapshots:${name}`);
  const last = new Promise<void>((resolve) => {
    tab.onmessage = ({ data }: MessageEvent<{ loadedBytes: number }>) => {
      heard.push(data);
      if (data.loadedBytes === 2) resolve();
    };
  });
  const store = new IndexedDbSnapshots(name);
  await store.exclusive(() => {
    for (const loadedBytes of [0, 1, 2]) store.tell({ loadedBytes, totalBytes: 2 });
    return Promise.resolve();
  });
  await last;
  tab.close();
  assert.deepEqual(
    heard,
    [0, 1, 2].map((loadedBytes) => ({ loadedBytes, totalBytes: 2 })),
  );
});

suite('a write that does not end', () => {
  for (const [what, nthPut] of [
    ['file', 1],
    ['record', 2],
  ] as const) {
    test(`in IndexedDB changes nothing: it ends before the ${what}`, async () => {
      const name = `snapshots-${(nth += 1)}`;
      await new IndexedDbSnapshots(name).write(recordOf(1), filesOf(1));
      const { put } = IDBObjectStore.prototype;
      let puts = 0;
      IDBObjectStore.prototype.put = function (...args) {
        puts += 1;
        if (puts === nthPut) throw new DOMException('no room', 'QuotaExceededError');
        return put.apply(this, args);
      };
      try {
        const writing = new IndexedDbSnapshots(name).write(recordOf(2), filesOf(2));
        await assert.rejects(writing, ossicleError('quota_exceeded', /one in use stays/));
      } finally {
        IDBObjectStore.prototype.put = put;
      }
      const store = new IndexedDbSnapshots(name);
      assert.deepEqual(await store.record(), recordOf(1));
      assert.deepEqual(await held(store, [1, 2]), [true, false]);
    });
  }

  test('in a folder changes nothing: it ends before the record', async (t) => {
    const path = await folder(t);
    await new FileSnapshots(path).write(recordOf(1), filesOf(1));
    // The record cannot take its place: a folder is where it is written first.
    await mkdir(join(path, 'record.json.new'));
    const store = new FileSnapshots(path);
    await assert.rejects(store.write(recordOf(2), filesOf(2)), ossicleError('store_unavailable'));
    assert.deepEqual(await store.record(), recordOf(1));
    assert.deepEqual(await held(store, [1]), [true]);
  });
});

test('what else is in the folder of the snapshots stays there', async (t) => {
  const path = await folder(t);
  await writeFile(join(path, 'history.jsonl'), 'mine');
  for (const epoch of [1, 2, 3])
    await new FileSnapshots(path).write(recordOf(epoch), filesOf(epoch));
  const names = await readdir(path);
  assert.deepEqual(names.toSorted(), [hashOf(2), hashOf(3), 'history.jsonl', 'record.json']);
});
