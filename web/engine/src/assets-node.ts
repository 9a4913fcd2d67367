import { open } from 'node:fs/promises';
import type { AssetSource } from './assets.ts';
import { isNamed, messageOf, OssicleError } from './errors.ts';

/** A whole file, in one go: readFile takes one turn of the event loop for each half megabyte, and another copy. */
async function readAtOnce(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  await using file = await open(url);
  const bytes = new Uint8Array((await file.stat()).size);
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await file.read(bytes, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.subarray(0, at);
}

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
        const bytes = await readAtOnce(url);
        signal?.throwIfAborted();
        onBytes?.(bytes.length);
        return bytes;
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
