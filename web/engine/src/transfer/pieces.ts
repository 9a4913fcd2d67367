import { OssicleError } from '../errors.ts';
import { ZIP_NAMES } from '../import/recognise.ts';
import { IMPORT_PIECE } from '../protocol.ts';
import { chunksOf } from '../streams.ts';

export interface Export {
  readonly stream: ReadableStream<Uint8Array>;
  /** 0 when unknown. */
  readonly totalBytes: number;
}

/** Some bytes of a file of an export, in UTF-8. */
export interface Part {
  /** The name of a file in a zip; null: the export is one file. */
  readonly file: string | null;
  readonly bytes: Uint8Array;
  readonly last: boolean;
}

/** Of the export, as it is stored. */
export interface Reading {
  bytes: number;
}

function oneChunk(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

export function exportOf(file: Blob | ReadableStream<Uint8Array> | Uint8Array): Export {
  if (file instanceof Uint8Array) return { stream: oneChunk(file), totalBytes: file.length };
  if (file instanceof Blob) return { stream: file.stream(), totalBytes: file.size };
  if (file instanceof ReadableStream) return { stream: file, totalBytes: 0 };
  throw new OssicleError(
    'invalid_argument',
    'import() takes a Blob or File, a ReadableStream of bytes, or a Uint8Array.',
  );
}

/** Collects bytes into pieces of IMPORT_PIECE. */
export class Cutter {
  #piece = new Uint8Array(IMPORT_PIECE);
  #used = 0;

  *add(bytes: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
    for (let from = 0; from < bytes.length;) {
      const part = bytes.subarray(from, from + IMPORT_PIECE - this.#used);
      this.#piece.set(part, this.#used);
      this.#used += part.length;
      from += part.length;
      if (this.#used === IMPORT_PIECE) yield this.rest();
    }
  }

  rest(): Uint8Array<ArrayBuffer> {
    const bytes = this.#piece.slice(0, this.#used);
    this.#used = 0;
    return bytes;
  }
}

function isZip(start: Uint8Array): boolean {
  return start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4;
}

async function* counted(
  stream: ReadableStream<Uint8Array>,
  count: Reading,
): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of chunksOf(stream)) {
    // A whole file may come as one chunk.
    for (let from = 0; from < chunk.length; from += IMPORT_PIECE) {
      const part = chunk.subarray(from, from + IMPORT_PIECE);
      count.bytes += part.length;
      yield part;
    }
  }
}

async function* partsOfFile(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Part, void> {
  for await (const bytes of chunks) yield { file: null, bytes, last: false };
  yield { file: null, bytes: new Uint8Array(0), last: true };
}

export function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Of the first bytes: a mark says so, or every other byte of the first two letters is zero. */
function utf16Of([a, b]: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if ((a === 0xff && b === 0xfe) || (a !== undefined && a !== 0 && b === 0)) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (a === 0 && b !== undefined && b !== 0)) return 'utf-16be';
  return null;
}

/** The same files in UTF-8: spreadsheets and some tools for Windows write UTF-16. */
async function* inUtf8(parts: AsyncIterable<Part>): AsyncGenerator<Part, void> {
  const encoder = new TextEncoder();
  let start = new Uint8Array(0) as Uint8Array;
  let decoder: TextDecoder | null | undefined;
  for await (const { file, bytes, last } of parts) {
    let now = bytes;
    if (decoder === undefined) {
      start = joined(start, bytes);
      if (start.length < 2 && !last) continue;
      const name = utf16Of(start);
      decoder = name === null ? null : new TextDecoder(name);
      now = start;
      start = new Uint8Array(0);
    }
    const utf8 = decoder === null ? now : encoder.encode(decoder.decode(now, { stream: !last }));
    if (last) decoder = undefined;
    yield { file, bytes: utf8, last };
  }
}

/** The files of an export: itself, or those of a zip that hold listens. Cancels the stream at an early end. */
export async function* partsOf(
  stream: ReadableStream<Uint8Array>,
  reading: Reading,
): AsyncGenerator<Part, void> {
  const chunks = counted(stream, reading);
  try {
    let start = new Uint8Array(0) as Uint8Array;
    while (start.length < 4) {
      const { value, done } = await chunks.next();
      if (done) break;
      start = joined(start, value);
    }
    const whole = (async function* (): AsyncGenerator<Uint8Array, void> {
      yield start;
      yield* chunks;
    })();
    yield* inUtf8(
      isZip(start) ? (await import('./zip.ts')).filesOfZip(whole, ZIP_NAMES) : partsOfFile(whole),
    );
  } finally {
    await chunks.return(undefined);
  }
}
