import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileStore } from '../src/store/file.ts';
import { batchesOf, ossicleError, play } from './support.ts';

async function path(t: { after: (end: () => Promise<void>) => void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ossicle-file-'));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, 'history.jsonl');
}

suite('a file store', () => {
  test('is read in pieces, wherever they end', async (t) => {
    const file = await path(t);
    const store = fileStore(file);
    await store.open();
    // Letters of one, two and three bytes, over some pieces of 64 kB.
    const batches = Array.from({ length: 90 }, (_, i) =>
      Array.from({ length: 20 }, (_each, j) => play(`${'x'.repeat(i)}ö夜${i}-${j}`)),
    );
    for (const batch of batches) await store.append(batch);
    await store.close();
    await appendFile(file, '{"v":1,' + 'y'.repeat(200_000));
    const later = fileStore(file);
    await later.open();
    const found = await batchesOf(later);
    assert.deepEqual(
      found.map(({ events }) => events),
      batches,
    );
    assert.equal((await readFile(`${file}.torn`)).length, 200_008);
    assert.equal(await later.append([play('z')]), 91);
    await later.close();
  });

  test('sets a last line that was cut short aside and keeps the rest', async (t) => {
    const file = await path(t);
    const store = fileStore(file);
    await store.open();
    await store.append([play('a')]);
    await store.close();
    await appendFile(file, '{"v":1,"eve');
    const later = fileStore(file);
    await later.open();
    await later.append([play('b')]);
    assert.equal((await batchesOf(later)).length, 2);
    assert.equal(await readFile(`${file}.torn`, 'utf8'), '{"v":1,"eve\n');
    await later.close();
  });

  test('names the record that cannot be read, and leaves the file as it is', async (t) => {
    const file = await path(t);
    await writeFile(file, '{"v":1,"events":[]}\nnonsense\n');
    const store = fileStore(file);
    await store.open();
    await assert.rejects(batchesOf(store), ossicleError('store_corrupt', /Record 2 .*untouched/));
    assert.equal(await readFile(file, 'utf8'), '{"v":1,"events":[]}\nnonsense\n');
    await store.close();
  });

  test('refuses a record of a newer version and events of another shape', async (t) => {
    const file = await path(t);
    await writeFile(file, '{"v":2,"events":[]}\n');
    const newer = fileStore(file);
    await newer.open();
    await assert.rejects(batchesOf(newer), ossicleError('unsupported_version', /newer Ossicle/));
    await newer.close();
    await writeFile(file, '{"v":1,"events":[{"kind":"play"}]}\n');
    const broken = fileStore(file);
    await broken.open();
    await assert.rejects(batchesOf(broken), ossicleError('store_corrupt'));
    await broken.close();
  });

  test('in a folder that is not there says so', async () => {
    const store = fileStore('/nowhere/at/all/history.jsonl');
    await assert.rejects(store.open(), ossicleError('store_unavailable', /nowhere/));
  });
});
