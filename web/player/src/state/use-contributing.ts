import { createContext, use, useSyncExternalStore } from 'react';
import type { Contributing, ContributingState } from './contributing.ts';

export const ContributingContext = createContext<Contributing | null>(null);

export function useContributing(): readonly [ContributingState, Contributing] {
  const contributing = use(ContributingContext);
  if (contributing === null) throw new Error('no contributions around this part');
  return [useSyncExternalStore(contributing.subscribe, contributing.state), contributing];
}
