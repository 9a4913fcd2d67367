import type { OpenEngine } from '@ossicle/player/shared';
import { openRemote, type RemoteEngine } from '../../engine/remote.ts';
import type { About } from '../../wire/calls.ts';

let remote: RemoteEngine | null = null;

export const openEngine: OpenEngine = async () => {
  remote = await openRemote();
  return remote;
};

/** What is known of the artists of a song. */
export function about(artist: string, title: string, signal: AbortSignal): Promise<About> {
  return remote === null
    ? Promise.reject(new Error('The engine is not open.'))
    : remote.about(artist, title, signal);
}
