import { checkTexts, count, playlistArguments, secondsOf } from './arguments.ts';
import { OwnContributions } from './contribute/contributions.ts';
import { creditedTo } from './credits.ts';
import { CatalogueEnergy, Energy } from './energy.ts';
import { abortError, OssicleError } from './errors.ts';
import { StoredHistory } from './history.ts';
import type { ImportHost } from './transfer/import.ts';
import { EVERYTHING } from './learning.ts';
import { Journal } from './journal.ts';
import { OwnTracks } from './library.ts';
import { Snapshots } from './snapshots/snapshots.ts';
import type { Connect, ListArguments, Opened } from './protocol.ts';
import { TEXTS_AT_ONCE, Searches } from './search.ts';
import { utf8Of } from './streams.ts';
import { TASTE_LIST, tasteOf } from './taste.ts';
import type * as api from './types.ts';

export interface StartOptions extends api.OpenOptions {
  /** Absolute. */
  readonly assets: string;
  readonly store: api.Store;
}

const PARTS = Object.keys(EVERYTHING) as readonly (keyof api.Learning)[];

const KINDS: readonly api.StyleKind[] = ['genre', 'mood', 'instrument'];

interface BatchOptions {
  readonly onProgress: api.EmbedOptions['onProgress'] | undefined;
  readonly signal: AbortSignal | undefined;
}

interface Call {
  readonly signal?: AbortSignal | undefined;
}

function lengthOf(ms: number | undefined, what: string): number | undefined {
  if (ms === undefined || (Number.isFinite(ms) && ms >= 0)) return ms;
  throw new OssicleError('invalid_argument', `${what} is ${ms}, but must not be negative.`, what);
}

const KNOBS = {
  diversity: 1,
  novelty: 1,
  neighbours: 8,
  repeatDays: 36500,
  shownRestDays: 36500,
  perArtist: 1024,
} as const;

/** Those given, checked. */
function knobsOf(options: api.RecommendOptions): ListArguments['knobs'] {
  const knobs: Partial<Record<keyof typeof KNOBS, number>> = {};
  for (const [key, most] of Object.entries(KNOBS)) {
    const name = key as keyof typeof KNOBS;
    const value = options[name];
    if (value === undefined) continue;
    if (name === 'perArtist') count(value, 1, 1, most, name);
    if (!(value >= 0 && value <= most)) {
      throw new OssicleError('invalid_argument', `${name} is ${value}, not 0..${most}.`, name);
    }
    knobs[name] = value;
  }
  return knobs;
}

function followed(follow: NonNullable<api.RecommendOptions['follow']>): ListArguments['follow'] {
  const seed = count(follow.seed, Date.now(), 0, Number.MAX_SAFE_INTEGER, 'follow.seed');
  return { situation: count(follow.situation, 0, 0, 2, 'follow.situation'), seed };
}

/** What both entries open: the calls of the API over a journal. */
class StoredEngine implements api.Engine {
  readonly build: Opened['build'];
  readonly catalogue: api.CatalogueSummary;
  readonly sync: api.Sync | null;
  readonly contributions: OwnContributions | null;
  readonly library: api.Library;
  readonly history: api.History;
  readonly #journal: Journal;
  readonly #searches: Searches;
  readonly #energy: CatalogueEnergy;
  readonly #listeners = new Set<() => void>();

  constructor(journal: Journal, opened: Opened, snapshots: string | undefined) {
    this.build = opened.build;
    this.catalogue = opened.catalogue;
    this.sync = snapshots === undefined ? null : new Snapshots(journal, opened.snapshot);
    this.contributions = snapshots === undefined ? null : new OwnContributions(journal);
    this.#journal = journal;
    this.#searches = new Searches(journal, opened.catalogue.artists);
    const energy = new Energy(journal);
    this.#energy = new CatalogueEnergy(journal, energy, opened.catalogue.artists);
    this.library = new OwnTracks(journal, energy);
    this.history = new StoredHistory(journal, async (credit) => {
      return (await this.#artistOf(credit)).artistId;
    });
    journal.onExternal(() => {
      for (const listener of this.#listeners) listener();
    });
  }

  async listen(
    input: api.ListenInput,
    { signal }: Call = {},
  ): Promise<{ matched: boolean; duplicate: boolean }> {
    const { track } = input;
    if (typeof track.artist !== 'string' || track.artist.trim() === '') {
      throw new OssicleError('invalid_argument', 'track.artist is empty.', 'track.artist');
    }
    const at = secondsOf(input.startedAt, 'startedAt');
    const playedMs = lengthOf(input.playedMs, 'playedMs');
    const durationMs = lengthOf(input.durationMs, 'durationMs');
    return this.#journal.serial(async () => {
      const { artistId, matched } = await this.#artistOf(track.artist, signal);
      const became = await this.#journal.add({
        kind: input.skipped === true ? 'skip' : 'play',
        at,
        artist: track.artist,
        artistId,
        ...(track.title !== undefined && { title: track.title }),
        ...(track.album !== undefined && { album: track.album }),
        ...(playedMs !== undefined && { playedMs }),
        ...(durationMs !== undefined && { durationMs }),
        source: input.source ?? 'api',
      });
      return { matched, duplicate: became === 'duplicate' };
    }, signal);
  }

  /** The artist of a credit: itself, or of "A feat. B" the first whom the catalogue knows. */
  async #artistOf(
    credit: string,
    signal?: AbortSignal,
  ): Promise<{ readonly artistId: string; readonly matched: boolean }> {
    const artistId = await this.#journal.ask('identify', { artist: credit }, signal);
    const [known] = await this.#journal.ask('artists', { ids: [artistId] }, signal);
    if (known) return { artistId, matched: true };
    const [credited] = await this.#journal.ask('creditedArtists', { names: [credit] }, signal);
    const first = creditedTo(credit, credited ?? []);
    return first ? { artistId: first.id, matched: true } : { artistId, matched: false };
  }

  async import(
    file: Blob | ReadableStream<Uint8Array> | Uint8Array,
    options: api.ImportOptions = {},
  ): Promise<api.ImportReport> {
    const now = secondsOf(options.now, 'now');
    options.signal?.throwIfAborted();
    const journal = this.#journal;
    const { erasures } = journal;
    const { importExport } = await import('./transfer/import.ts');
    const host: ImportHost = {
      serial: (work) => journal.serial(work, options.signal),
      ask: (name, args) => journal.ask(name, args),
      keep: (batch) => journal.keep(batch),
      restore: (events) => journal.addAll(events),
      release: (id) => journal.serial(() => journal.ask('importClose', { id })),
      wasErased: () => journal.erasures !== erasures,
    };
    return importExport(host, file, options, now);
  }

  async recommend(options: api.RecommendOptions = {}): Promise<api.RecommendResult> {
    const limit = count(options.limit, 20, 1, 256, 'limit');
    const reasons = count(options.reasons, 3, 0, 16, 'reasons');
    const now = secondsOf(options.now, 'now');
    const knobs = knobsOf(options);
    const follow = options.follow === undefined ? null : followed(options.follow);
    const { signal } = options;
    return this.#journal.serial(async () => {
      // One reason at least, to tell what the list stands on.
      const args = { limit, reasons: Math.max(1, reasons), now, knobs, follow };
      const { items, mark } = await this.#journal.ask('recommend', args, signal);
      const basis = items.some(({ because }) => because.length > 0) ? 'history' : 'popular';
      return {
        items: reasons > 0 ? items : items.map((item) => ({ ...item, because: [] })),
        mark,
        basis,
      };
    }, signal);
  }

  async shown(
    list: api.RecommendResult,
    options: { at?: Date; signal?: AbortSignal } = {},
  ): Promise<void> {
    const at = secondsOf(options.at, 'at');
    const { mark } = list;
    const events = list.items.map(({ artist }) => {
      return { kind: 'shown', at, artist: artist.name, artistId: artist.id, mark } as const;
    });
    await this.#journal.serial(
      () => this.#journal.addAll(events.map((event) => ({ ...event, source: 'feedback' }))),
      options.signal,
    );
  }

  async explain(
    artistId: string,
    options: { now?: Date; signal?: AbortSignal } = {},
  ): Promise<api.Explanation> {
    const now = secondsOf(options.now, 'now');
    const { signal } = options;
    return this.#journal.serial(
      () => this.#journal.ask('explain', { artistId, now }, signal),
      signal,
    );
  }

  async feedback(
    artistId: string,
    kind: api.FeedbackKind,
    options: { at?: Date; signal?: AbortSignal } = {},
  ): Promise<void> {
    const { signal } = options;
    const given = secondsOf(options.at, 'at');
    await this.#journal.serial(async () => {
      const [artist] = await this.#journal.ask('artists', { ids: [artistId] }, signal);
      if (!artist) {
        const what = `The catalogue has no artist ${artistId}.`;
        throw new OssicleError('unknown_item', what, artistId);
      }
      // Events are told apart by second: what is said twice within one must still count, in order.
      const at = options.at ? given : Math.max(given, this.#journal.lastFeedback(artistId) + 1);
      await this.#journal.add({ kind, at, artist: artist.name, artistId, source: 'feedback' });
    }, signal);
  }

  flagged(kind: 'love' | 'ban'): Promise<readonly api.Artist[]> {
    return this.#journal.serial(() =>
      this.#journal.ask('flagged', { ids: this.#journal.feedbackArtists(), kind }),
    );
  }

  async embed(
    texts: readonly string[],
    { dimensions, onProgress, signal }: api.EmbedOptions = {},
  ): Promise<readonly Float32Array<ArrayBuffer>[]> {
    checkTexts(texts);
    return this.#inBatches(
      texts,
      async (batch) => {
        const args = { texts: batch, dimensions: dimensions ?? null };
        const answer = await this.#journal.ask('encode', args, signal);
        return batch.map((_, i) =>
          answer.vectors.slice(i * answer.dimensions, (i + 1) * answer.dimensions),
        );
      },
      { onProgress, signal },
    );
  }

  /** Asks about some texts at a time, so that other calls come in between and an abort is seen. */
  async #inBatches<T>(
    texts: readonly string[],
    ask: (batch: readonly string[]) => Promise<readonly T[]>,
    { onProgress, signal }: BatchOptions,
  ): Promise<readonly T[]> {
    const all: T[] = [];
    while (all.length < texts.length) {
      const batch = texts.slice(all.length, all.length + TEXTS_AT_ONCE);
      all.push(...(await this.#journal.serial(() => ask(batch), signal)));
      onProgress?.({ done: all.length, total: texts.length });
    }
    return all;
  }

  style(text: string, options?: api.StyleOptions): Promise<readonly api.StyleLabel[]>;
  style(
    texts: readonly string[],
    options?: api.StyleOptions,
  ): Promise<readonly (readonly api.StyleLabel[])[]>;
  async style(
    given: string | readonly string[],
    { kinds = KINDS, least = 0.5, limit, onProgress, signal }: api.StyleOptions = {},
  ): Promise<readonly api.StyleLabel[] | readonly (readonly api.StyleLabel[])[]> {
    const texts = typeof given === 'string' ? [given] : given;
    checkTexts(texts);
    const most = count(limit, 10, 1, 1000, 'limit');
    if (!(least >= 0 && least <= 1)) {
      const what = `least is ${least}, but must be a number from 0 to 1.`;
      throw new OssicleError('invalid_argument', what, 'least');
    }
    const wrong = kinds.find((kind) => !KINDS.includes(kind));
    if (wrong !== undefined) {
      const what = `kinds has ${wrong}, which is none of ${KINDS.join(', ')}.`;
      throw new OssicleError('invalid_argument', what, 'kinds');
    }
    const all = await this.#inBatches(
      texts,
      (batch) => this.#journal.ask('style', { texts: batch, kinds, least, limit: most }, signal),
      { onProgress, signal },
    );
    return typeof given === 'string' ? (all[0] ?? []) : all;
  }

  createIndex(
    documents: readonly api.SearchDocument[],
    options: api.IndexOptions = {},
  ): Promise<api.SearchIndex> {
    return this.#searches.create(documents, options);
  }

  search(query: string, options: api.SearchOptions = {}): Promise<api.SearchResult> {
    return this.#searches.search(query, options);
  }

  prepareSearch(options: Omit<api.IndexOptions, 'vectors'> = {}): Promise<void> {
    return this.#searches.prepare(options);
  }

  async playlist(options: api.PlaylistOptions = {}): Promise<readonly api.PlaylistItem[]> {
    const args = playlistArguments(options);
    const { signal } = options;
    return this.#journal.serial(() => this.#journal.ask('playlist', args, signal), signal);
  }

  energy(options: api.EnergyOptions = {}): Promise<ReadonlyMap<string, number>> {
    return this.#energy.places(options);
  }

  profile(): Promise<api.ProfileSummary> {
    return this.#journal.serial(async () => {
      const counts = await this.#journal.ask('counts', null);
      return {
        events: counts.events,
        eventsLearntFrom: counts.learnt,
        eventsInCatalogue: counts.events - counts.unknown,
        artists: counts.artists,
        loved: counts.loved,
        banned: counts.banned,
        storedBytes: await this.#journal.storedBytes(),
        ...this.#journal.span(),
      };
    });
  }

  async taste({ tags, artists, ...options }: api.TasteOptions = {}): Promise<api.Taste> {
    const [mostTags, mostArtists] = [
      count(tags, 24, 0, 1000, 'tags'),
      count(artists, 12, 0, 1000, 'artists'),
    ];
    const { items, basis } = await this.recommend({ ...TASTE_LIST, ...options });
    return tasteOf(basis === 'history' ? items : [], mostTags, mostArtists);
  }

  get learning(): api.Learning {
    return this.#journal.learning;
  }

  async setLearning(change: Partial<api.Learning>, { signal }: Call = {}): Promise<void> {
    await this.#journal.serial(async () => {
      const before = this.#journal.learning;
      const learning = { ...before, ...change };
      if (PARTS.some((part) => before[part] !== learning[part]))
        await this.#journal.learn(learning);
    }, signal);
  }

  export(options: api.ExportOptions = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
    const journal = this.#journal;
    const text = async function* (): AsyncGenerator<string, void> {
      const { historyText } = await import('./transfer/export.ts');
      yield* historyText(journal, options);
    };
    return utf8Of(text());
  }

  requests(): Promise<readonly api.EngineRequest[]> {
    return this.#journal.serial(() => this.#journal.ask('requests', null));
  }

  async erase(): Promise<void> {
    await this.#journal.serial(async () => {
      // Before, or a crash in between could leave a report of what was erased. Whether that works or not, all else is erased; what it left is told by the second time, which also finds
      // what another tab has made meanwhile.
      await this.contributions?.discard().catch(() => undefined);
      await this.#journal.erase();
      await this.contributions?.discard();
    });
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    await this.#journal.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Opens an engine whose core `connect` gives. Whatever fails leaves nothing open. */
export async function start(connect: Connect, options: StartOptions): Promise<api.Engine> {
  const { signal } = options;
  if (signal?.aborted) throw abortError(signal);
  const journal = new Journal(connect, options);
  try {
    return new StoredEngine(journal, await journal.open(signal), options.snapshots);
  } catch (cause) {
    await journal.close();
    throw cause;
  }
}
