import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite, test } from 'node:test';
import { fileStore } from '../src/store/file.ts';
import { sqliteStore } from '../src/store/sqlite.ts';
import type { Store } from '../src/types.ts';
import { batchesOf, play } from './support.ts';

const KILLS = 10;
const key = new Uint8Array(32).fill(7);

const kinds: Readonly<Record<string, (path: string) => Store>> = {
  file: (path) => fileStore(path),
  sqlite: (path) => sqliteStore(path),
  sealed: (path) => sqliteStore(path, { key }),
};

// In the child: appends without end, changes an older batch now and then, and tells each number once it is acknowledged.
const [, , kind, path] = process.argv;
if (kind !== undefined && path !== undefined) {
  const store = kinds[kind]!(path);
  await store.open();
  for (let i = 0; ; ++i) {
    const seq = await store.append([play('a', i), play('b', i)]);
    if (i % 10 === 9) await store.replace(seq - 1, [play('c', i)]);
    process.stdout.write(`${seq}\n`);
  }
}

/** Starts a writer and kills it after `acknowledged` appends; gives the last number that it told. */
async function killedAfter(kind: string, path: string, acknowledged: number): Promise<number> {
  const child = spawn(process.execPath, [import.meta.filename, kind, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = 0;
  let n = 0;
  for await (const line of createInterface(child.stdout)) {
    told = Number(line);
    n += 1;
    if (n === acknowledged) child.kill('SIGKILL');
  }
  return told;
}

suite('a writer that is killed', () => {
  for (const [kind, open] of Object.entries(kinds)) {
    test(`loses nothing that the ${kind} store acknowledged, ${KILLS} times over`, async (t) => {
      const folder = await mkdtemp(join(tmpdir(), 'ossicle-kill-'));
      t.after(() => rm(folder, { recursive: true }));
      const path = join(folder, 'history');
      for (let i = 0; i < KILLS; ++i) {
        const told = await killedAfter(kind, path, 3 + 7 * i);
        const store = open(path);
        await store.open();
        const batches = await batchesOf(store);
        await store.close();
        assert.ok(told > 0 && batches.length >= told, `${batches.length} of ${told}`);
        assert.deepEqual(
          batches.map(({ seq }) => seq),
          batches.map((_, index) => index + 1),
        );
      }
    });
  }
});
