/** The home of the one engine of the extension: takes plays in from the inbox, and answers our pages. */
import { openEngine, OssicleError, type Engine, type Learning } from 'ossicle';
import { indexedDbStore } from 'ossicle/store/indexeddb';
import { Inbox } from '../background/inbox.ts';
import {
  ENGINE_CHANNEL,
  INBOX_CHANNEL,
  OPTIONS_AT,
  type About,
  type CallName,
  type Failure,
  type FromHome,
  type HistoryMethod,
  type MethodName,
  type Opened,
  type ToHome,
} from '../wire/calls.ts';
import { drain } from './drain.ts';

const HISTORY = 'ossicle';
/** What is learnt from, in `localStorage`: the engine opens with it, before any page asks. */
const LEARNING = 'ossicle-learning';
/** Nobody asked and nothing came for so long: the memory is given back. */
const IDLE_MS = 5 * 60_000;

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** An abort and progress, which no channel carries. */
interface Beside {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: unknown) => void;
}

function failureOf(cause: unknown): Failure {
  if (cause instanceof OssicleError) {
    const { name, message, code, at } = cause;
    return { name, message, code, at };
  }
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  return { name, message, code: null, at: null };
}

function keptLearning(): Partial<Learning> {
  // Written by `setLearning` below.
  return JSON.parse(localStorage.getItem(LEARNING) ?? '{}') as Partial<Learning>;
}

class Home {
  readonly #inbox = new Inbox();
  readonly #channel = new BroadcastChannel(ENGINE_CHANNEL);
  readonly #calls = new Map<string, AbortController>();
  readonly #onIdle: () => void;
  #engine: Promise<Engine> | null = null;
  #openedInMs = 0;
  #draining: Promise<void> | null = null;
  #again = false;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle;
    this.#channel.addEventListener('message', ({ data }: MessageEvent<ToHome | FromHome>) => {
      if (data.kind === 'call') void this.#call(data);
      else if (data.kind === 'abort') this.#calls.get(data.id)?.abort();
    });
    new BroadcastChannel(INBOX_CHANNEL).addEventListener('message', () => void this.bring());
    this.#rest();
    void this.bring();
  }

  /** Takes in what waits; once more when something came meanwhile. */
  bring(): Promise<void> {
    this.#again = true;
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = null;
    });
    return this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        if ((await this.#inbox.waiting()) === 0) return;
        this.#rest();
        if ((await drain(this.#inbox, await this.#open())) > 0) this.#post({ kind: 'changed' });
      } catch (cause) {
        // They stay where they are, and are tried again with the next one.
        reportError(cause);
      }
    }
  }

  #open(): Promise<Engine> {
    if (this.#engine) return this.#engine;
    const from = performance.now();
    const opening = openEngine({
      assets: chrome.runtime.getURL('ossicle/'),
      store: indexedDbStore(HISTORY),
      learning: keptLearning(),
    });
    this.#engine = opening;
    opening.then(
      (engine) => {
        this.#openedInMs = performance.now() - from;
        engine.onChange(() => this.#post({ kind: 'changed' }));
      },
      () => {
        this.#engine = null;
      },
    );
    return opening;
  }

  async #call({ id, name, args }: Extract<ToHome, { kind: 'call' }>): Promise<void> {
    this.#post({ kind: 'taken', id });
    // Asked again by a page that heard nothing.
    if (this.#calls.has(id)) return;
    const stop = new AbortController();
    this.#calls.set(id, stop);
    const onProgress = (progress: unknown): void => this.#post({ kind: 'progress', id, progress });
    try {
      const engine = await this.#open();
      if (name === 'opened') await this.bring();
      const value = await this.#answer(engine, name, args, { signal: stop.signal, onProgress });
      this.#post({ kind: 'gives', id, value });
    } catch (cause) {
      this.#post({ kind: 'fails', id, failure: failureOf(cause) });
    }
    this.#calls.delete(id);
    this.#rest();
  }

  #answer(
    engine: Engine,
    name: CallName,
    args: readonly unknown[],
    beside: Beside,
  ): Promise<unknown> {
    if (name === 'opened') return Promise.resolve(this.#opened(engine));
    if (name === 'setLearning') return setLearning(engine, args[0] as Partial<Learning>);
    if (name === 'erase') return this.#erase(engine);
    if (name === 'about') return about(engine, args[0] as AboutQuestion);
    if (name === 'export') {
      return new Response(engine.export({ ...(args[0] as object), ...beside })).blob();
    }
    return passOn(engine, name, args, beside);
  }

  #opened({ catalogue, build, learning }: Engine): Opened {
    return { catalogue, build, learning, openedInMs: this.#openedInMs };
  }

  async #erase(engine: Engine): Promise<void> {
    localStorage.removeItem(LEARNING);
    await Promise.all([this.#inbox.forget(), engine.library.clear(), engine.erase()]);
  }

  #post(message: FromHome): void {
    this.#channel.postMessage(message);
  }

  /** The rest begins anew. */
  #rest(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.#calls.size > 0 || this.#draining) this.#rest();
      else this.#onIdle();
    }, IDLE_MS);
  }
}

function passOn(
  engine: Engine,
  name: MethodName | `history.${HistoryMethod}`,
  args: readonly unknown[],
  beside: Beside,
): Promise<unknown> {
  if (name.startsWith('history.')) {
    const method = name.slice('history.'.length) as HistoryMethod;
    return (engine.history[method] as Method)(...args);
  }
  const method = name as MethodName;
  const at = OPTIONS_AT[method];
  const given = [...args];
  if (at !== null) given[at] = { ...(args[at] as object | undefined), ...beside };
  return (engine[method] as Method)(...given);
}

async function setLearning(engine: Engine, change: Partial<Learning>): Promise<Learning> {
  await engine.setLearning(change);
  localStorage.setItem(LEARNING, JSON.stringify(engine.learning));
  return engine.learning;
}

interface AboutQuestion {
  readonly artist: string;
  readonly title: string;
}

/** The engine tells credits apart and explains a song when it is one of the listener's own tracks; for the moment of the answer it is. */
async function about(engine: Engine, { artist, title }: AboutQuestion): Promise<About> {
  const id = crypto.randomUUID();
  await engine.library.add([{ id, artist, title }], { vectors: false });
  try {
    const { artists, plays, because } = await engine.library.explain(id);
    // Of an artist whom only the library knows nothing would be left after this.
    return { artists: artists.filter(({ listeners }) => listeners > 0), plays, because };
  } finally {
    await engine.library.remove([id]);
  }
}

let home: Home | null = null;

/** Once is enough. `onIdle`: what ends this page when nobody needs it. */
export function startHome(onIdle: () => void = () => undefined): void {
  home ??= new Home(onIdle);
}
