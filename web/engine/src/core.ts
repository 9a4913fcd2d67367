import {
  NO_ITEM,
  OslCatalogueInfo,
  OslCounts,
  OslError,
  OslItem,
  OslItemHistory,
  OslListen,
  OslOptions,
  OslReason,
  OslRecommended,
  OslRequest,
  OslScored,
  type AbiExports,
} from './abi.gen.ts';
import type { BundleBytes } from './bundle.ts';
import { codeName } from './core-codes.ts';
import { OssicleError } from './errors.ts';
import { PartialHistory } from './core-partial.ts';
import { fromHex, Heap, toHex, toUtf8, type Block } from './heap.ts';
import type { CoreCounts, ListArguments, Recorded, RecommendedList } from './protocol.ts';
import { EVERYTHING, isEverything, partOf } from './learning.ts';
import type { Artist, Explanation, Learning, ProfileSettings, Reason } from './types.ts';
import type { StoredEvent } from './types.ts';

const RESULTS = 256;
const REASONS = 16;
/** Events that cross in one call. */
export const EVENTS = 1024;
const NAME_BYTES = 1024;
const TAG_BYTES = 4096;

const KINDS = { play: 1, skip: 2, love: 3, ban: 4, clear: 5, shown: 6 } as const;
const FLAGS = { love: 1, ban: 2 } as const;
export const RECORDED: readonly Recorded[] = ['kept', 'unknown', 'duplicate'];

/** What keeps in step with the history. */
export interface Follower {
  /** `n` events lie at `events` as the core takes them, and at `recorded` what became of each. */
  record(events: number, recorded: number, n: number): void;
  forget(): void;
  /** The engine is a new one. */
  attach(): void;
}

/** A bundle whose bundle.json was read; the core asks for its files. */
/** path, cap, path_n, bytes, error: where the ABI writes about the file of a bundle. */
type FileOut = readonly [path: number, cap: number, pathN: number, bytes: number, error: number];

export interface BundleFile {
  readonly path: string;
  readonly bytes: number;
}

/** Where results land; one piece of memory, cut up. */
interface Room {
  readonly all: Block;
  readonly error: number;
  readonly small: number;
  readonly request: number;
  readonly scored: number;
  readonly reasons: number;
  readonly reasonCap: number;
  readonly reasonN: number;
  readonly events: number;
  readonly recorded: number;
  readonly item: number;
  readonly name: number;
  readonly tags: number;
}

function takeRoom(heap: Heap, items: number): Room {
  const reasonCap = Math.max(RESULTS * REASONS, items);
  const { all, at } = heap.takeParts({
    error: OslError.size,
    small: 64,
    request: OslRequest.size,
    scored: RESULTS * OslScored.size,
    reasons: reasonCap * OslReason.size,
    reasonN: RESULTS * 4,
    events: EVENTS * OslListen.size,
    recorded: EVENTS * 4,
    item: OslItem.size,
    name: NAME_BYTES,
    tags: TAG_BYTES,
  });
  return { ...at, all, reasonCap };
}

function dateOf(seconds: bigint): Date | null {
  return seconds === 0n ? null : new Date(Number(seconds) * 1000);
}

/** A module and, once a bundle was read, its engine. Every call is synchronous; this file and its neighbours core-*.ts alone know offsets. */
export class Core {
  readonly abi: AbiExports;
  readonly heap: Heap;
  room: Room;
  /** Artists of the catalogue that is open. */
  items = 0;
  /** Hears of every event. */
  follower: Follower | null = null;
  /** What of the history is learnt from; `learn` changes it once there is a history. */
  learning: Learning = EVERYTHING;
  /** Records and counts while something is left out. */
  readonly #partial = new PartialHistory(this, (n, recorded, follow) =>
    this.#recordInRoom(n, recorded, follow),
  );
  #reader = 0;
  #engine = 0;
  #artists = new Map<number, Artist>();

  constructor(abi: AbiExports) {
    this.abi = abi;
    this.heap = new Heap(abi);
    this.room = takeRoom(this.heap, 0);
  }

  /** Throws what the core's error struct says; `where` and `advice` stand around it. */
  check(code: number, where: string, advice = '', at?: string): void {
    if (code === 0) return;
    const { error } = this.room;
    const { what, place } = this.heap.view(({ data }) => {
      const e = OslError.read(data, error);
      const text = e.code === code ? new TextDecoder().decode(e.what.subarray(0, e.whatN)) : '';
      return { what: text, place: Number(e.at) };
    });
    const name = codeName(code);
    const message = `${where}: ${what === '' ? name : what} [${name}, at ${place}].`;
    throw new OssicleError(name, advice === '' ? message : `${message} ${advice}`, at ?? place);
  }

  /** Where it lies until the next call; 0 for none. */
  putDigest(digest: Uint8Array | null): number {
    if (digest === null) return 0;
    const { small } = this.room;
    this.heap.view(({ bytes }) => bytes.set(digest, small));
    return small;
  }

  /** The handle of the engine, for calls that take one. */
  get engine(): number {
    return this.#open;
  }

  get #open(): number {
    if (this.#engine !== 0) return this.#engine;
    throw new OssicleError('internal', 'A call came before the catalogue was read.');
  }

  /** Runs the known-answer test of every kernel; null when all answers are right. */
  selftest(rounds: number): string | null {
    const { error } = this.room;
    const code = this.abi.osl_selftest_run(rounds, error);
    if (code === 0) return null;
    return this.heap.view(({ data }) => {
      const e = OslError.read(data, error);
      const what = new TextDecoder().decode(e.what.subarray(0, e.whatN));
      return `${what} (at ${Number(e.at)})`;
    });
  }

  // ---- catalogue ----

  /** Reads bundle.json and says which files it needs. */
  beginBundle(json: Uint8Array, file: string, advice: string): readonly BundleFile[] {
    this.abi.osl_reader_close(this.#reader);
    this.#reader = 0;
    const { small, error, name } = this.room;
    const code = this.heap.lend(json, (block) =>
      this.abi.osl_reader_open(block.at, block.size, small, error),
    );
    this.check(code, file, advice, file);
    this.#reader = this.heap.u32(small);
    this.check(this.abi.osl_reader_files(this.#reader, small), file);
    return Array.from({ length: this.heap.u32(small) }, (_, index) => {
      const asked = this.abi.osl_reader_file(
        this.#reader,
        index,
        name,
        NAME_BYTES,
        small,
        small + 8,
      );
      this.check(asked, file);
      return this.fileInRoom();
    });
  }

  /** The one file that a bundle.json names; `ask` is given where its bytes lie and how many they are. `file` names the bundle in an error. */
  onlyFile(
    json: Uint8Array,
    file: string,
    advice: string,
    ask: (at: number, size: number, ...out: FileOut) => number,
  ): BundleFile {
    const { name, small, error } = this.room;
    const out = [name, NAME_BYTES, small, small + 8, error] as const;
    const code = this.heap.lend(json, ({ at, size }) => ask(at, size, ...out));
    this.check(code, file, advice, file);
    return this.fileInRoom();
  }

  /** The file of a bundle that the last call wrote to the room: its path to `name`, of which `small` has the length and, behind 8 bytes, its size. */
  fileInRoom(): BundleFile {
    const { small, name } = this.room;
    const bytes = this.heap.view(({ data }) => Number(data.getBigUint64(small + 8, true)));
    return { path: this.heap.text(name, this.heap.u32(small)), bytes };
  }

  /** Verifies and takes file `index`; `digest` is its SHA-256 where it is known. */
  addFile(index: number, { bytes, digest }: BundleBytes, file: string, advice: string): void {
    const { error } = this.room;
    const at = this.putDigest(digest);
    const code = this.heap.lend(bytes, (block) =>
      this.abi.osl_reader_add(this.#reader, index, block.at, block.size, at, error),
    );
    this.check(code, file, advice, file);
  }

  /** Opens the engine on what was read, with an empty history; an engine that was open before ends. */
  openEngine(
    settings: Partial<ProfileSettings>,
    maxEvents: number | undefined,
  ): { readonly artists: number; readonly factors: number; readonly maxEvents: number } {
    const { small, error, scored } = this.room;
    this.abi.osl_options_default(scored);
    const options = this.heap.view(({ data }) => {
      const wanted = { ...OslOptions.read(data, scored), ...settings };
      wanted.maxResults = RESULTS;
      wanted.maxReasons = REASONS;
      if (maxEvents !== undefined) wanted.maxEvents = maxEvents;
      OslOptions.write(data, scored, wanted);
      return wanted;
    });
    const code = this.abi.osl_engine_open(this.#reader, scored, small, error);
    const opened = code === 0 ? this.heap.u32(small) : 0;
    this.abi.osl_reader_close(this.#reader);
    this.#reader = 0;
    this.check(code, 'Opening the engine');
    this.abi.osl_engine_close(this.#engine);
    this.#engine = opened;
    this.#artists.clear();
    // The history is empty now; the tracks stay.
    this.#partial.forget();
    this.follower?.forget();
    this.follower?.attach();

    this.check(this.abi.osl_catalogue_get(opened, scored), 'The catalogue');
    const info = this.heap.view(({ data }) => OslCatalogueInfo.read(data, scored));
    this.heap.free(this.room.all);
    this.room = takeRoom(this.heap, info.nItems);
    this.items = info.nItems;
    return { artists: info.nItems, factors: info.nFactors, maxEvents: options.maxEvents };
  }

  /** The row of an artist; NO_ITEM when the catalogue lacks it. */
  find(artistId: string): number {
    const { small } = this.room;
    const id = fromHex(artistId);
    this.heap.view(({ bytes }) => bytes.set(id, small));
    this.check(this.abi.osl_item_find(this.#open, small, small + 16), 'Finding an artist');
    return this.heap.u32(small + 16);
  }

  /** Whether the catalogue knows the 16-byte id at `at` in the heap. */
  knows(at: number): boolean {
    const { small } = this.room;
    this.check(this.abi.osl_item_find(this.#open, at, small), 'Finding an artist');
    return this.heap.u32(small) !== NO_ITEM;
  }

  /** Writes the name and the tags of an item to the room, as far as they fit; nameN and tagsN say how far. */
  itemFacts(item: number): OslItem {
    const { item: at, name, tags } = this.room;
    const code = this.abi.osl_item_get(this.#open, item, at, name, NAME_BYTES, tags, TAG_BYTES);
    this.check(code, `Artist ${item}`);
    const facts = this.heap.view(({ data }) => OslItem.read(data, at));
    const { nameN, tagsN } = facts;
    return { ...facts, nameN: Math.min(nameN, NAME_BYTES), tagsN: Math.min(tagsN, TAG_BYTES) };
  }

  artist(item: number): Artist {
    const known = this.#artists.get(item);
    if (known) return known;
    const { name, tags } = this.room;
    const facts = this.itemFacts(item);
    const tagText = this.heap.text(tags, facts.tagsN);
    const artist: Artist = {
      id: toHex(facts.id),
      name: this.heap.text(name, facts.nameN),
      tags: tagText === '' ? [] : tagText.split('\n'),
      listeners: facts.listeners,
    };
    this.#artists.set(item, artist);
    return artist;
  }

  /** Rows behind the catalogue's may be other artists than before: those of another library, or of none. */
  forgetOwnArtists(): void {
    for (const item of this.#artists.keys()) if (item >= this.items) this.#artists.delete(item);
  }

  artists(ids: readonly string[]): readonly (Artist | null)[] {
    return ids.map((id) => {
      const item = this.find(id);
      return item === NO_ITEM ? null : this.artist(item);
    });
  }

  identify(name: string): string {
    const { small } = this.room;
    const code = this.withText(name, (at, n) => this.abi.osl_artist_id(at, n, small));
    this.check(code, 'Identifying an artist');
    return this.heap.view(({ bytes }) => toHex(bytes.subarray(small, small + 16)));
  }

  /** Text of a usual length crosses in the room, so that a listen takes no memory. */
  withText(text: string, use: (at: number, n: number) => number): number {
    const bytes = toUtf8(text);
    const { tags } = this.room;
    if (bytes.length > TAG_BYTES) return this.heap.lend(bytes, ({ at, size }) => use(at, size));
    this.heap.view((view) => view.bytes.set(bytes, tags));
    return use(tags, bytes.length);
  }

  #trackHash(title: string | undefined): bigint {
    if (title === undefined || title === '') return 0n;
    const { small } = this.room;
    const code = this.withText(title, (at, n) => this.abi.osl_track_hash(at, n, small));
    this.check(code, 'Reading a title');
    return this.heap.view(({ data }) => data.getBigUint64(small, true));
  }

  // ---- history ----

  /** Errors: capacity_exceeded and others; `at` = the first event that was not kept. */
  record(events: readonly StoredEvent[]): readonly Recorded[] {
    const recorded: Recorded[] = [];
    for (let start = 0; start < events.length; start += EVENTS) {
      const slice = events.slice(start, start + EVENTS);
      const listens = slice.map((event) => ({
        artist: fromHex(event.artistId),
        atS: BigInt(Math.floor(event.at)),
        trackHash: event.kind === 'shown' ? BigInt(event.mark ?? 0) : this.#trackHash(event.title),
        // 0 would mean "unknown", and count as a whole play.
        playedMs: event.playedMs === undefined ? 0 : milliseconds(Math.max(1, event.playedMs)),
        durationMs: milliseconds(event.durationMs ?? 0),
        kind: KINDS[event.kind],
        reserved: 0,
      }));
      this.heap.view(({ data }) => {
        listens.forEach((listen, i) =>
          OslListen.write(data, this.room.events + i * OslListen.size, listen),
        );
      });
      const learnt = slice.map((event) => this.learning[partOf(event)]);
      const failure = this.recordRoom(slice.length, recorded, (i) => learnt[i] === true);
      if (failure) {
        const index = start + Number(failure.at ?? 0);
        throw new OssicleError(failure.code, failure.message, index);
      }
    }
    return recorded;
  }

  /** Records the `n` events that lie in the room; says what became of each, up to the error that is returned. */
  recordRoom(
    n: number,
    recorded: Recorded[],
    learnt: (index: number) => boolean,
  ): OssicleError | null {
    if (isEverything(this.learning)) return this.#recordInRoom(n, recorded);
    return this.#partial.record(n, recorded, learnt);
  }

  /** `follow`: whether the follower hears of it. */
  #recordInRoom(n: number, recorded: Recorded[], follow = true): OssicleError | null {
    const { events, recorded: out, error } = this.room;
    const code = this.abi.osl_history_record(this.#open, events, n, out, error);
    let kept = n;
    let failure: OssicleError | null = null;
    try {
      this.check(code, 'Recording an event');
    } catch (cause) {
      if (!(cause instanceof OssicleError)) throw cause;
      failure = cause;
      kept = Math.min(n, Number(cause.at));
    }
    if (follow) this.follower?.record(events, out, kept);
    this.heap.view(({ data }) => {
      for (let i = 0; i < kept; ++i) {
        recorded.push(RECORDED[data.getUint32(out + 4 * i, true)] ?? 'kept');
      }
    });
    return failure;
  }

  #history(item: number): OslItemHistory {
    const { scored } = this.room;
    // The struct fits where results land; it is read before the next call.
    this.check(
      this.abi.osl_history_item(this.#open, item, scored),
      `The history of artist ${item}`,
    );
    return this.heap.view(({ data }) => OslItemHistory.read(data, scored));
  }

  counts(): CoreCounts {
    const { scored } = this.room;
    this.check(this.abi.osl_history_count(this.#open, scored), 'Counting the history');
    const counts = this.heap.view(({ data }) => OslCounts.read(data, scored));
    const events = Number(counts.events);
    const all = { events, learnt: events, unknown: Number(counts.unknown) };
    return {
      ...(isEverything(this.learning) ? all : this.#partial.counts),
      artists: counts.items,
      loved: counts.loved,
      banned: counts.banned,
    };
  }

  forget(): null {
    this.check(this.abi.osl_history_forget(this.#open), 'Forgetting the history');
    this.#partial.forget();
    this.follower?.forget();
    return null;
  }

  learn(learning: Learning): null {
    this.learning = learning;
    return this.forget();
  }

  /** Those of `ids` that are loved or banned, the latest first. */
  flagged(ids: readonly string[], kind: 'love' | 'ban'): readonly Artist[] {
    return ids
      .map((id) => this.find(id))
      .filter((item) => item !== NO_ITEM)
      .map((item) => ({ item, history: this.#history(item) }))
      .filter(({ history }) => history.flag === FLAGS[kind])
      .sort((a, b) => Number(b.history.flagAtS - a.history.flagAtS))
      .map(({ item }) => this.artist(item));
  }

  // ---- recommending ----

  /** What the listener's plays of one artist have to do with the score of another, `of`. */
  reason(of: Artist, { item, sharedTags, contribution, ifRemoved }: OslReason): Reason {
    const history = this.#history(item);
    return {
      artist: this.artist(item),
      contribution,
      ifRemoved,
      sharedTags: of.tags.filter((_, tag) => tag < 32 && ((sharedTags >>> tag) & 1) === 1),
      plays: history.plays,
      firstPlayedAt: dateOf(history.firstAtS),
      lastPlayedAt: dateOf(history.lastAtS),
      loved: history.flag === FLAGS.love,
    };
  }

  #reasonsAt(at: number, n: number): OslReason[] {
    return this.heap.view(({ data }) =>
      Array.from({ length: n }, (_, i) => OslReason.read(data, at + i * OslReason.size)),
    );
  }

  recommend({ limit, reasons, now, knobs, follow }: ListArguments): RecommendedList {
    const { small, request, error, scored, reasons: reasonsAt, reasonN } = this.room;
    this.abi.osl_request_default(request);
    this.heap.view(({ data }) => {
      OslRequest.write(data, request, {
        ...OslRequest.read(data, request),
        ...knobs,
        nowS: BigInt(now),
        reasonsPerItem: reasons,
        ...(follow && { follow: 1, context: follow.situation, seed: BigInt(follow.seed) }),
      });
    });
    const code = this.abi.osl_recommend_run(
      this.#open,
      request,
      scored,
      limit,
      small,
      reasonsAt,
      reasonN,
      error,
    );
    this.check(code, 'Recommending');
    const made = this.heap.view(({ data }) => OslRecommended.read(data, small));
    const rows = this.heap.view(({ data }) =>
      Array.from({ length: made.n }, (_, i) => ({
        ...OslScored.read(data, scored + i * OslScored.size),
        n: data.getUint32(reasonN + 4 * i, true),
      })),
    );
    const because = rows.map(({ n }, i) =>
      this.#reasonsAt(reasonsAt + i * reasons * OslReason.size, n),
    );
    const items = rows.map(({ item, score }, i) => {
      const artist = this.artist(item);
      return {
        artist,
        score,
        because: (because[i] ?? []).map((reason) => this.reason(artist, reason)),
      };
    });
    return { items, mark: Number(made.mark) };
  }

  explain(artistId: string, now: number): Explanation {
    const item = this.find(artistId);
    if (item === NO_ITEM) {
      throw new OssicleError('unknown_item', `The catalogue has no artist ${artistId}.`, artistId);
    }
    const { score, reasons } = this.explainItem(item, now, this.room.reasonCap);
    const artist = this.artist(item);
    return { artist, score, because: reasons.map((each) => this.reason(artist, each)) };
  }

  /** The score of an item, and at most `cap` of its reasons, strongest first. */
  explainItem(
    item: number,
    now: number,
    cap: number,
  ): { readonly score: number; readonly reasons: readonly OslReason[] } {
    const { small, error, scored, reasons } = this.room;
    const out = [scored, reasons, cap, small, error] as const;
    const code = this.abi.osl_explain_run(this.#open, BigInt(now), item, ...out);
    this.check(code, 'Explaining');
    const { score } = this.heap.view(({ data }) => OslScored.read(data, scored));
    return { score, reasons: this.#reasonsAt(reasons, this.heap.u32(small)) };
  }
}

/** Within the 32 bits of the core's field. */
function milliseconds(value: number): number {
  return Math.min(0xffffffff, Math.round(value));
}
