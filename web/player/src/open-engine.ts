import { openEngine, type Engine, type LoadProgress } from 'ossicle';
import { indexedDbStore } from 'ossicle/store/indexeddb';
import { learningOf, useSettings } from './state/settings.ts';
import { memoryStore } from 'ossicle/store/memory';

const ASSETS = 'ossicle/';
const HISTORY = 'ossicle';

/** 'device': the listener's own history, kept in this browser. 'memory': gone with the tab, for the sample. */
export function open(
  kept: 'device' | 'memory',
  onProgress: (progress: LoadProgress) => void,
): Promise<Engine> {
  return openEngine({
    assets: new URL(ASSETS, document.baseURI),
    store: kept === 'device' ? indexedDbStore(HISTORY) : memoryStore(),
    onProgress,
    // The sample is not the listener's.
    ...(kept === 'device' && { learning: learningOf(useSettings.getState()) }),
  });
}
