import type { PlayReport } from '../wire/plays.ts';
import { Meter } from './meter.ts';
import type { Named } from './play.ts';
import type { Now, SoundState } from './stretch.ts';

/** What the observer needs of the page and the browser. */
export interface Frame {
  now(): Now;
  /** What the page says that plays. */
  named(): Named;
  /** The page says that it plays, with or without a media element. */
  sessionPlays(): boolean;
  /** Gives what cancels it. */
  after(ms: number, call: () => void): () => void;
  newId(): string;
  tell(report: PlayReport): void;
}

/** A media element: in the document, or told of by the page's world. */
export interface Source {
  readonly key: unknown;
  /** Its state is that of its last event: looking again tells nothing. */
  readonly isTold?: boolean;
  state(): SoundState;
}

const LEAST_BETWEEN_NAMES_MS = 250;
const TICK_MS = 1000;
/** The machine slept, or the page was frozen. */
const MOST_TICK_MS = 5000;
/** From here on an element is the page's sound, and what the page says of itself counts no more. */
const REAL_SOUND_MS = 1000;
const PAGE_SOUND = 'page';

/** Watches one frame, for as long as the page is there. */
export class Observer {
  readonly #frame: Frame;
  readonly #meter: Meter;
  /** The sources that move: only these are looked at by the clock. */
  readonly #moving = new Map<unknown, Source>();
  #namedAt = -Infinity;
  #cancelName: (() => void) | null = null;
  #cancelTick: (() => void) | null = null;
  #soundedSince: number | null = null;
  #hasElement = false;
  #pageAt: number | null = null;

  constructor(frame: Frame) {
    this.#frame = frame;
    this.#meter = new Meter(
      () => frame.newId(),
      (report) => frame.tell(report),
    );
  }

  /** Something happened to a media element. `opens`: it has another source. */
  event(source: Source, opens = false): void {
    const moved = this.#moving.has(source.key);
    this.#measure(source, opens);
    // What was silent and is, says nothing of the page.
    if (moved || opens || this.#moving.has(source.key)) this.#look();
  }

  /** The page has set something of its media session. */
  session(): void {
    this.#look();
  }

  /** The page goes, or nothing is to be observed any more. */
  leave(): void {
    const now = this.#frame.now();
    for (const source of this.#moving.values()) this.#meter.sound(source.key, source.state(), now);
    this.#measurePage();
    this.#meter.leave(now);
    this.#cancelName?.();
    this.#cancelTick?.();
    this.#moving.clear();
  }

  #look(): void {
    this.#measurePage();
    this.#name();
    this.#ticks();
  }

  #measure(source: Source, opens: boolean): void {
    const now = this.#frame.now();
    const state = source.state();
    if (state.moves) {
      this.#soundedSince ??= now.at;
      this.#hasElement ||= now.at - this.#soundedSince >= REAL_SOUND_MS;
      this.#moving.set(source.key, source);
      this.#silencePage(now);
    } else {
      this.#moving.delete(source.key);
      if (this.#moving.size === 0) this.#soundedSince = null;
    }
    this.#meter.sound(source.key, state, now, opens);
  }

  /** Pages that make their sound without a media element can only be measured by the clock. */
  #measurePage(): void {
    if (this.#hasElement || this.#moving.size > 0) return;
    const now = this.#frame.now();
    const moves = this.#frame.sessionPlays();
    const last = this.#pageAt;
    if (!moves && last === null) return;
    this.#pageAt = moves ? now.at : null;
    this.#meter.sound(PAGE_SOUND, pageState(now, moves, last), now);
  }

  #silencePage(now: Now): void {
    if (this.#pageAt === null) return;
    this.#meter.sound(PAGE_SOUND, pageState(now, false, this.#pageAt), now);
    this.#pageAt = null;
  }

  /** Four times a second at most, whatever the page does. */
  #name(): void {
    const { at } = this.#frame.now();
    const waitMs = this.#namedAt + LEAST_BETWEEN_NAMES_MS - at;
    if (waitMs <= 0) {
      this.#namedAt = at;
      this.#meter.name(this.#frame.named(), this.#frame.now());
      return;
    }
    this.#cancelName ??= this.#frame.after(waitMs, () => {
      this.#cancelName = null;
      this.#name();
    });
  }

  /** The clock runs only while something plays. */
  #ticks(): void {
    const plays = this.#moving.size > 0 || this.#pageAt !== null;
    if (!plays) {
      this.#cancelTick?.();
      this.#cancelTick = null;
      return;
    }
    this.#cancelTick ??= this.#frame.after(TICK_MS, () => {
      this.#cancelTick = null;
      // An element that was taken out of the document is silent without an event that we see.
      for (const source of [...this.#moving.values()]) {
        if (source.isTold !== true) this.#measure(source, false);
      }
      this.#look();
    });
  }
}

function pageState(now: Now, moves: boolean, last: number | null): SoundState {
  const hasSlept = last !== null && now.at - last > MOST_TICK_MS;
  return {
    ...{ positionMs: now.at, durationMs: null, rate: 1, ended: false },
    ...{ moves, jumps: hasSlept },
  };
}
