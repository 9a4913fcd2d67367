import type { Track } from '../../src/library/types.ts';

export function track(id: string, more: Partial<Track> = {}): Track {
  return {
    id,
    sourceId: 'test',
    path: `${id}.opus`,
    title: id,
    artist: 'Nobody',
    artists: [],
    album: 'Nothing',
    albumArtist: '',
    disc: null,
    number: null,
    year: null,
    genres: [],
    durationMs: 100_000,
    cover: null,
    hasLyrics: false,
    hasAudio: true,
    addedAt: 0,
    ...more,
  };
}
