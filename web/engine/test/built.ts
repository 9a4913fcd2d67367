/** The built package as Node users meet it, for tests on the real module. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine, OpenOptions } from '../src/types.ts';
import { assets, withoutWasm } from './support.ts';

export const { openEngine } = withoutWasm
  ? { openEngine: () => Promise.reject(new Error('not built')) }
  : ((await import('ossicle/node')) as { openEngine: (options: OpenOptions) => Promise<Engine> });

export interface TestEnd {
  after: (end: () => Promise<void>) => void;
}

/** An engine that closes with the test. */
export async function opened(t: TestEnd, options: Partial<OpenOptions> = {}): Promise<Engine> {
  const engine = await openEngine({ assets, ...options });
  t.after(() => engine.close());
  return engine;
}

/** A folder that goes with the test. */
export async function folder(t: TestEnd): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'ossicle-test-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}
