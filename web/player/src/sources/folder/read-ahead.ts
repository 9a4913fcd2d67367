/** What a file is read in: each read crosses to the browser's own process and back, and tags are read in many small steps. */
const BLOCK = 64 * 1024;
/** Blocks that are held. A reader goes forward, and now and then back to the start. */
const HELD = 8;

/** `file`, for a reader that asks for a few bytes at a time: what it asks for comes out of blocks that were read before, wherever they are. */
export function readAhead(file: Blob): Blob {
  const blocks = new Map<number, Promise<ArrayBuffer>>();
  const blockAt = (index: number): Promise<ArrayBuffer> => {
    const known = blocks.get(index);
    const block = known ?? file.slice(index * BLOCK, (index + 1) * BLOCK).arrayBuffer();
    // The one that was used last is the last to go.
    blocks.delete(index);
    blocks.set(index, block);
    const [oldest] = blocks.keys();
    if (blocks.size > HELD && oldest !== undefined) blocks.delete(oldest);
    return block;
  };
  const read = async (from: number, to: number): Promise<ArrayBuffer> => {
    const first = Math.floor(from / BLOCK);
    const last = Math.floor((to - 1) / BLOCK);
    if (to <= from) return new ArrayBuffer(0);
    // A picture: it is read once.
    if (last - first >= 2) return file.slice(from, to).arrayBuffer();
    const out = new Uint8Array(to - from);
    for (let index = first; index <= last; ++index) {
      const start = index * BLOCK;
      const bytes = new Uint8Array(await blockAt(index));
      const part = bytes.subarray(Math.max(0, from - start), Math.max(0, to - start));
      out.set(part, Math.max(0, start - from));
    }
    return out.buffer;
  };
  return {
    size: file.size,
    type: file.type,
    slice: (from = 0, to = file.size) =>
      ({ arrayBuffer: () => read(from, Math.min(to, file.size)) }) as Blob,
  } as Blob;
}
