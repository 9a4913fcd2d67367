/** Playlists as files: JSPF and XSPF (xspf.org), M3U8; and JSPF read back. */
import { messageOf, OssicleError } from '../errors.ts';

export interface PlaylistTrack {
  readonly title?: string;
  readonly artist?: string;
  readonly album?: string;
  readonly durationMs?: number;
  /** An address, or the path of a file relative to the playlist. */
  readonly location?: string;
  /** A name of the track that other programs know, e.g. the address of its MusicBrainz recording. */
  readonly identifier?: string;
}

export interface PlaylistDocument {
  readonly title?: string;
  readonly creator?: string;
  readonly note?: string;
  readonly date?: Date;
  readonly tracks: readonly PlaylistTrack[];
}

/** Paths become relative URIs, as the formats want them. */
function uriOf(location: string): string {
  // One letter is a drive of Windows, no scheme.
  if (/^[a-z][a-z0-9+.-]+:/i.test(location) && URL.canParse(location))
    return new URL(location).href;
  const path = location.toWellFormed().replaceAll('\\', '/').split('/');
  const uri = path.map((part) => encodeURIComponent(part)).join('/');
  return uri.startsWith('//') ? `file:${uri}` : uri;
}

/** [element, value], those that are there; names are the same in both formats. */
function fieldsOf(playlist: PlaylistDocument): [string, string][] {
  const { title, creator, note: annotation, date } = playlist;
  return present({ title, creator, annotation, date: date?.toISOString() });
}

function trackFields({ title, artist: creator, album }: PlaylistTrack): [string, string][] {
  return present({ title, creator, album });
}

function present(fields: Readonly<Record<string, string | undefined>>): [string, string][] {
  return Object.entries(fields).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value]],
  );
}

function durationOf({ durationMs }: PlaylistTrack): number | null {
  if (durationMs === undefined || !Number.isFinite(durationMs) || durationMs < 0) return null;
  return Math.round(durationMs);
}

/** JSON of JSPF, the JSON form of XSPF 1. */
export function toJspf(playlist: PlaylistDocument): string {
  const track = playlist.tracks.map((each) => {
    const duration = durationOf(each);
    const { location, identifier } = each;
    return {
      ...(location !== undefined && { location: [uriOf(location)] }),
      ...(identifier !== undefined && { identifier: [uriOf(identifier)] }),
      ...Object.fromEntries(trackFields(each)),
      ...(duration !== null && { duration }),
    };
  });
  return `${JSON.stringify({ playlist: { ...Object.fromEntries(fieldsOf(playlist)), track } }, null, 2)}\n`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
/** What XML 1.0 cannot hold at all. */
// eslint-disable-next-line no-control-regex
const NOT_XML = /[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]/gu;

function element(indent: string, name: string, text: string | number): string {
  const words = String(text).toWellFormed().replace(NOT_XML, '');
  return `${indent}<${name}>${words.replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? '')}</${name}>\n`;
}

/** XML of XSPF 1. */
export function toXspf(playlist: PlaylistDocument): string {
  const tracks = playlist.tracks.map((track) => {
    const { location, identifier } = track;
    const duration = durationOf(track);
    const parts = [
      ...(location === undefined ? [] : [element('      ', 'location', uriOf(location))]),
      ...(identifier === undefined ? [] : [element('      ', 'identifier', uriOf(identifier))]),
      ...trackFields(track).map(([name, text]) => element('      ', name, text)),
      ...(duration === null ? [] : [element('      ', 'duration', duration)]),
    ];
    return `    <track>\n${parts.join('')}    </track>\n`;
  });
  const head = fieldsOf(playlist).map(([name, text]) => element('  ', name, text));
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<playlist version="1" xmlns="http://xspf.org/ns/0/">\n' +
    `${head.join('')}  <trackList>\n${tracks.join('')}  </trackList>\n</playlist>\n`
  );
}

function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}

/** Extended M3U in UTF-8. Errors: invalid_argument (`at` = index), a track without a location, which an M3U is a list of. */
export function toM3u8(playlist: PlaylistDocument): string {
  const lines = ['#EXTM3U'];
  if (playlist.title !== undefined) lines.push(`#PLAYLIST:${oneLine(playlist.title)}`);
  for (const [index, track] of playlist.tracks.entries()) {
    const { title, artist, album } = track;
    // A line that begins with # would be a comment.
    const location = track.location?.trim().replace(/^#/, './#');
    if (location === undefined || location === '' || /[\r\n]/.test(location)) {
      const what = `Track ${index + 1} has no location, which a file of M3U needs.`;
      throw new OssicleError('invalid_argument', what, index);
    }
    const duration = durationOf(track);
    const seconds = duration === null ? -1 : Math.round(duration / 1000);
    const name = [artist, title].flatMap((each) => (each === undefined ? [] : [oneLine(each)]));
    lines.push(`#EXTINF:${seconds},${name.join(' - ')}`);
    if (album !== undefined) lines.push(`#EXTALB:${oneLine(album)}`);
    lines.push(location);
  }
  return `${lines.join('\n')}\n`.toWellFormed();
}

export interface ReadPlaylist {
  readonly playlist: PlaylistDocument;
  /** Tracks that could not be read: their index in the file, and why. */
  readonly problems: readonly { readonly index: number; readonly why: string }[];
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** JSPF has lists of addresses; some programs write only one. A relative one is a path again. */
function addressOf(value: unknown): string | undefined {
  const first = textOf(Array.isArray(value) ? (value as readonly unknown[])[0] : value);
  if (first === undefined || /^[a-z][a-z0-9+.-]+:/i.test(first)) return first;
  try {
    return decodeURIComponent(first);
  } catch {
    return first;
  }
}

/** Those that are there, so that no field is undefined. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** Reads JSPF. Errors: unknown_format, when it is no JSON, or no playlist. */
export function fromJspf(text: string): ReadPlaylist {
  let file: unknown;
  try {
    file = JSON.parse(text.replace(/^\u{FEFF}/u, ''));
  } catch (cause) {
    const what = `This is no playlist in JSPF: ${messageOf(cause)}.`;
    throw new OssicleError('unknown_format', what, null, { cause });
  }
  const playlist = isFields(file) ? file['playlist'] : undefined;
  const list = isFields(playlist) ? (playlist['track'] ?? []) : undefined;
  if (!isFields(playlist) || !Array.isArray(list)) {
    const what = 'This is no playlist in JSPF: it has no "playlist" with a list of "track".';
    throw new OssicleError('unknown_format', what);
  }
  const tracks: PlaylistTrack[] = [];
  const problems: { index: number; why: string }[] = [];
  for (const [index, each] of (list as readonly unknown[]).entries()) {
    const track = isFields(each) ? trackOf(each) : {};
    if (Object.keys(track).length > 0) tracks.push(track);
    else problems.push({ index, why: 'it has no title, artist, location or identifier' });
  }
  const date = textOf(playlist['date']);
  const at = date === undefined ? NaN : Date.parse(date);
  const head = defined({
    title: textOf(playlist['title']),
    creator: textOf(playlist['creator']),
    note: textOf(playlist['annotation']),
    date: Number.isNaN(at) ? undefined : new Date(at),
  });
  return { playlist: { ...head, tracks }, problems };
}

function trackOf(fields: Fields): PlaylistTrack {
  const { title, creator, album, duration, location, identifier } = fields;
  const track = defined({
    title: textOf(title),
    artist: textOf(creator),
    location: addressOf(location),
    identifier: addressOf(identifier),
  });
  if (Object.keys(track).length === 0) return track;
  const isLength = typeof duration === 'number' && Number.isFinite(duration) && duration >= 0;
  return {
    ...track,
    ...defined({ album: textOf(album), durationMs: isLength ? duration : undefined }),
  };
}
