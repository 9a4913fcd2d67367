/** Spotify: "account data" (StreamingHistory*.json) and "extended streaming history" (Streaming_History_Audio_*.json, endsong_*.json). */
import { jsonReader } from './json-records.ts';
import { checked, millisecondsOf, wordsOf, type ReadRecord, type RecordReader } from './records.ts';

type Fields = Readonly<Record<string, unknown>>;

/** "2021-03-01 20:04", in UTC. */
const MINUTE = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

function minute(text: string): number {
  const parts = MINUTE.exec(text);
  return parts === null ? NaN : Date.parse(`${parts[1] ?? ''}T${parts[2] ?? ''}:00Z`);
}

/** Both tell when a play ended. */
function* listen(
  line: number,
  fields: { artist: unknown; title: unknown; album?: unknown; played: unknown; end: number },
  now: number,
): Generator<ReadRecord, void, void> {
  const playedMs = millisecondsOf(fields.played);
  if (playedMs === null) return yield { line, problem: 'bad_record' };
  if (playedMs === 0) return yield { line, problem: 'not_played' };
  yield* checked(
    line,
    {
      artist: wordsOf(fields.artist),
      title: wordsOf(fields.title),
      album: wordsOf(fields.album),
      at: fields.end - playedMs,
      playedMs,
    },
    now,
  );
}

function* ofAccount(value: Fields, line: number, now: number): Generator<ReadRecord, void, void> {
  const { endTime, artistName: artist, trackName: title, msPlayed: played } = value;
  yield* listen(line, { artist, title, played, end: minute(wordsOf(endTime)) }, now);
}

const OTHER = ['episode_name', 'episode_show_name', 'audiobook_title', 'audiobook_uri'];

function* ofExtended(value: Fields, line: number, now: number): Generator<ReadRecord, void, void> {
  const artist = value['master_metadata_album_artist_name'];
  const title = value['master_metadata_track_name'];
  if (value['incognito_mode'] === true) return yield { line, problem: 'private_session' };
  if (wordsOf(title) === '' && OTHER.some((name) => wordsOf(value[name]) !== '')) {
    return yield { line, problem: 'not_music' };
  }
  const ts = wordsOf(value['ts']);
  const fields = {
    ...{ artist, title, album: value['master_metadata_album_album_name'] },
    ...{ played: value['ms_played'], end: INSTANT.test(ts) ? Date.parse(ts) : NaN },
  };
  yield* listen(line, fields, now);
}

/** Podcasts, audiobooks and private sessions are left out. */
export function spotifyReader(now: number): RecordReader {
  return jsonReader((value, line) => {
    if ('msPlayed' in value) return ofAccount(value, line, now);
    if ('ms_played' in value) return ofExtended(value, line, now);
    return [{ line, problem: 'bad_record' }];
  });
}
