/** Snapshots in Node: a folder. Files first, the record last and renamed into its place. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, OssicleError } from '../errors.ts';
import { upgraded, type SnapshotRecord, type SnapshotStore } from './store.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const RECORD = 'record.json';
const CONTRIBUTION = 'contribution.json';
/** Folder of one snapshot: the hash of its manifest. */
const SNAPSHOT = /^[0-9a-f]{64}$/;

interface Written extends Omit<SnapshotRecord, 'accepted'> {
  readonly accepted: Omit<SnapshotRecord['accepted'], 'root'> & { readonly root: string };
}

async function writeDurably(path: string, bytes: Uint8Array | string): Promise<void> {
  await using file = await open(`${path}.new`, 'w');
  await file.writeFile(bytes);
  await file.sync();
  await rename(`${path}.new`, path);
  // Or the name may still be that of the file before when the power fails.
  await using folder = await open(dirname(path));
  await folder.sync();
}

/** Bytes as {"base64": "..."}, all else as JSON has it. */
function toJson(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;
}

function fromJson(_key: string, value: unknown): unknown {
  const isBytes = typeof value === 'object' && value !== null && 'base64' in value;
  return isBytes ? new Uint8Array(Buffer.from(String(value.base64), 'base64')) : value;
}

async function unlessGone<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw cause;
  }
}

/** One process may use the folder at a time. */
export class FileSnapshots implements SnapshotStore {
  readonly #folder: string;
  #tail: Promise<unknown> = Promise.resolve();
  #contributing: Promise<unknown> | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  record(): Promise<SnapshotRecord | null> {
    return this.#guarded(async () => {
      const text = await unlessGone(readFile(join(this.#folder, RECORD), 'utf8'));
      if (text === null) return null;
      const written = JSON.parse(text) as Written;
      const root = new Uint8Array(Buffer.from(written.accepted.root, 'hex'));
      return upgraded({ ...written, accepted: { ...written.accepted, root } });
    });
  }

  file(manifest: string, path: string): Promise<Bytes | null> {
    return this.#guarded(async () => {
      const bytes = await unlessGone(readFile(join(this.#folder, manifest, path)));
      return bytes === null ? null : new Uint8Array(bytes);
    });
  }

  write(record: SnapshotRecord, files: ReadonlyMap<string, Bytes> | null): Promise<void> {
    return this.#guarded(async () => {
      await mkdir(join(this.#folder, record.current?.manifest ?? ''), { recursive: true });
      for (const [path, bytes] of files ?? []) {
        await writeDurably(join(this.#folder, record.current?.manifest ?? '', path), bytes);
      }
      const root = Buffer.from(record.accepted.root).toString('hex');
      const written: Written = { ...record, accepted: { ...record.accepted, root } };
      await writeDurably(join(this.#folder, RECORD), JSON.stringify(written));
      const kept = new Set([record.current?.manifest, record.previous?.manifest]);
      // Only what was written here: the folder may hold a history, too.
      const ours = (await readdir(this.#folder)).filter((name) => SNAPSHOT.test(name));
      const gone = ours.filter((name) => !kept.has(name));
      await Promise.all(gone.map((name) => rm(join(this.#folder, name), { recursive: true })));
    });
  }

  exclusive<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const job = this.#tail.then(() => {
      signal?.throwIfAborted();
      return work();
    });
    this.#tail = job.catch(() => undefined);
    return job;
  }

  contribution(): Promise<unknown> {
    return this.#guarded(async () => {
      const text = await unlessGone(readFile(join(this.#folder, CONTRIBUTION), 'utf8'));
      if (text === null) return null;
      try {
        return (JSON.parse(text, fromJson) as unknown) ?? text;
      } catch {
        return text;
      }
    });
  }

  writeContribution(record: object): Promise<void> {
    return this.#guarded(async () => {
      await mkdir(this.#folder, { recursive: true });
      await writeDurably(join(this.#folder, CONTRIBUTION), JSON.stringify(record, toJson));
    });
  }

  async contributing<T>(work: () => Promise<T>, or?: () => Promise<T>): Promise<T> {
    if (or && this.#contributing !== null) return or();
    const before = this.#contributing ?? Promise.resolve();
    const job = before.then(work, work);
    this.#contributing = job;
    try {
      return await job;
    } finally {
      if (this.#contributing === job) this.#contributing = null;
    }
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const what = `The snapshots in ${this.#folder} cannot be used: ${messageOf(cause)}.`;
      const advice = 'Check that the folder can be written.';
      const options = { cause };
      throw new OssicleError('store_unavailable', `${what} ${advice}`, this.#folder, options);
    }
  }
}
