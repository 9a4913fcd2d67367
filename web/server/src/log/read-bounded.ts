import type { Bytes } from '@ossicle/wire/log';

/** What a server sends, or null: it is more than `most` bytes, and the rest was not read. */
export async function readBounded(answer: Response, most: number): Promise<Bytes | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body ?? []) {
    size += part.length;
    if (size > most) return null;
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
