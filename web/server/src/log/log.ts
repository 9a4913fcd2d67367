/**
 * The log as it is kept: entries are durable first; then come the files that they are in, and last, in one step, the checkpoint. What a crash leaves is a
 * log that can be read, and the next `publish` completes it.
 */
import {
  checkpointText,
  hashesFrom,
  readCheckpoint,
  readNote,
  rootOf,
  tilePath,
  verified,
  writeNote,
  type Bytes,
  type Checkpoint,
  type HashAt,
  type Note,
  type Signer,
} from '@ossicle/wire/log';
import { grow, signedCheckpoint } from '@ossicle/wire/log/writer';
import type { Config } from '../config.ts';
import { locked } from '../database.ts';
import { Entries } from './entries.ts';
import { InputError } from '../errors.ts';
import { readBytes, readText, writeFiles } from './files.ts';
import type { DataFolder } from '../folder.ts';
import { cosign, type AskWitness } from '../witness/witnesses.ts';

export interface Published {
  /** Entries that readers can see. */
  readonly size: number;
  /** Entries that are durable and wait for witnesses. */
  readonly waiting: number;
  /** Of each witness that did not sign: why. */
  readonly refusals: readonly string[];
}

interface OnDisk {
  readonly checkpoint: Checkpoint;
  readonly note: Note;
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

export interface LogOptions {
  readonly folder: DataFolder;
  readonly config: Config;
  readonly signer: Signer;
  readonly witnesses: readonly AskWitness[];
  readonly now: () => Date;
}

export class Log implements Disposable {
  readonly entries: Entries;
  readonly #options: LogOptions;
  /** The publication that has not begun to look at the entries yet: one serves everyone who waits for it. */
  #next: Promise<Published> | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #isChecked = false;

  constructor(options: LogOptions) {
    this.#options = options;
    this.entries = new Entries(options.folder.entries);
  }

  readonly #read = (path: string): Promise<Bytes> => readBytes(this.#options.folder.file(path));

  #hashesOf(size: number): HashAt {
    return hashesFrom(size, (tile) => this.#read(tilePath(tile)));
  }

  async #write(files: Iterable<readonly [string, Bytes | string]>): Promise<void> {
    const { folder } = this.#options;
    const named = Array.from(files, ([path, contents]) => [folder.file(path), contents] as const);
    await writeFiles(folder.scratch, named);
  }

  /** The published checkpoint. null: there is none yet. */
  async published(): Promise<OnDisk | null> {
    const { folder, config, signer } = this.#options;
    const source = await readText(folder.file('checkpoint'));
    if (source === null) return null;
    const note = readNote(source);
    const checkpoint = note && readCheckpoint(note.text);
    const isOurs = note && (await verified(note, signer.verifier));
    if (!checkpoint || !isOurs || checkpoint.origin !== config.policy.origin) {
      const what = `${folder.file('checkpoint')} is not a checkpoint of this log.`;
      throw new InputError(`${what} Restore it from a copy; do not begin the log anew.`);
    }
    return { checkpoint, note };
  }

  /** Readers hold the checkpoint against this log for ever: better no new one than one that takes something back. */
  async #check(before: Checkpoint | null): Promise<void> {
    if (this.#isChecked) return;
    const { origin, size, root } = before ?? { origin: '', size: 0, root: new Uint8Array() };
    if (size > this.entries.size) {
      const what = `The published log has ${size} entries, and the database has ${this.entries.size}.`;
      throw new InputError(`${what} Restore entries.sqlite from a newer copy.`);
    }
    const isWhole = await rootOf(size, this.#hashesOf(size)).then(
      (found) => same(found, root),
      () => false,
    );
    if (before && !isWhole) {
      const again = await grow(origin, 0, this.entries.range(0, size), this.#read);
      if (!same(again.checkpoint.root, root)) {
        const what = 'The entries in the database are not those of the published checkpoint.';
        throw new InputError(`${what} Restore entries.sqlite from a copy.`);
      }
      await this.#write(again.files);
    }
    this.#isChecked = true;
  }

  /** Seconds since a quorum of witnesses saw it; Infinity: too few have. */
  async #age(note: Note): Promise<number> {
    const { config, witnesses, now } = this.#options;
    const { quorum } = config.policy;
    if (quorum === 0) return 0;
    const found = await Promise.all(witnesses.map(({ key }) => verified(note, key)));
    const times = found.flatMap((one) => one?.seconds ?? []).toSorted((a, b) => b - a);
    return now().getTime() / 1000 - (times[quorum - 1] ?? -Infinity);
  }

  async #publish(): Promise<Published> {
    const { folder, config, signer, witnesses } = this.#options;
    const { origin, quorum, freshSeconds } = config.policy;
    await folder.clearScratch();
    const before = await this.published();
    await this.#check(before?.checkpoint ?? null);
    const first = before?.checkpoint.size ?? 0;
    const size = this.entries.size;
    const isNew = size > first || before === null;
    if (!isNew && (await this.#age(before.note)) < freshSeconds / 2) {
      return { size, waiting: 0, refusals: [] };
    }
    const grown = await grow(origin, first, this.entries.range(first, size), this.#read);
    await this.#write(grown.files);
    const { checkpoint } = grown;
    const source = await signedCheckpoint(checkpoint, signer);
    const text = checkpointText(checkpoint);
    const hashAt = this.#hashesOf(size);
    const { signatures, refusals } = await cosign(witnesses, source, text, checkpoint, hashAt);
    // The old one is still true, and readers accept it as long as it is fresh; one that too few have seen they would refuse.
    if (signatures.length < quorum) return { size: first, waiting: size - first, refusals };
    const own = readNote(source)?.signatures ?? [];
    const note = writeNote({ text, signatures: [...own, ...signatures] });
    await this.#write([['checkpoint', note]]);
    return { size, waiting: 0, refusals };
  }

  /** Makes what was added visible, and the checkpoint fresh when half its time is over. One checkpoint serves all who ask meanwhile. */
  publish(): Promise<Published> {
    if (this.#next) return this.#next;
    const next = this.#last.then(() =>
      locked(this.#options.folder.lock, () => {
        this.#next = null;
        return this.#publish();
      }),
    );
    this.#next = next;
    this.#last = next.catch(() => {
      if (this.#next === next) this.#next = null;
    });
    return next;
  }

  /** Adds entries, durably, and publishes them. */
  append(texts: readonly string[]): Promise<Published> {
    this.entries.add(texts);
    return this.publish();
  }

  /** Waits for what is being published. */
  async close(): Promise<void> {
    await this.#last;
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.entries[Symbol.dispose]();
  }
}
