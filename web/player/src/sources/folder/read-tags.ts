import { parseBlob, selectCover, TimestampFormat, type IAudioMetadata } from 'music-metadata';
import type { Lyrics, Track } from '../../library/types.ts';
import type { FileProblem } from '../types.ts';
import { lyricsOf, parseLyrics } from './lyrics.ts';
import { oggDurationMs } from './ogg-duration.ts';
import { readAhead } from './read-ahead.ts';

/** A file that reads for longer than this is taken for broken: the rest of the folder must not wait. */
const LONGEST_MS = 30_000;
/** Pictures above this are left alone: nobody sees the difference, and a scan must not fill the memory. */
const LARGEST_PICTURE = 20_000_000;

export type TrackFacts = Pick<
  Track,
  | 'title'
  | 'artist'
  | 'artists'
  | 'album'
  | 'albumArtist'
  | 'disc'
  | 'number'
  | 'year'
  | 'genres'
  | 'durationMs'
>;

export interface ReadFile {
  /** null: no music in it. */
  readonly facts: TrackFacts | null;
  readonly lyrics: Lyrics | null;
  readonly picture: Blob | null;
  readonly problem: Omit<FileProblem, 'path'> | null;
}

/** Reads the tags of a file, and no more of it than they need. Never throws for what is in the file; rejects when it cannot be read. */
export async function readTags(file: File, path: string, signal: AbortSignal): Promise<ReadFile> {
  if (file.size === 0) return failed('empty', 'The file is empty (0 bytes).');
  let metadata: IAudioMetadata;
  try {
    metadata = await inTime(parse(file), signal);
  } catch (cause) {
    signal.throwIfAborted();
    // The browser's own errors (a file that is gone, or may not be read) are DOMExceptions; everything else is about its bytes.
    if (cause instanceof DOMException && cause.name !== 'TimeoutError') throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return failed('corrupt', `It cannot be read as audio: ${reason}`);
  }
  const { format, common } = metadata;
  // A file of text is taken for an MP3 without frames.
  if (format.sampleRate === undefined && format.duration === undefined) {
    return failed('corrupt', 'There is no audio in it.');
  }
  const named = titleFromPath(path);
  const title = clean(common.title);
  const artist = clean(common.artist) || clean(common.artists?.join(', '));
  const untagged = title === '';
  const facts: TrackFacts = {
    title: title || named.title,
    artist: artist || (untagged ? named.artist : ''),
    artists: (common.artists ?? []).map(clean).filter((name) => name !== ''),
    album: clean(common.album),
    albumArtist: clean(common.albumartist),
    disc: whole(common.disk.no),
    number: whole(common.track.no) ?? (untagged ? named.number : null),
    year: whole(common.year),
    genres: genresOf(common.genre),
    durationMs:
      format.duration !== undefined && Number.isFinite(format.duration) && format.duration > 0
        ? Math.round(format.duration * 1000)
        : await oggDurationMs(file, format.sampleRate ?? 0),
  };
  const cover = selectCover(common.picture);
  const usable = cover !== null && cover.data.length > 0 && cover.data.length <= LARGEST_PICTURE;
  return {
    facts,
    lyrics: lyricsIn(metadata),
    picture: usable
      ? new Blob([new Uint8Array(cover.data)], { type: imageType(cover.format) })
      : null,
    problem: untagged
      ? {
          kind: 'untagged',
          reason: 'It has no title in its tags; the name of the file stands for it.',
        }
      : null,
  };
}

/** By what is in it, since a name may be wrong; what nothing is known by, by its name. */
async function parse(file: File): Promise<IAudioMetadata> {
  try {
    return await parseBlob(readAhead(file, ''));
  } catch (cause) {
    if (file.type === '' || cause instanceof DOMException) throw cause;
    return parseBlob(readAhead(file, file.type));
  }
}

function failed(kind: FileProblem['kind'], reason: string): ReadFile {
  return { facts: null, lyrics: null, picture: null, problem: { kind, reason } };
}

/** "03 - Portishead - Roads.mp3", "Roads.mp3", "1-04 Roads.flac". */
export function titleFromPath(path: string): {
  title: string;
  artist: string;
  number: number | null;
} {
  const base = path.slice(path.lastIndexOf('/') + 1);
  const bare = base
    .replace(/\.[^.]{1,5}$/, '')
    .replaceAll('_', ' ')
    .trim();
  const match = /^(?:\d-)?(\d{1,3})(?:\s*[-.)]\s*|\s+)(?=\S)(.*)$/.exec(bare);
  const rest = match?.[2] ?? bare;
  const number = match ? Number(match[1]) : null;
  const parts = rest.split(/\s+[-–]\s+/);
  const [artist = '', title = ''] = parts;
  if (parts.length === 2 && artist !== '' && title !== '') return { title, artist, number };
  return { title: rest || base, artist: '', number };
}

/** Tags that hold words: Vorbis and APE, ID3, iTunes. */
const WORDS =
  /^(?:lyrics|syncedlyrics|unsyncedlyrics|unsynced lyrics|USLT|ULT|TXXX:.*lyrics|\u00a9lyr)/i;

/** Lines with times first: LRC in a tag for plain words, or a tag made for them (SYLT). */
function lyricsIn({ common, native }: IAudioMetadata): Lyrics | null {
  // The tags as they are: music-metadata leaves lines out whose times have no fraction.
  const texts = Object.values(native)
    .flat()
    .filter(({ id }) => WORDS.test(id))
    .map(({ value }) => (typeof value === 'string' ? value : (value as { text?: unknown }).text));
  const parsed = texts.map((text) => (typeof text === 'string' ? parseLyrics(text) : null));
  const timed = parsed.find((lyrics) => lyrics !== null && lyrics.lines !== null);
  if (timed) return timed;
  for (const { syncText, timeStampFormat } of common.lyrics ?? []) {
    if (timeStampFormat !== TimestampFormat.milliseconds) continue;
    const lines = syncText.flatMap(({ timestamp, text }) =>
      timestamp === undefined ? [] : [{ atMs: timestamp, text: text.trim() }],
    );
    if (lines.length > 0) return lyricsOf(lines, []);
  }
  return parsed.find((lyrics) => lyrics !== null) ?? null;
}

function genresOf(genres: readonly string[] = []): readonly string[] {
  const names = genres.flatMap((genre) => genre.split(/[;/,\p{Cc}]/u)).map(clean);
  return [...new Set(names.filter((name) => name !== ''))].slice(0, 20);
}

/** Tags that call themselves Latin-1 are often UTF-8: "BjÃ¶rk" is Björk. What is no UTF-8 stays as it is. */
function mended(text: string): string {
  if (!/[\u0080-\u00ff]/.test(text) || /[^\0-\u00ff]/.test(text)) return text;
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return text;
  }
}

/** Tags may hold anything: no control characters, no rows of spaces, no books. */
function clean(text: string | undefined): string {
  return mended(text ?? '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 500);
}

function whole(n: number | null | undefined): number | null {
  return typeof n === 'number' && Number.isSafeInteger(n) && n > 0 ? n : null;
}

function imageType(format: string): string {
  const type = format.toLowerCase();
  if (/^image\/(jpeg|png|gif|webp|bmp|avif)$/.test(type)) return type;
  return type.includes('png') ? 'image/png' : 'image/jpeg';
}

async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const timeout = AbortSignal.timeout(LONGEST_MS);
  const either = AbortSignal.any([signal, timeout]);
  let stop: (() => void) | undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => reject(either.reason as Error);
    either.addEventListener('abort', stop, { once: true });
  });
  try {
    either.throwIfAborted();
    return await Promise.race([work, stopped]);
  } finally {
    if (stop) either.removeEventListener('abort', stop);
  }
}
