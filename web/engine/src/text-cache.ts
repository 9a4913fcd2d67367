/** Text vectors by the text they are of, in 8 bits a number: what a caller keeps so that no text is encoded twice. */
import { checksum } from './checksum.ts';
import { OssicleError } from './errors.ts';

// A file: this line, then the header (name bytes, dimensions, rows; 32 bits each), the name of the encoder in UTF-8 padded to a
// multiple of 8, keys [rows] as doubles, scales [rows] as floats, values [rows, dimensions]. Little-endian.
const MAGIC = 'ossicle text vectors 1\n\n';
const HEADER = 16;

/** Rows grow by half. */
const LEAST_ROWS = 1024;

export class TextCache {
  /** The encoder that made the vectors. */
  readonly encoder: string;
  readonly dimensions: number;
  readonly #rows = new Map<number, number>();
  #values: Int8Array<ArrayBuffer> = new Int8Array(0);
  #scales: Float32Array<ArrayBuffer> = new Float32Array(0);

  constructor(encoder: string, dimensions: number) {
    this.encoder = encoder;
    this.dimensions = dimensions;
  }

  get size(): number {
    return this.#rows.size;
  }

  has(text: string): boolean {
    return this.#rows.has(checksum(text));
  }

  /** Keeps a vector in 8 bits. */
  put(text: string, vector: Float32Array): void {
    const largest = vector.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const scale = Math.fround(largest / 127);
    const values = Int8Array.from(vector, (x) =>
      scale > 0 ? Math.max(-127, Math.min(127, Math.round(x / scale))) : 0,
    );
    this.#keep(checksum(text), scale, values);
  }

  #keep(key: number, scale: number, values: Int8Array): void {
    if (this.#rows.has(key)) return;
    const row = this.#rows.size;
    if (row === this.#scales.length) {
      const rows = Math.max(LEAST_ROWS, Math.ceil(row * 1.5));
      const more = new Int8Array(rows * this.dimensions);
      more.set(this.#values);
      this.#values = more;
      const scales = new Float32Array(rows);
      scales.set(this.#scales);
      this.#scales = scales;
    }
    this.#rows.set(key, row);
    this.#scales[row] = scale;
    this.#values.set(values, row * this.dimensions);
  }

  /** Adds the vector of `text` to `out`, times `weight`; false when there is none. */
  addTo(text: string, weight: number, out: Float32Array): boolean {
    const row = this.#rows.get(checksum(text));
    if (row === undefined) return false;
    const scale = weight * (this.#scales[row] ?? 0);
    const start = row * this.dimensions;
    for (let i = 0; i < this.dimensions; ++i) {
      out[i] = (out[i] ?? 0) + scale * (this.#values[start + i] ?? 0);
    }
    return true;
  }

  /** The vector of `text`, of unit length; null: there is none. */
  vectorOf(text: string): Float32Array<ArrayBuffer> | null {
    const out = new Float32Array(this.dimensions);
    if (!this.addTo(text, 1, out)) return null;
    let square = 0;
    for (const x of out) square += x * x;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let i = 0; i < out.length; ++i) out[i] = scale * (out[i] ?? 0);
    return out;
  }

  /** Rows from `from` on. */
  bytes(from = 0): Uint8Array<ArrayBuffer> {
    const name = new TextEncoder().encode(this.encoder);
    const first = Math.min(from, this.#rows.size);
    const rows = this.#rows.size - first;
    const keysAt = MAGIC.length + HEADER + Math.ceil(name.length / 8) * 8;
    const out = new Uint8Array(keysAt + rows * (8 + 4 + this.dimensions));
    const data = new DataView(out.buffer);
    out.set(new TextEncoder().encode(MAGIC));
    [name.length, this.dimensions, rows].forEach((x, i) =>
      data.setUint32(MAGIC.length + 4 * i, x, true),
    );
    out.set(name, MAGIC.length + HEADER);
    for (const [key, row] of this.#rows) {
      const at = row - first;
      if (at < 0) continue;
      data.setFloat64(keysAt + 8 * at, key, true);
      data.setFloat32(keysAt + 8 * rows + 4 * at, this.#scales[row] ?? 0, true);
    }
    const values = new Uint8Array(this.#values.buffer, first * this.dimensions);
    out.set(values.subarray(0, rows * this.dimensions), keysAt + 12 * rows);
    return out;
  }

  /** Takes the vectors of `bytes` in, unless another encoder made them; how many. Errors: corrupt (nothing is taken in). */
  read(bytes: Uint8Array): number {
    const wrong = (): OssicleError =>
      new OssicleError('corrupt', 'These bytes are not what library.vectors() gave.', 'vectors');
    const start = MAGIC.length + HEADER;
    if (bytes.length < start) throw wrong();
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const text = (from: number, to: number): string =>
      new TextDecoder().decode(bytes.subarray(from, to));
    if (text(0, MAGIC.length) !== MAGIC) throw wrong();
    const [nameBytes = 0, dimensions = 0, rows = 0] = [0, 4, 8].map((at) =>
      data.getUint32(MAGIC.length + at, true),
    );
    const keysAt = start + Math.ceil(nameBytes / 8) * 8;
    if (bytes.length !== keysAt + rows * (12 + dimensions)) throw wrong();
    const same = text(start, start + nameBytes) === this.encoder;
    if (!same || dimensions !== this.dimensions) return 0;
    const scales = Array.from({ length: rows }, (_, row) =>
      data.getFloat32(keysAt + 8 * rows + 4 * row, true),
    );
    if (!scales.every((scale) => scale >= 0 && scale <= 1)) throw wrong();
    scales.forEach((scale, row) => {
      const from = bytes.byteOffset + keysAt + 12 * rows + row * dimensions;
      const values = new Int8Array(bytes.buffer, from, dimensions);
      this.#keep(data.getFloat64(keysAt + 8 * row, true), scale, values);
    });
    return rows;
  }
}
