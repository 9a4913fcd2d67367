/** The entry for browsers: pages, and extensions' pages. The engine runs in a module worker. */
import { WorkerPort } from './client.ts';
import { start } from './engine.ts';
import { OssicleError } from './errors.ts';
import type { Port } from './protocol.ts';
import { memoryStore } from './store/memory.ts';
import type { Engine, LoadProgress, OpenOptions } from './types.ts';

export { OssicleError, type ErrorCode } from './errors.ts';
export type * from './types.ts';

function connect(onProgress: (progress: LoadProgress) => void): Port {
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    type: 'module',
    name: 'ossicle',
  });
  const port = new WorkerPort(worker, () => worker.terminate(), onProgress);
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    const what = event.message === '' ? 'its script did not load' : event.message;
    port.end(
      new OssicleError(
        'network',
        `Ossicle's worker did not start: ${what}. Serve worker.js of the package from the page's own origin.`,
        'worker.js',
      ),
    );
  });
  return port;
}

/**
 * Loads the engine and the catalogue, and replays the history that the store holds.
 * Errors: unsupported_browser, missing, network, checksum_mismatch, corrupt, bundle_mismatch, those of the store; AbortError.
 */
export function openEngine(options: OpenOptions): Promise<Engine> {
  const assets = new URL(options.assets, globalThis.location.href).href;
  return start(connect, { ...options, assets, store: options.store ?? memoryStore() });
}
