import type { Hello, ObserverAnswer, ObserverMessage, PlayReport } from '../wire/plays.ts';

/** What delivery needs of the browser. */
export interface Post {
  /** Throws, or rejects, or gives something else than an answer: it was not kept. */
  send(message: ObserverMessage): Promise<unknown>;
  /** The extension was updated or removed: nobody is there any more. */
  isGone(): boolean;
  /** Gives what cancels it. */
  after(ms: number, call: () => void): () => void;
}

const APART_MS = 1000;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;
const MOST_WAIT_MS = 10_000;
/** A page that lies can begin one a second. */
const MOST_PLAYS = 100;

/** Sends reports until each is kept: one after the other, one a second, of each play only the latest. */
export class Delivery {
  readonly #post: Post;
  readonly #onStop: () => void;
  readonly #waiting = new Map<string, PlayReport>();
  /** null: there is none yet, or it was kept. */
  #hello: Hello | null = null;
  #isGreeted = false;
  #isSending = false;
  #isOver = false;
  #retryMs = FIRST_RETRY_MS;
  #cancel: (() => void) | null = null;

  /** Nothing is sent before `hello`. */
  constructor(post: Post, onStop: () => void) {
    this.#post = post;
    this.#onStop = onStop;
  }

  hello(hello: Hello): void {
    this.#hello = hello;
    this.#isGreeted = true;
    this.#send();
  }

  tell(report: PlayReport): void {
    if (this.#isOver) return;
    const isNew = !this.#waiting.has(report.id);
    if (isNew && this.#waiting.size >= MOST_PLAYS) return;
    this.#waiting.set(report.id, report);
    this.#send();
  }

  /** The page goes away: all at once, nobody is here to hear the answers. */
  flush(): void {
    if (this.#isOver) return;
    const hello: Hello | null = this.#isGreeted ? this.#hello : { kind: 'hello', search: null };
    const messages = [...(hello === null ? [] : [hello]), ...this.#waiting.values()];
    for (const message of messages) void this.#ask(message);
    this.end();
  }

  end(): void {
    this.#isOver = true;
    this.#waiting.clear();
    this.#cancel?.();
    this.#cancel = null;
  }

  #send(): void {
    if (this.#isOver || this.#isSending || this.#cancel !== null || !this.#isGreeted) return;
    const message = this.#hello ?? this.#waiting.values().next().value;
    if (message === undefined) return;
    this.#isSending = true;
    void this.#ask(message).then((answer) => {
      this.#isSending = false;
      if (!this.#isOver) this.#answered(message, answer);
    });
  }

  async #ask(message: ObserverMessage): Promise<unknown> {
    let cancel = () => {};
    const silence = new Promise<null>((resolve) => {
      cancel = this.#post.after(MOST_WAIT_MS, () => resolve(null));
    });
    try {
      return await Promise.race([this.#post.send(message), silence]);
    } catch {
      return null;
    } finally {
      cancel();
    }
  }

  #answered(message: ObserverMessage, answer: unknown): void {
    const isStop = answer === ('stop' satisfies ObserverAnswer);
    if (isStop || this.#post.isGone()) {
      this.end();
      this.#onStop();
    } else if (answer === ('kept' satisfies ObserverAnswer)) {
      this.#retryMs = FIRST_RETRY_MS;
      if (message.kind === 'hello') this.#hello = null;
      else if (this.#waiting.get(message.id) === message) this.#waiting.delete(message.id);
      this.#later(message.kind === 'hello' ? 0 : APART_MS);
    } else {
      this.#later(this.#retryMs);
      this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
    }
  }

  #later(ms: number): void {
    this.#cancel = this.#post.after(ms, () => {
      this.#cancel = null;
      this.#send();
    });
  }
}
