import { MOST_RECORD } from './records.ts';

export interface CsvRow {
  readonly line: number;
  /** null: longer than MOST_RECORD. */
  readonly cells: readonly string[] | null;
}

const NEXT = { plain: /[",\n]/g, quoted: /"/g } as const;

/** Comma-separated rows (RFC 4180) of a text that comes in parts; empty lines are passed over. */
export class CsvRows {
  #line = 1;
  #startLine = 1;
  #cells: string[] = [];
  #cell = '';
  #size = 0;
  #quoted = false;
  /** A quote ended the last part: the next character tells whether it was one of the cell's own. */
  #afterQuote = false;

  *push(text: string): Generator<CsvRow, void, void> {
    for (let from = 0; from < text.length;) {
      if (this.#afterQuote) {
        this.#afterQuote = false;
        if (text[from] === '"') {
          this.#add('"');
          from += 1;
          continue;
        }
        this.#quoted = false;
      }
      const next = this.#quoted ? NEXT.quoted : NEXT.plain;
      next.lastIndex = from;
      const at = next.exec(text)?.index ?? text.length;
      this.#add(text.slice(from, at));
      from = at + 1;
      const mark = text[at];
      if (mark === '"') {
        if (this.#quoted) this.#afterQuote = true;
        else this.#quoted = true;
      } else if (mark === ',') this.#endCell();
      else if (mark === '\n') yield* this.#endRow();
    }
  }

  /** `cut`: whether the text ended inside quotes. */
  *end(): Generator<CsvRow & { readonly cut: boolean }, void, void> {
    const cut = this.#quoted && !this.#afterQuote;
    if (this.#cell === '' && this.#cells.length === 0 && !cut) return;
    for (const row of this.#endRow()) yield { ...row, cut };
  }

  #add(text: string): void {
    this.#size += text.length;
    // Lines inside quotes.
    if (this.#quoted) this.#line += text.split('\n').length - 1;
    if (this.#size <= MOST_RECORD) this.#cell += text;
  }

  #endCell(): void {
    this.#size += 1;
    if (this.#size <= MOST_RECORD) this.#cells.push(this.#cell);
    this.#cell = '';
  }

  *#endRow(): Generator<CsvRow, void, void> {
    if (this.#cell.endsWith('\r')) this.#cell = this.#cell.slice(0, -1);
    this.#endCell();
    const cells = this.#cells;
    const line = this.#startLine;
    const tooLong = this.#size > MOST_RECORD;
    this.#cells = [];
    this.#size = 0;
    this.#line += 1;
    this.#startLine = this.#line;
    this.#quoted = false;
    this.#afterQuote = false;
    if (cells.length > 1 || cells[0] !== '') yield { line, cells: tooLong ? null : cells };
  }
}
