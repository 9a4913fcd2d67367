/** The module worker: answers the calls of protocol.ts with a core of its own. */
import { fetchedAssets } from './assets.ts';
import { LocalPort } from './port.ts';
import { toWire, type Arguments, type CallName, type Endpoint, type Port } from './protocol.ts';
import type { Reply, Request } from './protocol.ts';
import { IndexedDbSnapshots } from './snapshots/indexeddb.ts';
import type { LoadProgress } from './types.ts';

/** Serves the calls that arrive at `endpoint`. */
export function serve(
  endpoint: Endpoint,
  connect: (onProgress: (progress: LoadProgress) => void) => Port,
): void {
  const reply = (message: Reply): void => endpoint.postMessage(message, []);
  const port = connect((progress) => reply({ progress }));
  const running = new Map<number, AbortController>();

  const answer = async (id: number, name: CallName, args: Arguments<CallName>): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      reply({ id, result: await port.call(name, args, controller.signal) });
    } catch (cause) {
      reply({ id, error: toWire(cause) });
    } finally {
      running.delete(id);
    }
  };

  endpoint.addEventListener('message', ({ data }: MessageEvent) => {
    const request = data as Request;
    if (request.name === 'abort') {
      running.get(request.id)?.abort();
      return;
    }
    void answer(request.id, request.name, request.args);
  });
}

// Only a worker's global scope has it; a test imports this file for serve().
if ('WorkerGlobalScope' in globalThis) {
  serve(
    globalThis as unknown as Endpoint,
    (onProgress) =>
      new LocalPort(fetchedAssets, (name) => new IndexedDbSnapshots(name), onProgress),
  );
}
