import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../src/aggregate/store/open.ts';
import { testStore } from './aggregate-store.ts';

testStore('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ossicle-store-'));
  const store = await openStore(join(folder, 'a.sqlite'));
  return {
    store,
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
});
