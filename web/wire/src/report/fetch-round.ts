/** The newest round of a log, verified as snapshots are: nobody on the way, the server included, has to be trusted. */
import { toHex } from '../log/bytes.ts';
import type { Checkpoint, Policy, ReadFile } from '../log/log.ts';
import { newestEntry, remembering } from '../log/newest.ts';
import type { Verifier } from '../log/note.ts';
import { signedText } from '../log/signed.ts';
import { readRound, ROUND_KIND, roundId, type Round } from './round.ts';

export type RoundErrorCode =
  /** A publisher has not signed the newest round. */
  | 'missing_publisher'
  /** The newest round is not written as it should be, or asks for what cannot be. */
  | 'malformed_round'
  /** The newest round is older than one that was read before, or another one of its age. */
  | 'older_round';

export class RoundError extends Error {
  readonly code: RoundErrorCode;

  constructor(code: RoundErrorCode, message: string) {
    super(message);
    this.name = 'RoundError';
    this.code = code;
  }
}

/** A round as it was found in a log. */
export interface FoundRound {
  /** SHA-256 of its text, 64 hexadecimal digits. */
  readonly id: string;
  readonly text: string;
  readonly round: Round;
}

export interface FetchRoundOptions {
  readonly read: ReadFile;
  readonly policy: Policy & { readonly publishers: readonly Verifier[] };
  /** The last checkpoint that was accepted of this log, whatever was looked for then; null: none was. */
  readonly seen: Checkpoint | null;
  /** Entries that were looked through for rounds already. */
  readonly looked: number;
  /** The newest of them; null: there was none. */
  readonly newest: { readonly epoch: number; readonly id: string } | null;
  readonly now: Date;
  readonly signal?: AbortSignal | undefined;
}

export interface FetchedRound {
  /** To be accepted, and the log looked through to its end: keep both before the next call. */
  readonly checkpoint: Checkpoint;
  /** null: none that is newer. */
  readonly found: FoundRound | null;
}

/**
 * Reads the newest round that is newer than `newest`: signed by all publishers, in a log that goes on where `seen` ended. What is asked for depends on the log alone. Errors: LogError,
 * RoundError, those of `read`, AbortError.
 */
export async function fetchRound({
  read,
  policy,
  newest,
  signal,
  ...rest
}: FetchRoundOptions): Promise<FetchedRound> {
  const options = { ...rest, kind: ROUND_KIND, policy, signal };
  const { checkpoint, entry } = await newestEntry({ ...options, read: remembering(read, signal) });
  if (entry === null) return { checkpoint, found: null };
  const text = await signedText(new TextDecoder().decode(entry), policy.publishers);
  if (text === null) {
    const what = 'Not every publisher has signed the newest round in the log.';
    throw new RoundError('missing_publisher', what);
  }
  const round = readRound(text);
  if (round === null) {
    const what =
      'The newest round in the log is not written as it should be, or by a newer Ossicle.';
    throw new RoundError('malformed_round', what);
  }
  const id = toHex(await roundId(text));
  if (newest !== null && round.epoch <= newest.epoch) {
    if (id === newest.id) return { checkpoint, found: null };
    const what = `The newest round has number ${round.epoch}, and round ${newest.epoch} was read before.`;
    throw new RoundError('older_round', what);
  }
  return { checkpoint, found: { id, text, round } };
}
