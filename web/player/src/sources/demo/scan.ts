/** The demo album lies beside the page; its list says all that tags would. */
import * as v from 'valibot';
import type { TrackRecord } from '../../library/records.ts';
import type { Lyrics } from '../../library/types.ts';
import { parseLyrics } from '../folder/lyrics.ts';
import type { ScanTarget } from '../folder/scan.ts';
import { SourceError, type ScanProgress, type ScanReport } from '../types.ts';

export const DEMO_ID = 'demo';
export const DEMO_FOLDER = 'demo';

/** Written by web/player/demo/build.ts. */
export const demoList = v.object({
  version: v.literal(1),
  tracks: v.array(
    v.object({
      file: v.string(),
      bytes: v.number(),
      title: v.string(),
      artist: v.string(),
      album: v.string(),
      number: v.number(),
      year: v.number(),
      tags: v.array(v.string()),
      durationMs: v.number(),
      cover: v.string(),
      /** Plain, or LRC. */
      lyrics: v.nullable(v.string()),
    }),
  ),
});
export type DemoList = v.InferOutput<typeof demoList>;

export async function scanDemo(
  answer: Response,
  target: ScanTarget,
  progress: (progress: ScanProgress) => void,
): Promise<ScanReport> {
  const missing = 'The demo album is not there: this copy of Ossicle was built without it.';
  if (!answer.ok) throw new SourceError('not_found', missing, DEMO_FOLDER);
  const parsed = v.safeParse(demoList, await answer.json().catch(() => null));
  if (!parsed.success) throw new SourceError('bad_answer', missing, DEMO_FOLDER);
  const { tracks } = parsed.output;
  const known = target.records();
  const source = target.source();
  const words = new Map<string, Lyrics>();
  const put = tracks.map((track): TrackRecord => {
    const lyrics = track.lyrics === null ? null : parseLyrics(track.lyrics);
    const lyricsKey = lyrics === null ? null : crypto.randomUUID();
    if (lyrics !== null && lyricsKey !== null) words.set(lyricsKey, lyrics);
    const { file, bytes, title, artist, album, number, year, durationMs, cover } = track;
    return {
      id: `${source.id}/${file}`,
      sourceId: source.id,
      path: file,
      ...{ title, artist, artists: [artist], album, albumArtist: artist },
      ...{ disc: null, number, year, genres: track.tags, durationMs },
      cover: `${source.id}/${cover}`,
      hasLyrics: lyrics !== null,
      addedAt: known.get(file)?.addedAt ?? Date.now(),
      size: bytes,
      modified: 0,
      lyricsKey,
    };
  });
  const files = new Set(tracks.map(({ file }) => file));
  const remove = [...known.values()].filter(({ path }) => !files.has(path)).map(({ id }) => id);
  const now: typeof source = { ...source, scannedAt: Date.now(), problems: [] };
  await target.write({ put, remove, lyrics: words, covers: new Map(), source: now });
  const total = tracks.length;
  const bytes = tracks.reduce((sum, track) => sum + track.bytes, 0);
  progress({
    ...{ stage: 'reading', done: total, total, doneBytes: bytes, totalBytes: bytes },
    ...{ secondsLeft: 0, current: '' },
  });
  const added = put.filter(({ path }) => !known.has(path)).length;
  const removed = remove.length;
  return { added, changed: total - added, removed, unchanged: 0, problems: [] };
}
