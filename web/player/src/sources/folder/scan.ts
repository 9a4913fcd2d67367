/** Brings what the library knows of a folder in line with what is in it. Reads only what is new or has changed. */
import type { ProblemRecord, SourceRecord, TrackRecord } from '../../library/records.ts';
import type { Lyrics } from '../../library/types.ts';
import { Pace } from '../pace.ts';
import type { FileProblem, ScanProgress, ScanReport } from '../types.ts';
import { coverKey, smallCover } from './covers.ts';
import { parseLyrics } from './lyrics.ts';
import { readTags } from './read-tags.ts';
import type { Entry, Walk } from './walk.ts';

const AUDIO =
  /\.(?:mp3|m4a|m4b|mp4|aac|flac|ogg|oga|opus|wav|wave|aif|aiff|aifc|wma|ape|mpc|wv|dsf|dff|webm|mka|caf)$/i;
/** No browser plays these. */
const UNPLAYABLE = /\.(?:wma|ape|mpc|wv|dsf|dff)$/i;
const COVER = /^(?:cover|folder|front|album|albumart)\.(?:jpe?g|png|webp|gif)$/i;
/** Longer ones are no words of a song. */
const LARGEST_LYRICS = 1_000_000;
/** Files that are read at once: tags wait for the disk, not for the processor. */
const AT_ONCE = 4;
/** Files whose size and time are asked for at once: each answer comes from the browser's own process. */
const LOOKED_AT_ONCE = 32;
/** Files after which what was read is stored, so that an abort or a crash loses little: a second or two of work. */
const BATCH = 400;

export interface ScanBatch {
  readonly put: readonly TrackRecord[];
  readonly remove: readonly string[];
  readonly lyrics: ReadonlyMap<string, Lyrics>;
  readonly covers: ReadonlyMap<string, Blob>;
  readonly source: SourceRecord;
}

/** What the scan needs of the library. */
export interface ScanTarget {
  source(): SourceRecord;
  /** By path. */
  records(): ReadonlyMap<string, TrackRecord>;
  write(batch: ScanBatch): Promise<void>;
}

interface Found {
  readonly path: string;
  readonly file: File;
  readonly size: number;
  readonly modified: number;
}

export async function scanFolder(
  walk: Walk,
  target: ScanTarget,
  signal: AbortSignal,
  progress: (progress: ScanProgress) => void,
): Promise<ScanReport> {
  const known = target.records();
  const before = new Map(target.source().problems.map((problem) => [problem.path, problem]));
  const problems = new Map<string, ProblemRecord>();
  const due: Found[] = [];
  const seen = new Set<string>();
  const unread: string[] = [];
  /** By folder, and by path without extension. */
  const covers = new Map<string, Entry>();
  const words = new Map<string, Entry>();
  let unchanged = 0;
  let totalBytes = 0;
  const pace = new Pace(progress);

  const look = async (entries: readonly Entry[]): Promise<void> => {
    const files = await Promise.allSettled(entries.map((entry) => entry.file()));
    signal.throwIfAborted();
    for (const [i, entry] of entries.entries()) {
      const file = files[i];
      if (!file) continue;
      const { path } = entry;
      if (file.status === 'rejected') {
        problems.set(path, unreadable(path, file.reason));
        continue;
      }
      const { size, lastModified: modified } = file.value;
      const old = known.get(path);
      const problem = before.get(path);
      if (old?.size === size && old.modified === modified) {
        ++unchanged;
        if (problem) problems.set(path, problem);
      } else if (!old && problem?.size === size && problem.modified === modified) {
        problems.set(path, problem);
      } else {
        due.push({ path, file: file.value, size, modified });
        totalBytes += size;
      }
    }
  };
  let waiting: Entry[] = [];
  for await (const entry of walk.entries(signal)) {
    const { path } = entry;
    if ('cause' in entry) {
      unread.push(path);
      problems.set(path, unreadable(path, entry.cause));
      continue;
    }
    const slash = path.lastIndexOf('/') + 1;
    if (COVER.test(path.slice(slash))) covers.set(path.slice(0, slash), entry);
    if (/\.lrc$/i.test(path)) words.set(path.slice(0, -4), entry);
    if (!AUDIO.test(path)) continue;
    seen.add(path);
    waiting.push(entry);
    if (waiting.length === LOOKED_AT_ONCE) {
      await look(waiting);
      waiting = [];
    }
    pace.tell({
      stage: 'looking',
      done: unchanged,
      total: seen.size,
      doneBytes: 0,
      totalBytes,
      current: path,
    });
  }
  await look(waiting);

  const pictures = new Pictures(covers);
  let batch = emptyBatch();
  let added = 0;
  let changed = 0;
  let done = 0;
  let doneBytes = 0;
  pace.start();

  const gone = new Set<string>();
  const turnedBad = (path: string): boolean =>
    ['corrupt', 'empty'].includes(problems.get(path)?.kind ?? '');

  const store = async (finished: boolean): Promise<void> => {
    const { put, lyrics } = batch;
    batch = emptyBatch();
    const stay = (path: string): boolean =>
      seen.has(path) || unread.some((folder) => path.startsWith(folder));
    const remove = [...known.values()]
      .filter(({ id, path }) => !gone.has(id) && ((finished && !stay(path)) || turnedBad(path)))
      .map(({ id }) => id);
    const source = target.source();
    const kept = finished ? problems : new Map([...before, ...problems]);
    await target.write({
      put,
      remove,
      lyrics,
      covers: pictures.take(),
      source: {
        ...source,
        problems: [...kept.values()],
        scannedAt: finished ? Date.now() : source.scannedAt,
      },
    });
    for (const id of remove) gone.add(id);
  };

  const read = async ({ path, file, size, modified }: Found): Promise<void> => {
    const problem = (told: Omit<FileProblem, 'path'>): void => {
      problems.set(path, { path, size, modified, ...told });
    };
    before.delete(path);
    try {
      const { facts, lyrics, picture, problem: bad } = await readTags(file, path, signal);
      if (bad) problem(bad);
      if (facts) {
        if (UNPLAYABLE.test(path)) {
          problem({ kind: 'unsupported', reason: 'Browsers cannot play this format.' });
        }
        const beside = lyrics ?? (await readLyrics(words.get(path.replace(/\.[^./]*$/, ''))));
        const old = known.get(path);
        const sourceId = target.source().id;
        const addedAt = old?.addedAt ?? Date.now();
        const lyricsKey = beside ? crypto.randomUUID() : null;
        if (beside && lyricsKey !== null) batch.lyrics.set(lyricsKey, beside);
        batch.put.push({
          ...{ id: `${sourceId}/${path}`, sourceId, path, size, modified, addedAt, ...facts },
          cover: await pictures.of(path, picture),
          hasLyrics: beside !== null,
          lyricsKey,
        });
        if (old) ++changed;
        else ++added;
      }
    } catch (cause) {
      signal.throwIfAborted();
      problems.set(path, unreadable(path, cause));
    }
    ++done;
    doneBytes += size;
    pace.tell({ stage: 'reading', done, total: due.length, doneBytes, totalBytes, current: path });
  };

  try {
    for (let from = 0; from < due.length; from += BATCH) {
      const part = due.slice(from, from + BATCH).values();
      const lane = async (): Promise<void> => {
        for (const found of part) {
          signal.throwIfAborted();
          await read(found);
        }
      };
      const lanes = await Promise.allSettled(Array.from({ length: AT_ONCE }, lane));
      const failed = lanes.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
      if (from + BATCH < due.length) await store(false);
    }
  } catch (cause) {
    // Aborted: what was read is worth keeping.
    if (signal.aborted && batch.put.length > 0) await store(false);
    throw cause;
  }
  await store(true);
  pace.end();
  const told = [...problems.values()].map(publicProblem);
  return { added, changed, removed: gone.size, unchanged, problems: told };
}

export function publicProblem({ path, kind, reason }: ProblemRecord): FileProblem {
  return { path, kind, reason };
}

function emptyBatch(): { put: TrackRecord[]; lyrics: Map<string, Lyrics> } {
  return { put: [], lyrics: new Map() };
}

function unreadable(path: string, cause: unknown): ProblemRecord {
  const said = cause instanceof Error ? cause.message : String(cause);
  // Size and time that no file has: it is tried again in the next scan.
  return {
    path,
    kind: 'unreadable',
    reason: `The browser could not open it: ${said}`,
    size: -1,
    modified: -1,
  };
}

async function readLyrics(entry: Entry | undefined): Promise<Lyrics | null> {
  if (!entry) return null;
  const file = await entry.file();
  return file.size > LARGEST_LYRICS ? null : parseLyrics(await file.text());
}

/** Covers of one scan: each picture is made small and stored once, however many tracks have it. */
class Pictures {
  readonly #files: ReadonlyMap<string, Entry>;
  readonly #fromFiles = new Map<string, Promise<string | null>>();
  readonly #made = new Set<string>();
  #fresh = new Map<string, Blob>();

  constructor(files: ReadonlyMap<string, Entry>) {
    this.#files = files;
  }

  /** The key of the picture in the tags, else of the one that lies beside the file. */
  of(path: string, picture: Blob | null): Promise<string | null> {
    if (picture) return this.#keep(picture);
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    let key = this.#fromFiles.get(folder);
    if (!key) {
      key = this.#read(folder);
      this.#fromFiles.set(folder, key);
    }
    return key;
  }

  /** Those not stored yet. */
  take(): ReadonlyMap<string, Blob> {
    const fresh = this.#fresh;
    this.#fresh = new Map();
    return fresh;
  }

  async #read(folder: string): Promise<string | null> {
    const file = await this.#files.get(folder)?.file();
    return file ? this.#keep(file) : null;
  }

  async #keep(picture: Blob): Promise<string> {
    const key = await coverKey(picture);
    if (!this.#made.has(key)) {
      this.#made.add(key);
      this.#fresh.set(key, await smallCover(picture));
    }
    return key;
  }
}
