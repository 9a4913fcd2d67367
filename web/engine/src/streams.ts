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
