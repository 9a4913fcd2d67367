/** policy.json: whom a client believes. */
import { readVerifier } from '@ossicle/wire/log';
import type { SnapshotPolicy } from '@ossicle/wire/snapshot';
import { messageOf, OssicleError } from '../errors.ts';

interface Written {
  readonly origin: string;
  readonly log: string;
  readonly witnesses: readonly string[];
  readonly quorum: number;
  readonly freshSeconds: number;
  readonly publishers: readonly string[];
  readonly publisherQuorum: number;
}

const isCount = (found: unknown): found is number =>
  typeof found === 'number' && Number.isSafeInteger(found) && found >= 0;

/** Errors: snapshot_refused (at policy_malformed). */
export async function readPolicy(text: string): Promise<SnapshotPolicy> {
  try {
    const written = JSON.parse(text) as Written;
    const { origin, quorum, freshSeconds, publisherQuorum } = written;
    const [log, witnesses, publishers] = await Promise.all([
      readVerifier(written.log),
      Promise.all(written.witnesses.map(readVerifier)),
      Promise.all(written.publishers.map(readVerifier)),
    ]);
    if (typeof origin !== 'string' || ![quorum, freshSeconds, publisherQuorum].every(isCount)) {
      throw new Error('a number or the name of the log is missing');
    }
    if (publisherQuorum < 1 || publisherQuorum > publishers.length || quorum > witnesses.length) {
      throw new Error('it asks for more signatures than it names keys, or for none');
    }
    return { origin, log, witnesses, quorum, freshSeconds, publishers, publisherQuorum };
  } catch (cause) {
    const what = `policy.json of the server cannot be read: ${messageOf(cause)}.`;
    throw new OssicleError('snapshot_refused', `${what} Ask who runs it.`, 'policy_malformed', {
      cause,
    });
  }
}
