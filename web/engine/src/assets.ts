/** Loading of assets, from the page's own origin only. Nothing else uses the network but snapshots/send.ts and contribute/send.ts, which ask what a caller names. */
import { isNamed, messageOf, OssicleError } from './errors.ts';
import { bytesOf } from './streams.ts';

/** Where the files of the assets come from. */
export interface AssetSource {
  /**
   * All bytes of a file. `onBytes` is told the size of each part as it arrives.
   * Errors: missing, network (`at` = path), AbortError.
   */
  read(
    path: string,
    signal?: AbortSignal,
    onBytes?: (bytes: number) => void,
  ): Promise<Uint8Array<ArrayBuffer>>;
}

function failed(url: URL, path: string, what: string, cause?: unknown): OssicleError {
  const advice = 'Check the connection and try again.';
  return new OssicleError('network', `${url.href} did not load: ${what}. ${advice}`, path, {
    cause,
  });
}

function absent(url: URL, path: string, what: string): OssicleError {
  const advice = 'Copy the folder dist/assets of the package to where `assets` points.';
  return new OssicleError('missing', `${url.href} is not there: ${what}. ${advice}`, path);
}

async function readBody(
  response: Response,
  signal?: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  // In parts only for those who want to know.
  if (response.body === null || !onBytes) return new Uint8Array(await response.arrayBuffer());
  return bytesOf(response.body, (bytes) => {
    signal?.throwIfAborted();
    onBytes(bytes);
  });
}

/** Files below `base`, an absolute address of the page's own origin. Errors: invalid_argument. */
export function fetchedAssets(base: string): AssetSource {
  const folder = new URL(base.endsWith('/') ? base : `${base}/`);
  const own = globalThis.location.origin;
  if (folder.origin !== own) {
    const what = `The assets are at ${folder.origin}, but only the page's own origin ${own} may be asked.`;
    throw new OssicleError('invalid_argument', `${what} Copy them to the page's server.`, base);
  }
  return {
    async read(path, signal, onBytes) {
      const url = new URL(path, folder);
      try {
        const response = await fetch(url, {
          mode: 'same-origin',
          credentials: 'same-origin',
          ...(signal && { signal }),
        });
        if (!response.ok) throw absent(url, path, `the server answers ${response.status}`);
        if (response.headers.get('content-type')?.startsWith('text/html')) {
          throw absent(url, path, 'the server answers with a page instead');
        }
        return await readBody(response, signal, onBytes);
      } catch (cause) {
        if (cause instanceof OssicleError || isNamed(cause, 'AbortError')) throw cause;
        if (signal?.aborted) throw signal.reason;
        throw failed(url, path, messageOf(cause), cause);
      }
    },
  };
}
