/** The entry for Node: the engine runs in process, and the assets are files. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fileAssets } from './assets-node.ts';
import { fileOf } from './choose.ts';
import { catalogueHead } from './core-contribution.ts';
import { openCatalogue } from './core-sync.ts';
import { Core } from './core.ts';
import { start } from './engine.ts';
import { load } from './loader.ts';
import { LocalPort } from './port.ts';
import { loadPrivacy } from './private/load.ts';
import type { Privacy } from './private/privacy.ts';
import { FileSnapshots } from './snapshots/file.ts';
import { memoryStore } from './store/memory.ts';
import type { Engine, OpenOptions } from './types.ts';

export { OssicleError, type ErrorCode } from './errors.ts';
export { BLOCK_ROWS, BLOCKS, FRACTION_BITS, MOST_DEVIATION } from './private/private.gen.ts';
export type * from './private/privacy.ts';
export type * from './types.ts';

function addressOf(assets: URL | string): string {
  if (assets instanceof URL) return assets.href;
  return assets.startsWith('file:') ? assets : pathToFileURL(resolve(assets)).href;
}

/**
 * Loads the engine and the catalogue, and replays the history that the store holds. `assets` is a folder: a path or a file: URL.
 * Errors: missing, checksum_mismatch, corrupt, bundle_mismatch, those of the store; AbortError.
 */
export function openEngine(options: OpenOptions): Promise<Engine> {
  const snapshotsAt = (folder: string): FileSnapshots => new FileSnapshots(folder);
  return start((onProgress) => new LocalPort(fileAssets, snapshotsAt, onProgress), {
    ...options,
    assets: addressOf(options.assets),
    store: options.store ?? memoryStore(),
  });
}

/** What shares, noise and budgets are made with. `assets`: as of openEngine(). Errors: missing, corrupt, bundle_mismatch. */
export function openPrivacy(assets: URL | string): Promise<Privacy> {
  return loadPrivacy(fileAssets(addressOf(assets)));
}

/**
 * What a round of contributions calls the first `items` items of a catalogue, which is a bundle's files by path (or all, where there are fewer): SHA-256 of their ids, in hex. `assets`: as of
 * openEngine(). Errors: missing, corrupt, checksum_mismatch and the others of a bundle.
 */
export async function headOfBundle(
  assets: URL | string,
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  items: number,
): Promise<string> {
  const file = fileOf('simd');
  const core = new Core(await load(await fileAssets(addressOf(assets)).read(file), file));
  openCatalogue(core, files, 'No round can be about it.');
  return catalogueHead(core, items);
}
