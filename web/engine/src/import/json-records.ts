import { MOST_RECORD } from './records.ts';
import type { ReadRecord } from './records.ts';

const CODE = {
  newline: 10,
  quote: 34,
  backslash: 92,
  openSquare: 91,
  closeSquare: 93,
  openCurly: 123,
  closeCurly: 125,
} as const;
/** What may stand between records. */
const BETWEEN = /[\s,[\]\u{FEFF}]/u;

export type JsonRecord =
  | { readonly line: number; readonly value: Readonly<Record<string, unknown>> }
  | Extract<ReadRecord, { problem: unknown }>;

/**
 * Cuts a JSON array of objects, or objects one after the other, into its objects. Only one is in memory at a time. One that cannot be
 * read is told, and reading goes on with the next: a line that ends inside a string ends a broken record.
 */
export class JsonRecords {
  #line = 1;
  #startLine = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #tooLong = false;
  #junk = false;
  /** Of the record that has begun. */
  #held = '';

  *push(text: string): Generator<JsonRecord, void, void> {
    let from = 0;
    for (let i = 0; i < text.length; ++i) {
      const code = text.charCodeAt(i);
      if (code === CODE.newline) this.#line += 1;
      if (this.#depth === 0) {
        if (code === CODE.openCurly) {
          this.#begin();
          from = i;
        } else if (!this.#junk && !BETWEEN.test(text.charAt(i))) {
          this.#junk = true;
          yield { line: this.#line, problem: 'bad_record' };
        }
      } else if (this.#inString) {
        if (code === CODE.newline) {
          const line = this.#startLine;
          this.#drop();
          // What is left of it is not a second problem.
          this.#junk = true;
          yield { line, problem: 'bad_record' };
        } else this.#inside(code);
      } else if (this.#step(code)) {
        yield this.#record(text.slice(from, i + 1));
      }
    }
    if (this.#depth > 0) this.#hold(text.slice(from));
  }

  *end(): Generator<JsonRecord, void, void> {
    if (this.#depth > 0) yield { line: this.#startLine, problem: 'truncated' };
    this.#drop();
  }

  #begin(): void {
    this.#depth = 1;
    this.#startLine = this.#line;
    this.#junk = false;
  }

  #inside(code: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === CODE.backslash) this.#escaped = true;
    else if (code === CODE.quote) this.#inString = false;
  }

  /** Whether the record ends here. */
  #step(code: number): boolean {
    if (code === CODE.quote) this.#inString = true;
    else if (code === CODE.openCurly || code === CODE.openSquare) this.#depth += 1;
    else if (code === CODE.closeCurly || code === CODE.closeSquare) this.#depth -= 1;
    return this.#depth === 0;
  }

  #hold(text: string): void {
    this.#tooLong ||= this.#held.length + text.length > MOST_RECORD;
    this.#held = this.#tooLong ? '' : this.#held + text;
  }

  #drop(): void {
    this.#depth = 0;
    this.#held = '';
    this.#tooLong = false;
    this.#inString = false;
    this.#escaped = false;
  }

  #record(rest: string): JsonRecord {
    const line = this.#startLine;
    this.#hold(rest);
    const text = this.#held;
    const tooLong = this.#tooLong;
    this.#drop();
    if (tooLong) return { line, problem: 'too_long' };
    try {
      return { line, value: JSON.parse(text) as Readonly<Record<string, unknown>> };
    } catch {
      return { line, problem: 'bad_record' };
    }
  }
}

/** A reader of JSON whose records are each made into listens by `read`. */
export function jsonReader(
  read: (value: Readonly<Record<string, unknown>>, line: number) => Iterable<ReadRecord>,
): {
  push(text: string): Generator<ReadRecord, void, void>;
  end(): Generator<ReadRecord, void, void>;
} {
  const records = new JsonRecords();
  function* listens(found: Iterable<JsonRecord>): Generator<ReadRecord, void, void> {
    for (const record of found) {
      if ('problem' in record) yield record;
      else yield* read(record.value, record.line);
    }
  }
  return { push: (text) => listens(records.push(text)), end: () => listens(records.end()) };
}
