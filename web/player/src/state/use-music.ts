import { createContext, use, useSyncExternalStore } from 'react';
import type { PlayerState } from '../playback/types.ts';
import type { Music, MusicState } from './music.ts';
import type { Playlists, PlaylistsState } from './playlists.ts';

export const MusicContext = createContext<Music | null>(null);

export function useMusic(): readonly [MusicState, Music] {
  const music = use(MusicContext);
  if (music === null) throw new Error('no music around this part');
  return [useSyncExternalStore(music.subscribe, music.state), music];
}

export function usePlaylists(): readonly [PlaylistsState, Playlists] {
  const music = use(MusicContext);
  if (music === null) throw new Error('no music around this part');
  const { playlists } = music;
  return [useSyncExternalStore(playlists.subscribe, playlists.state), playlists];
}

export function usePlayer(): PlayerState {
  const music = use(MusicContext);
  if (music === null) throw new Error('no music around this part');
  return useSyncExternalStore(music.subscribePlayer, music.playerState);
}
