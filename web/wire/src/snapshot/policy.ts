/** policy.json: whom a client believes. It pins the first that it sees. */
import { readVerifier } from '../log/note.ts';
import type { SnapshotPolicy } from './fetch-snapshot.ts';

export interface PolicyFile {
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

/** Throws an Error that says what is wrong with it. */
export async function readPolicy(text: string): Promise<SnapshotPolicy> {
  const written = JSON.parse(text) as PolicyFile;
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
}
