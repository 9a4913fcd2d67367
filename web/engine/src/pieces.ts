import { OssicleError } from './errors.ts';
import { IMPORT_PIECE } from './protocol.ts';
import { chunksOf } from './streams.ts';

export interface Export {
  readonly stream: ReadableStream<Uint8Array>;
  /** 0 when unknown. */
  readonly totalBytes: number;
}

export interface Piece {
  /** At most IMPORT_PIECE, in a buffer of its own. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the file, up to and with this piece. */
  readonly readBytes: number;
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
class Cutter {
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
  count: { bytes: number },
): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of chunksOf(stream)) {
    count.bytes += chunk.length;
    yield chunk;
  }
}

/** The listens of an export in pieces; of a zip, the listens in it. The last piece may be empty. Cancels the stream at an early end. */
export async function* pieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Piece> {
  const count = { bytes: 0 };
  const chunks = counted(stream, count);
  const cutter = new Cutter();
  try {
    let start = new Uint8Array(0);
    while (start.length < 4) {
      const { value, done } = await chunks.next();
      if (done) break;
      const joined = new Uint8Array(start.length + value.length);
      joined.set(start);
      joined.set(value, start.length);
      start = joined;
    }
    const whole = (async function* (): AsyncGenerator<Uint8Array, void> {
      yield start;
      yield* chunks;
    })();
    const plain = isZip(start) ? (await import('./zip.ts')).listensOfZip(whole) : whole;
    for await (const chunk of plain) {
      for (const bytes of cutter.add(chunk)) yield { bytes, readBytes: count.bytes };
    }
    yield { bytes: cutter.rest(), readBytes: count.bytes };
  } finally {
    await chunks.return(undefined);
  }
}
