import {
  OslLibraryInfo,
  OslLibraryOptions,
  OslListen,
  type OslReason,
  OslScoredTrack,
  OslTrack,
  OslTrackFacts,
  OslTrackKnobs,
} from './abi.gen.ts';
import type { Core, Follower } from './core.ts';
import { bytesOf, toHex, type Parts } from './heap.ts';
import type {
  ExplainedTrack,
  LibraryFacts,
  LibraryList,
  ListedTrack,
  TrackScores,
  TrackSlice,
} from './protocol.ts';
import type { Artist } from './types.ts';

/** Most tracks of one list. */
export const MOST_TRACKS = 1000;
/** Most tracks that the core lists in one call. */
const MOST_SCORES = 4096;
/** Artists of one credit. */
const CREDITS = 32;
/** Numbers of a text vector where the catalogue has no map of its own. */
const TEXT_DIMENSIONS = 128;
const WORDS_PER_TRACK = 4;
const SHELVES = { any: 0, unplayed: 1, rediscover: 2 } as const;

/** The artists of the catalogue that each credit names. */
export function creditedArtists(core: Core, names: readonly string[]): readonly Artist[][] {
  const { abi, heap, room } = core;
  return names.map((name) => {
    const code = core.withText(name, (at, n) =>
      abi.osl_credits_find(core.engine, at, n, room.reasons, CREDITS, room.small),
    );
    core.check(code, 'Reading a credit');
    return rowsAt(heap.u32(room.small), (i) => heap.u32(room.reasons + 4 * i)).map((item) =>
      core.artist(item),
    );
  });
}

function rowsAt(n: number, at: (i: number) => number): number[] {
  return Array.from({ length: Math.min(n, CREDITS) }, (_, i) => at(i));
}

/** The tracks of a library inside a core, by rows. Every call is synchronous. */
export class CoreLibrary implements Follower {
  readonly #core: Core;
  readonly #library: number;
  readonly #room: Parts<'knobs' | 'out'>;

  /** Errors: out_of_memory and others. */
  constructor(core: Core, capacity: number) {
    this.#core = core;
    const { abi, heap, room } = core;
    this.#room = heap.takeParts({
      knobs: OslTrackKnobs.size,
      out: MOST_TRACKS * OslScoredTrack.size,
    });
    const { knobs } = this.#room.at;
    abi.osl_library_default(room.scored, knobs);
    heap.view(({ data }) => {
      const usual = OslLibraryOptions.read(data, room.scored);
      const options = { ...usual, capacity, textDimensions: TEXT_DIMENSIONS };
      OslLibraryOptions.write(data, room.scored, options);
    });
    const code = abi.osl_library_open(core.engine, room.scored, 0, 0, room.small, room.error);
    if (code !== 0) heap.free(this.#room.all);
    core.check(code, 'Opening the library');
    this.#library = heap.u32(room.small);
  }

  get facts(): LibraryFacts {
    const { abi, heap, room } = this.#core;
    this.#core.check(abi.osl_library_get(this.#library, room.scored), 'The library');
    const info = heap.view(({ data }) => OslLibraryInfo.read(data, room.scored));
    const { tracks, capacity, textDimensions, hasMap } = info;
    const textEncoder = info.textEncoder.some((byte) => byte !== 0)
      ? toHex(info.textEncoder)
      : null;
    const bytes = Number(info.bytes);
    return { tracks, capacity, textDimensions, hasMap: hasMap !== 0, textEncoder, bytes };
  }

  add({ text, lengths, vectors }: TrackSlice): void {
    const { abi, heap, room } = this.#core;
    const n = lengths.length / WORDS_PER_TRACK;
    // A track is its four lengths, in the order of osl_track.
    if (OslTrack.size !== 4 * WORDS_PER_TRACK) throw new Error('osl_track has another shape.');
    const code = heap.lend(text, (words) =>
      heap.lend(bytesOf(lengths), (tracks) =>
        heap.lend(bytesOf(vectors), (numbers) => {
          const given = [words.at, words.size, tracks.at, n] as const;
          const at = [numbers.at, vectors.length, room.error] as const;
          return abi.osl_library_add(this.#library, this.#core.engine, ...given, ...at);
        }),
      ),
    );
    this.#core.check(code, 'Adding tracks');
  }

  hide(row: number): void {
    const { abi, room } = this.#core;
    this.#core.check(abi.osl_library_hide(this.#library, row, 1, room.error), 'Removing a track');
  }

  attach(): void {
    const { abi, engine, room } = this.#core;
    this.#core.check(abi.osl_library_attach(this.#library, engine, room.error), 'The library');
  }

  /** The `n` events that lie at `events`, but for the duplicates. */
  record(events: number, recorded: number, n: number): void {
    const { abi } = this.#core;
    if (OslListen.size * n === 0) return;
    const code = abi.osl_library_record(this.#library, events, recorded, n);
    this.#core.check(code, 'Recording an event');
  }

  forget(): void {
    this.#core.check(this.#core.abi.osl_library_forget(this.#library), 'Forgetting the plays');
  }

  list({ like, limit, reasons, now, knobs }: LibraryList): readonly ListedTrack[] {
    const found = this.#ranked({ like, now, knobs }, this.#room.at.out, limit);
    const explained = new Map<number, readonly OslReason[]>();
    return found.map(({ row, score, artist, text }) => ({
      ...this.#explained(row, reasons, now, explained),
      score,
      artist,
      text,
    }));
  }

  explain(row: number, reasons: number, now: number): ExplainedTrack {
    return this.#explained(row, reasons, now, new Map());
  }

  #explained(
    row: number,
    reasons: number,
    now: number,
    explained: Map<number, readonly OslReason[]>,
  ): ExplainedTrack {
    const { facts, items } = this.#track(row);
    const because = reasons === 0 ? [] : this.#because(items, reasons, now, explained);
    const artists = items.map((item) => this.#core.artist(item));
    const [first] = artists;
    return {
      row,
      artists,
      plays: facts.plays,
      lastPlayedAt: facts.lastPlayedS === 0n ? null : Number(facts.lastPlayedS),
      because: first === undefined ? [] : because.map((reason) => this.#core.reason(first, reason)),
    };
  }

  scores({ like, now, knobs }: Omit<LibraryList, 'limit' | 'reasons'>): TrackScores {
    const { heap } = this.#core;
    const cap = Math.min(MOST_SCORES, Math.max(1, this.facts.tracks));
    const out = heap.take(cap * OslScoredTrack.size);
    try {
      const found = this.#ranked({ like, now, knobs }, out.at, cap);
      return {
        rows: Uint32Array.from(found, ({ row }) => row),
        songs: Uint32Array.from(found, ({ group }) => group),
        scores: Float64Array.from(found, ({ score }) => score),
        song: like === null ? null : this.#track(like).facts.group,
      };
    } finally {
      heap.free(out);
    }
  }

  /** What the core lists, best first, written to `out` where there is room for `cap`. */
  #ranked(
    { like, now, knobs }: Omit<LibraryList, 'limit' | 'reasons'>,
    out: number,
    cap: number,
  ): readonly OslScoredTrack[] {
    const { abi, heap, room } = this.#core;
    const { knobs: at } = this.#room.at;
    heap.view(({ data }) => {
      const { shelf, ...numbers } = knobs;
      OslTrackKnobs.write(data, at, { ...numbers, shelf: SHELVES[shelf], reserved: 0 });
    });
    const to = [at, out, cap, room.small, room.error] as const;
    const code =
      like === null
        ? abi.osl_library_recommend(this.#library, this.#core.engine, BigInt(now), ...to)
        : abi.osl_library_similar(this.#library, BigInt(now), like, ...to);
    this.#core.check(code, 'Listing tracks');
    return heap.view(({ data }) =>
      Array.from({ length: data.getUint32(room.small, true) }, (_, i) =>
        OslScoredTrack.read(data, out + i * OslScoredTrack.size),
      ),
    );
  }

  #track(row: number): { readonly facts: OslTrackFacts; readonly items: readonly number[] } {
    const { abi, heap, room } = this.#core;
    const to = [room.scored, room.reasons, CREDITS, room.small, room.error] as const;
    this.#core.check(abi.osl_library_track(this.#library, row, ...to), 'A track');
    const facts = heap.view(({ data }) => OslTrackFacts.read(data, room.scored));
    return { facts, items: rowsAt(heap.u32(room.small), (i) => heap.u32(room.reasons + 4 * i)) };
  }

  /** The strongest reasons of the artists' part: that of each credited artist, averaged, as its factor is. */
  #because(
    items: readonly number[],
    most: number,
    now: number,
    explained: Map<number, readonly OslReason[]>,
  ): readonly OslReason[] {
    // The strongest of one artist are enough for it alone; a mean needs all.
    const cap = items.length === 1 ? most : this.#core.room.reasonCap;
    const sums = new Map<number, OslReason>();
    for (const item of items) {
      const key = items.length === 1 ? item : -1 - item;
      const reasons = explained.get(key) ?? this.#core.explainItem(item, now, cap).reasons;
      explained.set(key, reasons);
      for (const reason of reasons) {
        const sum = sums.get(reason.item);
        const contribution = (sum?.contribution ?? 0) + reason.contribution / items.length;
        const ifRemoved = (sum?.ifRemoved ?? 0) + reason.ifRemoved / items.length;
        // Bits are tags of the artist that was explained: those of the first credited are shown.
        const sharedTags = sum?.sharedTags ?? (item === items[0] ? reason.sharedTags : 0);
        sums.set(reason.item, { ...reason, sharedTags, contribution, ifRemoved });
      }
    }
    return [...sums.values()]
      .filter(({ contribution }) => contribution > 0)
      .sort((a, b) => b.contribution - a.contribution)
      .slice(0, most);
  }

  /** Gives all memory back; nothing may be called afterwards. */
  close(): void {
    this.#core.abi.osl_library_close(this.#library, this.#core.engine);
    this.#core.forgetOwnArtists();
    this.#core.heap.free(this.#room.all);
  }
}
