import { OslImported, OslImportReport, OslListen } from './abi.gen.ts';
import { creditedArtists } from './core-library.ts';
import { creditedTo } from './credits.ts';
import { EVENTS, type Core } from './core.ts';
import { OssicleError } from './errors.ts';
import { fromHex, toHex, type Block } from './heap.ts';
import { IMPORT_PIECE, toWire, type ImportedBatch, type ImportFacts } from './protocol.ts';
import type { CoreFormat, Recorded } from './protocol.ts';
import type { ImportProblemKind, StoredEvent } from './types.ts';

/** The words of one record of the longest length that the reader takes. */
const TEXT_BYTES = 1 << 20;

/** Index = ossicle::HistoryFormat. */
const FORMATS = [null, 'listenbrainz', 'lastfm-json', 'lastfm-csv'] as const;

/** Index = ossicle::ImportProblem. */
const PROBLEMS: readonly ImportProblemKind[] = [
  'bad_record',
  'no_artist',
  'bad_date',
  'future_date',
  'too_long',
  'bad_utf8',
  'truncated',
  'now_playing',
];

const ADVICE =
  'Ossicle reads the exports of ListenBrainz (JSON lines), Last.fm (JSON of the API, or CSV), Spotify (JSON), Apple Music (the library as XML, or CSV) ' +
  'and YouTube Music (JSON or HTML of Takeout), and the zip that they come in.';

/** One export on its way in: its reader in the core, and the memory that pieces cross in. */
export class CoreImport {
  readonly #core: Core;
  readonly #handle: number;
  readonly #piece: Block;
  readonly #out: Block;
  readonly #text: Block;
  /** Credit that is no artist of the catalogue -> the first artist in it who is; null: none. */
  readonly #credits = new Map<string, Uint8Array<ArrayBuffer> | null>();

  constructor(core: Core, format: CoreFormat | null, now: number) {
    this.#core = core;
    this.#piece = core.heap.take(IMPORT_PIECE);
    this.#out = core.heap.take(EVENTS * OslImported.size);
    this.#text = core.heap.take(TEXT_BYTES);
    const { small } = core.room;
    core.check(core.abi.osl_import_open(FORMATS.indexOf(format), BigInt(now), small), 'Importing');
    this.#handle = core.heap.u32(small);
  }

  /** Reads a piece of the export and records its listens. Errors: unknown_format (`at` = line). */
  feed(bytes: Uint8Array, last: boolean): ImportedBatch {
    const { heap } = this.#core;
    if (bytes.length > IMPORT_PIECE) {
      throw new OssicleError('internal', `A piece of ${bytes.length} bytes is too long.`);
    }
    heap.put(this.#piece, bytes);
    const events: StoredEvent[] = [];
    const recorded: Recorded[] = [];
    const matched: boolean[] = [];
    let failure: OssicleError | null = null;
    let used = 0;
    for (;;) {
      let taken: { readonly used: number; readonly n: number };
      try {
        taken = this.#step(used, bytes.length - used, last);
      } catch (cause) {
        // What was recorded before must reach the caller, who has yet to store it.
        if (!(cause instanceof OssicleError) || events.length === 0) throw cause;
        failure ??= cause;
        break;
      }
      used += taken.used;
      if (taken.n === 0 && taken.used === 0) break;
      for (let i = 0; i < taken.n; ++i) this.#credit(i);
      const before = recorded.length;
      // After a failure the rest is read all the same: the caller makes room and records it then.
      if (failure === null) failure = this.#record(taken.n, recorded);
      for (let i = 0; i < taken.n; ++i) {
        events.push(this.#event(i));
        const became = recorded[before + i];
        const known = became === 'kept' || (became !== 'unknown' && this.#core.knows(this.#at(i)));
        matched.push(known);
      }
    }
    if (failure === null && used < bytes.length) {
      throw new OssicleError('internal', 'The reader of exports does not go on.', used);
    }
    return { events, recorded, matched, failure: failure === null ? null : toWire(failure) };
  }

  #step(from: number, n: number, last: boolean): { used: number; n: number } {
    const { abi, heap, room } = this.#core;
    const code = abi.osl_import_feed(
      this.#handle,
      this.#piece.at + from,
      n,
      last ? 1 : 0,
      room.small,
      this.#out.at,
      EVENTS,
      room.small + 4,
      this.#text.at,
      this.#text.size,
      room.error,
    );
    this.#core.check(code, 'Reading the export', ADVICE);
    return heap.view(({ data }) => ({
      used: data.getUint32(room.small, true),
      n: data.getUint32(room.small + 4, true),
    }));
  }

  #at(index: number): number {
    return this.#out.at + index * OslImported.size;
  }

  /** A play of "A feat. B" is one of the first of them whom the catalogue knows; the words stay as they are. */
  #credit(index: number): void {
    const { heap } = this.#core;
    const at = this.#at(index) + OslImported.offset.listen + OslListen.offset.artist;
    if (this.#core.knows(at)) return;
    const { artistAt, artistN } = heap.view(({ data }) => OslImported.read(data, this.#at(index)));
    const name = heap.text(this.#text.at + artistAt, artistN);
    let id = this.#credits.get(name);
    if (id === undefined) {
      const first = creditedTo(name, creditedArtists(this.#core, [name])[0] ?? []);
      id = first === undefined ? null : fromHex(first.id);
      this.#credits.set(name, id);
    }
    if (id !== null) heap.view(({ bytes }) => bytes.set(id, at));
  }

  #record(n: number, recorded: Recorded[]): OssicleError | null {
    const { heap, room } = this.#core;
    heap.view(({ bytes }) => {
      for (let i = 0; i < n; ++i) {
        const from = this.#at(i) + OslImported.offset.listen;
        bytes.copyWithin(room.events + i * OslListen.size, from, from + OslListen.size);
      }
    });
    const learnt = this.#core.learning.imported;
    return this.#core.recordRoom(n, recorded, () => learnt);
  }

  #event(index: number): StoredEvent {
    const { heap } = this.#core;
    const read = heap.view(({ data }) => OslImported.read(data, this.#at(index)));
    const words = (at: number, n: number): string => heap.text(this.#text.at + at, n);
    const { listen } = read;
    return {
      kind: 'play',
      at: Number(listen.atS),
      artist: words(read.artistAt, read.artistN),
      artistId: toHex(listen.artist),
      ...(read.titleN > 0 && { title: words(read.titleAt, read.titleN) }),
      ...(read.albumN > 0 && { album: words(read.albumAt, read.albumN) }),
      ...(listen.playedMs > 0 && { playedMs: listen.playedMs }),
      ...(listen.durationMs > 0 && { durationMs: listen.durationMs }),
      source: 'import',
    };
  }

  /** Errors: unknown_format, when the export ended before its format could be told. */
  report(): ImportFacts {
    const { abi, heap } = this.#core;
    // The struct fits where listens land; it is read at once.
    this.#core.check(abi.osl_import_report_get(this.#handle, this.#out.at), 'Importing');
    const report = heap.view(({ data }) => OslImportReport.read(data, this.#out.at));
    const format = FORMATS[report.format] ?? null;
    if (format === null) {
      throw new OssicleError('unknown_format', `There is no listen in this file. ${ADVICE}`, 1);
    }
    const problems = PROBLEMS.map((kind, i) => ({
      kind,
      count: Number(report.problems[i] ?? 0n),
      firstLine: Number(report.firstLine[i] ?? 0n),
    }));
    return {
      format,
      listens: Number(report.listens),
      problems: problems.filter(({ count }) => count > 0),
    };
  }

  close(): void {
    const { abi, heap } = this.#core;
    abi.osl_import_close(this.#handle);
    for (const block of [this.#piece, this.#out, this.#text]) heap.free(block);
  }
}
