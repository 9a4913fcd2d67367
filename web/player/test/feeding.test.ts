import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { openDB } from 'idb';
import type { Engine, LibraryAddOptions, LibraryTrack } from 'ossicle';
import type { Library, Track } from '../src/library/types.ts';
import { Feeding, type Encoding } from '../src/state/feeding.ts';
import { forgetVectors, keptVectors, keepVectors, MOST_PARTS } from '../src/state/vectors.ts';
import { track } from './support/tracks.ts';

/** The engine's library as far as it matters here: a vector is the line of its title. */
class FakeLibrary {
  readonly tracks = new Map<string, LibraryTrack>();
  readonly texts: string[] = [];
  encoded = 0;
  pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  get size(): number {
    return this.tracks.size;
  }
  get vectorCount(): number {
    return this.texts.length;
  }

  async add(
    tracks: readonly LibraryTrack[],
    { vectors = true, onProgress, signal }: LibraryAddOptions = {},
  ): Promise<void> {
    const parts =
      typeof vectors === 'boolean' ? [] : vectors instanceof Uint8Array ? [vectors] : vectors;
    for (const part of parts) {
      for (const text of new TextDecoder().decode(part).split('\n')) this.#know(text);
    }
    for (let done = 0; done < tracks.length;) {
      signal?.throwIfAborted();
      const some = tracks.slice(done, done + 32);
      for (const each of some) {
        this.encoded += this.texts.includes(each.title) ? 0 : 1;
        this.#know(each.title);
        this.tracks.set(each.id, each);
      }
      done += some.length;
      onProgress?.({ done, total: tracks.length });
      await this.pause();
    }
  }

  remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.tracks.delete(id);
    return Promise.resolve();
  }
  vectors(from = 0): Uint8Array<ArrayBuffer> {
    return new TextEncoder().encode(this.texts.slice(from).join('\n'));
  }
  clear(): Promise<void> {
    this.tracks.clear();
    this.texts.length = 0;
    return Promise.resolve();
  }
  #know(text: string): void {
    if (text !== '' && !this.texts.includes(text)) this.texts.push(text);
  }
}

function visit(all: Map<string, Track>): {
  own: FakeLibrary;
  readonly feeding: Feeding;
  readonly told: (Encoding | null)[];
} {
  const visited = { own: new FakeLibrary() };
  const told: (Encoding | null)[] = [];
  const library = {
    ids: () => Promise.resolve([...all.keys()]),
    get: (ids: readonly string[]) => Promise.resolve(ids.map((id) => all.get(id) ?? null)),
  } as unknown as Library;
  const feeding = new Feeding({
    library,
    engine: () => ({ library: visited.own }) as unknown as Engine,
    isScanning: () => false,
    onProgress: (encoding) => told.push(encoding),
    onLearned: () => undefined,
  });
  return Object.assign(visited, { feeding, told });
}

const some = (n: number, from = 0): Map<string, Track> =>
  new Map(
    Array.from({ length: n }, (_, i) => {
      const id = `t${from + i}`;
      return [id, { ...track(id), title: `secret title ${from + i}` }];
    }),
  );

async function parts(): Promise<number> {
  const db = await openDB('ossicle-vectors');
  const n = await db.count('parts');
  db.close();
  return n;
}

beforeEach(() => forgetVectors());

test('a track is encoded once, whatever the number of visits', async () => {
  const all = some(300);
  const first = visit(all);
  await first.feeding.bring();
  assert.equal(first.own.size, 300);
  assert.equal(first.own.encoded, 300);
  assert.equal(first.told.at(-1), null);
  assert(first.told.some((encoding) => encoding?.total === 300));
  all.delete('t7');
  all.set('t300', { ...track('t300'), title: 'secret title 300' });
  await first.feeding.bring();
  assert.equal(first.own.encoded, 301);
  assert(!first.own.tracks.has('t7') && !first.feeding.has('t7'));
  assert.equal(await parts(), 2, 'what was kept is not written again');

  const second = visit(all);
  await second.feeding.bring();
  assert.deepEqual([second.own.size, second.own.encoded], [300, 0]);
  assert.equal(await parts(), 2);
});

test('stopped: what was encoded is kept, and the next visit makes the rest', async () => {
  const all = some(1000);
  const first = visit(all);
  first.own.pause = () => {
    if (first.own.encoded === 320 && first.own.size === 320) {
      first.own.pause = () => Promise.resolve();
      first.feeding.stop();
    }
    return new Promise((resolve) => setImmediate(resolve));
  };
  await first.feeding.bring();
  assert.equal(first.own.encoded, 320);
  assert(first.feeding.isStopped);
  await first.feeding.bring();
  assert.equal(first.own.encoded, 320, 'it stays stopped');

  const second = visit(all);
  await second.feeding.bring();
  assert.deepEqual([second.own.size, second.own.encoded], [1000, 680]);

  await first.feeding.goOn();
  assert.equal(first.own.size, 1000);
});

test('a tab that is killed loses about two seconds', async () => {
  const first = visit(some(1000));
  first.own.pause = () => new Promise((resolve) => setTimeout(resolve, 100));
  const running = first.feeding.bring();
  await new Promise((resolve) => setTimeout(resolve, 3000));
  // Here it is killed: nothing of it is waited for.
  const atKill = first.own.encoded;
  const kept = (await keptVectors()).map((part) => new TextDecoder().decode(part).split('\n'));
  first.feeding.stop();
  await running;
  const lost = atKill - kept.flat().length;
  assert(kept.flat().length > 0 && lost <= 32 * 21, `${lost} of ${atKill} were lost`);
});

test('many parts are put together', async () => {
  const all = some(1);
  const { own, feeding } = visit(all);
  for (let i = 1; i <= MOST_PARTS + 1; ++i) {
    all.set(`u${i}`, { ...track(`u${i}`), title: `more ${i}` });
    await feeding.bring();
  }
  assert((await parts()) <= 2);
  const again = visit(all);
  await again.feeding.bring();
  assert.equal(again.own.encoded, 0);
  assert.equal(again.own.size, own.size);
});

test('what is kept is sealed, and forgotten with its key', async () => {
  const { feeding } = visit(some(50));
  await feeding.bring();
  const db = await openDB('ossicle-vectors');
  const all = JSON.stringify(await db.getAll('parts'), (_, value: unknown) =>
    value instanceof ArrayBuffer || value instanceof Uint8Array
      ? Buffer.from(value as Uint8Array).toString('latin1')
      : value,
  );
  const key = (await db.get('facts', 'key')) as CryptoKey;
  db.close();
  assert(all.length > 500 && !all.includes('secret'), 'no title can be read');
  assert.equal(key.extractable, false);
  await feeding.clear();
  assert.deepEqual(await keptVectors(), []);
  assert.equal(await parts(), 0);
  assert.equal(await keepVectors(new TextEncoder().encode('new')), 1);
});

test('an engine in the place of the first is told of every track, and encodes none', async () => {
  const all = some(300);
  const page = visit(all);
  await page.feeding.bring();
  await page.feeding.startOver();
  assert(!page.feeding.has('t1'));
  page.own = new FakeLibrary();
  await page.feeding.bring();
  assert.deepEqual([page.own.size, page.own.encoded], [300, 0]);
  assert(page.feeding.has('t1'));
  assert.equal(await parts(), 1, 'what was kept is not written again');
});
