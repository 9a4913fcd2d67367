/** What the readers of other services' exports have in common. They know text, no bytes and no engine. */
import type { ImportProblemKind } from '../types.ts';

/** A listen as an export tells it. */
export interface ReadListen {
  readonly artist: string;
  readonly title?: string;
  readonly album?: string;
  readonly startedAt: Date;
  readonly playedMs?: number;
  readonly durationMs?: number;
  /** The export says that it was played, but not when. */
  readonly dateEstimated?: true;
}

/** A listen, or why there is none; and the 1-based line where the record begins. */
export type ReadRecord =
  | { readonly line: number; readonly listen: ReadListen }
  | { readonly line: number; readonly problem: ImportProblemKind };

/** Reads the text of one file; parts may end anywhere. */
export interface RecordReader {
  push(text: string): Iterable<ReadRecord>;
  end(): Iterable<ReadRecord>;
}

/** `now` in milliseconds: what "the future" is measured against. */
export type OpenReader = (now: number) => RecordReader;

/** Characters of one record, the same as the core takes in bytes. */
export const MOST_RECORD = 1 << 20;

const DAY_MS = 86_400_000;
const BROKEN = '\u{FFFD}';

/** The words of a field that may be anything. */
export function wordsOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** A whole number of milliseconds from a field that may be anything; null: none. */
export function millisecondsOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0
    ? Math.round(number)
    : null;
}

export type Candidate = Omit<ReadListen, 'startedAt' | 'title' | 'album'> & {
  readonly title: string;
  readonly album: string;
  /** Milliseconds since 1970; NaN: not told. */
  readonly at: number;
};

/** A listen that holds what every one must, or the reason why it is left out. */
export function* checked(
  line: number,
  { at, title, album, ...rest }: Candidate,
  now: number,
): Generator<ReadRecord, void, void> {
  if (rest.artist === '') return yield { line, problem: 'no_artist' };
  if (!(at >= 0)) return yield { line, problem: 'bad_date' };
  if (at > now + DAY_MS) return yield { line, problem: 'future_date' };
  // Kept all the same, as the core does: most of a name is better than no listen.
  if ([rest.artist, title, album].some((words) => words.includes(BROKEN))) {
    yield { line, problem: 'bad_utf8' };
  }
  yield {
    line,
    listen: {
      ...rest,
      startedAt: new Date(at),
      ...(title !== '' && { title }),
      ...(album !== '' && { album }),
    },
  };
}
