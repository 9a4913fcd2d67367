/** An audio element without sound: time passes when the test says so. */
import type { AudioLike } from '../../src/playback/deck.ts';

export interface FakeFile {
  readonly seconds: number;
  /** As MediaError has it: 3 = broken, 4 = not understood. */
  readonly error?: number;
  /** Of the error. */
  readonly message?: string;
}

export class FakeAudio extends EventTarget implements AudioLike {
  readonly files: ReadonlyMap<string, FakeFile>;
  src = '';
  currentTime = 0;
  volume = 1;
  muted = false;
  preload = '';
  duration = NaN;
  paused = true;
  ended = false;
  readyState = 0;
  error: AudioLike['error'] = null;
  /** Loads with a source and without one. */
  loads = 0;

  constructor(files: ReadonlyMap<string, FakeFile>) {
    super();
    this.files = files;
  }

  load(): void {
    ++this.loads;
    this.ended = false;
    this.paused = true;
    this.currentTime = 0;
    this.error = null;
    const file = this.files.get(this.src);
    this.readyState = file && file.error === undefined ? 4 : 0;
    this.duration = file?.seconds ?? NaN;
    if (this.readyState === 4) this.#tell('durationchange');
  }

  removeAttribute(): void {
    this.src = '';
  }

  play(): Promise<void> {
    const { error, message = '' } = this.files.get(this.src) ?? { error: 4 };
    if (error !== undefined) {
      this.error = { code: error, message };
      this.#tell('error');
      return Promise.reject(new DOMException('no source', 'NotSupportedError'));
    }
    this.paused = false;
    if (this.ended) this.currentTime = 0;
    this.ended = false;
    queueMicrotask(() => {
      if (!this.paused) this.#tell('playing');
    });
    return Promise.resolve();
  }

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.#tell('pause');
  }

  /** The network holds it up. */
  wait(): void {
    this.#tell('waiting');
  }

  goOn(): void {
    this.#tell('playing');
  }

  /** Plays on for so many seconds, a quarter of a second at a time. */
  pass(seconds: number): void {
    for (let left = seconds; left > 1e-9 && !this.paused; left -= 0.25) {
      this.currentTime = Math.min(this.duration, this.currentTime + Math.min(0.25, left));
      this.#tell('timeupdate');
      if (this.currentTime >= this.duration) {
        this.paused = true;
        this.ended = true;
        this.#tell('pause');
        this.#tell('ended');
      }
    }
  }

  #tell(type: string): void {
    this.dispatchEvent(new Event(type));
  }
}
