/** The publishers' log as an operator on another machine reads it: like any client, who trusts nobody on the way. */
import {
  acceptCheckpoint,
  fromBase64,
  readEntry,
  toBase64,
  type Bytes,
  type Checkpoint,
  type ReadFile,
} from '@ossicle/wire/log';
import { readPolicy, type SnapshotPolicy } from '@ossicle/wire/snapshot';
import { jsonText } from '../../config.ts';
import { InputError, messageOf } from '../../errors.ts';
import type { DataFolder } from '../../folder.ts';
import { readText, writeFiles } from '../../log/files.ts';
import { readBounded } from '../../log/read-bounded.ts';
import { PeerError } from '../problems.ts';
import { reach } from './reach.ts';

const ANSWER_MS = 30_000;
/** More than a bundle of 256 entries of the size that rounds, roles and sums have. */
const MOST_FILE_BYTES = 32 << 20;

async function bytesOf(answer: Response): Promise<Bytes> {
  const bytes = await readBounded(answer, MOST_FILE_BYTES);
  if (bytes) return bytes;
  throw new PeerError('The log sends more than one has. Name the address of one.');
}

/** Files of the log below `url`, which ends with a slash. */
export function readFrom(url: string): ReadFile {
  return async (path) => {
    const answer = await reach('The log', new URL(path, url), ANSWER_MS);
    if (answer.ok) return bytesOf(answer);
    throw new PeerError(`The log at ${url} answered ${answer.status} to ${path}.`);
  };
}

/** What is remembered of the log. */
interface Remembered {
  /** Text of policy.json: whom to believe. */
  readonly policy: string;
  readonly origin: string;
  readonly size: number;
  /** In base64. */
  readonly root: string;
}

async function remembered(path: string): Promise<Remembered | null> {
  const text = await readText(path);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Remembered;
  } catch (cause) {
    const what = `${path}, which says what was seen of the log, cannot be read`;
    throw new InputError(`${what}: ${messageOf(cause)}. Restore it from a copy.`, { cause });
  }
}

function checkpointOf({ origin, size, root }: Remembered): Checkpoint | null {
  const bytes = fromBase64(root);
  return bytes && size > 0 ? { origin, size, root: bytes } : null;
}

export interface RemoteLogOptions {
  /** Address of the folder that the log's server publishes in, ending with a slash. */
  readonly url: string;
  readonly folder: DataFolder;
  /** Text of policy.json; null: the first that the server gives is pinned. */
  readonly policy: string | null;
  readonly now: () => Date;
}

export class RemoteLog {
  readonly policy: SnapshotPolicy;
  readonly #options: RemoteLogOptions;
  readonly #text: string;
  #seen: Checkpoint | null;
  /** Entries that this program has read: it begins anew, since its database may be another one. */
  #looked = 0;

  private constructor(
    options: RemoteLogOptions,
    text: string,
    policy: SnapshotPolicy,
    seen: Checkpoint | null,
  ) {
    this.#options = options;
    this.#text = text;
    this.policy = policy;
    this.#seen = seen;
  }

  /** Errors: InputError (another policy is pinned; no policy; a log that was never read cannot be reached). */
  static async open(options: RemoteLogOptions): Promise<RemoteLog> {
    const { url, folder } = options;
    const before = await remembered(folder.seen);
    if (before && options.policy !== null && options.policy !== before.policy) {
      const what = `${folder.seen} pins another policy than the one that is named.`;
      throw new InputError(`${what} Name no policy, or take a new data folder for a new log.`);
    }
    const text =
      before?.policy ??
      options.policy ??
      new TextDecoder().decode(await readFrom(url)('policy.json'));
    const policy = await readPolicy(text).catch((cause: unknown) => {
      const what = `This is no policy of a log: ${messageOf(cause)}.`;
      throw new InputError(`${what} Name the address of one, ending with /sync/.`, { cause });
    });
    return new RemoteLog(options, text, policy, before && checkpointOf(before));
  }

  /**
   * Reads what this program has not read, each entry with proof that it is in a log that goes on where it ended the last time, and gives it to `take`.
   * Remembers the end of the log afterwards. Errors: LogError, PeerError, those of `take`; what was not taken is read again.
   */
  async read(take: (entry: string) => Promise<void>): Promise<void> {
    const { url, now, folder } = this.#options;
    const files = new Map<string, Promise<Bytes>>();
    const read: ReadFile = (path) => {
      const reading = files.get(path) ?? readFrom(url)(path);
      files.set(path, reading);
      return reading;
    };
    const source = new TextDecoder().decode(await read('checkpoint'));
    const seen = this.#seen;
    const checkpoint = await acceptCheckpoint(source, this.policy, seen, read, now());
    for (; this.#looked < checkpoint.size; ++this.#looked) {
      await take(new TextDecoder().decode(await readEntry(checkpoint, this.#looked, read)));
    }
    if (checkpoint.size === seen?.size) return;
    const { origin, size, root } = checkpoint;
    const keep: Remembered = { policy: this.#text, origin, size, root: toBase64(root) };
    await writeFiles(folder.scratch, [[folder.seen, jsonText(keep)]], 0o600);
    this.#seen = checkpoint;
  }
}
