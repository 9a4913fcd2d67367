import type { PlayReport } from '../wire/plays.ts';
import { connectorOf } from './connectors/connectors.ts';
import { Cleaner, cut } from './named.ts';
import type { Frame } from './observer.ts';
import type { Names } from '../clean.ts';
import type { Named } from './play.ts';

export function after(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}

/** The frame as the browser has it. */
export class DomFrame implements Frame {
  readonly tell: (report: PlayReport) => void;
  readonly after = after;
  readonly #cleaner = new Cleaner(location.hostname);
  readonly #connector = connectorOf(location.hostname);
  /** The address of what was heard last. */
  source = '';

  constructor(tell: (report: PlayReport) => void) {
    this.tell = tell;
  }

  now() {
    return { at: performance.now(), date: Date.now() };
  }

  newId(): string {
    // `crypto.randomUUID` is there on secure pages only.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/u, '$1-$2-$3-$4-');
  }

  named(): Named {
    const session = sessionNames();
    if (session !== null && session.artist !== '' && session.title !== '') {
      return this.#cleaner.named(session);
    }
    return this.#cleaner.named(this.#shown() ?? session);
  }

  sessionPlays(): boolean {
    return mediaSession()?.playbackState === 'playing';
  }

  #shown(): Names | null {
    try {
      const shown = this.#connector?.now(document, this.source) ?? null;
      if (shown === null) return null;
      return { artist: cut(shown.artist), title: cut(shown.title), album: cut(shown.album) };
    } catch {
      // A site that is no more as it was.
      return null;
    }
  }
}

function mediaSession(): MediaSession | null {
  return 'mediaSession' in navigator ? navigator.mediaSession : null;
}

function sessionNames(): Names | null {
  const metadata = mediaSession()?.metadata ?? null;
  if (metadata === null) return null;
  return { artist: cut(metadata.artist), title: cut(metadata.title), album: cut(metadata.album) };
}
