/** Does together what is asked for while the same work is under way: one transaction, and one wait for the disk, for all of it. */
export class Batched<Item, Result> {
  readonly #work: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #most: number;
  readonly #queue: {
    readonly item: Item;
    readonly resolve: (result: Result) => void;
    readonly reject: (cause: unknown) => void;
  }[] = [];
  #isWorking = false;

  /** `work` takes at most `most` items, and gives as many results in the same order. */
  constructor(most: number, work: (items: readonly Item[]) => Promise<readonly Result[]>) {
    this.#most = most;
    this.#work = work;
  }

  /** Errors: those of the work, for all that were in it. */
  do(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, resolve, reject });
      if (this.#isWorking) return;
      this.#isWorking = true;
      // After what else has arrived by now.
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#most);
      try {
        const results = await this.#work(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, i) => resolve(results[i] as Result));
      } catch (cause) {
        for (const { reject } of batch) reject(cause);
      }
    }
    this.#isWorking = false;
  }
}
