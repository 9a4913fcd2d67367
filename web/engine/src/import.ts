import { OssicleError } from './errors.ts';
import { exportOf, pieces, type Piece } from './pieces.ts';
import type { Arguments, CallName, ImportedBatch, Recorded, Returned } from './protocol.ts';
import type { ImportOptions, ImportReport } from './types.ts';

/** Artists named in a report that the catalogue lacks. */
const UNMATCHED_SHOWN = 10;

/** What an import needs of the engine. */
export interface ImportHost {
  serial<T>(work: () => Promise<T>): Promise<T>;
  ask<K extends CallName>(name: K, args: Arguments<K>): Promise<Returned<K>>;
  keep(batch: ImportedBatch): Promise<readonly Recorded[]>;
  /** Ends the import in the core, also after an abort. */
  release(id: number): Promise<null>;
  /** Grows whenever the history is erased. */
  erasures(): number;
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

function count(tally: Tally, batch: ImportedBatch, recorded: readonly Recorded[]): void {
  batch.events.forEach(({ artistId, artist }, i) => {
    const matched = batch.matched[i] === true;
    tally.listens += 1;
    tally.matchedListens += matched ? 1 : 0;
    if (recorded[i] === 'duplicate') tally.duplicates += 1;
    else tally.added += 1;
    const known = tally.artists.get(artistId);
    if (known) known.listens += 1;
    else tally.artists.set(artistId, { name: artist, matched, listens: 1 });
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

/** Reads an export piece by piece; between pieces other calls get their turn. What was read before a failure stays. */
export async function importExport(
  host: ImportHost,
  file: Blob | ReadableStream<Uint8Array> | Uint8Array,
  options: ImportOptions,
  now: number,
): Promise<ImportReport> {
  const { signal } = options;
  signal?.throwIfAborted();
  const { stream, totalBytes } = exportOf(file);
  const erasures = host.erasures();
  const tally: Tally = {
    listens: 0,
    added: 0,
    duplicates: 0,
    matchedListens: 0,
    artists: new Map(),
  };
  const id = await host.serial(() =>
    host.ask('importOpen', { format: options.format ?? null, now }),
  );

  const feed = async (piece: Piece | null): Promise<void> => {
    signal?.throwIfAborted();
    await host.serial(async () => {
      if (host.erasures() !== erasures) {
        throw new DOMException('The history was erased during the import.', 'AbortError');
      }
      const bytes = piece?.bytes ?? new Uint8Array(0);
      const batch = await host.ask('importFeed', { id, bytes, last: piece === null });
      count(tally, batch, await host.keep(batch));
    });
    if (piece === null) return;
    options.onProgress?.({
      readBytes: piece.readBytes,
      totalBytes,
      listens: tally.listens,
      matched: tally.matchedListens,
    });
    await breathe();
  };

  try {
    for await (const piece of pieces(stream)) await feed(piece);
    await feed(null);
    const { format, problems } = await host.serial(() => host.ask('importReport', { id }));
    const { listens, added, duplicates, matchedListens } = tally;
    return { format, listens, added, duplicates, matchedListens, ...artistsOf(tally), problems };
  } finally {
    await closeImport(host, id);
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
