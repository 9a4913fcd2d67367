import { type AssetSource } from './assets.ts';
import { Bundle } from './bundle.ts';
import { choose } from './choose.ts';
import { CoreEncoder } from './core-encoder.ts';
import { CoreImport } from './core-import.ts';
import type { Core } from './core.ts';
import { messageOf, OssicleError } from './errors.ts';
import {
  TrapError,
  type Arguments,
  type CallName,
  type OpenArguments,
  type Opened,
  type Port,
  type Returned,
} from './protocol.ts';
import type { EngineRequest, LoadProgress } from './types.ts';

const BUNDLE = 'catalogue/bundle.json';
const ENCODER = 'encoder/bundle.json';
const COPY = 'is damaged or of another version: copy the folder dist/assets of the package again.';
const DAMAGED = `The catalogue ${COPY}`;
const ENCODER_DAMAGED = `The encoder ${COPY}`;

type Answers = {
  readonly [K in Exclude<CallName, 'open' | 'encode'>]: (
    state: State,
    core: Core,
    args: Arguments<K>,
  ) => Returned<K>;
};

function wrongResults(wrong: string): OssicleError {
  const what = `The text encoder computes wrong results in this browser: ${wrong}.`;
  return new OssicleError(
    'unsupported_browser',
    `${what} Please update the browser, report this, and open with the variant "simd" until then.`,
  );
}

function encoderOf(assets: AssetSource, signal?: AbortSignal): Bundle {
  return new Bundle('encoder', (path) => assets.read(path, signal));
}

interface State {
  readonly imports: Map<number, CoreImport>;
  lastImport: number;
}

function importOf(state: State, id: number): CoreImport {
  const found = state.imports.get(id);
  if (found) return found;
  throw new OssicleError('internal', `There is no import ${id}.`);
}

/** A page does not see what its worker asks for: only the worker itself can tell. */
function requestsOfThisThread(): readonly EngineRequest[] {
  return performance
    .getEntriesByType('resource')
    .filter((entry) => entry instanceof PerformanceResourceTiming)
    .map(({ name, encodedBodySize }) => ({ url: name, bytes: encodedBodySize }));
}

/** The whole map of calls, one core call each. */
const answers: Answers = {
  identify: (_, core, { artist }) => core.identify(artist),
  artists: (_, core, { ids }) => core.artists(ids),
  record: (_, core, { events }) => core.record(events),
  forget: (_, core) => core.forget(),
  counts: (_, core) => core.counts(),
  requests: () => requestsOfThisThread(),
  recommend: (_, core, { limit, reasons, now }) => core.recommend(limit, reasons, now),
  explain: (_, core, { artistId, now }) => core.explain(artistId, now),
  flagged: (_, core, { ids, kind }) => core.flagged(ids, kind),
  importOpen: (state, core, { format, now }) => {
    state.lastImport += 1;
    state.imports.set(state.lastImport, new CoreImport(core, format, now));
    return state.lastImport;
  },
  importFeed: (state, _, { id, bytes, last }) => importOf(state, id).feed(bytes, last),
  importReport: (state, _, { id }) => importOf(state, id).report(),
  importClose: (state, _, { id }) => {
    importOf(state, id).close();
    state.imports.delete(id);
    return null;
  },
};

/** Answers the calls in this very thread: a worker's, or Node's. */
export class LocalPort implements Port {
  readonly #assetsAt: (base: string) => AssetSource;
  readonly #onProgress: (progress: LoadProgress) => void;
  readonly #state: State = { imports: new Map(), lastImport: 0 };
  #chosen: { readonly core: Core; readonly build: Opened['build'] } | null = null;
  #trap: TrapError | null = null;
  #assets: AssetSource | null = null;
  #encoder: Promise<CoreEncoder> | null = null;
  /** Being read before the first text. */
  #encoderBundle: Bundle | null = null;

  constructor(
    assetsAt: (base: string) => AssetSource,
    onProgress: (progress: LoadProgress) => void,
  ) {
    this.#assetsAt = assetsAt;
    this.#onProgress = onProgress;
  }

  async call<K extends CallName>(
    name: K,
    args: Arguments<K>,
    signal?: AbortSignal,
  ): Promise<Returned<K>> {
    signal?.throwIfAborted();
    if (this.#trap !== null) throw this.#trap;
    try {
      if (name === 'open') {
        return await this.#open(args as OpenArguments, signal);
      }
      if (this.#chosen === null) throw new OssicleError('internal', 'A call came before open.');
      if (name === 'encode') {
        return await this.#encode(this.#chosen.core, args as Arguments<'encode'>, signal);
      }
      const answer = (answers as Readonly<Record<string, unknown>>)[name] as (
        state: State,
        core: Core,
        args: Arguments<K>,
      ) => Returned<K>;
      return answer(this.#state, this.#chosen.core, args);
    } catch (cause) {
      // RangeError: the module's stack overflowed, or a pointer left the memory.
      if (cause instanceof WebAssembly.RuntimeError || cause instanceof RangeError) {
        this.#trap = new TrapError(`The core stopped in "${name}": ${messageOf(cause)}`);
        throw this.#trap;
      }
      throw cause;
    }
  }

  close(): void {
    this.#chosen = null;
  }

  async #encode(
    core: Core,
    { texts, dimensions }: Arguments<'encode'>,
    signal?: AbortSignal,
  ): Promise<Returned<'encode'>> {
    this.#encoder ??= this.#openEncoder(core, signal);
    // What failed or was aborted is tried again by the next call.
    this.#encoder.catch(() => (this.#encoder = null));
    const encoder = await this.#encoder;
    signal?.throwIfAborted();
    const offered = encoder.dimensions;
    const length = dimensions ?? offered.at(-1) ?? 0;
    if (!offered.includes(length)) {
      const what = `dimensions is ${length}, but this encoder offers ${offered.join(', ')}.`;
      throw new OssicleError('invalid_argument', what, 'dimensions');
    }
    return { dimensions: length, vectors: encoder.encode(texts, length) };
  }

  async #openEncoder(core: Core, signal?: AbortSignal): Promise<CoreEncoder> {
    const assets = this.#assets;
    if (assets === null) throw new OssicleError('internal', 'A call came before open.');
    const bundle = this.#encoderBundle ?? encoderOf(assets, signal);
    this.#encoderBundle = null;
    const encoder = new CoreEncoder(core, await bundle.json, ENCODER, ENCODER_DAMAGED);
    try {
      for (const [index, { path }] of encoder.files.entries()) {
        encoder.put(index, await bundle.file(path), `encoder/${path}`);
        signal?.throwIfAborted();
      }
      const relaxed = this.#chosen?.build.variant === 'relaxed';
      // The kernels of its layers take a compiler the longest: by now their code is the one that will run.
      const wrong = core.selftest(1);
      if (wrong !== null) throw wrongResults(wrong);
      encoder.open(relaxed ? () => performance.now() : undefined);
      return encoder;
    } catch (cause) {
      // After a trap the core's memory cannot be trusted with a call.
      if (!(cause instanceof WebAssembly.RuntimeError)) encoder.close();
      throw cause;
    }
  }

  async #open(args: OpenArguments, signal?: AbortSignal): Promise<Opened> {
    const assets = this.#assetsAt(args.assets);
    this.#assets = assets;
    let loadedBytes = 0;
    let shardBytes = 0;
    let totalBytes = 0;
    const tell = (): void => {
      // Until bundle.json is read nobody knows how much there is.
      if (totalBytes > 0) this.#onProgress({ loadedBytes, totalBytes });
    };
    const read = (path: string): Promise<Uint8Array<ArrayBuffer>> =>
      assets.read(path, signal, (bytes) => {
        loadedBytes += bytes;
        if (path.startsWith('catalogue/') && path !== BUNDLE) shardBytes += bytes;
        tell();
      });

    const bundle = new Bundle('catalogue', read);
    if (args.encoder === true) this.#encoderBundle ??= encoderOf(assets);
    const [json, chosen] = await Promise.all([
      bundle.json,
      this.#chosen ?? this.#choose(read, args.variant),
    ]);
    this.#chosen = chosen;
    const { core, build } = chosen;
    const files = core.beginBundle(json, BUNDLE, DAMAGED);
    totalBytes = loadedBytes - shardBytes + files.reduce((sum, file) => sum + file.bytes, 0);
    tell();
    for (const [index, { path }] of files.entries()) {
      const file = `catalogue/${path}`;
      core.addFile(index, await bundle.file(path), file, DAMAGED);
      signal?.throwIfAborted();
    }
    const { maxEvents, ...shape } = core.openEngine(args.profile ?? {}, args.maxEvents);
    // The core has read the manifest, so that these are strings.
    const facts = JSON.parse(new TextDecoder().decode(json)) as Record<
      'name' | 'licence' | 'source',
      string
    >;
    const { name, licence, source } = facts;
    return { build, catalogue: { ...shape, name, licence, source }, maxEvents };
  }

  async #choose(
    read: (path: string) => Promise<Uint8Array<ArrayBuffer>>,
    forced: OpenArguments['variant'],
  ): Promise<{ readonly core: Core; readonly build: Opened['build'] }> {
    const { core, variant, reason } = await choose(read, forced);
    return { core, build: { variant, reason } };
  }
}
