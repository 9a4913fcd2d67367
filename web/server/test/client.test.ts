/** A server and an engine that takes its snapshots: what changed is fetched, what is wrong is refused, and what was in use stays. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openEngine, type Engine, type SyncUpdate } from 'ossicle/node';
import { startServer, type Server } from '../src/server.ts';
import { bundleWith } from './bundles.ts';
import { BUNDLE, newLog, run } from './kit.ts';
import type { DataFolder } from '../src/folder.ts';

const ASSETS = fileURLToPath(new URL('../../engine/dist/assets', import.meta.url));
const SHARD = 'catalogue-0.safetensors';

const ends: (() => Promise<unknown>)[] = [];
let work: string;
let folder: DataFolder;
let server: Server;
let snapshots: string;

before(async () => {
  work = await mkdtemp(join(tmpdir(), 'ossicle-client-'));
  snapshots = join(work, 'snapshots');
  folder = await newLog({ after: (end) => void ends.push(end) });
  await publish(BUNDLE);
  server = await startServer({ data: folder.path, port: 0 });
});
after(async () => {
  await server.close();
  await rm(work, { recursive: true });
  for (const end of ends) await end();
});

async function publish(bundle: string): Promise<void> {
  const { code, error } = await run('publish', bundle, '--data', folder.path);
  assert.equal(code, 0, error);
}

const open = (): Promise<Engine> => openEngine({ assets: ASSETS, snapshots });

function syncOf(engine: Engine): NonNullable<Engine['sync']> {
  assert(engine.sync);
  return engine.sync;
}

async function update(): Promise<SyncUpdate> {
  await using engine = await open();
  return await syncOf(engine).update({ server: `${server.origin}/sync/` });
}

/** The snapshot that an engine opens now; 0: the catalogue of the assets. */
async function opened(): Promise<number> {
  await using engine = await open();
  assert.equal(engine.catalogue.artists, 17_632);
  return syncOf(engine).opened?.epoch ?? 0;
}

async function refused(check: string): Promise<void> {
  const before = await opened();
  await assert.rejects(update(), { code: 'snapshot_refused', at: check });
  assert.equal(await opened(), before);
}

test('an engine without snapshots has no sync', async () => {
  await using engine = await openEngine({ assets: ASSETS });
  assert.equal(engine.sync, null);
});

test('the first snapshot is the catalogue of the assets, and nothing of it is fetched twice', async () => {
  assert.equal(await opened(), 0);
  const { changed, fetchedBytes, totalBytes, current, previous, log } = await update();
  assert.deepEqual([changed, fetchedBytes, current?.epoch, previous], [true, 0, 1, null]);
  assert(totalBytes > 2_000_000);
  assert.equal(log?.origin, 'log.example');
  assert.equal(await opened(), 1);
  assert.equal((await update()).changed, false);
});

test('of the next one only what changed is fetched; the engine that is open goes on with its own', async () => {
  await publish(bundleWith(work, (scale) => scale * 1.2));
  await using engine = await open();
  const sync = syncOf(engine);
  const { changed, fetchedBytes, totalBytes } = await sync.update({
    server: `${server.origin}/sync/`,
  });
  console.log(`${fetchedBytes} of ${totalBytes} bytes were fetched`);
  assert(changed && fetchedBytes > 0 && fetchedBytes < 100_000);
  assert.equal(sync.opened?.epoch, 1);
  assert.equal((await engine.recommend()).items.length, 20);
  assert.equal(await opened(), 2);
});

test('what the core refuses is not stored, though publishers, log and witness vouch for it', async () => {
  await publish(bundleWith(work, (scale) => scale * 1e6));
  await refused('norm_exceeded');
});

test('going back is kept until there is a newer one', async () => {
  await using engine = await open();
  const { current, reverted } = await syncOf(engine).revert();
  assert.deepEqual([current?.epoch, reverted], [1, true]);
  assert.equal(await opened(), 1);
  await publish(bundleWith(work, (scale) => scale * 1.1));
  const { current: next, previous } = await update();
  assert.deepEqual([next?.epoch, previous?.epoch], [4, 1]);
});

test('a stored snapshot that was damaged is passed over for the one before', async () => {
  await using engine = await open();
  const { current, previous } = await syncOf(engine).state();
  await writeFile(join(snapshots, current?.manifest ?? '', SHARD), 'damaged');
  assert.equal(await opened(), previous?.epoch);
  await writeFile(join(snapshots, previous?.manifest ?? '', SHARD), 'damaged');
  assert.equal(await opened(), 0);
});

test('other keys than at first are refused, and so is a log that is not the one that was seen', async () => {
  const policy = folder.file('policy.json');
  const text = await readFile(policy, 'utf8');
  await writeFile(policy, text.replace(/"freshSeconds": \d+/, '"freshSeconds": 7'));
  await refused('policy_changed');
  await writeFile(policy, text);
  const other = await newLog({ after: (end) => void ends.push(end) });
  await using stranger = await startServer({ data: other.path, port: 0 });
  await using engine = await open();
  const asked = syncOf(engine).update({ server: `${stranger.origin}/sync/`, policy: text });
  await assert.rejects(asked, { code: 'snapshot_refused', at: 'bad_signature' });
});

test('an address that is none, or where no server is, is named', async () => {
  await using engine = await open();
  const sync = syncOf(engine);
  await assert.rejects(sync.update({ server: 'ossicle' }), { code: 'invalid_argument' });
  await assert.rejects(sync.update({ server: `${server.origin}/elsewhere/` }), { code: 'missing' });
  await assert.rejects(sync.update({ server: 'http://127.0.0.1:9/' }), { code: 'network' });
});
