/** The chunks of a stream; cancels it at an early end. Not every browser can iterate a stream itself (Safari before 26). */
export async function* chunksOf(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        ended = true;
        return;
      }
      yield value;
    }
  } catch (cause) {
    ended = true;
    throw cause;
  } finally {
    if (!ended) await reader.cancel();
    reader.releaseLock();
  }
}

/** All bytes of a stream. `onPart` is told the size of each part before it is kept, and may throw. */
export async function bytesOf(
  stream: ReadableStream<Uint8Array>,
  onPart: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of chunksOf(stream)) {
    onPart(part.length);
    parts.push(part);
    size += part.length;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Text as a stream of UTF-8, at the pace of its reader. */
export function utf8Of(
  text: AsyncGenerator<string, void>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      for (;;) {
        const { value, done } = await text.next();
        if (done === true) {
          controller.close();
          return;
        }
        // An empty chunk would not count as an answer to this pull.
        if (value === '') continue;
        controller.enqueue(encoder.encode(value));
        return;
      }
    },
    async cancel() {
      await text.return();
    },
  });
}
