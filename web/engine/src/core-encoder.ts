import { OslEncoderInfo } from './abi.gen.ts';
import type { BundleBytes } from './bundle.ts';
import type { BundleFile, Core } from './core.ts';
import { joined, toUtf8, type Block } from './heap.ts';

/** Texts that cross in one call. */
export const TEXTS = 256;
const TEXT_BYTES = 65536;
const PATH_BYTES = 256;
const FILES = 2;

/** How the relaxed build multiplies; osl_encoder_use. */
const PAIRS = 0;
const QUADS = 1;
/** Two turns of three calls each: some 3 ms in all, long enough for a clock with steps of 0.1 ms. */
const TURNS = 2;
const CALLS = 3;
const CLEARLY = 0.85;

/** The text encoder of a core: begun with its bundle.json, given its files, opened, asked. Every call is synchronous. */
export class CoreEncoder {
  readonly files: readonly BundleFile[];
  /** Lengths at which a vector may be cut, the whole one last; known once open. */
  dimensions: readonly number[] = [];
  readonly #core: Core;
  readonly #encoder: number;
  readonly #advice: string;
  #texts: Block | null = null;
  #lengths: Block | null = null;
  #vectors: Block | null = null;

  constructor(core: Core, json: Uint8Array, file: string, advice: string) {
    this.#core = core;
    this.#advice = advice;
    const { small, error } = core.room;
    const begun = core.heap.lend(json, (block) =>
      core.abi.osl_encoder_begin(block.at, block.size, small, error),
    );
    core.check(begun, file, advice, file);
    this.#encoder = this.#core.heap.u32(small);
    this.files = Array.from({ length: FILES }, (_, index) => this.#file(index));
  }

  /** For calls of the core that take an encoder. */
  get handle(): number {
    return this.#encoder;
  }

  #file(index: number): BundleFile {
    const { abi, room } = this.#core;
    const { name, small } = room;
    const at = [name, PATH_BYTES, small, small + 8] as const;
    this.#core.check(abi.osl_encoder_file(this.#encoder, index, ...at), 'The encoder');
    return this.#core.fileInRoom();
  }

  /** Gives file `index` to the core; `file` names it in an error. */
  put(index: number, { bytes, digest }: BundleBytes, file: string): void {
    const expected = this.files[index]?.bytes ?? 0;
    const { abi, heap, room } = this.#core;
    const taken = abi.osl_encoder_room(this.#encoder, index, room.small, room.error);
    this.#core.check(taken, file, this.#advice, file);
    const at = this.#core.heap.u32(room.small);
    // A file of another size is left incomplete: the core refuses it by its checksum.
    heap.view((view) => view.bytes.set(bytes.subarray(0, expected), at));
    if (digest === null) return;
    const told = abi.osl_encoder_digest(
      this.#encoder,
      index,
      this.#core.putDigest(digest),
      room.error,
    );
    this.#core.check(told, file, this.#advice, file);
  }

  /** `clock`, in milliseconds, is for builds that can multiply in two ways: the faster one here is taken. */
  open(clock?: () => number): void {
    const { abi, heap, room } = this.#core;
    const code = abi.osl_encoder_open(this.#encoder, room.scored, room.error);
    this.#core.check(code, 'The encoder', this.#advice);
    const info = heap.view(({ data }) => OslEncoderInfo.read(data, room.scored));
    this.dimensions = Array.from(info.dimensions).slice(0, info.dimensionsN);
    this.#texts = heap.take(TEXT_BYTES);
    this.#lengths = heap.take(TEXTS * 4);
    this.#vectors = heap.take(TEXTS * info.vectorSize * 4);
    if (clock !== undefined) this.#choose(clock);
  }

  /** Takes quads where they are clearly the faster. Which they are depends on the processor, which nothing but time tells. */
  #choose(clock: () => number): void {
    const { abi, room } = this.#core;
    const least = { [PAIRS]: Infinity, [QUADS]: Infinity };
    for (let turn = 0; turn < TURNS; ++turn) {
      for (const products of [PAIRS, QUADS] as const) {
        const before = clock();
        for (let i = 0; i < CALLS; ++i) {
          const code = abi.osl_encoder_rehearse(this.#encoder, products, room.error);
          this.#core.check(code, 'The encoder');
        }
        least[products] = Math.min(least[products], clock() - before);
      }
    }
    // A clock that stood still says nothing.
    if (least[QUADS] > 0 && least[QUADS] < CLEARLY * least[PAIRS]) {
      this.#core.check(abi.osl_encoder_use(this.#encoder, QUADS, room.error), 'The encoder');
    }
  }

  /** Unit vectors [texts, dimensions]. At most TEXTS texts; `dimensions` must be one of this.dimensions. */
  encode(texts: readonly string[], dimensions: number): Float32Array<ArrayBuffer> {
    const [textRoom, lengths, vectors] = [this.#texts, this.#lengths, this.#vectors];
    if (!textRoom || !lengths || !vectors) throw new Error('The encoder is not open.');
    const { abi, heap, room } = this.#core;
    const parts = texts.map(toUtf8);
    const all = joined(parts);
    heap.view(({ data }) =>
      parts.forEach((part, i) => data.setUint32(lengths.at + 4 * i, part.length, true)),
    );
    const run = ({ at }: Block): number =>
      abi.osl_encoder_run(
        this.#encoder,
        at,
        lengths.at,
        texts.length,
        dimensions,
        vectors.at,
        room.error,
      );
    let code;
    if (all.length <= TEXT_BYTES) {
      heap.put(textRoom, all);
      code = run(textRoom);
    } else {
      code = heap.lend(all, run);
    }
    this.#core.check(code, 'Encoding a text');
    return heap.view(({ bytes }) => {
      const size = texts.length * dimensions * 4;
      return new Float32Array(bytes.slice(vectors.at, vectors.at + size).buffer);
    });
  }

  /** Gives all memory back; nothing may be called afterwards. */
  close(): void {
    this.#core.abi.osl_encoder_close(this.#encoder);
    for (const block of [this.#texts, this.#lengths, this.#vectors]) {
      if (block) this.#core.heap.free(block);
    }
  }
}
