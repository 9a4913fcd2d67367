/** Lists over all tracks in memory: 20,000 take about 10 MB, and are sorted in the worker. */
import type {
  Album,
  AlbumQuery,
  ArtistEntry,
  LibraryCounts,
  Page,
  Track,
  TrackOrder,
  TrackQuery,
  Wanted,
  Window,
} from './types.ts';
import { fold } from './fold.ts';
import { Meant } from './meant.ts';

const LIMIT = 200;
const MOST = 1000;

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

export function albumId({ album, albumArtist, artist }: Track): string {
  return `${fold(albumArtist || artist)}\u0001${fold(album)}`;
}

export function windowOf<Row>(
  rows: readonly Row[],
  { offset = 0, limit = LIMIT }: Window,
): Page<Row> {
  const from = Math.max(0, Math.floor(offset));
  const most = Math.min(MOST, Math.max(0, Math.floor(limit)));
  return { total: rows.length, offset: from, rows: rows.slice(from, from + most) };
}

type Compare = (a: Track, b: Track) => number;

/** What is unknown comes last. */
const number = (a: number | null, b: number | null): number =>
  (a ?? Number.MAX_SAFE_INTEGER) - (b ?? Number.MAX_SAFE_INTEGER);

const onAlbum: Compare = (a, b) =>
  collator.compare(a.albumArtist || a.artist, b.albumArtist || b.artist) ||
  collator.compare(a.album, b.album) ||
  number(a.disc ?? 1, b.disc ?? 1) ||
  number(a.number, b.number) ||
  collator.compare(a.title, b.title);

const ORDERS: Readonly<Record<TrackOrder, Compare>> = {
  title: (a, b) => collator.compare(a.title, b.title) || onAlbum(a, b),
  artist: (a, b) => collator.compare(a.artist, b.artist) || onAlbum(a, b),
  album: onAlbum,
  addedAt: (a, b) => a.addedAt - b.addedAt || onAlbum(a, b),
  durationMs: (a, b) => number(a.durationMs, b.durationMs) || onAlbum(a, b),
  year: (a, b) => number(a.year, b.year) || onAlbum(a, b),
};

/** Answers questions about one state of the library; made anew when it changes. Sorting is done once for each order. */
export class Shelf {
  readonly #tracks: readonly Track[];
  readonly #sorted = new Map<TrackOrder, readonly Track[]>();
  readonly #folded = new Map<Track, string>();
  #meant: Meant | null = null;
  #albums: readonly Album[] | null = null;
  #artists: readonly ArtistEntry[] | null = null;

  constructor(tracks: readonly Track[]) {
    this.#tracks = tracks;
  }

  find(query: TrackQuery): readonly Track[] {
    const { order = 'album', descending = false } = query;
    const sorted = this.#inOrder(order).filter(this.#filter(query));
    return descending ? sorted.reverse() : sorted;
  }

  meant(wanted: readonly Wanted[]): readonly (Track | null)[] {
    const meant = (this.#meant ??= new Meant(this.#tracks));
    return wanted.map((each) => meant.track(each));
  }

  counts(): LibraryCounts {
    return {
      tracks: this.#tracks.length,
      albums: this.#allAlbums().length,
      artists: this.#allArtists().length,
      durationMs: this.#tracks.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0),
    };
  }

  albums({
    text,
    artist,
    order = 'artist',
    descending = false,
    ...window
  }: AlbumQuery): Page<Album> {
    const words = wordsOf(text);
    const name = artist === undefined ? null : fold(artist);
    const found = this.#allAlbums().filter(
      (album) =>
        words.every((word) => fold(`${album.title} ${album.artist}`).includes(word)) &&
        (name === null || fold(album.artist) === name),
    );
    found.sort((a, b) => {
      const by =
        order === 'year'
          ? number(a.year, b.year)
          : order === 'addedAt'
            ? a.addedAt - b.addedAt
            : collator.compare(a[order], b[order]);
      return by || collator.compare(a.artist, b.artist) || collator.compare(a.title, b.title);
    });
    return windowOf(descending ? found.reverse() : found, window);
  }

  artists({ text, ...window }: Window & { readonly text?: string }): Page<ArtistEntry> {
    const words = wordsOf(text);
    const found = this.#allArtists().filter(({ name }) =>
      words.every((word) => fold(name).includes(word)),
    );
    return windowOf(found, window);
  }

  genres(): readonly { readonly name: string; readonly tracks: number }[] {
    const counted = new Map<string, { name: string; tracks: number }>();
    for (const { genres } of this.#tracks) {
      for (const name of new Set(genres)) {
        const entry = counted.get(fold(name));
        if (entry) ++entry.tracks;
        else counted.set(fold(name), { name, tracks: 1 });
      }
    }
    return [...counted.values()].sort(
      (a, b) => b.tracks - a.tracks || collator.compare(a.name, b.name),
    );
  }

  #inOrder(order: TrackOrder): readonly Track[] {
    const known = this.#sorted.get(order);
    if (known) return known;
    const sorted = [...this.#tracks].sort(ORDERS[order]);
    this.#sorted.set(order, sorted);
    return sorted;
  }

  #filter({
    text,
    artist,
    albumId: album,
    genre,
    sourceId,
  }: TrackQuery): (track: Track) => boolean {
    const words = wordsOf(text);
    const tests: ((track: Track) => boolean)[] = [];
    if (sourceId !== undefined) tests.push((track) => track.sourceId === sourceId);
    if (album !== undefined) tests.push((track) => albumId(track) === album);
    if (genre !== undefined) {
      const name = fold(genre);
      tests.push(({ genres }) => genres.some((other) => fold(other) === name));
    }
    if (artist !== undefined) {
      const name = fold(artist);
      tests.push((track) => creditsOf(track).some((other) => fold(other) === name));
    }
    if (words.length > 0) {
      tests.push((track) => words.every((word) => this.#textOf(track).includes(word)));
    }
    return (track) => tests.every((test) => test(track));
  }

  #textOf(track: Track): string {
    let text = this.#folded.get(track);
    if (text === undefined) {
      text = fold(`${track.title} ${track.artist} ${track.album}`);
      this.#folded.set(track, text);
    }
    return text;
  }

  #allAlbums(): Album[] {
    if (this.#albums === null) {
      const albums = new Map<string, { -readonly [K in keyof Album]: Album[K] }>();
      for (const track of this.#tracks) {
        if (track.album === '') continue;
        const id = albumId(track);
        const album = albums.get(id);
        if (album) {
          ++album.tracks;
          album.durationMs += track.durationMs ?? 0;
          album.cover ??= track.cover;
          album.year ??= track.year;
          album.addedAt = Math.max(album.addedAt, track.addedAt);
        } else {
          albums.set(id, {
            id,
            title: track.album,
            artist: track.albumArtist || track.artist,
            year: track.year,
            tracks: 1,
            durationMs: track.durationMs ?? 0,
            cover: track.cover,
            addedAt: track.addedAt,
          });
        }
      }
      this.#albums = [...albums.values()];
    }
    return [...this.#albums];
  }

  #allArtists(): readonly ArtistEntry[] {
    if (this.#artists === null) {
      const artists = new Map<string, { name: string; tracks: number; albums: Set<string> }>();
      for (const track of this.#tracks) {
        for (const name of new Set(creditsOf(track))) {
          const key = fold(name);
          const entry = artists.get(key) ?? { name, tracks: 0, albums: new Set<string>() };
          ++entry.tracks;
          if (track.album !== '') entry.albums.add(albumId(track));
          artists.set(key, entry);
        }
      }
      this.#artists = [...artists.values()]
        .map(({ name, tracks, albums }) => ({ name, tracks, albums: albums.size }))
        .sort((a, b) => collator.compare(a.name, b.name));
    }
    return this.#artists;
  }
}

function creditsOf({ artists, artist, albumArtist }: Track): readonly string[] {
  const credits = artists.length > 0 ? artists : [artist];
  return [...credits, albumArtist].filter((name) => name !== '');
}

function wordsOf(text = ''): readonly string[] {
  return fold(text)
    .split(/\s+/)
    .filter((word) => word !== '');
}
