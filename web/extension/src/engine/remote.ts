/** The engine of the extension, as its pages have it: the same interface, answered by its home. */
import { OssicleError, type Engine, type ErrorCode, type History, type Learning } from 'ossicle';
import {
  ENGINE_CHANNEL,
  type About,
  type CallName,
  type Failure,
  type FromHome,
  type Opened,
  type PageMessage,
  type ToHome,
} from '../wire/calls.ts';

/** A home that does not take a call by then is not there: it rested, or was ended. */
const TAKEN_WITHIN_MS = 300;
/** An event page is ended 30 s after its last event, also in the middle of a call. */
const STAY_EVERY_MS = 10_000;

function errorOf({ name, message, code, at }: Failure): Error {
  if (code !== null) return new OssicleError(code as ErrorCode, message, at);
  if (name === 'AbortError') return new DOMException(message, name);
  return Object.assign(new Error(message), { name });
}

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (cause: unknown) => void;
  readonly onProgress: ((progress: never) => void) | undefined;
  readonly message: ToHome;
  timer: ReturnType<typeof setTimeout> | undefined;
}

interface Beside {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: never) => void) | undefined;
}

/** The calls of one page. */
class Line {
  readonly #channel = new BroadcastChannel(ENGINE_CHANNEL);
  readonly #pending = new Map<string, Pending>();
  readonly listeners = new Set<() => void>();
  #stay: ReturnType<typeof setInterval> | undefined;

  constructor() {
    this.#channel.addEventListener('message', ({ data }: MessageEvent<FromHome>) =>
      this.#hear(data),
    );
  }

  async ask<T>(
    name: CallName,
    args: readonly unknown[],
    { signal, onProgress }: Beside = {},
  ): Promise<T> {
    signal?.throwIfAborted();
    const id = crypto.randomUUID();
    const message: ToHome = { kind: 'call', id, name, args };
    const abort = (): void => {
      this.#channel.postMessage({ kind: 'abort', id } satisfies ToHome);
      this.#settle(id)?.reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject, onProgress, message, timer: undefined });
        this.#stay ??= setInterval(() => void bringHome(), STAY_EVERY_MS);
        this.#send(id);
      });
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  close(): void {
    for (const id of this.#pending.keys()) {
      this.#settle(id)?.reject(new OssicleError('closed', 'The engine was closed.'));
    }
    this.#channel.close();
  }

  /** Until somebody takes it. */
  #send(id: string): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    pending.timer = setTimeout(() => {
      bringHome().then(
        () => this.#send(id),
        (cause: unknown) => this.#settle(id)?.reject(cause),
      );
    }, TAKEN_WITHIN_MS);
    this.#channel.postMessage(pending.message);
  }

  #hear(message: FromHome): void {
    switch (message.kind) {
      case 'changed':
        for (const listener of this.listeners) listener();
        break;
      case 'taken':
        clearTimeout(this.#pending.get(message.id)?.timer);
        break;
      case 'progress':
        this.#pending.get(message.id)?.onProgress?.(message.progress as never);
        break;
      case 'gives':
        this.#settle(message.id)?.resolve(message.value as never);
        break;
      case 'fails':
        this.#settle(message.id)?.reject(errorOf(message.failure));
        break;
    }
  }

  #settle(id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    clearTimeout(pending?.timer);
    this.#pending.delete(id);
    if (this.#pending.size === 0) {
      clearInterval(this.#stay);
      this.#stay = undefined;
    }
    return pending;
  }
}

/** Sees to it that the home is there. */
async function bringHome(): Promise<void> {
  await chrome.runtime.sendMessage({ kind: 'home' } satisfies PageMessage);
}

/** What a channel cannot carry, apart from what it can. */
function apart(options: object | undefined): [object, Beside] {
  const { signal, onProgress, ...rest } = (options ?? {}) as Beside;
  return [rest, { signal, onProgress }];
}

function notOffered(what: string): never {
  throw new OssicleError('invalid_argument', `The extension's engine does not offer ${what}.`);
}

export class RemoteEngine implements Engine {
  readonly catalogue: Engine['catalogue'];
  readonly build: Engine['build'];
  /** The extension has its catalogue from the store it was installed from. */
  readonly sync = null;
  readonly contributions = null;
  readonly openedInMs: number;
  readonly #line: Line;
  #learning: Learning;

  readonly history: History = {
    query: (query) => {
      const [rest, beside] = apart(query);
      return this.#line.ask('history.query', [rest], beside);
    },
    edit: (id, changes, options) => this.#line.ask('history.edit', [id, changes], options),
    delete: (ids, options) => this.#line.ask('history.delete', [ids], options),
  };

  constructor(line: Line, { catalogue, build, learning, openedInMs }: Opened) {
    this.#line = line;
    this.catalogue = catalogue;
    this.build = build;
    this.openedInMs = openedInMs;
    this.#learning = learning;
  }

  get learning(): Learning {
    return this.#learning;
  }

  get library(): never {
    return notOffered('tracks of one’s own');
  }

  readonly recommend: Engine['recommend'] = (options) => this.#pass('recommend', [], options);
  readonly shown: Engine['shown'] = (list, options) => this.#pass('shown', [list], options);
  readonly explain: Engine['explain'] = (id, options) => this.#pass('explain', [id], options);
  readonly feedback: Engine['feedback'] = (id, kind, options) =>
    this.#pass('feedback', [id, kind], options);
  readonly flagged: Engine['flagged'] = (kind) => this.#line.ask('flagged', [kind]);
  readonly embed: Engine['embed'] = (texts, options) => this.#pass('embed', [texts], options);
  readonly search: Engine['search'] = (query, options) => this.#pass('search', [query], options);
  readonly prepareSearch: Engine['prepareSearch'] = (options) =>
    this.#pass('prepareSearch', [], options);
  readonly playlist: Engine['playlist'] = (options) => this.#pass('playlist', [], options);
  readonly energy: Engine['energy'] = (options) => this.#pass('energy', [], options);
  readonly profile: Engine['profile'] = () => this.#line.ask('profile', []);
  readonly taste: Engine['taste'] = (options) => this.#pass('taste', [], options);
  readonly requests: Engine['requests'] = () => this.#line.ask('requests', []);
  readonly listen: Engine['listen'] = (event, options) => this.#pass('listen', [event], options);
  readonly erase: Engine['erase'] = () => this.#line.ask('erase', []);

  style(texts: string | readonly string[], options?: object): Promise<never> {
    return this.#pass('style', [texts], options);
  }

  createIndex(): Promise<never> {
    return notOffered('indexes');
  }

  async setLearning(change: Partial<Learning>, options?: Beside): Promise<void> {
    this.#learning = await this.#line.ask('setLearning', [change], options);
  }

  async import(
    file: Parameters<Engine['import']>[0],
    options: Parameters<Engine['import']>[1] = {},
  ): ReturnType<Engine['import']> {
    // A stream does not cross the channel, a Blob costs nothing.
    const blob = file instanceof Blob ? file : await new Response(file as BodyInit).blob();
    return this.#pass('import', [blob], options);
  }

  export(options: Parameters<Engine['export']>[0] = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
    const [rest, beside] = apart(options);
    const { readable, writable } = new TransformStream<
      Uint8Array<ArrayBuffer>,
      Uint8Array<ArrayBuffer>
    >();
    this.#line
      .ask<Blob>('export', [rest], beside)
      .then((blob) => blob.stream().pipeTo(writable))
      .catch((cause: unknown) => writable.abort(cause));
    return readable;
  }

  onChange(listener: () => void): () => void {
    this.#line.listeners.add(listener);
    return () => this.#line.listeners.delete(listener);
  }

  about(artist: string, title: string, signal?: AbortSignal): Promise<About> {
    return this.#line.ask('about', [{ artist, title }], { signal });
  }

  close(): Promise<void> {
    this.#line.close();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #pass<T>(name: CallName, args: readonly unknown[], options: object | undefined): Promise<T> {
    const [rest, beside] = apart(options);
    return this.#line.ask(name, [...args, rest], beside);
  }
}

/** Resolves when the engine answers; rejects with what keeps it from that. */
export async function openRemote(): Promise<RemoteEngine> {
  await bringHome();
  const line = new Line();
  try {
    return new RemoteEngine(line, await line.ask<Opened>('opened', []));
  } catch (cause) {
    line.close();
    throw cause;
  }
}
