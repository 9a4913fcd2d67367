import { OslHit, OslIndexInfo } from './abi.gen.ts';
import type { Core } from './core.ts';
import { bytesOf, joined, toUtf8, type Block, type Parts } from './heap.ts';
import { MOST_HITS, type DocumentSlice, type IndexFacts, type IndexSearch } from './protocol.ts';
import type { SearchHit } from './types.ts';

/** Hits of each list that are fused: a document that is good in both may be best in neither. */
const DEPTH = MOST_HITS;
/** The core looks at no more of a query. */
const QUERY_BYTES = 4096;
/** ossicle::TextVectors::kMaxDimensions */
const MOST_DIMENSIONS = 1024;
const FIELDS = 5;

/** Documents that can be searched by their words and, as far as vectors were added, by their meaning. Every call is synchronous. */
export class CoreIndex {
  readonly facts: IndexFacts;
  readonly #core: Core;
  readonly #index: number;
  readonly #room: Parts<'query' | 'vector' | 'words' | 'dense' | 'room' | 'fused'>;
  #vectors = 0;

  /** What lies at `text` and `lengths` is as osl_index_open takes it, and not needed afterwards. */
  private constructor(core: Core, text: Block, lengths: number, documents: number) {
    this.#core = core;
    const { abi, heap, room } = core;
    const at = [text.at, text.size, lengths, documents] as const;
    core.check(abi.osl_index_open(...at, room.small, room.error), 'Building the index');
    this.#index = this.#core.heap.u32(room.small);
    core.check(abi.osl_index_get(this.#index, room.scored), 'The index');
    this.facts = heap.view(({ data }) => OslIndexInfo.read(data, room.scored));
    this.#room = heap.takeParts({
      query: QUERY_BYTES,
      vector: 4 * MOST_DIMENSIONS,
      words: DEPTH * OslHit.size,
      dense: DEPTH * OslHit.size,
      room: 2 * DEPTH * OslHit.size,
      fused: MOST_HITS * OslHit.size,
    });
  }

  static of(core: Core, slices: readonly DocumentSlice[]): CoreIndex {
    const text = joined(slices.map((slice) => slice.text));
    const lengths = joined(slices.map((slice) => bytesOf(slice.lengths)));
    const documents = lengths.length / (4 * FIELDS);
    return core.heap.lend(text, (textBlock) =>
      core.heap.lend(lengths, ({ at }) => new CoreIndex(core, textBlock, at, documents)),
    );
  }

  /** Adds the vectors of the next rows, [rows, dimensions], of unit length. */
  addVectors(vectors: Float32Array, dimensions: number): void {
    const { abi, heap, room } = this.#core;
    if (this.#vectors === 0) {
      const at = [this.facts.documents, dimensions, room.small, room.error] as const;
      this.#core.check(abi.osl_vectors_open(...at), 'Room for vectors');
      this.#vectors = this.#core.heap.u32(room.small);
    }
    const code = heap.lend(bytesOf(vectors), ({ at }) =>
      abi.osl_vectors_add(this.#vectors, at, vectors.length / dimensions, room.error),
    );
    this.#core.check(code, 'Adding vectors');
  }

  /** By words, and by the query's vector where there is one. */
  search({ query, vector, limit, asTyped }: IndexSearch): readonly SearchHit[] {
    const { room } = this.#core;
    const wanted = vector === null ? limit : DEPTH;
    const words = this.#searchWords(query, asTyped, wanted);
    if (vector === null) {
      return this.#hits(this.#room.at.words, words).map((hit) => ({ ...hit, found: 'words' }));
    }
    const attainable = this.#core.heap.view(({ data }) => data.getFloat32(room.small + 4, true));
    const dense = this.#searchVectors(vector);
    const fused = this.#fuse(words, attainable, dense, limit);
    const byWords = this.#rows(this.#room.at.words, words);
    const byMeaning = this.#rows(this.#room.at.dense, dense);
    return fused.map((hit) => {
      if (!byWords.has(hit.row)) return { ...hit, found: 'meaning' };
      return { ...hit, found: byMeaning.has(hit.row) ? 'both' : 'words' };
    });
  }

  /** Writes hits to the room; how many. What could be attained lies behind the count. */
  #searchWords(query: string, asTyped: boolean, cap: number): number {
    const { abi, heap, room } = this.#core;
    const { query: at, words } = this.#room.at;
    const bytes = toUtf8(query).subarray(0, QUERY_BYTES);
    heap.view((view) => view.bytes.set(bytes, at));
    const mode = asTyped ? 1 : 0;
    const out = [words, cap, room.small, room.small + 4, room.error] as const;
    const code = abi.osl_index_search(this.#index, at, bytes.length, mode, ...out);
    this.#core.check(code, 'Searching');
    return this.#core.heap.u32(room.small);
  }

  #searchVectors(vector: Float32Array): number {
    const { abi, heap, room } = this.#core;
    const { vector: at, dense } = this.#room.at;
    const values = vector.subarray(0, MOST_DIMENSIONS);
    heap.view((view) => view.bytes.set(bytesOf(values), at));
    const out = [dense, DEPTH, room.small, room.error] as const;
    this.#core.check(abi.osl_vectors_search(this.#vectors, at, values.length, ...out), 'Searching');
    return this.#core.heap.u32(room.small);
  }

  #fuse(words: number, attainable: number, dense: number, limit: number): OslHit[] {
    const { abi, room } = this.#core;
    const { words: wordsAt, dense: denseAt, room: roomAt, fused } = this.#room.at;
    const lists = [wordsAt, words, attainable, denseAt, dense] as const;
    const code = abi.osl_hits_fuse(...lists, roomAt, fused, limit, room.small);
    this.#core.check(code, 'Searching');
    return this.#hits(fused, this.#core.heap.u32(room.small));
  }

  #hits(at: number, n: number): OslHit[] {
    return this.#core.heap.view(({ data }) =>
      Array.from({ length: n }, (_, i) => OslHit.read(data, at + i * OslHit.size)),
    );
  }

  #rows(at: number, n: number): ReadonlySet<number> {
    return this.#core.heap.view(({ data }) => {
      const rows = new Set<number>();
      for (let i = 0; i < n; ++i) rows.add(data.getUint32(at + i * OslHit.size, true));
      return rows;
    });
  }

  /** Gives all memory back; nothing may be called afterwards. */
  close(): void {
    const { abi, heap } = this.#core;
    abi.osl_index_close(this.#index);
    abi.osl_vectors_close(this.#vectors);
    heap.free(this.#room.all);
  }
}

/** The items of the catalogue that is open, as documents: name and tags. */
export function catalogueDocuments(core: Core): DocumentSlice {
  const { heap, room, items } = core;
  const lengths = new Uint32Array(items * FIELDS);
  const text = Array.from({ length: items }, (_, item) => {
    const { nameN, tagsN } = core.itemFacts(item);
    lengths.set([0, nameN, 0, tagsN, 0], item * FIELDS);
    return heap.view(({ bytes }) =>
      joined([
        bytes.subarray(room.name, room.name + nameN),
        bytes.subarray(room.tags, room.tags + tagsN),
      ]),
    );
  });
  return { text: joined(text), lengths };
}
