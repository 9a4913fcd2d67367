import { abortError } from './errors.ts';

interface Work<T> {
  readonly value: Promise<T>;
  readonly stop: AbortController;
  waiting: number;
}

/**
 * What several calls need and one of them begins. A call that is aborted leaves the others waiting: the work is given up when nobody waits
 * for it any more. What failed or was given up is begun anew by the next call.
 */
export class Shared<T> {
  #work: Work<T> | null = null;

  get(begin: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(abortError(signal));
    const work = (this.#work ??= this.#begin(begin));
    work.waiting += 1;
    return new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        work.waiting -= 1;
        if (work.waiting === 0 && this.#work === work) {
          this.#work = null;
          work.stop.abort();
        }
        reject(abortError(signal));
      };
      signal?.addEventListener('abort', leave, { once: true });
      const stay = (): void => signal?.removeEventListener('abort', leave);
      work.value.then(
        (value) => {
          stay();
          resolve(value);
        },
        (cause: unknown) => {
          stay();
          reject(cause);
        },
      );
    });
  }

  #begin(begin: (signal: AbortSignal) => Promise<T>): Work<T> {
    const stop = new AbortController();
    const work: Work<T> = { value: begin(stop.signal), stop, waiting: 0 };
    work.value.catch(() => {
      if (this.#work === work) this.#work = null;
    });
    return work;
  }
}
