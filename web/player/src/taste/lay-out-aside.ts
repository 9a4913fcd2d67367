import type { Layout } from './layout.ts';
import type { LayoutQuestion } from './layout-worker.ts';

/** `layOut`, in a worker of its own that ends with it. */
export function layOutAside(
  vectors: Float32Array<ArrayBuffer>,
  dimensions: number,
  signal: AbortSignal,
): Promise<Layout> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' });
    const end = (): void => worker.terminate();
    signal.addEventListener('abort', () => {
      end();
      reject(new DOMException('The map was left.', 'AbortError'));
    });
    worker.addEventListener('message', ({ data }: MessageEvent<Layout>) => {
      end();
      resolve(data);
    });
    worker.addEventListener('error', ({ message }) => {
      end();
      reject(new Error(`The map could not be laid out: ${message}`));
    });
    const question: LayoutQuestion = { vectors, dimensions };
    worker.postMessage(question, [vectors.buffer]);
  });
}
