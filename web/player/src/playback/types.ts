import type { Lease, Track } from '../library/types.ts';

/** A place in the queue. The same track may be in it twice: `key` tells the places apart. */
export interface QueueItem {
  readonly key: number;
  readonly track: Track;
  /** 'radio': the filler put it there. */
  readonly from: 'listener' | 'radio';
}

/** 'idle': the queue is empty or came to its end. */
export type PlayerStatus = 'idle' | 'loading' | 'playing' | 'paused';
export type Repeat = 'off' | 'all' | 'one';

/** A track that could not be played; the player went on to the next one. */
export interface PlaybackProblem {
  readonly track: Track;
  readonly reason:
    'corrupt' | 'unsupported' | 'network' | 'unavailable' | 'not_allowed' | 'no_sound';
  readonly message: string;
}

/** Immutable; a new object with every change. The position is not in it (`Player.position`): it changes all the time. */
export interface PlayerState {
  readonly status: PlayerStatus;
  readonly queue: readonly QueueItem[];
  /** Index in `queue`; -1: none. */
  readonly index: number;
  readonly current: QueueItem | null;
  readonly durationMs: number;
  /** 0..1, as it is heard: the gain is its cube. */
  readonly volume: number;
  readonly muted: boolean;
  readonly repeat: Repeat;
  readonly shuffle: boolean;
  /** The last one, until the listener chooses something else to play, or `dismissProblem`. */
  readonly problem: PlaybackProblem | null;
}

/** One play, as scrobblers measure it. */
export interface PlayedListen {
  readonly track: Track;
  readonly startedAt: Date;
  /** Heard, without pauses and what was skipped by seeking. */
  readonly playedMs: number;
  readonly durationMs: number;
  /** Half of the track or four minutes were heard. */
  readonly counted: boolean;
  /** Not counted, and the listener went on to something else. */
  readonly skipped: boolean;
}

export interface PlayerOptions {
  /** `Library.media`. The player releases what it gets. */
  readonly media: (trackId: string) => Promise<Lease>;
  /** For the system's controls: `Library.cover`. */
  readonly cover?: (cover: string) => Promise<Lease | null>;
  /** A play is over: hand it to `engine.listen` (counted or not, `playedMs` says how much). Called once for each play. */
  readonly onListen?: (listen: PlayedListen) => void;
  /** The play that goes on has just become one that counts: a good moment to refresh shelves. */
  readonly onCounted?: (track: Track) => void;
  /** Default 0.8. */
  readonly volume?: number;
}

export interface Player extends Disposable {
  state(): PlayerState;
  /** For `useSyncExternalStore`. */
  subscribe(listener: () => void): () => void;
  position(): number;
  /** About four times a second while it plays, and after each seek. */
  onPosition(listener: (positionMs: number) => void): () => void;

  /** Replaces the queue and plays from `index` (default 0). Call it in a click. */
  playTracks(tracks: readonly Track[], index?: number): Promise<void>;
  play(): Promise<void>;
  pause(): void;
  toggle(): Promise<void>;
  next(): Promise<void>;
  /** To the beginning of the track after its first three seconds, else to the one before. */
  previous(): Promise<void>;
  /** To a place in the queue. */
  jump(key: number): Promise<void>;
  seek(positionMs: number): void;

  /** 'next': right after the current one; 'end'. Returns the keys. */
  insert(tracks: readonly Track[], at: 'next' | 'end', from?: QueueItem['from']): readonly number[];
  /** Moves places before the place with the key `before` (null: to the end). */
  move(keys: readonly number[], before: number | null): void;
  /** The current one too: then the next one plays. */
  remove(keys: readonly number[]): void;
  /** All but the current one. */
  clear(): void;
  /** The queue as it was before a `clear`, `remove` or `move`: for "undo". */
  restore(queue: readonly QueueItem[]): void;

  setVolume(volume: number): void;
  setMuted(muted: boolean): void;
  setRepeat(repeat: Repeat): void;
  /** Shuffles what comes after the current one; off again brings the order back. */
  setShuffle(shuffle: boolean): void;
  dismissProblem(): void;
}

export interface RadioOptions {
  /**
   * Tracks to go on with, best first, e.g. of `engine.library.recommend` or `similar`. `recent` are the ids that must not come back, the latest
   * first. An empty answer ends the radio until the queue changes.
   */
  readonly more: (recent: readonly string[], signal: AbortSignal) => Promise<readonly Track[]>;
  /** Tracks that do not come back, default 200; fewer when the library has nothing else. */
  readonly window?: number;
  /** Tracks that the queue is kept ahead by, default 5. */
  readonly ahead?: number;
  readonly onProblem?: (cause: unknown) => void;
}

/** Keeps the queue going until it is disposed of. */
export interface Radio extends Disposable {
  /** Whether `more` had nothing left. */
  readonly dry: boolean;
}
