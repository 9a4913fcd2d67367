/** The listener's own tracks from the caller's side: their words and vectors stay here, so that the core's library can be made anew. */
import { amount, count, secondsOf } from './arguments.ts';
import { OssicleError } from './errors.ts';
import type { Journal } from './journal.ts';
import type {
  ExplainedTrack,
  LibraryFacts,
  ListedTrack,
  TrackKnobs,
  TrackSlice,
} from './protocol.ts';
import { type Energy, placesOf } from './energy.ts';
import { trackPlaylist } from './library-playlist.ts';
import { TEXTS_AT_ONCE, textOf } from './search.ts';
import { TextCache } from './text-cache.ts';
import type * as api from './types.ts';

/** Tracks that cross in one call when nothing has to be encoded. */
const TRACKS_AT_ONCE = 512;
/** Of osl_library_open. */
const MOST_TRACKS = 1 << 20;
/** Room for tracks is taken by half as much again as there are. */
const LEAST_ROOM = 1024;
const SHELVES: readonly api.TrackShelf[] = ['any', 'unplayed', 'rediscover'];

/** Which text vectors tracks get: none, those that were made before, or all of them. */
type Texts = 'none' | 'kept' | 'made';

const encoder = new TextEncoder();

function checked(track: api.LibraryTrack, index: number): api.LibraryTrack {
  const refused = (what: string): OssicleError =>
    new OssicleError('invalid_argument', `tracks[${index}] ${what}.`, index);
  if (typeof track !== 'object' || (track as unknown) === null) throw refused('is no object');
  const { id, title, artist, album = '', tags = [], durationMs = 0 } = track;
  if (typeof id !== 'string' || id === '') throw refused('has no id');
  const words: readonly unknown[] = [title, artist, album, ...tags];
  if (!words.every((word) => typeof word === 'string')) throw refused('has words that are none');
  if (!(durationMs >= 0 && durationMs < 2 ** 32)) throw refused('has a duration out of range');
  return track;
}

function documentOf({ title, artist, album = '', tags = [] }: api.LibraryTrack): string {
  return textOf([title, artist, album, tags.join(', ')]);
}

/** As the catalogue's artists are written for search, and for the map from text to factors. */
function artistDocument({ name, tags }: api.Artist): string {
  return textOf([name, tags.join(', ')]);
}

function isSame(a: api.LibraryTrack, b: api.LibraryTrack): boolean {
  const own = (t: api.LibraryTrack): readonly unknown[] => [
    t.title,
    t.artist,
    t.album ?? '',
    (t.tags ?? []).join('\n'),
    t.durationMs ?? 0,
  ];
  return own(a).every((x, i) => x === own(b)[i]);
}

function knobsOf(options: api.TrackListOptions): TrackKnobs {
  const { shelf = 'any' } = options;
  if (!SHELVES.includes(shelf)) {
    const what = `shelf is ${shelf}, which is none of ${SHELVES.join(', ')}.`;
    throw new OssicleError('invalid_argument', what, 'shelf');
  }
  const usualRest = shelf === 'rediscover' ? 60 : 7;
  return {
    shelf,
    perArtist: count(options.perArtist, 2, 0, 1000, 'perArtist'),
    spacing: count(options.spacing, 3, 0, 1000, 'spacing'),
    repeatDays: amount(options.repeatDays, usualRest, 0, 36500, 'repeatDays'),
    familiarity: amount(options.familiarity, 0, -10, 10, 'familiarity'),
    textShare: amount(options.textShare, 0.3, 0, 1, 'textShare'),
  };
}

const fold = (tag: string): string => tag.normalize('NFKC').trim().toLowerCase();

function sharedTags(track: api.LibraryTrack, because: readonly api.Reason[]): readonly string[] {
  const theirs = new Set(because.flatMap(({ artist }) => artist.tags.map(fold)));
  return (track.tags ?? []).filter((tag) => theirs.has(fold(tag)));
}

export class OwnTracks implements api.Library {
  readonly #journal: Journal;
  readonly #energy: Energy;
  /** By row of the core's library; null: removed. */
  #rows: (api.LibraryTrack | null)[] = [];
  readonly #byId = new Map<string, number>();
  #cache: TextCache | null = null;
  /** What the core holds, if anything. */
  #facts: LibraryFacts | null = null;
  #born = 0;

  constructor(journal: Journal, energy: Energy) {
    this.#journal = journal;
    this.#energy = energy;
  }

  get size(): number {
    return this.#byId.size;
  }

  async add(
    tracks: readonly api.LibraryTrack[],
    options: api.LibraryAddOptions = {},
  ): Promise<{ readonly added: number }> {
    const { vectors = true, onProgress, signal } = options;
    const ids = new Set<string>();
    for (const [i, track] of tracks.entries()) {
      const { id } = checked(track, i);
      if (ids.has(id)) {
        const what = `tracks[${i}] has the id of another one: ${id}.`;
        throw new OssicleError('invalid_argument', what, i);
      }
      ids.add(id);
    }
    const texts = vectors === false ? 'none' : 'made';
    let done = 0;
    let added = 0;
    try {
      await this.#journal.serial(() => this.#open(tracks.length, vectors, signal), signal);
      while (done < tracks.length) {
        await this.#journal.serial(async () => {
          // Cleared, or lost with its core, while this waited.
          await this.#open(tracks.length - done, vectors !== false, signal);
          const part = tracks.slice(done, done + this.#atOnce(tracks, done, texts));
          added += await this.#put(part, texts, signal);
          done += part.length;
        }, signal);
        onProgress?.({ done, total: tracks.length });
      }
    } finally {
      // Not with the signal: what was added must know its plays.
      if (added > 0) {
        await this.#journal.serial(() => this.#journal.replay()).catch(ignoreClosed);
      }
    }
    return { added };
  }

  /** As many as can be added without keeping other calls waiting: few where texts must be encoded. */
  #atOnce(tracks: readonly api.LibraryTrack[], from: number, texts: Texts): number {
    const cache = this.#cache;
    const some = tracks.slice(from, from + TRACKS_AT_ONCE);
    if (texts === 'none' || cache === null) return some.length;
    let missing = 0;
    const tooMany = some.findIndex((track) => {
      missing += cache.has(documentOf(track)) ? 0 : 1;
      return missing > TEXTS_AT_ONCE;
    });
    return tooMany < 0 ? some.length : tooMany;
  }

  /** Inside serial(): a library in the core with room for `more` tracks, those that were added in it. */
  async #open(
    more: number,
    vectors: api.LibraryAddOptions['vectors'] = false,
    signal?: AbortSignal,
  ): Promise<void> {
    const lost = this.#journal.revivals !== this.#born;
    const needed = (lost ? this.size : this.#rows.length) + more;
    if (this.#facts === null || lost || needed > this.#facts.capacity) {
      await this.#reopen(this.size + more);
    }
    if (vectors !== false && this.#cache === null) {
      const name = await this.#journal.ask('encoderName', null, signal);
      const made = this.#facts?.textEncoder ?? name;
      if (name !== made) {
        const what = 'The catalogue was made for another text encoder than the one that is there';
        const advice =
          'Copy the folder dist/assets of the package again, or add with vectors: false.';
        throw new OssicleError('bundle_mismatch', `${what}. ${advice}`, name);
      }
      this.#cache = new TextCache(name, this.#facts?.textDimensions ?? 0);
    }
    if (typeof vectors === 'boolean') return;
    for (const part of vectors instanceof Uint8Array ? [vectors] : vectors) this.#cache?.read(part);
  }

  async #reopen(tracks: number): Promise<void> {
    if (tracks > MOST_TRACKS) {
      const what = `A library holds ${MOST_TRACKS} tracks at most, not ${tracks}.`;
      throw new OssicleError('capacity_exceeded', what, tracks);
    }
    const kept = this.#rows.filter((track) => track !== null);
    const room = Math.max(LEAST_ROOM, tracks, Math.ceil(1.5 * this.size));
    const capacity = Math.min(MOST_TRACKS, room);
    this.#facts = null;
    const facts = await this.#journal.ask('libraryOpen', { capacity });
    // After that call: it may be the one that finds the core stopped, and made anew.
    this.#born = this.#journal.revivals;
    this.#rows = [];
    try {
      this.#facts = facts;
      for (let at = 0; at < kept.length; at += TRACKS_AT_ONCE) {
        await this.#give(kept.slice(at, at + TRACKS_AT_ONCE), 'kept');
      }
      if (kept.length > 0) await this.#journal.replay();
    } catch (cause) {
      // The next call tries again, with all of them.
      this.#facts = null;
      this.#rows = kept;
      throw cause;
    }
  }

  /** Inside serial(): adds those that are new or have changed. */
  async #put(
    part: readonly api.LibraryTrack[],
    texts: Texts,
    signal?: AbortSignal,
  ): Promise<number> {
    const old: number[] = [];
    const fresh = part.filter((track) => {
      const row = this.#byId.get(track.id);
      const known = row === undefined ? null : this.#rows[row];
      if (row === undefined || !known) return true;
      if (isSame(known, track)) return false;
      old.push(row);
      return true;
    });
    if (fresh.length === 0) return 0;
    await this.#give(fresh, texts, signal);
    if (old.length > 0) await this.#hide(old);
    return fresh.length;
  }

  async #hide(rows: readonly number[]): Promise<void> {
    await this.#journal.ask('libraryHide', { rows });
    for (const row of rows) this.#rows[row] = null;
  }

  /** Inside serial(): tracks to the core, with vectors as far as they are there or can be made. */
  async #give(
    tracks: readonly api.LibraryTrack[],
    texts: Texts,
    signal?: AbortSignal,
  ): Promise<void> {
    const names = [...new Set(tracks.map(({ artist }) => artist))];
    const cache = texts === 'none' ? null : this.#cache;
    const artists = new Map<string, readonly string[]>();
    if (cache !== null) {
      // Without a map only the tracks' own vectors are of use.
      if (this.#facts?.hasMap === true) {
        const credited = await this.#journal.ask('creditedArtists', { names }, signal);
        names.forEach((name, i) => artists.set(name, (credited[i] ?? []).map(artistDocument)));
      }
      if (texts === 'made') {
        const all = [...tracks.map(documentOf), ...[...artists.values()].flat()];
        await this.#encode(cache, all, signal);
      }
    }
    const slice = sliceOf(tracks, cache, artists);
    // Without the signal: whether an aborted call did its work nobody would know.
    this.#facts = await this.#journal.ask('libraryAdd', { slice });
    for (const track of tracks) {
      this.#byId.set(track.id, this.#rows.length);
      this.#rows.push(track);
    }
  }

  async #encode(cache: TextCache, texts: readonly string[], signal?: AbortSignal): Promise<void> {
    const missing = [...new Set(texts)].filter((text) => text !== '' && !cache.has(text));
    for (let at = 0; at < missing.length; at += TEXTS_AT_ONCE) {
      const batch = missing.slice(at, at + TEXTS_AT_ONCE);
      const { dimensions } = cache;
      const answer = await this.#journal.ask('encode', { texts: batch, dimensions }, signal);
      batch.forEach((text, i) =>
        cache.put(text, answer.vectors.subarray(i * dimensions, (i + 1) * dimensions)),
      );
    }
  }

  remove(ids: readonly string[]): Promise<{ readonly removed: number }> {
    return this.#journal.serial(async () => {
      const rows = [...new Set(ids)].flatMap((id) => this.#byId.get(id) ?? []);
      if (rows.length === 0) return { removed: 0 };
      await this.#open(0);
      const now = [...new Set(ids)].flatMap((id) => this.#byId.get(id) ?? []);
      await this.#hide(now);
      for (const id of ids) this.#byId.delete(id);
      return { removed: now.length };
    });
  }

  async recommend(options: api.TrackListOptions = {}): Promise<readonly api.RecommendedTrack[]> {
    const reasons = count(options.reasons, 3, 0, 16, 'reasons');
    return this.#list(null, reasons, options);
  }

  async similar(
    id: string,
    options: api.TrackListOptions = {},
  ): Promise<readonly api.RecommendedTrack[]> {
    const reasons = count(options.reasons, 0, 0, 16, 'reasons');
    return this.#list(id, reasons, options);
  }

  playlist(options: api.TrackPlaylistOptions = {}): Promise<readonly api.LibraryTrack[]> {
    const side = {
      journal: this.#journal,
      open: () => this.#open(0),
      rowOf: (id: string) => this.#rowOf(id),
      trackAt: (row: number) => this.#rows[row] ?? null,
      vectorOf: (track: api.LibraryTrack) => this.#vectorOf(track),
    };
    return this.size === 0 ? Promise.resolve([]) : trackPlaylist(side, options);
  }

  async energy(options: api.EnergyOptions = {}): Promise<ReadonlyMap<string, number>> {
    const tracks = this.#rows.filter((track) => track !== null);
    const tags = tracks.flatMap((track) => track.tags ?? []);
    await this.#energy.read(tags, options);
    const values = new Map<string, number>();
    for (const track of tracks) {
      const vector = (track.tags ?? []).length > 0 ? null : this.#vectorOf(track);
      const told = this.#energy.ofTags(track.tags ?? []);
      const value = told ?? (vector && this.#energy.ofVector(vector));
      if (value !== null) values.set(track.id, value);
    }
    return placesOf(values);
  }

  /** Errors: unknown_item. */
  #rowOf(id: string): number {
    const row = this.#byId.get(id);
    if (row !== undefined) return row;
    throw unknownTrack(id);
  }

  #vectorOf(track: api.LibraryTrack): Float32Array<ArrayBuffer> | null {
    return this.#cache?.vectorOf(documentOf(track)) ?? null;
  }

  async #list(
    id: string | null,
    reasons: number,
    options: api.TrackListOptions,
  ): Promise<readonly api.RecommendedTrack[]> {
    const limit = count(options.limit, 20, 1, 1000, 'limit');
    const knobs = knobsOf(options);
    const now = secondsOf(options.now, 'now');
    return this.#journal.serial(async () => {
      if (this.size > 0) await this.#open(0);
      const like = id === null ? null : this.#rowOf(id);
      if (this.size === 0) return [];
      const args = { like, limit, reasons, now, knobs };
      const found = await this.#journal.ask('libraryList', args, options.signal);
      return found.flatMap((listed) => this.#listed(listed));
    }, options.signal);
  }

  async explain(
    id: string,
    options: Pick<api.TrackListOptions, 'reasons' | 'now' | 'signal'> = {},
  ): Promise<api.ExplainedTrack> {
    const reasons = count(options.reasons, 3, 0, 16, 'reasons');
    const now = secondsOf(options.now, 'now');
    return this.#journal.serial(async () => {
      if (this.size > 0) await this.#open(0);
      const args = { row: this.#rowOf(id), reasons, now };
      const [found] = this.#explained(
        await this.#journal.ask('libraryExplain', args, options.signal),
      );
      if (!found) throw unknownTrack(id);
      return found;
    }, options.signal);
  }

  #listed(listed: ListedTrack): api.RecommendedTrack[] {
    const { score, artist: byArtist, text: byText } = listed;
    return this.#explained(listed).map((track) => ({ ...track, score, byArtist, byText }));
  }

  #explained({ row, artists, plays, because, ...facts }: ExplainedTrack): api.ExplainedTrack[] {
    const track = this.#rows[row];
    if (!track) return [];
    const lastPlayedAt = facts.lastPlayedAt === null ? null : new Date(facts.lastPlayedAt * 1000);
    const tags = sharedTags(track, because);
    return [{ track, artists, plays, lastPlayedAt, because, sharedTags: tags }];
  }

  get vectorCount(): number {
    return this.#cache?.size ?? 0;
  }

  vectors(from = 0): Uint8Array<ArrayBuffer> {
    return (this.#cache ?? new TextCache('', 0)).bytes(count(from, 0, 0, Infinity, 'from'));
  }

  vectorOf(id: string): Float32Array<ArrayBuffer> | null {
    const row = this.#byId.get(id);
    const track = row === undefined ? null : this.#rows[row];
    return track ? this.#vectorOf(track) : null;
  }

  clear(): Promise<void> {
    return this.#journal.serial(async () => {
      await this.#journal.ask('libraryClose', null);
      this.#rows = [];
      this.#byId.clear();
      this.#cache = null;
      this.#facts = null;
    });
  }
}

function unknownTrack(id: string): OssicleError {
  return new OssicleError('unknown_item', `The library has no track ${id}.`, id);
}

function ignoreClosed(cause: unknown): void {
  if (!(cause instanceof OssicleError && cause.code === 'closed')) throw cause;
}

/** Their words and, where there are any, their vectors, as they cross. */
function sliceOf(
  tracks: readonly api.LibraryTrack[],
  cache: TextCache | null,
  artists: ReadonlyMap<string, readonly string[]>,
): TrackSlice {
  const words = tracks
    .flatMap(({ title, artist }) => [title, artist])
    .map((s) => encoder.encode(s));
  const text = new Uint8Array(words.reduce((sum, { length }) => sum + length, 0));
  words.reduce((at, bytes) => (text.set(bytes, at), at + bytes.length), 0);
  const dimensions = cache?.dimensions ?? 0;
  const vectors = new Float32Array(2 * tracks.length * dimensions);
  const lengths = new Uint32Array(4 * tracks.length);
  let used = 0;
  tracks.forEach((track, i) => {
    let given = 0;
    const at = (): Float32Array => vectors.subarray(used, used + dimensions);
    if (cache?.addTo(documentOf(track), 1, at()) === true) {
      used += dimensions;
      given = 1;
      const theirs = artists.get(track.artist) ?? [];
      // The mean of the artists that are credited.
      if (theirs.filter((each) => cache.addTo(each, 1 / theirs.length, at())).length > 0) {
        used += dimensions;
        given = 2;
      }
    }
    const [title = 0, artist = 0] = [2 * i, 2 * i + 1].map((word) => words[word]?.length);
    lengths.set([title, artist, Math.round(track.durationMs ?? 0), given], 4 * i);
  });
  return { text, lengths, vectors: vectors.slice(0, used) };
}
