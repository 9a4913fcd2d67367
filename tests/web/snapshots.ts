/** A data folder of a server of snapshots, and what is published in it. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../web/server/test/kit.ts';

export interface Publishing {
  /** Publishes a bundle; gives the hashes of the blobs that are new, the manifest's first. */
  publish(bundle: string): Promise<readonly string[]>;
  /** Where a blob lies. */
  blob(hash: string): string;
}

/** Makes the data folder, with the command line that an operator has. */
export async function newPublishing(data: string): Promise<Publishing> {
  const done = async (...args: readonly string[]): Promise<string> => {
    const { code, out, error } = await run(...args, '--data', data);
    assert.equal(code, 0, error);
    return out;
  };
  await done('init', '--origin', 'log.example');
  const folder = join(data, 'public', 'blob');
  const blobs = (): readonly string[] => {
    mkdirSync(folder, { recursive: true });
    return readdirSync(folder);
  };
  return {
    blob: (hash) => join(folder, hash),
    async publish(bundle) {
      const before = new Set(blobs());
      const said = await done('publish', bundle);
      const manifest = /manifest ([0-9a-f]{64})/.exec(said)?.[1] ?? '';
      const rest = blobs().filter((hash) => !before.has(hash) && hash !== manifest);
      return [manifest, ...rest];
    },
  };
}
