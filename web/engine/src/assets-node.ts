import { readFile } from 'node:fs/promises';
import type { AssetSource } from './assets.ts';
import { isNamed, messageOf, OssicleError } from './errors.ts';

/** Files below the folder that `base`, a file: address, points to. Errors: invalid_argument. */
export function fileAssets(base: string): AssetSource {
  const folder = new URL(base.endsWith('/') ? base : `${base}/`);
  if (folder.protocol !== 'file:') {
    const what = `In Node the assets are files, but \`assets\` is ${folder.href}.`;
    throw new OssicleError('invalid_argument', `${what} Use a path or a file: URL.`, base);
  }
  return {
    async read(path, signal, onBytes) {
      const url = new URL(path, folder);
      try {
        const read = await readFile(url, signal && { signal });
        onBytes?.(read.length);
        // The core takes bytes of a buffer of their own, as fetch gives them.
        return new Uint8Array(read);
      } catch (cause) {
        if (isNamed(cause, 'AbortError')) throw signal?.reason ?? cause;
        const gone = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
        const advice = '`assets` must point to the folder dist/assets of the package.';
        const what = `${url.pathname} cannot be read: ${messageOf(cause)}. ${advice}`;
        throw new OssicleError(gone ? 'missing' : 'network', what, path, { cause });
      }
    },
  };
}
