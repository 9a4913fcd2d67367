import type { ScanProgress } from './types.ts';

/** Progress is told at most so often: it must not keep the page busy. */
const EVERY_MS = 100;
/** Below this much work the time left is a guess. */
const SETTLED = 20;

/** Tells progress at a bearable rate, with the time that is left. */
export class Pace {
  readonly #tell: (progress: ScanProgress) => void;
  #startedAt = performance.now();
  #startedFrom = 0;
  #toldAt = 0;
  #last: ScanProgress | null = null;

  constructor(tell: (progress: ScanProgress) => void) {
    this.#tell = tell;
  }

  /** The part begins whose speed tells how long the rest takes; `from`: what was done before it. */
  start(from = 0): void {
    this.#startedAt = performance.now();
    this.#startedFrom = from;
  }

  tell(progress: Omit<ScanProgress, 'secondsLeft'>): void {
    const now = performance.now();
    const { stage, total } = progress;
    const seconds = (now - this.#startedAt) / 1000;
    const done = progress.done - this.#startedFrom;
    const settled = stage === 'reading' && done >= Math.min(SETTLED, total / 2) && done > 0;
    const left = Math.max(0, total - progress.done);
    const secondsLeft = settled ? (seconds / done) * left : null;
    this.#last = { ...progress, secondsLeft };
    if (now - this.#toldAt < EVERY_MS) return;
    this.#toldAt = now;
    this.#flush();
  }

  /** The last word is always told. */
  end(): void {
    this.#flush();
  }

  #flush(): void {
    if (this.#last) this.#tell(this.#last);
    this.#last = null;
  }
}
