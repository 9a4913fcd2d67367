/** Searching from the caller's side: what documents become on their way to the core, and what is asked of it. */
import { count } from './arguments.ts';
import { OssicleError } from './errors.ts';
import { MOST_HITS, type Arguments, type CallName, type DocumentSlice } from './protocol.ts';
import type { Returned } from './protocol.ts';
import type * as api from './types.ts';

/** Texts that are encoded between two looks at other calls and at an abort: some tens of milliseconds. */
export const TEXTS_AT_ONCE = 32;
/** Documents that cross in one call. */
const DOCUMENTS_AT_ONCE = 2048;
/** Vectors that cross in one call, when the caller has them. */
const VECTORS_AT_ONCE = 1024;

const encoder = new TextEncoder();

/** What a search needs of the engine. */
export interface SearchHost {
  serial<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  ask<K extends CallName>(name: K, args: Arguments<K>, signal?: AbortSignal): Promise<Returned<K>>;
  /** Grows whenever a core is lost, and its indexes with it. */
  readonly revivals: number;
}

/** Title, artist, album, tags, text; as the core orders them. Errors: invalid_argument (`at` = row). */
function fieldsOf(document: api.SearchDocument, row: number): readonly string[] {
  const refused = (what: string): OssicleError =>
    new OssicleError('invalid_argument', `documents[${row}] ${what}.`, row);
  if (typeof document !== 'object' || (document as unknown) === null) throw refused('is no object');
  const { title = '', artist = '', album = '', tags = '', text = '' } = document;
  const list: readonly unknown[] = Array.isArray(tags) ? tags : [tags];
  const all = [title, artist, album, text, ...list];
  if (!all.every((field) => typeof field === 'string')) {
    throw refused('has a field that is neither a string nor, as tags, a list of them');
  }
  return [title, artist, album, list.join(', '), text];
}

/** The words of a document in one text, for its vector. */
export function textOf(fields: readonly string[]): string {
  return fields.filter((field) => field !== '').join(', ');
}

function sliceOf(documents: readonly (readonly string[])[]): DocumentSlice {
  const fields = documents.flat();
  // A unit of UTF-16 takes 3 bytes at most.
  const bytes = new Uint8Array(3 * fields.reduce((sum, field) => sum + field.length, 0));
  const lengths = new Uint32Array(fields.length);
  let at = 0;
  fields.forEach((field, i) => {
    const { written } = encoder.encodeInto(field, bytes.subarray(at));
    lengths[i] = written;
    at += written;
  });
  return { text: bytes.slice(0, at), lengths };
}

/** The caller's own vectors, [rows, dimensions], of unit length. Errors: invalid_argument (`at` = row). */
function ownVectors(
  vectors: Float32Array | readonly Float32Array[],
  rows: number,
): { readonly dimensions: number; slice(from: number, to: number): Float32Array<ArrayBuffer> } {
  const flat = vectors instanceof Float32Array ? vectors : null;
  const list = flat === null ? (vectors as readonly Float32Array[]) : [];
  const dimensions = flat === null ? (list[0]?.length ?? 0) : flat.length / rows;
  const wrong = flat === null ? list.findIndex((row) => row.length !== dimensions) : -1;
  if (!Number.isInteger(dimensions) || wrong >= 0 || (flat === null && list.length !== rows)) {
    const what = `vectors are not one for each of ${rows} documents, all of one length.`;
    throw new OssicleError('invalid_argument', what, wrong >= 0 ? wrong : 'vectors');
  }
  const rowAt = (row: number): Float32Array | undefined =>
    flat === null ? list[row] : flat.subarray(row * dimensions, (row + 1) * dimensions);
  return {
    dimensions,
    slice(from, to) {
      const out = new Float32Array((to - from) * dimensions);
      for (let row = from; row < to; ++row) {
        const values = rowAt(row) ?? new Float32Array(0);
        const length = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
        if (!Number.isFinite(length)) {
          const what = `vectors: row ${row} is not finite.`;
          throw new OssicleError('invalid_argument', what, row);
        }
        const scale = length > 0 ? 1 / length : 0;
        out.set(
          values.map((x) => x * scale),
          (row - from) * dimensions,
        );
      }
      return out;
    },
  };
}

/** Documents or artists, in the core, with the vectors that were given to it so far. */
class CoreSide {
  readonly id: number;
  readonly documents: number;
  readonly #host: SearchHost;
  readonly #born: number;
  /** null: all that the encoder makes. */
  #dimensions: number | null = null;
  #vectors = 0;

  constructor(host: SearchHost, id: number, documents: number) {
    this.id = id;
    this.documents = documents;
    this.#host = host;
    this.#born = host.revivals;
  }

  /** Whether the core that held it was lost. */
  get lost(): boolean {
    return this.#host.revivals !== this.#born;
  }

  get by(): api.SearchBasis {
    const complete = this.documents > 0 && this.#vectors === this.documents;
    return complete ? 'words and meaning' : 'words';
  }

  /** Gives a vector to each document that has none yet, in slices that let other calls in. */
  async fill(
    atOnce: number,
    slice: (from: number, to: number) => Promise<Returned<'encode'>>,
    { onProgress, signal }: Omit<api.IndexOptions, 'vectors'>,
  ): Promise<void> {
    while (this.#vectors < this.documents) {
      await this.#host.serial(async () => {
        const from = this.#vectors;
        // Somebody else may have filled it while this waited.
        if (from === this.documents) return;
        const to = Math.min(this.documents, from + atOnce);
        const { vectors, dimensions } = await slice(from, to);
        if (this.lost) throw lostIndex();
        // Without the signal: whether an aborted call did its work nobody would know.
        await this.#host.ask('indexVectors', { id: this.id, vectors, dimensions });
        this.#dimensions = dimensions;
        this.#vectors = to;
      }, signal);
      onProgress?.({ stage: 'meaning', done: this.#vectors, total: this.documents });
    }
  }

  /** Inside serial(). */
  async search(
    query: string,
    { limit, asTyped = false, signal }: api.SearchOptions,
  ): Promise<readonly api.SearchHit[]> {
    const most = count(limit, 20, 1, MOST_HITS, 'limit');
    if (query.trim() === '') return [];
    let vector: Float32Array<ArrayBuffer> | null = null;
    if (this.by !== 'words') {
      const args = { texts: [query], dimensions: this.#dimensions };
      vector = (await this.#host.ask('encode', args, signal)).vectors;
    }
    if (this.lost) throw lostIndex();
    const args = { id: this.id, query, vector, limit: most, asTyped };
    return this.#host.ask('indexSearch', args, signal);
  }
}

function lostIndex(): OssicleError {
  const what = 'The core stopped on a bug, and this index is gone with it: create it again.';
  return new OssicleError('closed', what);
}

function checkQuery(query: unknown): void {
  if (typeof query === 'string') return;
  throw new OssicleError('invalid_argument', 'The query is not a string.', 'query');
}

class DocumentIndex implements api.SearchIndex {
  readonly documents: number;
  readonly by: api.SearchBasis;
  readonly #host: SearchHost;
  readonly #side: CoreSide;
  #closed = false;

  constructor(host: SearchHost, side: CoreSide) {
    this.#host = host;
    this.#side = side;
    this.documents = side.documents;
    this.by = side.by;
  }

  async search(query: string, options: api.SearchOptions = {}): Promise<readonly api.SearchHit[]> {
    checkQuery(query);
    return this.#host.serial(() => {
      if (this.#closed) throw new OssicleError('closed', 'This index was closed.');
      if (this.#side.lost) throw lostIndex();
      return this.#side.search(query, options);
    }, options.signal);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#host.serial(() => this.#host.ask('indexClose', { id: this.#side.id }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** All indexes of an engine: those of its callers, and the one of the catalogue. */
export class Searches {
  readonly #host: SearchHost;
  readonly #artists: number;
  #lastId = 0;
  #catalogue: CoreSide | null = null;

  constructor(host: SearchHost, artists: number) {
    this.#host = host;
    this.#artists = artists;
  }

  #next(documents: number): CoreSide {
    this.#lastId += 1;
    return new CoreSide(this.#host, this.#lastId, documents);
  }

  async create(
    documents: readonly api.SearchDocument[],
    options: api.IndexOptions,
  ): Promise<api.SearchIndex> {
    const side = this.#next(documents.length);
    const { vectors = false } = options;
    const host = this.#host;
    try {
      await this.#addWords(side, documents, options);
      if (vectors === true) {
        const encode = (from: number, to: number): Promise<Returned<'encode'>> => {
          const texts = documents
            .slice(from, to)
            .map((each, i) => textOf(fieldsOf(each, from + i)));
          return host.ask('encode', { texts, dimensions: null }, options.signal);
        };
        await side.fill(TEXTS_AT_ONCE, encode, options);
      } else if (vectors !== false && documents.length > 0) {
        const own = ownVectors(vectors, documents.length);
        const { dimensions } = own;
        // Queries will need the encoder, which must offer vectors of this length.
        const none = { texts: [], dimensions };
        await host.serial(() => host.ask('encode', none, options.signal), options.signal);
        const slice = (from: number, to: number): Promise<Returned<'encode'>> =>
          Promise.resolve({ dimensions, vectors: own.slice(from, to) });
        await side.fill(VECTORS_AT_ONCE, slice, options);
      }
      return new DocumentIndex(host, side);
    } catch (cause) {
      // Without the signal, and also when the engine was closed meanwhile: then there is nothing left to free.
      const close = (): Promise<null> => host.ask('indexClose', { id: side.id });
      await host.serial(close).catch(() => undefined);
      throw cause;
    }
  }

  async #addWords(
    side: CoreSide,
    documents: readonly api.SearchDocument[],
    { onProgress, signal }: api.IndexOptions,
  ): Promise<void> {
    const host = this.#host;
    const { id } = side;
    for (let from = 0; from < documents.length; from += DOCUMENTS_AT_ONCE) {
      const part = documents.slice(from, from + DOCUMENTS_AT_ONCE);
      const slice = sliceOf(part.map((document, i) => fieldsOf(document, from + i)));
      await host.serial(() => {
        if (side.lost) throw lostIndex();
        return host.ask('indexAdd', { id, slice }, signal);
      }, signal);
      onProgress?.({ stage: 'words', done: from + part.length, total: documents.length });
    }
    await host.serial(() => {
      if (side.lost) throw lostIndex();
      return host.ask('indexBuild', { id }, signal);
    }, signal);
  }

  async search(query: string, options: api.SearchOptions): Promise<api.SearchResult> {
    checkQuery(query);
    return this.#host.serial(async () => {
      const side = await this.#current();
      const hits = await side.search(query, options);
      const rows = hits.map(({ row }) => row);
      const artists = await this.#host.ask('artistsAt', { rows }, options.signal);
      const items = artists.flatMap((artist, i) => {
        const hit = hits[i];
        return hit ? [{ artist, score: hit.score, found: hit.found }] : [];
      });
      return { items, by: side.by };
    }, options.signal);
  }

  async prepare(options: Omit<api.IndexOptions, 'vectors'>): Promise<void> {
    const host = this.#host;
    const { signal } = options;
    const side = await host.serial(() => this.#current(), signal);
    const encode = async (from: number, to: number): Promise<Returned<'encode'>> => {
      const rows = Array.from({ length: to - from }, (_, i) => from + i);
      const artists = await host.ask('artistsAt', { rows }, signal);
      const texts = artists.map(({ name, tags }) => textOf(['', name, '', tags.join(', '), '']));
      return host.ask('encode', { texts, dimensions: null }, signal);
    };
    await side.fill(TEXTS_AT_ONCE, encode, options);
  }

  /** The index of the catalogue, made with the first search and after a core was lost. Inside serial(). */
  async #current(): Promise<CoreSide> {
    if (this.#catalogue === null || this.#catalogue.lost) {
      const side = this.#next(this.#artists);
      await this.#host.ask('indexCatalogue', { id: side.id });
      this.#catalogue = side;
    }
    return this.#catalogue;
  }
}
