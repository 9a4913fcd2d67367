import type { ReadFile } from '@ossicle/wire/log';
import { readPolicy, type Accepted, type SnapshotPolicy } from '@ossicle/wire/snapshot';
import { messageOf, OssicleError } from '../errors.ts';
import type { SnapshotRecord } from './store.ts';

const POLICY = 'policy.json';
const STAYS = 'What is in use stays.';

export function refused(check: string, what: string, cause?: unknown): OssicleError {
  return new OssicleError('snapshot_refused', `${what} ${STAYS}`, check, { cause });
}

/** Whom policy.json says to believe. Errors: snapshot_refused (at policy_malformed). */
export async function believed(text: string): Promise<SnapshotPolicy> {
  try {
    return await readPolicy(text);
  } catch (cause) {
    const what = `policy.json of the server cannot be read: ${messageOf(cause)}.`;
    throw new OssicleError('snapshot_refused', `${what} Ask who runs it.`, 'policy_malformed', {
      cause,
    });
  }
}

/** The policy that was pinned, or given, or seen first. Errors: snapshot_refused (at policy_changed), those of `read`. */
export async function policyText(
  known: SnapshotRecord | null,
  given: string | undefined,
  read: ReadFile,
): Promise<string> {
  if (given !== undefined) return given;
  const text = new TextDecoder().decode(await read(POLICY));
  if (known === null || known.policy === text) return text;
  const what = 'The server names other keys than it did at first.';
  throw refused('policy_changed', `${what} Ask who runs it before you erase what was fetched.`);
}

/** What was accepted of this log. Of another one nothing was. */
export function acceptedOf(record: SnapshotRecord | null, origin: string): Accepted | null {
  if (record?.accepted.origin !== origin) return null;
  const { size, root, looked, newest } = record.accepted;
  return { checkpoint: { origin, size, root }, looked, newest };
}
