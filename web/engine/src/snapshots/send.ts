/** Asking a server of snapshots for files. Beside it only the assets (assets.ts) and contributions (contribute/send.ts) use the network. */
import { isNamed, messageOf, OssicleError } from '../errors.ts';
import { bytesOf } from '../streams.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** More than any file of a server. */
const MOST_BYTES = 2 * 1_048_576;
/** A server that sends nothing for so long has stopped. */
const QUIET_MS = 30_000;
/** More requests than one update makes. Left alone, a browser lists 250, and `requests()` of the engine is its list. */
const MOST_LISTED = 10_000;

/** Ends a request when `stop` does, or when nothing was heard of the server for a while. */
class Patience {
  readonly #ends = new AbortController();
  readonly #stop: AbortSignal | undefined;
  readonly #quietMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(quietMs: number, stop: AbortSignal | undefined) {
    this.#quietMs = quietMs;
    this.#stop = stop;
    if (stop?.aborted) this.#onStop();
    stop?.addEventListener('abort', this.#onStop);
    this.heard();
  }

  get signal(): AbortSignal {
    return this.#ends.signal;
  }

  /** Whether it was the server that ended the request, by its silence. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The server has sent something. */
  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      this.#ends.abort();
    }, this.#quietMs);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#stop?.removeEventListener('abort', this.#onStop);
  }

  readonly #onStop = (): void => this.#ends.abort(this.#stop?.reason);
}

function failed(url: URL, what: string, cause?: unknown): OssicleError {
  const advice = 'What is in use stays; try again later.';
  return new OssicleError('network', `${url.href} did not load: ${what}. ${advice}`, url.href, {
    cause,
  });
}

async function bodyOf(response: Response, url: URL, heard: () => void): Promise<Bytes> {
  let size = 0;
  if (response.body === null) return new Uint8Array();
  return bytesOf(response.body, (bytes) => {
    heard();
    size += bytes;
    if (size > MOST_BYTES) throw failed(url, `it is longer than ${MOST_BYTES} bytes`);
  });
}

/**
 * Files below `server`. No cookies, no referrer, no other address whatever it answers. Errors: missing; network, also when the server sends
 * nothing for `quietMs` milliseconds; AbortError.
 */
export function serverFiles(
  server: URL,
  signal: AbortSignal | undefined,
  quietMs = QUIET_MS,
): (path: string) => Promise<Bytes> {
  const folder = new URL(server.href.endsWith('/') ? server : `${server.href}/`);
  performance.setResourceTimingBufferSize(MOST_LISTED);
  return async (path) => {
    const url = new URL(path, folder);
    const patience = new Patience(quietMs, signal);
    try {
      const response = await fetch(url, {
        ...{ credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'error' },
        // A cache would send back the tag that the server gave with a file, which can be another one for each client.
        cache: 'no-store',
        signal: patience.signal,
      });
      patience.heard();
      const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
      if (response.status === 404 || isPage) {
        const what = `${url.href} is not there.`;
        const advice = 'Is this the address of a server of Ossicle?';
        throw new OssicleError('missing', `${what} ${advice}`, url.href);
      }
      if (!response.ok) throw failed(url, `the server answers ${response.status}`);
      return await bodyOf(response, url, () => patience.heard());
    } catch (cause) {
      if (patience.isOver) {
        throw failed(url, `nothing came for ${quietMs / 1000} seconds`, cause);
      }
      if (cause instanceof OssicleError || isNamed(cause, 'AbortError')) throw cause;
      if (signal?.aborted) throw signal.reason;
      throw failed(url, messageOf(cause), cause);
    } finally {
      patience.end();
    }
  };
}
