/** A witness: signs that it saw a checkpoint, and never one of a log that took something back. https://c2sp.org/tlog-witness */
import type { DatabaseSync } from 'node:sqlite';
import {
  continuation,
  readCheckpoint,
  sign,
  verified,
  writeNote,
  type Signer,
  type Verifier,
} from '@ossicle/wire/log';
import { readAddCheckpoint, signatureLines } from '@ossicle/wire/log/witness';
import { openDatabase } from '../database.ts';

export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly type: string;
  readonly body: string;
}

interface Seen {
  readonly size: number;
  readonly root: Uint8Array;
}

const TEXT = 'text/plain; charset=utf-8';
const SCHEMA = `CREATE TABLE IF NOT EXISTS seen (
  origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL) STRICT`;

const refused = (status: 400 | 403 | 404 | 422, body: string): WitnessAnswer => ({
  status,
  type: TEXT,
  body: `${body}\n`,
});
const conflict = (size: number): WitnessAnswer => ({
  status: 409,
  type: 'text/x.tlog.size',
  body: `${size}\n`,
});

export class Witness implements Disposable {
  readonly #database: DatabaseSync;
  readonly #signer: Signer;
  /** Keys of the logs that it watches, by their origins. */
  readonly #logs: ReadonlyMap<string, Verifier>;
  readonly #now: () => Date;

  constructor(
    path: string,
    signer: Signer,
    logs: ReadonlyMap<string, Verifier>,
    now: () => Date = () => new Date(),
  ) {
    this.#database = openDatabase(path, SCHEMA);
    this.#signer = signer;
    this.#logs = logs;
    this.#now = now;
  }

  get key(): Verifier {
    return this.#signer.verifier;
  }

  #seen(origin: string): Seen | null {
    const row = this.#database
      .prepare('SELECT size, root FROM seen WHERE origin = ?')
      .get(origin) as Seen | undefined;
    return row ? { size: row.size, root: new Uint8Array(row.root) } : null;
  }

  /** One statement: between looking and writing another request may have come first. */
  #remember(origin: string, before: Seen | null, next: Seen, note: string): boolean {
    const { changes } = this.#database
      .prepare(
        `INSERT INTO seen (origin, size, root, note) VALUES (:origin, :size, :root, :note)
         ON CONFLICT (origin) DO UPDATE SET size = :size, root = :root, note = :note
         WHERE seen.size = :oldSize AND seen.root = :oldRoot`,
      )
      .run({
        origin,
        size: next.size,
        root: next.root,
        note,
        oldSize: before?.size ?? -1,
        oldRoot: before?.root ?? new Uint8Array(),
      });
    return changes === 1;
  }

  /** Answers the body of `POST /add-checkpoint`. What it signs, it remembers before. */
  async addCheckpoint(request: string): Promise<WitnessAnswer> {
    const asked = readAddCheckpoint(request);
    const checkpoint = asked && readCheckpoint(asked.note.text);
    if (!asked || !checkpoint) {
      return refused(400, 'Not an add-checkpoint request: see https://c2sp.org/tlog-witness.');
    }
    const { origin, size, root } = checkpoint;
    const log = this.#logs.get(origin);
    if (!log) return refused(404, 'This witness does not watch a log of this origin.');
    if (!(await verified(asked.note, log))) {
      return refused(403, 'The key of the log has not signed this checkpoint.');
    }
    if (asked.old > size) return refused(400, 'The old size is larger than the checkpoint’s.');
    const seen = this.#seen(origin);
    const before = seen?.size ?? 0;
    if (asked.old !== before) return conflict(before);
    if (seen && size === before) {
      if (Buffer.compare(seen.root, root) !== 0) return conflict(before);
      if (asked.proof.length > 0) return refused(422, 'A proof between equal sizes is empty.');
    } else {
      const old = new Uint8Array(seen?.root ?? []);
      const found = await continuation(before, old, size, root, asked.proof);
      if (found !== 'continued') {
        return refused(422, 'The proof does not lead from the last checkpoint to this one.');
      }
    }
    if (!this.#remember(origin, seen, { size, root }, asked.source)) {
      return conflict(this.#seen(origin)?.size ?? 0);
    }
    const seconds = Math.floor(this.#now().getTime() / 1000);
    const signature = await sign(asked.note.text, this.#signer, seconds);
    const body = signatureLines(writeNote({ text: asked.note.text, signatures: [signature] }));
    return { status: 200, type: TEXT, body };
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
