/** A data folder of a server of snapshots, and what is published in it. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

type Main = (
  args: readonly string[],
  say: (text: string) => void,
  sayError: (text: string) => void,
) => Promise<number>;

export interface Publishing {
  /** Publishes a bundle; gives the hashes of the blobs that are new, the manifest's first. */
  publish(bundle: string): Promise<readonly string[]>;
  /** Where a blob lies. */
  blob(hash: string): string;
}

/** Makes the data folder, with the command line that an operator has. */
export async function newPublishing(main: Main, data: string): Promise<Publishing> {
  const run = async (...args: readonly string[]): Promise<string> => {
    let said = '';
    const say = (text: string): void => void (said += `${text}\n`);
    assert.equal(await main([...args, '--data', data], say, say), 0, said);
    return said;
  };
  await run('init', '--origin', 'log.example');
  const folder = join(data, 'public', 'blob');
  const blobs = (): readonly string[] => {
    mkdirSync(folder, { recursive: true });
    return readdirSync(folder);
  };
  return {
    blob: (hash) => join(folder, hash),
    async publish(bundle) {
      const before = new Set(blobs());
      const said = await run('publish', bundle);
      const manifest = /manifest ([0-9a-f]{64})/.exec(said)?.[1] ?? '';
      const rest = blobs().filter((hash) => !before.has(hash) && hash !== manifest);
      return [manifest, ...rest];
    },
  };
}
