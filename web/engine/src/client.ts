import { abortError, OssicleError } from './errors.ts';
import {
  fromWire,
  TrapError,
  type Arguments,
  type CallName,
  type Endpoint,
  type Port,
  type Reply,
  type Request,
  type Returned,
} from './protocol.ts';
import type { LoadProgress } from './types.ts';

interface Waiting {
  resolve(result: never): void;
  reject(cause: unknown): void;
}

/** The page's end of a worker. A worker whose core trapped is ended at once. */
export class WorkerPort implements Port {
  readonly #endpoint: Endpoint;
  readonly #terminate: () => void;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #ended: Error | null = null;

  constructor(
    endpoint: Endpoint,
    terminate: () => void,
    onProgress: (progress: LoadProgress) => void,
  ) {
    this.#endpoint = endpoint;
    this.#terminate = terminate;
    endpoint.addEventListener('message', ({ data }: MessageEvent) => {
      const reply = data as Reply;
      if ('progress' in reply) onProgress(reply.progress);
      else this.#settle(reply);
    });
  }

  call<K extends CallName>(
    name: K,
    args: Arguments<K>,
    signal?: AbortSignal,
  ): Promise<Returned<K>> {
    if (signal?.aborted) return Promise.reject(abortError(signal));
    if (this.#ended !== null) return Promise.reject(this.#ended);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise<Returned<K>>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(id);
        this.#post({ id, name: 'abort' });
        reject(abortError(signal));
      };
      const stop = (): void => signal?.removeEventListener('abort', onAbort);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.set(id, {
        resolve: (result: Returned<K>) => {
          stop();
          resolve(result);
        },
        reject: (cause) => {
          stop();
          reject(cause);
        },
      });
      this.#post({ id, name, args } as Request);
    });
  }

  close(): void {
    this.end(new OssicleError('closed', 'The engine was closed.'));
  }

  /** Ends the worker; every call that waits, and every later one, is rejected with `cause`. */
  end(cause: Error): void {
    if (this.#ended !== null) return;
    this.#ended = cause;
    this.#terminate();
    for (const waiting of this.#waiting.values()) waiting.reject(cause);
    this.#waiting.clear();
  }

  #post(request: Request): void {
    this.#endpoint.postMessage(request, []);
  }

  #settle(reply: Exclude<Reply, { progress: LoadProgress }>): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('result' in reply) {
      waiting?.resolve(reply.result as never);
      return;
    }
    const cause = fromWire(reply.error);
    waiting?.reject(cause);
    if (cause instanceof TrapError) this.end(cause);
  }
}
