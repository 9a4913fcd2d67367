/** Which export a file is, by its first characters, or by its name in a zip; and the reader of each, loaded when it is needed. */
import type { OpenReader } from './records.ts';

/** Exports that are read here; those of ListenBrainz and Last.fm are the core's. */
export type ForeignFormat = 'spotify' | 'apple-library' | 'apple-activity' | 'youtube-music';

/** What the first line of Ossicle's own begins with. */
const OWN = /^\s*\{\s*"ossicle"\s*:\s*"history"/;

export function isOwn(head: string): boolean {
  return OWN.test(head);
}

/** Characters that tell a format: the first records of every export have them. */
export const HEAD = 8192;

type ReaderName = Exclude<ForeignFormat, 'youtube-music'> | 'youtube-json' | 'youtube-html';

const READERS: Readonly<Record<ReaderName, () => Promise<OpenReader>>> = {
  spotify: async () => (await import('./spotify.ts')).spotifyReader,
  'apple-library': async () => (await import('./apple-library.ts')).appleLibraryReader,
  'apple-activity': async () => (await import('./apple-activity.ts')).appleActivityReader,
  'youtube-json': async () => (await import('./youtube.ts')).youtubeReader,
  'youtube-html': async () => (await import('./youtube-html.ts')).youtubeHtmlReader,
};

export interface Recognised {
  readonly format: ForeignFormat;
  readonly open: () => Promise<OpenReader>;
}

/** [reader, what its exports begin with] */
const MARKS: readonly (readonly [ReaderName, RegExp])[] = [
  ['spotify', /^\s*[[{][^]*"(?:msPlayed|ms_played)"\s*:/],
  ['youtube-json', /^\s*[[{][^]*"header"\s*:\s*"YouTube/],
  ['apple-library', /^\s*<(?:[^]*<)?plist\b/],
  ['youtube-html', /^\s*<[^]*(?:outer-cell|mdl-typography)/],
  [
    'apple-activity',
    /^[^\n]*(?:Event Start Timestamp|Event End Timestamp|Track Description)[^\n]*/,
  ],
];

/** null: none of these; the core then tries. `head` has HEAD characters, or the whole file. */
export function recognise(head: string): Recognised | null {
  const found = MARKS.find(([, mark]) => mark.test(head))?.[0];
  if (found === undefined) return null;
  const format = found === 'youtube-json' || found === 'youtube-html' ? 'youtube-music' : found;
  return { format, open: READERS[found] };
}

/** Files of a zip that hold listens, by service. Of a zip those of one service are read: of the first that is found. */
export const ZIP_NAMES: readonly RegExp[] = [
  // ListenBrainz: listens/<year>/<month>.jsonl
  /(^|\/)listens\/.+\.jsonl$/,
  // Spotify: not its podcasts, nor what was watched.
  /(^|\/)(StreamingHistory(_music)?_?\d*|Streaming_History_Audio[^/]*|endsong(_\d+)?)\.json$/,
  // Google Takeout: file and folder are named in the account's language, the folder of the product is not.
  /(^|\/)(YouTube[^/]*\/[^/]+\/[^/]+|watch-history)\.(json|html)$/,
  // Apple: the songs of each day know their artists, and come first in the zip.
  /(^|\/)[^/]*Play History Daily Tracks\.csv$/,
  /(^|\/)[^/]*Play Activity\.csv$/,
  /(^|\/)(iTunes [^/]*)?Library\.xml$/,
];
