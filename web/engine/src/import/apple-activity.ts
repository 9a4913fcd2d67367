/**
 * Apple's "Request a copy of your data", folder Apple Music Activity: "Play History Daily Tracks" (each song a day) and "Play Activity" (each
 * play, most without an artist).
 */
import { CsvRows, type CsvRow } from './csv-records.ts';
import { checked, millisecondsOf, type ReadRecord, type RecordReader } from './records.ts';

type Cell = (...names: readonly string[]) => string;

const NOON_MS = 43_200_000;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/;

function instant(text: string): number {
  return INSTANT.test(text) ? Date.parse(text) : NaN;
}

/** "20210301"; the day is all that is told. */
function noonOf(text: string): number {
  const parts = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text);
  if (parts === null) return NaN;
  return Date.parse(`${parts.slice(1).join('-')}T00:00:00Z`) + NOON_MS;
}

function* daily(line: number, cell: Cell, now: number): Generator<ReadRecord, void, void> {
  if (cell('Ignore For Recommendations').toLowerCase() === 'true') {
    return yield { line, problem: 'private_session' };
  }
  const playedMs = millisecondsOf(cell('Play Duration Milliseconds')) ?? 0;
  if (playedMs === 0) return yield { line, problem: 'not_played' };
  const [artist = '', ...title] = cell('Track Description').split(' - ');
  yield* checked(
    line,
    {
      artist: title.length === 0 ? '' : artist.trim(),
      title: title.join(' - ').trim(),
      ...{ album: '', at: noonOf(cell('Date Played')), playedMs, dateEstimated: true },
    },
    now,
  );
}

function* activity(line: number, cell: Cell, now: number): Generator<ReadRecord, void, void> {
  if (cell('Event Type') !== '' && cell('Event Type') !== 'PLAY_END') return;
  if (cell('Media Type') !== '' && cell('Media Type') !== 'AUDIO') {
    return yield { line, problem: 'not_music' };
  }
  const playedMs = millisecondsOf(cell('Play Duration Milliseconds')) ?? 0;
  if (playedMs === 0) return yield { line, problem: 'not_played' };
  const durationMs = millisecondsOf(cell('Media Duration In Milliseconds')) ?? 0;
  const end = instant(cell('Event End Timestamp', 'Event Timestamp'));
  const start = instant(cell('Event Start Timestamp'));
  yield* checked(
    line,
    {
      artist: cell('Artist Name', 'Container Artist Name'),
      title: cell('Song Name', 'Content Name'),
      album: cell('Album Name', 'Container Album Name'),
      at: Number.isNaN(start) ? end - playedMs : start,
      playedMs,
      ...(durationMs > 0 && { durationMs }),
    },
    now,
  );
}

class AppleActivity implements RecordReader {
  readonly #now: number;
  readonly #rows = new CsvRows();
  #columns: ReadonlyMap<string, number> | null = null;

  constructor(now: number) {
    this.#now = now;
  }

  *push(text: string): Generator<ReadRecord, void, void> {
    for (const row of this.#rows.push(text)) yield* this.#listens(row);
  }

  *end(): Generator<ReadRecord, void, void> {
    for (const row of this.#rows.end()) {
      const whole = !row.cut && row.cells?.length === this.#columns?.size;
      if (whole) yield* this.#listens(row);
      else yield { line: row.line, problem: 'truncated' };
    }
  }

  #listens({ line, cells }: CsvRow): Iterable<ReadRecord> {
    if (cells === null) return [{ line, problem: 'too_long' }];
    if (this.#columns === null) {
      const names = cells.map((name) => name.replace(/^\u{FEFF}/u, '').trim());
      this.#columns = new Map(names.map((name, i) => [name, i]));
      return [];
    }
    const columns = this.#columns;
    if (cells.length !== columns.size) return [{ line, problem: 'bad_record' }];
    const cell: Cell = (...names) =>
      names.map((name) => (cells[columns.get(name) ?? -1] ?? '').trim()).find(Boolean) ?? '';
    const read = columns.has('Track Description') ? daily : activity;
    return read(line, cell, this.#now);
  }
}

export function appleActivityReader(now: number): RecordReader {
  return new AppleActivity(now);
}
