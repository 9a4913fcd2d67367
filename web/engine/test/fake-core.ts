/** A core in TypeScript that keeps the contract of protocol.ts, for what the real one does not do on demand: trapping, filling up. */
import { createHash } from 'node:crypto';
import { OssicleError } from '../src/errors.ts';
import { EVERYTHING, partOf } from '../src/learning.ts';
import { TrapError, type Arguments, type CallName, type Port } from '../src/protocol.ts';
import type { LibraryFacts, Recorded, Returned } from '../src/protocol.ts';
import type { Artist, StoredEvent } from '../src/types.ts';

const unplayed = (row: number) => ({
  row,
  artists: [],
  plays: 0,
  lastPlayedAt: null,
  because: [],
});

export function idOf(name: string): string {
  return createHash('sha256').update(name.toLowerCase()).digest('hex').slice(0, 32);
}

const known = ['Portishead', 'Massive Attack', 'Radiohead', 'Björk'];
const catalogue = new Map<string, Artist>(
  known.map((name) => [idOf(name), { id: idOf(name), name, tags: [], listeners: 1 }]),
);

export interface FakeOptions {
  readonly maxEvents?: number;
  /** That the catalogue was made for. */
  readonly textEncoder?: string;
  /** Traps when this says so. */
  readonly traps?: (name: CallName) => boolean;
}

function withoutSnapshots(): never {
  throw new OssicleError('internal', 'it has no snapshots');
}

export class FakeCore implements Port {
  readonly #options: FakeOptions;
  #maxEvents = 0;
  #events = new Map<string, StoredEvent>();
  #learning = EVERYTHING;
  #trapped = false;
  #capacity = 0;
  #tracks: { readonly hidden: boolean }[] = [];
  closed = false;
  /** Texts that were encoded. */
  encoded = 0;

  constructor(options: FakeOptions = {}) {
    this.#options = options;
  }

  call<K extends CallName>(
    name: K,
    args: Arguments<K>,
    signal?: AbortSignal,
  ): Promise<Returned<K>> {
    return Promise.resolve().then(() => {
      signal?.throwIfAborted();
      this.#trapped ||= this.#options.traps?.(name) ?? false;
      if (this.#trapped) throw new TrapError(`unreachable in ${name}`);
      const answer = this.#answers[name] as (args: Arguments<K>) => Returned<K>;
      return structuredClone(answer(structuredClone(args)));
    });
  }

  close(): void {
    this.closed = true;
  }

  get events(): readonly StoredEvent[] {
    return [...this.#events.values()];
  }

  #library(): LibraryFacts {
    const facts = { tracks: this.#tracks.length, capacity: this.#capacity, textDimensions: 1 };
    return { ...facts, hasMap: true, textEncoder: this.#options.textEncoder ?? null, bytes: 0 };
  }

  #record(events: readonly StoredEvent[]): readonly Recorded[] {
    return events.map((event, i) => {
      const key = `${event.kind} ${event.at} ${event.artistId} ${event.title ?? ''}`;
      if (this.#events.has(key)) return 'duplicate';
      if (this.#events.size >= this.#maxEvents) {
        throw new OssicleError('capacity_exceeded', 'the set of events is full', i);
      }
      this.#events.set(key, event);
      return catalogue.has(event.artistId) ? 'kept' : 'unknown';
    });
  }

  readonly #answers: { readonly [K in CallName]: (args: Arguments<K>) => Returned<K> } = {
    open: ({ maxEvents, learning }) => {
      this.#learning = learning ?? EVERYTHING;
      this.#maxEvents = maxEvents ?? this.#options.maxEvents ?? 1000;
      this.#events.clear();
      return {
        build: { variant: 'simd', reason: 'fake' },
        catalogue: { artists: known.length, factors: 1, name: 'fake', licence: '', source: '' },
        snapshot: null,
        maxEvents: this.#maxEvents,
      };
    },
    identify: ({ artist }) => idOf(artist),
    artists: ({ ids }) => ids.map((id) => catalogue.get(id) ?? null),
    record: ({ events }) => this.#record(events),
    forget: () => {
      this.#events.clear();
      return null;
    },
    counts: () => ({
      events: this.#events.size,
      learnt: this.events.filter((event) => this.#learning[partOf(event)]).length,
      unknown: this.events.filter(({ artistId }) => !catalogue.has(artistId)).length,
      artists: new Set(this.events.map(({ artistId }) => artistId)).size,
      loved: 0,
      banned: 0,
    }),
    learn: (learning) => {
      this.#learning = learning;
      this.#events.clear();
      return null;
    },
    requests: () => [],
    syncState: withoutSnapshots,
    syncUpdate: withoutSnapshots,
    syncRevert: withoutSnapshots,
    contributeState: withoutSnapshots,
    contributeOn: withoutSnapshots,
    contributeOff: withoutSnapshots,
    contributeLook: withoutSnapshots,
    contributeMake: withoutSnapshots,
    contributeSend: withoutSnapshots,
    contributeDiscard: withoutSnapshots,
    contributeRound: withoutSnapshots,
    contributePreview: withoutSnapshots,
    recommend: () => ({ items: [], mark: 0 }),
    explain: ({ artistId }) => {
      const artist = catalogue.get(artistId);
      if (!artist) throw new OssicleError('unknown_item', 'not there', artistId);
      return { artist, score: 0, because: [] };
    },
    flagged: ({ ids, kind }) => {
      const latest = (id: string): StoredEvent | undefined =>
        this.events
          .filter(({ artistId, kind: each }) => artistId === id && each !== 'play')
          .sort((a, b) => b.at - a.at)[0];
      return ids.filter((id) => latest(id)?.kind === kind).flatMap((id) => catalogue.get(id) ?? []);
    },
    importOpen: () => 1,
    // A piece of a fake export is JSON: a list of [second, artist].
    importFeed: ({ bytes }) => {
      const text = new TextDecoder().decode(bytes);
      const rows = (text === '' ? [] : JSON.parse(text)) as readonly [number, string][];
      const events = rows.map(([at, artist]): StoredEvent => {
        return { kind: 'play', at, artist, artistId: idOf(artist), source: 'import' };
      });
      const matched = events.map(({ artistId }) => catalogue.has(artistId));
      const recorded: Recorded[] = [];
      for (const event of events) {
        try {
          recorded.push(...this.#record([event]));
        } catch (cause) {
          const message = (cause as Error).message;
          const failure = {
            kind: 'ossicle',
            code: 'capacity_exceeded',
            at: null,
            message,
          } as const;
          return { events, recorded, matched, failure };
        }
      }
      return { events, recorded, matched, failure: null };
    },
    importReport: () => ({ format: 'listenbrainz', listens: 0, problems: [] }),
    importClose: () => null,
    encode: ({ texts }) => {
      this.encoded += texts.length;
      return { dimensions: 1, vectors: new Float32Array(texts.length).fill(1) };
    },
    style: ({ texts }) => texts.map(() => []),
    playlist: () => [],
    indexAdd: () => null,
    indexBuild: () => ({ documents: 1, terms: 1, bytes: 1 }),
    indexCatalogue: () => ({ documents: known.length, terms: known.length, bytes: 1 }),
    indexVectors: () => null,
    indexSearch: () => [{ row: 0, score: 1, found: 'words' }],
    indexClose: () => null,
    creditedArtists: ({ names }) => names.map((name) => [catalogue.get(idOf(name)) ?? []].flat()),
    encoderName: () => 'fake',
    libraryOpen: ({ capacity }) => {
      this.#capacity = capacity;
      this.#tracks = [];
      return this.#library();
    },
    libraryAdd: ({ slice }) => {
      const n = slice.lengths.length / 4;
      if (this.#tracks.length + n > this.#capacity) {
        throw new OssicleError('capacity_exceeded', 'the library is full', 0);
      }
      for (let i = 0; i < n; ++i) this.#tracks.push({ hidden: false });
      return this.#library();
    },
    libraryHide: ({ rows }) => {
      for (const row of rows) this.#tracks[row] = { hidden: true };
      return null;
    },
    libraryList: ({ limit }) =>
      this.#tracks
        .flatMap(({ hidden }, row) => (hidden ? [] : [row]))
        .slice(0, limit)
        .map((row) => ({ ...unplayed(row), score: 0, artist: 0, text: 0 })),
    libraryExplain: ({ row }) => unplayed(row),
    libraryScores: ({ like }) => {
      const rows = this.#tracks.flatMap(({ hidden }, row) => (hidden ? [] : [row]));
      return {
        rows: Uint32Array.from(rows),
        songs: Uint32Array.from(rows),
        scores: Float64Array.from(rows, (row) => -row),
        song: like,
      };
    },
    libraryClose: () => {
      this.#tracks = [];
      return null;
    },
    artistsAt: ({ rows }) => rows.flatMap((row) => [...catalogue.values()][row] ?? []),
  };
}
