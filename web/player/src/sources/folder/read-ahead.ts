/** What a file is read in: each read crosses to the browser's own process and back, and tags are read in many small steps. */
const BLOCK = 64 * 1024;
/** Blocks that are held. A reader goes forward, and now and then back to the start. */
const HELD = 8;

/** So much is read in small steps at most: who looks for sound in an hour of zeros would read them all. Pictures do not count. */
const MOST = 32 * 1024 * 1024;

/**
 * `file`, for a reader that asks for a few bytes at a time: what it asks for comes out of blocks that were read before, wherever they are. `type`
 * instead of that which the browser makes of the file's name.
 */
export function readAhead(file: Blob, type: string): Blob {
  const blocks = new Map<number, Promise<ArrayBuffer>>();
  let read = 0;
  const blockAt = (index: number): Promise<ArrayBuffer> => {
    const known = blocks.get(index);
    if (!known) read += BLOCK;
    if (read > MOST) throw new Error(`there is no audio in the first ${MOST / 1024 ** 2} MB`);
    const block = known ?? file.slice(index * BLOCK, (index + 1) * BLOCK).arrayBuffer();
    // The one that was used last is the last to go.
    blocks.delete(index);
    blocks.set(index, block);
    const [oldest] = blocks.keys();
    if (blocks.size > HELD && oldest !== undefined) blocks.delete(oldest);
    return block;
  };
  const part = async (from: number, to: number): Promise<ArrayBuffer> => {
    const first = Math.floor(from / BLOCK);
    const last = Math.floor((to - 1) / BLOCK);
    if (to <= from) return new ArrayBuffer(0);
    // A picture: it is read once.
    if (last - first >= 2) return file.slice(from, to).arrayBuffer();
    const out = new Uint8Array(to - from);
    for (let index = first; index <= last; ++index) {
      const start = index * BLOCK;
      const bytes = new Uint8Array(await blockAt(index));
      const wanted = bytes.subarray(Math.max(0, from - start), Math.max(0, to - start));
      out.set(wanted, Math.max(0, start - from));
    }
    return out.buffer;
  };
  return {
    size: file.size,
    type,
    slice: (from = 0, to = file.size) =>
      ({ arrayBuffer: () => part(from, Math.min(to, file.size)) }) as Blob,
  } as Blob;
}
