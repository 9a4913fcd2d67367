/** The library of iTunes or Apple Music as XML ("File > Library > Export Library"): how often each track was played, and when last. */
import { Parser } from 'htmlparser2';
import { Lines } from './lines.ts';
import {
  checked,
  millisecondsOf,
  MOST_RECORD,
  wordsOf,
  type ReadRecord,
  type RecordReader,
} from './records.ts';

const DAY_MS = 86_400_000;
/** Plays of one track that are believed. */
const MOST_PLAYS = 10_000;
/** The dictionaries around a track: the library, its "Tracks", the track. */
const TRACK_DEPTH = 3;
const NOT_MUSIC = ['Podcast', 'Movie', 'TV Show', 'iTunesU', 'Audiobook'];

type Fields = ReadonlyMap<string, string>;

function dateOf(text: string | undefined): number {
  return text !== undefined && /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : NaN;
}

/**
 * When a track was played: last at the date that the library has; the plays before, whose dates it has not, one a day from the day when
 * the track was added, since that is when most of them are. Places do not change with the count, so that a later export of the library adds only
 * what is new.
 */
function* playsOf(count: number, added: number, last: number): Generator<[number, boolean]> {
  yield [last, false];
  for (let i = 0; i + 1 < count; ++i) {
    const at = added + i * DAY_MS;
    if (!(at < last)) return;
    yield [at, true];
  }
}

function* listensOf(line: number, fields: Fields, now: number): Generator<ReadRecord, void, void> {
  const count = millisecondsOf(fields.get('Play Count')) ?? 0;
  if (count === 0) return;
  if (NOT_MUSIC.some((key) => fields.get(key) === 'true')) {
    return yield { line, problem: 'not_music' };
  }
  const durationMs = millisecondsOf(fields.get('Total Time'));
  const track = {
    artist: wordsOf(fields.get('Artist')) || wordsOf(fields.get('Album Artist')),
    title: wordsOf(fields.get('Name')),
    album: wordsOf(fields.get('Album')),
    ...(durationMs !== null && { durationMs }),
  };
  const last = dateOf(fields.get('Play Date UTC'));
  const plays = playsOf(Math.min(count, MOST_PLAYS), dateOf(fields.get('Date Added')), last);
  for (const [at, estimated] of plays) {
    const candidate = { ...track, at, ...(estimated && { dateEstimated: true as const }) };
    for (const record of checked(line, candidate, now)) {
      yield record;
      // One reason for the track is enough.
      if ('problem' in record && record.problem !== 'bad_utf8') return;
    }
  }
}

class AppleLibrary implements RecordReader {
  readonly #now: number;
  readonly #parser: Parser;
  readonly #lines = new Lines();
  #ready: Iterable<ReadRecord>[] = [];
  /** Keys that lead to each open dictionary. */
  #path: string[] = [];
  #key = '';
  #text = '';
  #line = 0;
  #fields = new Map<string, string>();
  #ended = false;

  constructor(now: number) {
    this.#now = now;
    this.#parser = new Parser(
      {
        onopentag: (name) => this.#open(name),
        ontext: (text) => {
          if (this.#text.length < MOST_RECORD) this.#text += text;
        },
        onclosetag: (name, implied) => this.#close(name, implied),
      },
      { xmlMode: true },
    );
  }

  *push(text: string): Generator<ReadRecord, void, void> {
    this.#lines.add(text);
    this.#parser.write(text);
    for (const listens of this.#ready.splice(0)) yield* listens;
  }

  *end(): Generator<ReadRecord, void, void> {
    const line = this.#inTrack ? this.#line : this.#lines.at(Infinity);
    this.#parser.end();
    for (const listens of this.#ready.splice(0)) yield* listens;
    if (!this.#ended) yield { line, problem: 'truncated' };
  }

  get #inTrack(): boolean {
    return this.#path.length === TRACK_DEPTH && this.#path[1] === 'Tracks';
  }

  #open(name: string): void {
    this.#text = '';
    if (name !== 'dict') return;
    this.#path.push(this.#key);
    if (!this.#inTrack) return;
    this.#line = this.#lines.at(this.#parser.startIndex);
    this.#fields = new Map();
  }

  #close(name: string, implied: boolean): void {
    // <true/> closes itself; what else closes so was cut off by the end of the file.
    if (implied && name !== 'true' && name !== 'false') return;
    if (name === 'plist') this.#ended = true;
    if (name === 'key') this.#key = this.#text;
    else if (name === 'dict') this.#closeDictionary();
    else if (this.#inTrack) {
      this.#fields.set(this.#key, name === 'true' || name === 'false' ? name : this.#text);
    }
    this.#text = '';
  }

  #closeDictionary(): void {
    if (this.#inTrack) this.#ready.push(listensOf(this.#line, this.#fields, this.#now));
    this.#path.pop();
  }
}

export function appleLibraryReader(now: number): RecordReader {
  return new AppleLibrary(now);
}
