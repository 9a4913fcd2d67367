import type { Engine, SearchDocument, SearchIndex } from 'ossicle';
import type { Library } from '../library/types.ts';

/** Tracks that reach the page at once, with their vectors: a few milliseconds of its time. */
const WINDOW = 200;

interface Made {
  readonly index: SearchIndex;
  /** By row. */
  readonly ids: readonly string[];
}

/**
 * The listener's tracks by their words, and by their meaning as far as the engine has encoded them: nothing is encoded for it. Made when it is
 * first asked, and again when tracks came or went; kept for the visit.
 */
export class OwnIndex {
  readonly #library: Library;
  readonly #engine: () => Engine | null;
  #version = 0;
  #made: { readonly version: number; readonly made: Promise<Made | null> } | null = null;

  constructor(library: Library, engine: () => Engine | null) {
    this.#library = library;
    this.#engine = engine;
  }

  /** Tracks came or went, or the engine knows more of them. */
  outdate(): void {
    this.#version += 1;
  }

  /** Makes it, so that the first search need not wait. */
  prepare(): void {
    this.#current().catch(() => undefined);
  }

  /** Ids of the tracks found, the best first. */
  async search(query: string, limit: number, signal: AbortSignal): Promise<readonly string[]> {
    const made = await this.#current();
    signal.throwIfAborted();
    if (made === null) return [];
    const hits = await made.index.search(query, { limit, asTyped: true, signal });
    return hits.flatMap(({ row }) => made.ids[row] ?? []);
  }

  async clear(): Promise<void> {
    const old = this.#made;
    this.#made = null;
    await close(old?.made);
  }

  #current(): Promise<Made | null> {
    const old = this.#made;
    if (old?.version === this.#version) return old.made;
    const made = this.#make();
    const current = { version: this.#version, made };
    this.#made = current;
    // Who asked the old one gets an answer first: calls of the engine are answered in their order.
    void made.then(
      () => close(old?.made),
      () => {
        // The next search tries again.
        if (this.#made === current) this.#made = null;
        return close(old?.made);
      },
    );
    return made;
  }

  async #make(): Promise<Made | null> {
    const engine = this.#engine();
    if (!engine) return null;
    const documents: SearchDocument[] = [];
    const ids: string[] = [];
    const vectors: (Float32Array<ArrayBuffer> | null)[] = [];
    for await (const rows of this.#library.each(WINDOW)) {
      for (const { id, title, artist, album, genres } of rows) {
        documents.push({ title, artist, album, tags: genres });
        ids.push(id);
        vectors.push(engine.library.vectorOf(id));
      }
    }
    if (ids.length === 0) return null;
    const dimensions = vectors.find((vector) => vector !== null)?.length ?? 0;
    // A row without one is like nothing.
    const none = new Float32Array(dimensions);
    const index = await engine.createIndex(documents, {
      vectors: dimensions > 0 && vectors.map((vector) => vector ?? none),
    });
    return { index, ids };
  }
}

async function close(made: Promise<Made | null> | undefined): Promise<void> {
  const old = await made?.catch(() => null);
  await old?.index.close();
}
