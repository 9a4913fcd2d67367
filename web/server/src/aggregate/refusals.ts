/** Counts refusals in memory and writes them now and then: whoever sends nonsense must not make the disk, or the standby, work for each. */
import type { Refusal } from './problems.ts';

const EVERY_MS = 1000;

/** What the last second counted is lost when the program is killed: these are statistics, and nothing depends on them. */
export class Refusals implements AsyncDisposable {
  readonly #write: (counts: ReadonlyMap<string, number>) => Promise<void>;
  #counts = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(write: (counts: ReadonlyMap<string, number>) => Promise<void>) {
    this.#write = write;
  }

  #add(code: string, n: number): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + n);
    // Whatever keeps it from writing is told by what needs the database more.
    this.#timer ??= setTimeout(() => void this.write().catch(() => undefined), EVERY_MS).unref();
  }

  count(code: Refusal): void {
    this.#add(code, 1);
  }

  /** Errors: those of the database; what was not written is written later. */
  async write(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const counts = this.#counts;
    this.#counts = new Map();
    if (counts.size === 0) return;
    try {
      await this.#write(counts);
    } catch (cause) {
      for (const [code, n] of counts) this.#add(code, n);
      throw cause;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.write().catch(() => undefined);
    if (this.#timer) clearTimeout(this.#timer);
  }
}
