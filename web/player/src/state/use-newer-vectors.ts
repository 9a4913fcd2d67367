import { createContext, use, useSyncExternalStore } from 'react';
import type { NewerVectors, NewerVectorsState } from './newer-vectors.ts';

export const NewerVectorsContext = createContext<NewerVectors | null>(null);

export function useNewerVectors(): readonly [NewerVectorsState, NewerVectors] {
  const newer = use(NewerVectorsContext);
  if (newer === null) throw new Error('no newer vectors around this part');
  return [useSyncExternalStore(newer.subscribe, newer.state), newer];
}
