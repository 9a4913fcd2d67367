import type { AssetSource } from '../assets.ts';
import { startModule } from '../loader.ts';
import { PRIVATE_EXPORTS, PRIVATE_HASH, type PrivateExports } from './private.gen.ts';
import { Privacy } from './privacy.ts';

const FILE = 'ossicle-private.wasm';

/** Errors: those of the assets; corrupt, unsupported_browser, bundle_mismatch. */
export async function loadPrivacy(assets: AssetSource): Promise<Privacy> {
  const bytes = await assets.read(FILE);
  return new Privacy(await startModule<PrivateExports>(bytes, FILE, PRIVATE_EXPORTS, PRIVATE_HASH));
}
