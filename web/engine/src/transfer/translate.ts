/** Turns exports of other services into the JSON lines that the core's importer reads. */
import { OssicleError } from '../errors.ts';
import {
  HEAD,
  isOwn,
  recognise,
  type ForeignFormat,
  type Recognised,
} from '../import/recognise.ts';
import type { ReadListen, ReadRecord, RecordReader } from '../import/records.ts';
import { joined, type Part } from './pieces.ts';
import type { ImportFormat, ImportProblem, ImportProblemKind } from '../types.ts';

const NEWLINE = Uint8Array.of(10);
/** Text that is handed to a reader at a time: what one chunk of it becomes is held in memory. */
const SLICE = 65536;

const CORE_FORMATS: readonly ImportFormat[] = ['listenbrainz', 'lastfm-json', 'lastfm-csv'];

/** What was found beside the listens. */
export class Findings {
  readonly #problems = new Map<ImportProblemKind, ImportProblem>();
  estimatedDates = 0;
  listens = 0;

  add(kind: ImportProblemKind, line: number, file: string | null): void {
    const known = this.#problems.get(kind);
    const first = known ?? { firstLine: line, ...(file !== null && { firstFile: file }) };
    this.#problems.set(kind, { ...first, kind, count: (known?.count ?? 0) + 1 });
  }

  get problems(): readonly ImportProblem[] {
    return [...this.#problems.values()];
  }
}

function lineOf({ artist, title, album, startedAt, playedMs, durationMs }: ReadListen): string {
  const more = {
    ...(durationMs !== undefined && { duration_ms: durationMs }),
    // In whole seconds; 0 would say that nobody knows.
    ...(playedMs !== undefined && { duration_played: Math.max(1, Math.round(playedMs / 1000)) }),
  };
  return `${JSON.stringify({
    listened_at: Math.floor(startedAt.getTime() / 1000),
    track_metadata: {
      artist_name: artist,
      ...(title !== undefined && { track_name: title }),
      ...(album !== undefined && { release_name: album }),
      additional_info: more,
    },
  })}\n`;
}

/** One file of an export of another service. */
class Translator {
  readonly #file: string | null;
  readonly #reader: RecordReader;
  readonly #findings: Findings;
  readonly #decoder = new TextDecoder();
  readonly #encoder = new TextEncoder();

  constructor(file: string | null, reader: RecordReader, findings: Findings) {
    this.#file = file;
    this.#reader = reader;
    this.#findings = findings;
  }

  *push(bytes: Uint8Array): Generator<Uint8Array> {
    for (let from = 0; from < bytes.length; from += SLICE) {
      const text = this.#decoder.decode(bytes.subarray(from, from + SLICE), { stream: true });
      yield* this.#lines(this.#reader.push(text));
    }
  }

  *end(): Generator<Uint8Array> {
    yield* this.#lines(this.#reader.push(this.#decoder.decode()));
    yield* this.#lines(this.#reader.end());
  }

  *#lines(records: Iterable<ReadRecord>): Generator<Uint8Array> {
    let text = '';
    for (const record of records) {
      if ('problem' in record) {
        this.#findings.add(record.problem, record.line, this.#file);
        continue;
      }
      this.#findings.listens += 1;
      if (record.listen.dateEstimated) this.#findings.estimatedDates += 1;
      text += lineOf(record.listen);
      if (text.length < SLICE) continue;
      yield this.#encoder.encode(text);
      text = '';
    }
    // Also when it is empty: whoever counts bytes hears that it goes on.
    yield this.#encoder.encode(text);
  }
}

export interface Opened {
  /** null: one of the core's formats. */
  readonly format: ForeignFormat | 'ossicle' | null;
  /** What the core's importer is to read, or the reader of backups. */
  readonly bytes: AsyncGenerator<Uint8Array, void>;
  /** Filled while the bytes are read. */
  readonly findings: Findings;
}

/** The parts of each file, after the first characters of it. */
interface Started {
  readonly file: string | null;
  readonly head: Uint8Array;
  readonly ended: boolean;
}

async function startOf(parts: AsyncGenerator<Part, void>): Promise<Started | null> {
  let head = new Uint8Array(0) as Uint8Array;
  for (;;) {
    const { value, done } = await parts.next();
    if (done === true) return null;
    head = joined(head, value.bytes);
    if (value.last || head.length >= HEAD) return { file: value.file, head, ended: value.last };
  }
}

function textOf({ head }: Started): string {
  return new TextDecoder().decode(head.subarray(0, HEAD));
}

function recognised(file: Started): Recognised | null {
  return recognise(textOf(file));
}

async function* rest(
  parts: AsyncGenerator<Part, void>,
  ended: boolean,
): AsyncGenerator<Uint8Array, void> {
  for (let last = ended; !last;) {
    const { value, done } = await parts.next();
    if (done === true) return;
    yield value.bytes;
    ({ last } = value);
  }
}

async function skip(parts: AsyncGenerator<Part, void>, ended: boolean): Promise<void> {
  const left = rest(parts, ended);
  while ((await left.next()).done !== true);
}

/** Opens the export whose files are `parts`. `format`: what the caller says it is; null: to be found out. */
export async function openExport(
  parts: AsyncGenerator<Part, void>,
  format: ImportFormat | null,
  now: number,
): Promise<Opened> {
  const findings = new Findings();
  const first = await startOf(parts);
  const isBackup = first !== null && isOwn(textOf(first));
  const foreign = first === null || isBackup ? null : (recognised(first)?.format ?? null);
  const told = isBackup ? 'ossicle' : foreign;
  const isCores = format === null || CORE_FORMATS.includes(format);
  if (format !== null && (told === null ? !isCores : told !== format)) {
    const what = `This is not an export of "${format}"${told === null ? '' : ` but of "${told}"`}.`;
    throw new OssicleError('unknown_format', what, 1);
  }

  async function* bytes(): AsyncGenerator<Uint8Array, void> {
    for (let file = first; file !== null; file = await startOf(parts)) {
      if (foreign === null) {
        yield file.head;
        yield* rest(parts, file.ended);
        if (file.file !== null) yield NEWLINE;
        continue;
      }
      const kind = recognised(file);
      if (kind === null) {
        // In the folder of another one's listens, and something else: searches, comments.
        findings.add('other_file', 1, file.file);
        await skip(parts, file.ended);
        continue;
      }
      const open = await kind.open();
      const translator = new Translator(file.file, open(now), findings);
      yield* translator.push(file.head);
      for await (const chunk of rest(parts, file.ended)) yield* translator.push(chunk);
      yield* translator.end();
    }
  }
  return { format: told, bytes: bytes(), findings };
}
