import { type AssetSource } from './assets.ts';
import { Bundle } from './bundle.ts';
import { choose } from './choose.ts';
import { CoreImport } from './core-import.ts';
import { CoreLibrary, creditedArtists } from './core-library.ts';
import { catalogueDocuments, CoreIndex } from './core-search.ts';
import { CoreSequence } from './core-sequence.ts';
import type { Core } from './core.ts';
import { later } from './later.ts';
import { EVERYTHING } from './learning.ts';
import { messageOf, OssicleError } from './errors.ts';
import {
  TrapError,
  type Arguments,
  type CallName,
  type ContributeCallName,
  type DocumentSlice,
  type OpenArguments,
  type Opened,
  type Port,
  type Returned,
} from './protocol.ts';
import type { ContributionHost } from './contribute/host.ts';
import { Shared } from './shared.ts';
import { SnapshotHost, type Source } from './snapshots/host.ts';
import type { SnapshotStore } from './snapshots/store.ts';
import { encoderBundle, TextModels } from './text-models.ts';
import type { EngineRequest, LoadProgress } from './types.ts';

const BUNDLE = 'catalogue/bundle.json';
const DAMAGED =
  'The catalogue is damaged or of another version: copy the folder dist/assets of the package again.';

const SEQUENCE = 'sequence/bundle.json';
const SEQUENCE_DAMAGED =
  'The sequence model is damaged or of another version: copy the folder dist/assets of the package again.';

/** Those that take their time. */
type SlowCall =
  | 'open'
  | 'encode'
  | 'style'
  | 'encoderName'
  | 'playlist'
  | 'syncState'
  | 'syncUpdate'
  | 'syncRevert'
  | ContributeCallName;

type Answers = {
  readonly [K in Exclude<CallName, SlowCall>]: (
    state: State,
    core: Core,
    args: Arguments<K>,
  ) => Returned<K>;
};

interface Chosen {
  readonly core: Core;
  readonly build: Opened['build'];
}

interface State {
  readonly imports: Map<number, CoreImport>;
  lastImport: number;
  /** Documents of indexes that are being made, and made indexes. */
  readonly slices: Map<number, DocumentSlice[]>;
  readonly indexes: Map<number, CoreIndex>;
  library: CoreLibrary | null;
}

function importOf(state: State, id: number): CoreImport {
  const found = state.imports.get(id);
  if (found) return found;
  throw new OssicleError('internal', `There is no import ${id}.`);
}

function indexOf(state: State, id: number): CoreIndex {
  const found = state.indexes.get(id);
  if (found) return found;
  throw new OssicleError('internal', `There is no index ${id}.`);
}

function keep(state: State, id: number, index: CoreIndex): Returned<'indexBuild'> {
  state.indexes.set(id, index);
  return index.facts;
}

function libraryOf(state: State): CoreLibrary {
  if (state.library !== null) return state.library;
  throw new OssicleError('internal', 'There is no library.');
}

function closeLibrary(state: State, core: Core): null {
  core.follower = null;
  state.library?.close();
  state.library = null;
  return null;
}

/** A page does not see what its worker asks for: only the worker itself can tell. */
function requestsOfThisThread(): readonly EngineRequest[] {
  return performance
    .getEntriesByType('resource')
    .filter((entry) => entry instanceof PerformanceResourceTiming)
    .map(({ name, startTime, transferSize, encodedBodySize }) => ({
      url: name,
      at: new Date(performance.timeOrigin + startTime),
      // Nothing is transferred from a cache, or by a service worker that has the file.
      bytes: transferSize === 0 ? 0 : encodedBodySize,
    }));
}

const isContribution = (name: CallName): name is ContributeCallName =>
  name.startsWith('contribute');

/** The whole map of calls, one core call each. */
const answers: Answers = {
  identify: (_, core, { artist }) => core.identify(artist),
  artists: (_, core, { ids }) => core.artists(ids),
  record: (_, core, { events }) => core.record(events),
  forget: (_, core) => core.forget(),
  learn: (_, core, learning) => core.learn(learning),
  counts: (_, core) => core.counts(),
  requests: () => requestsOfThisThread(),
  recommend: (_, core, args) => core.recommend(args),
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
  indexAdd: (state, _, { id, slice }) => {
    const slices = state.slices.get(id) ?? [];
    state.slices.set(id, [...slices, slice]);
    return null;
  },
  indexBuild: (state, core, { id }) => {
    const slices = state.slices.get(id) ?? [];
    state.slices.delete(id);
    return keep(state, id, CoreIndex.of(core, slices));
  },
  indexCatalogue: (state, core, { id }) =>
    keep(state, id, CoreIndex.of(core, [catalogueDocuments(core)])),
  indexVectors: (state, _, { id, vectors, dimensions }) => {
    indexOf(state, id).addVectors(vectors, dimensions);
    return null;
  },
  indexSearch: (state, _, { id, ...search }) => indexOf(state, id).search(search),
  indexClose: (state, _, { id }) => {
    state.indexes.get(id)?.close();
    state.indexes.delete(id);
    state.slices.delete(id);
    return null;
  },
  artistsAt: (_, core, { rows }) => rows.map((row) => core.artist(row)),
  creditedArtists: (_, core, { names }) => creditedArtists(core, names),
  libraryOpen: (state, core, { capacity }) => {
    closeLibrary(state, core);
    const library = new CoreLibrary(core, capacity);
    state.library = library;
    core.follower = library;
    return library.facts;
  },
  libraryAdd: (state, _, { slice }) => {
    const library = libraryOf(state);
    library.add(slice);
    return library.facts;
  },
  libraryHide: (state, _, { rows }) => {
    for (const row of rows) libraryOf(state).hide(row);
    return null;
  },
  libraryList: (state, _, list) => libraryOf(state).list(list),
  libraryExplain: (state, _, { row, reasons, now }) => libraryOf(state).explain(row, reasons, now),
  libraryScores: (state, _, list) => libraryOf(state).scores(list),
  libraryClose: (state, core) => closeLibrary(state, core),
};

/** Answers the calls in this very thread: a worker's, or Node's. */
export class LocalPort implements Port {
  readonly #assetsAt: (base: string) => AssetSource;
  readonly #snapshotsAt: (name: string) => SnapshotStore;
  readonly #onProgress: (progress: LoadProgress) => void;
  readonly #state: State = {
    imports: new Map(),
    lastImport: 0,
    slices: new Map(),
    indexes: new Map(),
    library: null,
  };
  #chosen: Chosen | null = null;
  #trap: TrapError | null = null;
  #models: TextModels | null = null;
  #assets: AssetSource | null = null;
  #snapshots: SnapshotHost | null = null;
  #snapshotStore: SnapshotStore | null = null;
  #contributions: ContributionHost | null = null;
  readonly #sequence = new Shared<CoreSequence>();
  /** The encoder's, being read before the first text. */
  #encoderBundle: Bundle | null = null;

  constructor(
    assetsAt: (base: string) => AssetSource,
    snapshotsAt: (name: string) => SnapshotStore,
    onProgress: (progress: LoadProgress) => void,
  ) {
    this.#assetsAt = assetsAt;
    this.#snapshotsAt = snapshotsAt;
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
        return await this.#textModels.encode(args as Arguments<'encode'>, signal);
      }
      if (name === 'encoderName') {
        return await this.#textModels.name(signal);
      }
      if (name === 'style') {
        return await this.#textModels.style(args as Arguments<'style'>, signal);
      }
      if (name === 'playlist') {
        const { core } = this.#chosen;
        const load = (stop: AbortSignal): Promise<CoreSequence> => this.#loadSequence(core, stop);
        const sequence = await this.#sequence.get(load, signal);
        return sequence.write(args as Arguments<'playlist'>);
      }
      if (name === 'syncState') return await this.#host.state();
      if (name === 'syncRevert') return await this.#host.revert();
      if (name === 'syncUpdate') {
        const { server, policy } = args as Arguments<'syncUpdate'>;
        const { variant } = this.#chosen.build;
        return await this.#host.update(server, policy, variant, signal);
      }
      if (isContribution(name)) {
        return await this.#contribute(name, args as Arguments<typeof name>, signal);
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

  get #host(): SnapshotHost {
    if (this.#snapshots !== null) return this.#snapshots;
    throw new OssicleError('internal', 'The engine was opened without snapshots.');
  }

  async #contribute<K extends ContributeCallName>(
    name: K,
    args: Arguments<K>,
    signal: AbortSignal | undefined,
  ): Promise<Returned<K>> {
    const [chosen, assets, store] = [this.#chosen, this.#assets, this.#snapshotStore];
    if (chosen === null || assets === null || store === null) {
      throw new OssicleError('internal', 'The engine was opened without snapshots.');
    }
    // Who never contributed erases without loading any of it.
    const isNone = name === 'contributeDiscard' && (await store.contribution()) === null;
    if (isNone) return null;
    const { answer, ContributionHost } = await later(import('./contribute/answers.ts'));
    this.#contributions ??= new ContributionHost(store, assets);
    return answer(name, this.#contributions, chosen.core, args, signal);
  }

  get #textModels(): TextModels {
    if (this.#models !== null) return this.#models;
    throw new OssicleError('internal', 'A call came before open.');
  }

  async #loadSequence(core: Core, signal: AbortSignal): Promise<CoreSequence> {
    const assets = this.#assets;
    if (assets === null) throw new OssicleError('internal', 'A call came before open.');
    const bundle = new Bundle('sequence', (path) => assets.read(path, signal));
    const json = await bundle.json;
    const { path } = CoreSequence.file(core, json, SEQUENCE, SEQUENCE_DAMAGED);
    const bytes = await bundle.file(path);
    signal.throwIfAborted();
    return new CoreSequence(core, json, bytes, `sequence/${path}`, SEQUENCE_DAMAGED);
  }

  async #open(args: OpenArguments, signal?: AbortSignal): Promise<Opened> {
    const assets = this.#assetsAt(args.assets);
    this.#assets = assets;
    const { snapshots, opened } = args;
    if (snapshots === undefined) return this.#openFrom({ facts: null, assets }, args, signal);
    this.#snapshotStore ??= this.#snapshotsAt(snapshots);
    this.#snapshots ??= new SnapshotHost(this.#snapshotStore, assets);
    const sources = await this.#snapshots.sources(opened);
    const [last] = sources.slice(-1);
    for (const source of sources.slice(0, -1)) {
      try {
        return await this.#openFrom(source, args, signal);
      } catch (cause) {
        // What was verified when it came is damaged now, or of an older core: the one before it does.
        if (signal?.aborted === true || !(cause instanceof OssicleError)) throw cause;
      }
    }
    return this.#openFrom(last ?? { facts: null, assets }, args, signal);
  }

  async #openFrom(
    { facts, assets }: Source,
    args: OpenArguments,
    signal: AbortSignal | undefined,
  ): Promise<Opened> {
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
    if (args.encoder === true) this.#encoderBundle ??= encoderBundle(assets);
    const [json, chosen] = await Promise.all([
      bundle.json,
      this.#chosen ?? this.#choose(read, args.variant),
    ]);
    this.#chosen = chosen;
    // Opening again keeps the core, and the models in it.
    this.#models ??= new TextModels(chosen, assets, this.#encoderBundle);
    const { core, build } = chosen;
    core.learning = args.learning ?? EVERYTHING;
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
    const said = JSON.parse(new TextDecoder().decode(json)) as Record<
      'name' | 'licence' | 'source',
      string
    >;
    const { name, licence, source } = said;
    const catalogue = { ...shape, name, licence, source };
    return { build, catalogue, snapshot: facts, maxEvents };
  }

  async #choose(
    read: (path: string) => Promise<Uint8Array<ArrayBuffer>>,
    forced: OpenArguments['variant'],
  ): Promise<Chosen> {
    const { core, variant, reason } = await choose(read, forced);
    return { core, build: { variant, reason } };
  }
}
