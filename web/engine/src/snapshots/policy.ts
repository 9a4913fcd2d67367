import { readPolicy, type SnapshotPolicy } from '@ossicle/wire/snapshot';
import { messageOf, OssicleError } from '../errors.ts';

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
