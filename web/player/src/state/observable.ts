/** A state that parts of the page draw: each change is a new object, and whoever subscribed is told. */
export abstract class Observable<State extends object> {
  readonly #listeners = new Set<() => void>();
  #state: State;

  constructor(start: State) {
    this.#state = start;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): State => this.#state;

  protected set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
