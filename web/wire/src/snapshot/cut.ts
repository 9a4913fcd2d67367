/** How a file is cut into pieces: the same for who publishes and who fetches, so that a client finds in its old files what it need not fetch. */
import type { Bytes } from '../log/bytes.ts';

export const PIECE_BYTES = 65_536;
/** Of a safetensors file, before its header. */
const LENGTH_BYTES = 8;

/** Where the header of a safetensors file ends, and each of its tensors; empty when it is none. What it gives decides only where to cut. */
function seamsOf(bytes: Bytes): readonly number[] {
  if (bytes.length < LENGTH_BYTES) return [];
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const start = LENGTH_BYTES + length;
  if (start > bytes.length) return [];
  try {
    const text = new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, start));
    const header: unknown = JSON.parse(text);
    const tensors = Object.values(header as Record<string, { data_offsets?: unknown } | null>);
    const offsets = tensors.flatMap((tensor) => tensor?.data_offsets ?? []);
    const numbers = offsets.filter((at): at is number => Number.isSafeInteger(at));
    return [start, ...numbers.map((at) => start + at)];
  } catch {
    return [];
  }
}

/** The pieces of a file, in order and without gaps: each tensor of a safetensors file begins one, and none has more than PIECE_BYTES. They are views into `bytes`. */
export function cut(path: string, bytes: Bytes): readonly Bytes[] {
  const seams = path.endsWith('.safetensors') ? seamsOf(bytes) : [];
  const inside = seams.filter((at) => at > 0 && at < bytes.length);
  const ends = [...new Set([...inside, bytes.length])].toSorted((a, b) => a - b);
  const pieces: Bytes[] = [];
  let at = 0;
  for (const end of ends) {
    for (; at < end; at = Math.min(at + PIECE_BYTES, end)) {
      pieces.push(bytes.subarray(at, Math.min(at + PIECE_BYTES, end)));
    }
  }
  return pieces;
}
