/** The system's own controls: keys of the keyboard, the lock screen, headphones. */
import type { Lease, Track } from '../library/types.ts';
import type { Player } from './types.ts';

const STEP_MS = 10_000;

export class SystemControls {
  readonly #session: MediaSession;
  readonly #cover: ((cover: string) => Promise<Lease | null>) | undefined;
  #lease: Lease | null = null;
  #track: Track | null = null;

  constructor(
    session: MediaSession,
    player: Player,
    cover: ((cover: string) => Promise<Lease | null>) | undefined,
  ) {
    this.#session = session;
    this.#cover = cover;
    const by = (sign: number) => (details: MediaSessionActionDetails) => {
      player.seek(player.position() + sign * (details.seekOffset ?? STEP_MS / 1000) * 1000);
    };
    this.#handle('play', () => void player.play());
    this.#handle('pause', () => player.pause());
    this.#handle('stop', () => player.pause());
    this.#handle('nexttrack', () => void player.next());
    this.#handle('previoustrack', () => void player.previous());
    this.#handle('seekbackward', by(-1));
    this.#handle('seekforward', by(1));
    this.#handle('seekto', ({ seekTime }) => {
      if (seekTime !== undefined) player.seek(seekTime * 1000);
    });
  }

  show(track: Track | null, playing: boolean): void {
    this.#session.playbackState = track === null ? 'none' : playing ? 'playing' : 'paused';
    if (track?.id === this.#track?.id) return;
    this.#track = track;
    this.#lease?.release();
    this.#lease = null;
    this.#session.metadata = track === null ? null : metadataOf(track, null);
    const cover = track?.cover ?? null;
    if (track !== null && cover !== null) void this.#showCover(track, cover);
  }

  position(positionMs: number, durationMs: number): void {
    if (durationMs <= 0) return;
    const position = Math.min(Math.max(0, positionMs), durationMs) / 1000;
    this.#session.setPositionState({ position, duration: durationMs / 1000, playbackRate: 1 });
  }

  close(): void {
    this.show(null, false);
    for (const action of ACTIONS) this.#handle(action, null);
  }

  async #showCover(track: Track, cover: string): Promise<void> {
    // A missing picture is no reason to stop the music.
    const lease = await this.#cover?.(cover).catch(() => null);
    if (!lease) return;
    if (this.#track?.id !== track.id) {
      lease.release();
      return;
    }
    this.#lease = lease;
    this.#session.metadata = metadataOf(track, lease.url);
  }

  #handle(action: MediaSessionAction, handler: MediaSessionActionHandler | null): void {
    try {
      this.#session.setActionHandler(action, handler);
    } catch {
      // A browser that does not know the action has no key for it.
    }
  }
}

const ACTIONS: readonly MediaSessionAction[] = [
  'play',
  'pause',
  'stop',
  'nexttrack',
  'previoustrack',
  'seekbackward',
  'seekforward',
  'seekto',
];

function metadataOf({ title, artist, album }: Track, cover: string | null): MediaMetadata {
  return new MediaMetadata({
    title,
    artist,
    album,
    artwork: cover === null ? [] : [{ src: cover }],
  });
}
