/** What the calls that write playlists take and give. */
/** A wish for how something about the artists or tracks (energy, mood, a year) goes along a playlist. */
export interface PlaylistCurve {
  /** 0..1; at least one number, drawn as straight lines over the length of the list. */
  readonly target: readonly number[];
  /** By artist or track id, 0..1: those of `energy()`, or your own. One without a value costs as much as one that is off by 0.25. */
  readonly values: ReadonlyMap<string, number>;
  /** 0..100 nats, default 20: the price of a value that is off by 1. */
  readonly weight?: number;
}

export interface PlaylistOptions {
  /** 1..500 artists, default 20. */
  readonly length?: number;
  /** Id of the first artist. */
  readonly from?: string;
  /** Id of the last artist. */
  readonly to?: string;
  /** 0..1, default 0.3. 0, familiar: the likeliest list, whatever the seed; 1: bold choices, less known artists. */
  readonly adventure?: number;
  /** A whole number, default 0: another seed, another list. The same seed, history and knobs give the same list. */
  readonly seed?: number;
  /** 0..256, default 50: artists of the history, those played last, that the list goes on from; they are not in it. */
  readonly recent?: number;
  /** 0..50 nats, default 8; with `to`: how closely the list keeps to the way there. */
  readonly pull?: number;
  /** 1..8, default 4: lists that are followed at the same time. More: likelier, and slower. */
  readonly beams?: number;
  readonly curve?: PlaylistCurve;
  readonly signal?: AbortSignal;
}

export interface EnergyOptions {
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

export interface TrackPlaylistOptions {
  /** 1..500 tracks, default 20; fewer where the library has no more songs. */
  readonly length?: number;
  /** Id of the first track; without `to` the list stays near it. */
  readonly from?: string;
  /** Id of the last track; without `from` the list stays near it. */
  readonly to?: string;
  /** 0..1, default 0.3. 0: what is played often, and the likeliest; 1: bold choices of what is not. */
  readonly adventure?: number;
  /** A whole number, default 0: another seed, another list. The same seed, history, tracks, time and knobs give the same list. */
  readonly seed?: number;
  /** Other tracks between two of one artist, as far as those that are left allow it; 0..20, default 3. */
  readonly spacing?: number;
  /** Days that a song rests after a play, 0..36500, default 0. */
  readonly repeatDays?: number;
  readonly curve?: PlaylistCurve;
  readonly now?: Date;
  readonly signal?: AbortSignal;
}
