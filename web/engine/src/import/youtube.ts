/** Google Takeout, "YouTube and YouTube Music": watch-history.json. Only what was played in YouTube Music is a listen. */
import { jsonReader } from './json-records.ts';
import { checked, wordsOf, type ReadRecord, type RecordReader } from './records.ts';
import { youtubeListen } from './youtube-words.ts';

type Fields = Readonly<Record<string, unknown>>;

function channelOf(subtitles: unknown): string {
  const [first] = Array.isArray(subtitles) ? (subtitles as readonly unknown[]) : [];
  return wordsOf((first as Fields | undefined | null)?.['name']);
}

function* read(value: Fields, line: number, now: number): Generator<ReadRecord, void, void> {
  const { header, title, subtitles, time } = value;
  if (typeof header !== 'string' || typeof title !== 'string') {
    return yield { line, problem: 'bad_record' };
  }
  if (header.trim() !== 'YouTube Music') return yield { line, problem: 'not_music' };
  const at = /^\d{4}-\d{2}-\d{2}T/.test(wordsOf(time)) ? Date.parse(wordsOf(time)) : NaN;
  yield* checked(line, { ...youtubeListen(title, channelOf(subtitles)), at }, now);
}

export function youtubeReader(now: number): RecordReader {
  return jsonReader((value, line) => read(value, line, now));
}
