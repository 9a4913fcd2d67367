import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readEntry, utf8, type Checkpoint } from '@ossicle/wire/log';
import { Entries } from '../src/log/entries.ts';
import { InputError } from '../src/errors.ts';
import { readBytes } from '../src/log/files.ts';
import type { DataFolder } from '../src/folder.ts';
import { openLog } from '../src/open.ts';
import { accepted, newLog } from './kit.ts';

const CHILD = fileURLToPath(new URL('append-forever.ts', import.meta.url));
/** Logs that are written and killed side by side, and kills of each. */
const LOGS = 2;
const KILLS = 10;

/** Kills a writer `ms` after its first acknowledgement; the last size that it acknowledged. */
async function killed(folder: DataFolder, label: string, ms: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, folder.path, label], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // They start twenty times.
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder.path, 'compiled') },
  });
  let said = '';
  const begun = new Promise<void>((resolve) => {
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
      resolve();
    });
  });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  await Promise.race([begun, ended]);
  await sleep(ms);
  child.kill('SIGKILL');
  await ended;
  return Number(said.split('\n').at(-2) ?? NaN);
}

async function survives(folder: DataFolder): Promise<void> {
  let seen: Checkpoint | null = null;
  for (let i = 0; i < KILLS; ++i) {
    const acknowledged = await killed(folder, `writer ${i}`, Math.random() * 25);
    seen = await accepted(folder, seen);
    assert.ok(seen.size >= acknowledged, `${seen.size} >= ${acknowledged}`);
  }
  await using opened = await openLog(folder);
  await opened.log.publish();
  seen = await accepted(folder, seen);
  assert.equal(seen.size, opened.log.entries.size);
  const stored = opened.log.entries.range(0, seen.size);
  for (let i = 0; i < 20; ++i) {
    const index = Math.floor(Math.random() * seen.size);
    const read = await readEntry(seen, index, (path) => readBytes(folder.file(path)));
    assert.deepEqual(read, stored[index]);
  }
}

test('whenever a writer is killed, readers accept the log, and nothing acknowledged is lost', async (t) => {
  const folders = await Promise.all(Array.from({ length: LOGS }, () => newLog(t)));
  await Promise.all(folders.map(survives));
});

test('what was stored before a crash is published by the next start', async (t) => {
  const folder = await newLog(t);
  {
    await using opened = await openLog(folder);
    await opened.log.publish();
  }
  const seen = await accepted(folder, null);
  {
    using entries = new Entries(folder.entries);
    entries.add(['test/v1\nstored, and then the power failed\n']);
  }
  await using opened = await openLog(folder);
  assert.deepEqual(await opened.log.publish(), { size: 4, waiting: 0, refusals: [] });
  assert.equal((await accepted(folder, seen)).size, 4);
});

test('entries that are added at once share a checkpoint, and every one of them is in it', async (t) => {
  const folder = await newLog(t);
  await using opened = await openLog(folder);
  const texts = Array.from({ length: 50 }, (_, i) => `test/v1\n${i}\n`);
  const all = await Promise.all(texts.map((text) => opened.log.append([text])));
  assert.ok(all.every(({ size }, i) => size >= 3 + i + 1));
  const checkpoints = new Set(all.map(({ size }) => size)).size;
  assert.ok(checkpoints < 10, `${checkpoints} checkpoints`);
  const seen = await accepted(folder, null);
  assert.equal(seen.size, 53);
  const last = await readEntry(seen, 52, (path) => readBytes(folder.file(path)));
  assert.deepEqual(last, utf8('test/v1\n49\n'));
});

test('tiles that are gone or cut short are made again from the entries', async (t) => {
  const folder = await newLog(t);
  {
    await using opened = await openLog(folder);
    await opened.log.append(Array.from({ length: 300 }, (_, i) => `test/v1\n${i}\n`));
  }
  const seen = await accepted(folder, null);
  await rm(folder.file('tile/0/000'));
  await truncate(folder.file('tile/0/001.p/47'), 40);
  await using opened = await openLog(folder);
  await opened.log.append(['test/v1\nmore\n']);
  assert.equal((await accepted(folder, seen)).size, 304);
});

test('a database that is older than the log, or another one, stops it: nothing is taken back', async (t) => {
  const folder = await newLog(t);
  {
    await using opened = await openLog(folder);
    await opened.log.append(['test/v1\na\n']);
  }
  const checkpoint = await readFile(folder.file('checkpoint'), 'utf8');
  const replaced = async (entries: readonly string[]): Promise<void> => {
    for (const end of ['', '-wal', '-shm']) await rm(folder.entries + end, { force: true });
    using made = new Entries(folder.entries);
    made.add(entries);
  };
  const stops = async (message: RegExp): Promise<void> => {
    await using opened = await openLog(folder);
    await assert.rejects(opened.log.publish(), (error: unknown) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, message);
      return true;
    });
  };
  await replaced(['a', 'b']);
  await stops(/published log has 4 entries, and the database has 2\. Restore/);
  await replaced(['a', 'b', 'c', 'd', 'e']);
  await rm(folder.file('tile/0/000.p/4'));
  await stops(/not those of the published checkpoint/);
  assert.equal(await readFile(folder.file('checkpoint'), 'utf8'), checkpoint);
  await writeFile(folder.file('checkpoint'), 'nonsense');
  await stops(/is not a checkpoint of this log/);
});

test('a checkpoint is signed anew when half its time is over, and not before', async (t) => {
  const folder = await newLog(t, { freshSeconds: 100 });
  const start = new Date();
  let now = start;
  await using opened = await openLog(folder, () => now);
  const published = async (seconds: number): Promise<string> => {
    now = new Date(start.getTime() + seconds * 1000);
    await opened.log.publish();
    return readFile(folder.file('checkpoint'), 'utf8');
  };
  const first = await published(0);
  assert.equal(await published(40), first);
  assert.notEqual(await published(60), first);
  await accepted(folder, null, new Date(start.getTime() + 150_000));
});
