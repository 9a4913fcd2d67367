/** Google Takeout's watch-history.html, for those who did not ask for JSON. Dates are in the words of the account's language: English is read. */
import { Parser } from 'htmlparser2';
import { Lines } from './lines.ts';
import { checked, MOST_RECORD, type ReadRecord, type RecordReader } from './records.ts';
import { youtubeListen } from './youtube-words.ts';

/** Hours of the zones that Takeout writes by name; others are told as GMT+5:30. */
const ZONES: Readonly<Record<string, string>> = {
  ...{ UTC: '+0', GMT: '+0', Z: '+0', WET: '+0', WEST: '+1', BST: '+1', CET: '+1', CEST: '+2' },
  ...{ EET: '+2', EEST: '+3', MSK: '+3', IST: '+5:30', JST: '+9', KST: '+9', AEST: '+10' },
  ...{ AEDT: '+11', EST: '-5', EDT: '-4', CST: '-6', CDT: '-5', MST: '-7', MDT: '-6' },
  ...{ PST: '-8', PDT: '-7', AKST: '-9', AKDT: '-8', HST: '-10' },
};
const DATE =
  /^(?:(\d{1,2}) ([A-Z][a-z]{2})[a-z]*,? (\d{4})|([A-Z][a-z]{2})[a-z]* (\d{1,2}), (\d{4})),? (\d{1,2}):(\d{2}):(\d{2})(?: ([AP]M))? (\S+)$/;
/** Lines of a record: what, who, when, and some to spare. */
const MOST_LINES = 16;
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** Minutes east of Greenwich; NaN: unknown. */
function zoneOf(name: string): number {
  const offset = ZONES[name] ?? name.replace(/^(?:GMT|UTC)/, '');
  const parts = /^([+-])(\d{1,2})(?::(\d{2}))?$/.exec(offset);
  if (parts === null) return NaN;
  return (parts[1] === '-' ? -1 : 1) * (60 * Number(parts[2]) + Number(parts[3] ?? 0));
}

/** "Mar 1, 2026, 8:00:00 PM CET" or "1 Mar 2026, 20:00:00 CET" in milliseconds since 1970; NaN: not such a date. */
export function dateOf(text: string): number {
  const parts = DATE.exec(text.replace(/\s/gu, ' ').trim());
  if (parts === null) return NaN;
  const month = MONTHS.indexOf(parts[2] ?? parts[4] ?? '-') / 3;
  const [day, year] = [Number(parts[1] ?? parts[5]), Number(parts[3] ?? parts[6])];
  if (!Number.isInteger(month) || month < 0) return NaN;
  const half = parts[10] === undefined ? 0 : parts[10] === 'PM' ? 12 : 0;
  const hour = parts[10] === undefined ? Number(parts[7]) : (Number(parts[7]) % 12) + half;
  const minutes = Number(parts[8]) - zoneOf(parts[11] ?? '');
  return Date.UTC(year, month, day, hour, minutes, Number(parts[9]));
}

interface Cell {
  readonly line: number;
  readonly depth: number;
  product: string;
  /** Of the first content cell: texts between <br>. */
  readonly words: string[];
  contents: number;
  /** Characters in it. */
  size: number;
}

class YoutubeHtml implements RecordReader {
  readonly #now: number;
  readonly #parser: Parser;
  readonly #lines = new Lines();
  #ready: ReadRecord[] = [];
  #depth = 0;
  #cell: Cell | null = null;
  /** What text that comes now is part of. */
  #into: 'product' | 'words' | null = null;

  constructor(now: number) {
    this.#now = now;
    this.#parser = new Parser({
      onopentag: (name, attributes) => this.#open(name, attributes['class'] ?? ''),
      ontext: (text) => this.#text(text),
      onclosetag: (name) => this.#close(name),
    });
  }

  push(text: string): Iterable<ReadRecord> {
    this.#lines.add(text);
    this.#parser.write(text);
    return this.#ready.splice(0);
  }

  end(): Iterable<ReadRecord> {
    // The parser closes what is open itself at its end: then the record is not whole.
    const cut = this.#cell;
    this.#cell = null;
    this.#parser.end();
    if (cut !== null) this.#ready.push({ line: cut.line, problem: 'truncated' });
    return this.#ready.splice(0);
  }

  #open(name: string, classes: string): void {
    const cell = this.#cell;
    if (
      name === 'br' &&
      this.#into === 'words' &&
      cell !== null &&
      cell.words.length < MOST_LINES
    ) {
      cell.words.push('');
    }
    if (name !== 'div' && name !== 'p') return;
    if (name === 'div') this.#depth += 1;
    if (name === 'div' && classes.includes('outer-cell')) {
      const line = this.#lines.at(this.#parser.startIndex);
      this.#cell = { line, depth: this.#depth, product: '', words: [''], contents: 0, size: 0 };
    } else if (cell !== null && name === 'p' && classes.includes('title')) {
      this.#into = 'product';
    } else if (cell !== null && classes.includes('content-cell')) {
      cell.contents += 1;
      this.#into = cell.contents === 1 ? 'words' : null;
    }
  }

  #text(text: string): void {
    const cell = this.#cell;
    if (cell === null || this.#into === null) return;
    cell.size += text.length;
    if (cell.size > MOST_RECORD) return;
    if (this.#into === 'product') cell.product += text;
    else cell.words.push((cell.words.pop() ?? '') + text);
  }

  #close(name: string): void {
    if (name === 'p') this.#into = null;
    if (name !== 'div') return;
    this.#into = null;
    const cell = this.#cell;
    if (cell?.depth === this.#depth) {
      this.#cell = null;
      this.#ready.push(...this.#listen(cell));
    }
    this.#depth -= 1;
  }

  #listen({ line, product, words, size }: Cell): Iterable<ReadRecord> {
    if (size > MOST_RECORD) return [{ line, problem: 'too_long' }];
    if (product.trim() !== 'YouTube Music') return [{ line, problem: 'not_music' }];
    const told = words.map((each) => each.trim()).filter((each) => each !== '');
    const date = told.pop() ?? '';
    const [title = '', channel = ''] = told;
    return checked(line, { ...youtubeListen(title, channel), at: dateOf(date) }, this.#now);
  }
}

export function youtubeHtmlReader(now: number): RecordReader {
  return new YoutubeHtml(now);
}
