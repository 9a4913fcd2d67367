import { layOut, type Layout } from './layout.ts';

export interface LayoutQuestion {
  readonly vectors: Float32Array;
  readonly dimensions: number;
}

interface Scope {
  addEventListener(type: 'message', listener: (event: MessageEvent<LayoutQuestion>) => void): void;
  postMessage(layout: Layout, transfer: readonly ArrayBuffer[]): void;
}

const scope = globalThis as unknown as Scope;
scope.addEventListener('message', ({ data: { vectors, dimensions } }) => {
  const layout = layOut(vectors, dimensions);
  scope.postMessage(layout, [
    layout.places.buffer,
    layout.clusterOf.buffer,
    layout.clusters.buffer,
  ]);
});
