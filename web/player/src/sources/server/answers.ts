/** What servers answer, checked. Servers differ: ids as numbers, one entry in the place of a list, fields left out. */
import * as v from 'valibot';

const id = v.pipe(
  v.union([v.string(), v.number()]),
  v.transform(String),
  v.minLength(1),
  v.maxLength(500),
);
const text = v.fallback(
  v.optional(
    v.pipe(
      v.union([v.string(), v.number()]),
      v.transform((value) => String(value).trim().slice(0, 500)),
    ),
    '',
  ),
  '',
);
const count = v.fallback(v.optional(v.nullable(v.pipe(v.number(), v.finite())), null), null);
/** Entries are checked one by one, so that a bad one is told of and the others are used. */
const entries = v.optional(
  v.pipe(
    v.union([v.array(v.unknown()), v.record(v.string(), v.unknown())]),
    v.transform((value): unknown[] => (Array.isArray(value) ? value : [value])),
  ),
  [],
);

const names = v.fallback(
  v.optional(v.array(v.object({ name: v.pipe(v.string(), v.trim(), v.maxLength(500)) })), []),
  [],
);

export const song = v.object({
  id,
  title: text,
  artist: text,
  album: text,
  displayArtist: text,
  displayAlbumArtist: text,
  artists: names,
  albumArtists: names,
  genre: text,
  genres: names,
  track: count,
  discNumber: count,
  year: count,
  /** Seconds. */
  duration: count,
  size: count,
  coverArt: v.fallback(v.optional(v.nullable(id), null), null),
  isDir: v.fallback(v.optional(v.boolean(), false), false),
  type: text,
});
export type Song = v.InferOutput<typeof song>;

export const albumEntry = v.object({
  id,
  name: text,
  coverArt: v.fallback(v.optional(v.nullable(id), null), null),
});

export const extensions = v.object({
  openSubsonicExtensions: v.optional(
    v.array(v.object({ name: v.string(), versions: v.fallback(v.array(v.number()), []) })),
    [],
  ),
});
export const searchResult = v.object({
  searchResult3: v.optional(v.object({ song: entries }), {}),
});
export const albumList = v.object({ albumList2: v.optional(v.object({ album: entries }), {}) });
export const album = v.object({ album: v.object({ id, name: text, song: entries }) });
export const plainLyrics = v.object({ lyrics: v.optional(v.object({ value: text }), {}) });

const line = v.object({
  start: v.fallback(v.optional(v.nullable(v.number()), null), null),
  value: v.pipe(v.string(), v.maxLength(2000)),
});
export const structuredLyrics = v.object({
  lyricsList: v.optional(
    v.object({
      structuredLyrics: v.optional(
        v.array(
          v.object({
            synced: v.fallback(v.optional(v.boolean(), false), false),
            offset: v.fallback(v.optional(v.number(), 0), 0),
            line: v.optional(v.array(line), []),
          }),
        ),
        [],
      ),
    }),
    {},
  ),
});

export const envelope = v.object({
  'subsonic-response': v.looseObject({
    status: v.picklist(['ok', 'failed']),
    openSubsonic: v.fallback(v.optional(v.boolean(), false), false),
    type: v.fallback(v.optional(v.string(), ''), ''),
    error: v.optional(
      v.object({ code: v.fallback(v.number(), 0), message: v.fallback(v.string(), '') }),
    ),
  }),
});
