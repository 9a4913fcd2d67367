/** Asking a server of snapshots: beside the assets, the only place in the package that uses the network. */
import { isNamed, messageOf, OssicleError } from '../errors.ts';
import { bytesOf } from '../streams.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** More than any file of a server. */
const MOST_BYTES = 2 * 1_048_576;

function failed(url: URL, what: string, cause?: unknown): OssicleError {
  const advice = 'What is in use stays; try again later.';
  return new OssicleError('network', `${url.href} did not load: ${what}. ${advice}`, url.href, {
    cause,
  });
}

async function bodyOf(response: Response, url: URL): Promise<Bytes> {
  let size = 0;
  if (response.body === null) return new Uint8Array();
  return bytesOf(response.body, (bytes) => {
    size += bytes;
    if (size > MOST_BYTES) throw failed(url, `it is longer than ${MOST_BYTES} bytes`);
  });
}

/** Files below `server`. No cookies, no referrer, no other address whatever it answers. Errors: missing, network; AbortError. */
export function serverFiles(
  server: URL,
  signal: AbortSignal | undefined,
): (path: string) => Promise<Bytes> {
  const folder = new URL(server.href.endsWith('/') ? server : `${server.href}/`);
  return async (path) => {
    const url = new URL(path, folder);
    try {
      const response = await fetch(url, {
        ...{ credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'error' },
        // A cache would send back the tag that the server gave with a file, which can be another one for each client.
        cache: 'no-store',
        ...(signal && { signal }),
      });
      const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
      if (response.status === 404 || isPage) {
        const what = `${url.href} is not there.`;
        const advice = 'Is this the address of a server of Ossicle?';
        throw new OssicleError('missing', `${what} ${advice}`, url.href);
      }
      if (!response.ok) throw failed(url, `the server answers ${response.status}`);
      return await bodyOf(response, url);
    } catch (cause) {
      if (cause instanceof OssicleError || isNamed(cause, 'AbortError')) throw cause;
      if (signal?.aborted) throw signal.reason;
      throw failed(url, messageOf(cause), cause);
    }
  };
}
