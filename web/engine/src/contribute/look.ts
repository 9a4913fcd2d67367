/** Reading a server's newest round out of its log, with the checkpoint that snapshots of it have, too. */
import { LogError } from '@ossicle/wire/log';
import { fetchRound, RoundError, type FoundRound } from '@ossicle/wire/report';
import { acceptedOf, believed, policyText, refused } from '../snapshots/policy.ts';
import { serverFiles } from '../snapshots/send.ts';
import type { SnapshotRecord, SnapshotStore } from '../snapshots/store.ts';

export interface LookOptions {
  readonly server: string;
  /** Text of policy.json that was given. */
  readonly policy: string | undefined;
  /** Entries of the log that were looked through for rounds. */
  readonly looked: number;
  /** The newest of them. */
  readonly newest: { readonly epoch: number; readonly id: string } | null;
  readonly now: Date;
  readonly signal: AbortSignal | undefined;
}

export interface Looked {
  /** What the log is accepted to be now. */
  readonly record: SnapshotRecord;
  /** null: no newer round. */
  readonly found: FoundRound | null;
}

/** Nothing is stored. Errors: snapshot_refused (`at`: the check), network, missing, those of the store, AbortError. */
export async function look(store: SnapshotStore, options: LookOptions): Promise<Looked> {
  const { server, looked, newest, now, signal } = options;
  const read = serverFiles(new URL(server), signal);
  const known = await store.record();
  const policy = await policyText(known, options.policy, read);
  const whom = await believed(policy);
  if (known !== null && known.accepted.origin !== whom.origin) {
    const what = `Item vectors are fetched from another log, ${known.accepted.origin}.`;
    throw refused('other_log', `${what} Contributions go to where the vectors come from.`);
  }
  const accepted = acceptedOf(known, whom.origin);
  const seen = accepted?.checkpoint ?? null;
  try {
    const fetched = await fetchRound({ read, policy: whom, seen, looked, newest, now, signal });
    const rest = { looked: accepted?.looked ?? 0, newest: accepted?.newest ?? null };
    const nothing = { current: null, previous: null, reverted: false, checkedAt: null };
    const record = { ...nothing, server, policy, ...known };
    return {
      record: { ...record, accepted: { ...fetched.checkpoint, ...rest } },
      found: fetched.found,
    };
  } catch (cause) {
    if (cause instanceof LogError || cause instanceof RoundError) {
      throw refused(cause.code, cause.message, cause);
    }
    throw cause;
  }
}
