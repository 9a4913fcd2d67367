/** Tells lines by character, of a text that comes in parts. */
export class Lines {
  #line = 1;
  /** Characters before the part that is here. */
  #before = 0;
  #part = '';
  #counted = 0;

  add(part: string): void {
    this.at(this.#before + this.#part.length);
    this.#before += this.#part.length;
    this.#part = part;
    this.#counted = 0;
  }

  /** The 1-based line of a character of the part that came last, or of one further on than those asked for before. */
  at(index: number): number {
    const end = Math.min(index - this.#before, this.#part.length);
    for (let next = this.#part.indexOf('\n', this.#counted); next >= 0 && next < end;) {
      this.#line += 1;
      this.#counted = next + 1;
      next = this.#part.indexOf('\n', this.#counted);
    }
    return this.#line;
  }
}
