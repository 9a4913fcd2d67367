/** A page without a browser: a clock that is moved by hand, and media elements that play by it. */
import type { PlayReport } from '../src/wire/plays.ts';
import { Observer, type Frame } from '../src/content/observer.ts';
import type { Named } from '../src/content/play.ts';
import type { SoundState } from '../src/content/stretch.ts';

const BORN = 1_800_000_000_000;

export class Stage implements Frame {
  at = 0;
  page: Named = null;
  session = false;
  readonly reports: PlayReport[] = [];
  readonly elements: FakeElement[] = [];
  looks = 0;
  #timers: { readonly at: number; readonly call: () => void }[] = [];
  #ids = 0;
  readonly observer = new Observer(this);

  now() {
    return { at: this.at, date: BORN + this.at };
  }
  named(): Named {
    this.looks += 1;
    return this.page;
  }
  sessionPlays(): boolean {
    return this.session;
  }
  after(ms: number, call: () => void): () => void {
    const timer = { at: this.at + ms, call };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }
  newId(): string {
    return String(++this.#ids);
  }
  tell(report: PlayReport): void {
    this.reports.push(report);
  }

  get timers(): number {
    return this.#timers.length;
  }

  /** Lets time pass, as a browser would: positions move, timers and `timeupdate` come. */
  pass(ms: number): void {
    const until = this.at + ms;
    while (this.at < until) {
      const step = Math.min(50, until - this.at);
      this.at += step;
      for (const element of this.elements) element.move(step);
      const due = this.#timers.filter(({ at }) => at <= this.at);
      this.#timers = this.#timers.filter(({ at }) => at > this.at);
      for (const { call } of due) call();
    }
  }

  song(title: string | null, artist = 'Artist'): void {
    this.page = title === null ? null : { artist, title, album: '' };
  }

  element(): FakeElement {
    const element = new FakeElement(this);
    this.elements.push(element);
    return element;
  }

  /** The last report of each play, in the order of their beginning. */
  get plays(): PlayReport[] {
    return [...new Map(this.reports.map((report) => [report.id, report])).values()];
  }

  /** Each play in short: "title seconds end". */
  get told(): string[] {
    return this.plays.map(
      ({ title, playedMs, end }) => `${title} ${Math.round(playedMs / 1000)} ${end ?? 'open'}`,
    );
  }
}

export class FakeElement {
  readonly #stage: Stage;
  position = 0;
  duration = NaN;
  paused = true;
  ended = false;
  stalled = false;
  seeking = false;
  muted = false;
  loop = false;
  /** The page’s world tells of it: what is known is the state at its last event. */
  isTold = false;
  rate = 1;
  #sinceUpdate = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get moves(): boolean {
    return !this.paused && !this.ended && !this.stalled && !this.seeking;
  }

  state(): SoundState {
    const { duration } = this;
    return {
      positionMs: this.position * 1000,
      durationMs: Number.isFinite(duration) && duration > 0 ? duration * 1000 : null,
      rate: this.rate,
      // One that waits for the network does not say so.
      moves: !this.paused && !this.ended && !this.seeking && !this.muted,
      ended: this.ended,
      jumps: this.seeking,
    };
  }

  fire(opens = false): void {
    const { isTold } = this;
    const then = this.state();
    const state = (): SoundState => (isTold ? then : this.state());
    this.#stage.observer.event({ key: this, isTold, state }, opens);
  }

  move(ms: number): void {
    if (!this.moves) return;
    this.position += (ms / 1000) * this.rate;
    this.#sinceUpdate += ms;
    if (this.position >= this.duration) {
      this.position = this.duration;
      if (this.loop) {
        this.seek(0);
        return;
      }
      this.ended = true;
      this.fire();
    } else if (this.#sinceUpdate >= (this.isTold ? 300 : 250)) {
      this.#sinceUpdate = 0;
      this.fire();
    }
  }

  load(duration: number): void {
    this.position = 0;
    this.duration = duration;
    this.ended = false;
    this.paused = true;
    this.fire(true);
  }

  play(): void {
    if (this.ended) {
      this.ended = false;
      this.position = 0;
    }
    this.paused = false;
    this.fire();
  }

  pause(): void {
    this.paused = true;
    this.fire();
  }

  seek(seconds: number): void {
    this.position = seconds;
    this.ended = false;
    this.seeking = true;
    this.fire();
    this.seeking = false;
    this.fire();
  }

  stall(is: boolean): void {
    this.stalled = is;
    this.fire();
  }

  mute(is: boolean): void {
    this.muted = is;
    this.fire();
  }

  /** The usual way: name, source, play. */
  begin(title: string, duration: number): void {
    this.#stage.song(title);
    this.load(duration);
    this.play();
  }
}
