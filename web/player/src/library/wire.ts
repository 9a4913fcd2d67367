/** Calls between the page and the library's worker: typed by one map, abortable, with progress. */
import { SourceError, type SourceErrorCode } from '../sources/types.ts';

export type Calls = Readonly<
  Record<string, (args: never, context: CallContext) => Promise<unknown>>
>;

export interface CallContext {
  readonly signal: AbortSignal;
  readonly progress: (progress: unknown) => void;
}

type ArgsOf<C extends Calls, K extends keyof C> = Parameters<C[K]>[0];
type ResultOf<C extends Calls, K extends keyof C> = Awaited<ReturnType<C[K]>>;

interface WireError {
  readonly name: string;
  readonly code: SourceErrorCode | null;
  readonly at: string | null;
  readonly message: string;
}

type ToWorker =
  | { readonly id: number; readonly call: string; readonly args: unknown }
  | { readonly id: number; readonly abort: true }
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly error: WireError };

type ToPage =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: WireError }
  | { readonly id: number; readonly progress: unknown }
  | { readonly event: string }
  /** The other way round: what only the page can do. */
  | { readonly ask: number; readonly question: string };

/** What both ends of a MessageChannel and a Worker have. */
export interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
}

function toWire(cause: unknown): WireError {
  const name = cause instanceof Error ? cause.name : 'Error';
  const message = cause instanceof Error ? cause.message : String(cause);
  const known = cause instanceof SourceError;
  return { name, code: known ? cause.code : null, at: known ? cause.at : null, message };
}

function fromWire({ name, code, at, message }: WireError): Error {
  if (code !== null) return new SourceError(code, message, at);
  return name === 'AbortError' ? new DOMException(message, name) : new Error(message);
}

/** The worker's way to the page. */
export interface Served {
  event(name: string): void;
  ask(question: string, signal: AbortSignal): Promise<unknown>;
}

/** Answers calls until the worker ends. */
export function serve(port: Port, calls: Calls): Served {
  const asked = new Map<number, PromiseWithResolvers<unknown>>();
  let lastAsked = 0;
  const running = new Map<number, AbortController>();
  const send = (message: ToPage): void => port.postMessage(message);
  port.addEventListener('message', ({ data }) => {
    const message = data as ToWorker;
    if ('answer' in message) {
      const waiting = asked.get(message.answer);
      asked.delete(message.answer);
      if ('error' in message) waiting?.reject(fromWire(message.error));
      else waiting?.resolve(message.value);
      return;
    }
    if ('abort' in message) {
      running.get(message.id)?.abort();
      return;
    }
    const { id, call, args } = message;
    const control = new AbortController();
    running.set(id, control);
    const context = {
      signal: control.signal,
      progress: (progress: unknown) => send({ id, progress }),
    };
    void Promise.resolve()
      .then(() => calls[call]?.(args as never, context))
      .then(
        (value) => send({ id, value }),
        (cause: unknown) => send({ id, error: toWire(cause) }),
      )
      .finally(() => running.delete(id));
  });
  return {
    event: (event) => send({ event }),
    async ask(question, signal) {
      signal.throwIfAborted();
      const id = ++lastAsked;
      const waiting = Promise.withResolvers<unknown>();
      asked.set(id, waiting);
      const abort = (): void => waiting.reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      send({ ask: id, question });
      try {
        return await waiting.promise;
      } finally {
        asked.delete(id);
        signal.removeEventListener('abort', abort);
      }
    },
  };
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: never) => void) | undefined;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (cause: unknown) => void;
  readonly onProgress: ((progress: never) => void) | undefined;
}

/** The page's end. */
export class Caller<C extends Calls> {
  readonly #port: Port;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  #failed: Error | null = null;

  constructor(
    port: Port,
    onEvent: (event: string) => void,
    onAsk: (question: string) => Promise<unknown>,
  ) {
    this.#port = port;
    port.addEventListener('message', ({ data }) => {
      const message = data as ToPage;
      if ('event' in message) {
        onEvent(message.event);
        return;
      }
      if ('ask' in message) {
        const { ask: answer } = message;
        const send = (reply: ToWorker): void => this.#port.postMessage(reply);
        onAsk(message.question).then(
          (value) => send({ answer, value }),
          (cause: unknown) => send({ answer, error: toWire(cause) }),
        );
        return;
      }
      const waiting = this.#waiting.get(message.id);
      if (!waiting) return;
      if ('progress' in message) {
        waiting.onProgress?.(message.progress as never);
        return;
      }
      this.#waiting.delete(message.id);
      if ('error' in message) waiting.reject(fromWire(message.error));
      else waiting.resolve(message.value);
    });
  }

  call<K extends keyof C & string>(
    call: K,
    args: ArgsOf<C, K>,
    { signal, onProgress }: CallOptions = {},
  ): Promise<ResultOf<C, K>> {
    return new Promise((resolve, reject) => {
      if (this.#failed) {
        reject(this.#failed);
        return;
      }
      signal?.throwIfAborted();
      const id = ++this.#last;
      const abort = (): void => this.#port.postMessage({ id, abort: true } satisfies ToWorker);
      signal?.addEventListener('abort', abort, { once: true });
      const settle =
        <T>(settled: (value: T) => void) =>
        (value: T): void => {
          signal?.removeEventListener('abort', abort);
          settled(value);
        };
      this.#waiting.set(id, {
        resolve: settle(resolve as (value: unknown) => void),
        reject: settle(reject),
        onProgress,
      });
      this.#port.postMessage({ id, call, args } satisfies ToWorker);
    });
  }

  /** The worker ended: nothing that waits, or comes later, will be answered. */
  fail(cause: Error): void {
    this.#failed = cause;
    for (const { reject } of this.#waiting.values()) reject(cause);
    this.#waiting.clear();
  }
}
