import { OssicleError } from '../errors.ts';
import { Cutter, exportOf, partsOf, type Reading } from './pieces.ts';
import { IMPORT_PIECE } from '../protocol.ts';
import type {
  Arguments,
  CallName,
  CoreFormat,
  ImportedBatch,
  Recorded,
  Returned,
} from '../protocol.ts';
import { BackupReader } from './backup.ts';
import { openExport, type Opened } from './translate.ts';
import type { ImportOptions, ImportProblem, ImportReport, StoredEvent } from '../types.ts';

/** Artists named in a report that the catalogue lacks. */
const UNMATCHED_SHOWN = 10;

/** What an import needs of the engine. */
export interface ImportHost {
  serial<T>(work: () => Promise<T>): Promise<T>;
  ask<K extends CallName>(name: K, args: Arguments<K>): Promise<Returned<K>>;
  keep(batch: ImportedBatch): Promise<readonly Recorded[]>;
  /** Records events as they are. */
  restore(events: readonly StoredEvent[]): Promise<readonly Recorded[]>;
  /** Ends the import in the core, also after an abort. */
  release(id: number): Promise<null>;
  /** Whether the history was erased since the import was asked for. */
  wasErased(): boolean;
}

interface Tally {
  listens: number;
  added: number;
  duplicates: number;
  matchedListens: number;
  readonly artists: Map<
    string,
    { readonly name: string; readonly matched: boolean; listens: number }
  >;
}

function count(
  tally: Tally,
  { events, matched }: Pick<ImportedBatch, 'events' | 'matched'>,
  recorded: readonly Recorded[],
): void {
  events.forEach(({ artistId, artist }, i) => {
    const known = matched[i] === true;
    tally.listens += 1;
    tally.matchedListens += known ? 1 : 0;
    if (recorded[i] === 'duplicate') tally.duplicates += 1;
    else tally.added += 1;
    const before = tally.artists.get(artistId);
    if (before) before.listens += 1;
    else tally.artists.set(artistId, { name: artist, matched: known, listens: 1 });
  });
}

function artistsOf({
  artists,
}: Tally): Pick<ImportReport, 'artists' | 'matchedArtists' | 'unmatchedArtists'> {
  const all = [...artists.values()];
  const unmatched = all.filter(({ matched }) => !matched);
  unmatched.sort((a, b) => b.listens - a.listens);
  return {
    artists: all.length,
    matchedArtists: all.length - unmatched.length,
    unmatchedArtists: unmatched
      .slice(0, UNMATCHED_SHOWN)
      .map(({ name, listens }) => ({ name, listens })),
  };
}

/** Lets the page draw, and other calls run, between pieces. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function coreFormatOf(opened: Opened, given: ImportOptions['format']): CoreFormat | null {
  // What is translated becomes JSON lines of ListenBrainz.
  if (opened.format !== null) return 'listenbrainz';
  // openExport let no other through.
  return (given ?? null) as CoreFormat | null;
}

/** Reads an export piece by piece; between pieces other calls get their turn. What was read before a failure stays. */
class Import {
  readonly #host: ImportHost;
  readonly #options: ImportOptions;
  readonly #totalBytes: number;
  readonly #reading: Reading;
  /** Bytes read when progress was told last. */
  #told = 0;
  readonly tally: Tally = {
    ...{ listens: 0, added: 0, duplicates: 0, matchedListens: 0 },
    artists: new Map(),
  };

  constructor(host: ImportHost, options: ImportOptions, totalBytes: number, reading: Reading) {
    this.#host = host;
    this.#options = options;
    this.#totalBytes = totalBytes;
    this.#reading = reading;
  }

  /** Does a piece of the work, unless the history was erased or the import aborted meanwhile. */
  async #step(work: () => Promise<void>): Promise<void> {
    this.#options.signal?.throwIfAborted();
    await this.#host.serial(async () => {
      if (this.#host.wasErased()) {
        throw new DOMException('The history was erased during the import.', 'AbortError');
      }
      await work();
    });
  }

  async #tell(): Promise<void> {
    this.#options.signal?.throwIfAborted();
    this.#told = this.#reading.bytes;
    this.#options.onProgress?.({
      readBytes: this.#reading.bytes,
      totalBytes: this.#totalBytes,
      listens: this.tally.listens,
      matched: this.tally.matchedListens,
    });
    await breathe();
  }

  async listens(opened: Opened, now: number): Promise<ImportReport> {
    const host = this.#host;
    const format = coreFormatOf(opened, this.#options.format);
    const id = await host.serial(() => host.ask('importOpen', { format, now }));
    const feed = (bytes: Uint8Array<ArrayBuffer>, last: boolean): Promise<void> =>
      this.#step(async () => {
        const batch = await host.ask('importFeed', { id, bytes, last });
        count(this.tally, batch, await host.keep(batch));
      });
    try {
      const cutter = new Cutter();
      for await (const chunk of opened.bytes) {
        for (const bytes of cutter.add(chunk)) {
          await feed(bytes, false);
          await this.#tell();
        }
        // Records that are all left out give no piece; the page wants to draw, and to stop, all the same.
        if (this.#reading.bytes - this.#told >= IMPORT_PIECE) await this.#tell();
      }
      await feed(cutter.rest(), false);
      await this.#tell();
      await feed(new Uint8Array(0), true);
      if (opened.format !== null) return this.#report(opened.format, opened, []);
      const facts = await host.serial(() => host.ask('importReport', { id }));
      return this.#report(facts.format, opened, facts.problems);
    } finally {
      await closeImport(host, id);
    }
  }

  async events(opened: Opened): Promise<ImportReport> {
    const reader = new BackupReader(opened.findings);
    const restore = (events: readonly StoredEvent[]): Promise<void> =>
      this.#step(async () => {
        if (events.length === 0) return;
        const ids = [...new Set(events.map(({ artistId }) => artistId))];
        const artists = await this.#host.ask('artists', { ids });
        const known = new Set(ids.filter((_, i) => artists[i] !== null));
        const matched = events.map(({ artistId }) => known.has(artistId));
        count(this.tally, { events, matched }, await this.#host.restore(events));
      });
    for await (const bytes of opened.bytes) {
      for (const events of reader.push(bytes)) await restore(events);
      await this.#tell();
    }
    for (const events of reader.end()) await restore(events);
    const report = this.#report('ossicle', opened, []);
    return reader.settings === undefined ? report : { ...report, settings: reader.settings };
  }

  #report(
    format: ImportReport['format'],
    { findings }: Opened,
    problems: readonly ImportProblem[],
  ): ImportReport {
    const { listens, added, duplicates, matchedListens } = this.tally;
    return {
      ...{ format, listens, estimatedDates: findings.estimatedDates },
      ...{ added, duplicates, matchedListens, ...artistsOf(this.tally) },
      problems: [...problems, ...findings.problems],
    };
  }
}

export async function importExport(
  host: ImportHost,
  file: Blob | ReadableStream<Uint8Array> | Uint8Array,
  options: ImportOptions,
  now: number,
): Promise<ImportReport> {
  options.signal?.throwIfAborted();
  const { stream, totalBytes } = exportOf(file);
  const reading: Reading = { bytes: 0 };
  const running = new Import(host, options, totalBytes, reading);
  const parts = partsOf(stream, reading);
  try {
    const opened = await openExport(parts, options.format ?? null, 1000 * now);
    if (opened.format === 'ossicle') return await running.events(opened);
    return await running.listens(opened, now);
  } finally {
    await parts.return(undefined);
  }
}

/** An import that ended in a failure may have no core left to be closed in. */
async function closeImport(host: ImportHost, id: number): Promise<void> {
  try {
    await host.release(id);
  } catch (cause) {
    const gone =
      cause instanceof OssicleError && (cause.code === 'closed' || cause.code === 'internal');
    if (!gone) throw cause;
  }
}
