import { openEngine, type Engine, type LoadProgress } from 'ossicle';
import { indexedDbStore } from 'ossicle/store/indexeddb';
import { learningOf, useSettings } from './state/settings.ts';
import { memoryStore } from 'ossicle/store/memory';

const ASSETS = 'ossicle/';
const HISTORY = 'ossicle';
/** Of item vectors that were fetched, and of the record of contributions: name of their database. */
export const SNAPSHOTS = 'ossicle-snapshots';

/** 'device': the listener's own history, kept in this browser. 'memory': gone with the tab, for the sample. */
export function open(
  kept: 'device' | 'memory',
  onProgress: (progress: LoadProgress) => void,
): Promise<Engine> {
  const settings = useSettings.getState();
  const hasSnapshots = settings.hasFetched || settings.hasContributions;
  return openEngine({
    assets: new URL(ASSETS, document.baseURI),
    store: kept === 'device' ? indexedDbStore(HISTORY) : memoryStore(),
    onProgress,
    // The sample is not the listener's.
    ...(kept === 'device' && { learning: learningOf(settings) }),
    ...(kept === 'device' && hasSnapshots && { snapshots: SNAPSHOTS }),
  });
}

/** An engine that is there to fetch newer item vectors, so that none of that is in the way of who listens. */
export function openFetching(): Promise<Engine> {
  return openEngine({ assets: new URL(ASSETS, document.baseURI), snapshots: SNAPSHOTS });
}
