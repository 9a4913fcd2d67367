/** Everything that is stored, as JSON lines that people can read: a first line about the file, then an event a line. */
import { OssicleError } from '../errors.ts';
import { JsonRecords, type JsonRecord } from '../import/json-records.ts';
import { isEvent } from '../store/records.ts';
import type { ImportProblemKind, StoredEvent } from '../types.ts';

const VERSION = 1;
/** Events that are restored at a time. */
const BATCH = 512;

export function backupHead(settings: unknown, now: Date): string {
  const head = { ossicle: 'history', version: VERSION, exportedAt: now.toISOString() };
  return `${JSON.stringify(settings === undefined ? head : { ...head, settings })}\n`;
}

interface Problems {
  add(kind: ImportProblemKind, line: number, file: string | null): void;
}

/** Reads a backup. Errors: unsupported_version, when a later Ossicle wrote it. */
export class BackupReader {
  readonly #problems: Problems;
  readonly #records = new JsonRecords();
  readonly #decoder = new TextDecoder();
  #batch: StoredEvent[] = [];
  settings: unknown;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  /** Events in batches, as the bytes become some. */
  push(bytes: Uint8Array): Generator<readonly StoredEvent[]> {
    return this.#read(this.#records.push(this.#decoder.decode(bytes, { stream: true })));
  }

  *end(): Generator<readonly StoredEvent[]> {
    yield* this.#read(this.#records.push(this.#decoder.decode()));
    yield* this.#read(this.#records.end());
    yield this.#batch.splice(0);
  }

  *#read(records: Iterable<JsonRecord>): Generator<readonly StoredEvent[]> {
    for (const record of records) {
      if ('problem' in record) this.#problems.add(record.problem, record.line, null);
      else if ('ossicle' in record.value) this.#head(record.value);
      else if (isEvent(record.value)) this.#batch.push(record.value);
      else this.#problems.add('bad_record', record.line, null);
      if (this.#batch.length >= BATCH) yield this.#batch.splice(0);
    }
  }

  #head({ version, settings }: Readonly<Record<string, unknown>>): void {
    if (version !== VERSION) {
      const what = `This backup was written by another Ossicle (version ${String(version)}). Update to read it.`;
      throw new OssicleError('unsupported_version', what, 1);
    }
    this.settings = settings;
  }
}
