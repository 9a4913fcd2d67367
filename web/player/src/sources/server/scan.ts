/** Reads all songs of a server, a page at a time. */
import type { SourceRecord, TrackRecord } from '../../library/records.ts';
import type { ScanTarget } from '../folder/scan.ts';
import { Pace } from '../pace.ts';
import type { FileProblem, ScanProgress, ScanReport } from '../types.ts';
import type { Song } from './answers.ts';
import type { Songs, SubsonicClient } from './client.ts';

/** What servers allow at once. */
const PAGE = 500;
/** Albums asked for at the same time: gentle to a small machine. */
const AT_ONCE = 4;

const NO_STREAMS =
  'The server lets web players list its music but not play it. A reverse proxy before it can add the header Access-Control-Allow-Origin to its streams.';

export async function scanServer(
  client: SubsonicClient,
  target: ScanTarget,
  signal: AbortSignal,
  progress: (progress: ScanProgress) => void,
): Promise<ScanReport> {
  const known = target.records();
  const pace = new Pace(progress);
  const problems: FileProblem[] = [];
  const seen = new Set<string>();
  let added = 0;
  let changed = 0;
  let unchanged = 0;

  const take = async ({ songs, bad }: Songs): Promise<void> => {
    for (const { what, reason } of bad) problems.push({ path: what, kind: 'corrupt', reason });
    const put: TrackRecord[] = [];
    const { id: sourceId } = target.source();
    for (const song of songs) {
      if (song.isDir || seen.has(song.id) || song.type === 'podcast') continue;
      seen.add(song.id);
      const old = known.get(song.id);
      const record = recordOf(song, sourceId, old);
      if (old && same(old, record)) ++unchanged;
      else {
        put.push(record);
        if (old) ++changed;
        else ++added;
      }
    }
    if (put.length > 0) await target.write(batchOf(put, [], target.source()));
  };
  const tell = (stage: ScanProgress['stage'], done: number, total: number, current: string): void =>
    pace.tell({ stage, done, total, doneBytes: 0, totalBytes: 0, current });

  pace.start();
  let offset = 0;
  for (;;) {
    signal.throwIfAborted();
    const page = await client.allSongs(offset, PAGE, signal);
    const before = seen.size;
    await take(page);
    offset += page.sent;
    tell('looking', seen.size, seen.size, page.songs.at(-1)?.title ?? '');
    // Some servers send fewer than they were asked for; one that sends the same page for ever is at its end, too.
    if (page.sent === 0 || (seen.size === before && page.bad.length === 0)) break;
  }
  // Servers that do not take the empty query: album by album.
  if (offset === 0) {
    const albums = await allAlbums(client, signal, (found) => tell('looking', 0, found, ''));
    const rest = albums.values();
    let done = 0;
    pace.start();
    const lane = async (): Promise<void> => {
      for (const id of rest) {
        signal.throwIfAborted();
        const album = await client.album(id, signal);
        await take(album);
        tell('reading', ++done, albums.length, album.songs[0]?.album ?? '');
      }
    };
    const lanes = await Promise.allSettled(Array.from({ length: AT_ONCE }, lane));
    const failed = lanes.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  const [one] = seen;
  if (one !== undefined && !(await client.streams(one, signal))) {
    problems.push({ path: target.source().name, kind: 'unsupported', reason: NO_STREAMS });
  }
  const gone = [...known.values()].filter(({ path }) => !seen.has(path)).map(({ id }) => id);
  const source: SourceRecord = {
    ...target.source(),
    scannedAt: Date.now(),
    problems: problems.map((problem) => ({ ...problem, size: -1, modified: -1 })),
  };
  await target.write(batchOf([], gone, source));
  pace.end();
  return { added, changed, removed: gone.length, unchanged, problems };
}

async function allAlbums(
  client: SubsonicClient,
  signal: AbortSignal,
  found: (albums: number) => void,
): Promise<readonly string[]> {
  const ids = new Set<string>();
  for (let offset = 0; ;) {
    const page = await client.albums(offset, PAGE, signal);
    const before = ids.size;
    for (const id of page.ids) ids.add(id);
    offset += page.sent;
    found(ids.size);
    // A server that sends the same page for ever is at its end, too.
    if (page.sent === 0 || ids.size === before) return [...ids];
  }
}

function batchOf(put: readonly TrackRecord[], remove: readonly string[], source: SourceRecord) {
  return { put, remove, lyrics: new Map(), covers: new Map(), source };
}

function recordOf(song: Song, sourceId: string, old: TrackRecord | undefined): TrackRecord {
  const genres = song.genres.map(({ name }) => name);
  const whole = (n: number | null): number | null => (n !== null && n > 0 ? Math.round(n) : null);
  return {
    id: `${sourceId}/${song.id}`,
    sourceId,
    path: song.id,
    title: song.title || song.id,
    artist: song.displayArtist || song.artist,
    artists: song.artists.map(({ name }) => name),
    album: song.album,
    albumArtist: song.displayAlbumArtist || (song.albumArtists[0]?.name ?? ''),
    disc: whole(song.discNumber),
    number: whole(song.track),
    year: whole(song.year),
    genres: genres.length > 0 ? genres : song.genre === '' ? [] : [song.genre],
    durationMs:
      song.duration !== null && song.duration > 0 ? Math.round(song.duration * 1000) : null,
    cover: song.coverArt === null ? null : `${sourceId}/${song.coverArt}`,
    // Servers do not say before they are asked.
    hasLyrics: true,
    addedAt: old?.addedAt ?? Date.now(),
    size: song.size ?? 0,
    modified: 0,
    lyricsKey: old?.lyricsKey ?? null,
  };
}

function same(a: TrackRecord, b: TrackRecord): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
