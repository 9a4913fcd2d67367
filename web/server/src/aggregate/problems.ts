/** Why a report is refused; RFC 9457 says how. */
import { InputError } from '../errors.ts';
import { problemIn, type Problem } from '../problems.ts';

const PROBLEMS = {
  malformed: [400, 'This is no report. Send one as application/octet-stream, whole.'],
  too_large: [413, 'A report of this round is smaller. Send one report a request.'],
  wrong_version: [400, 'Reports of this version are not understood. Update the program.'],
  unknown_round: [404, 'There is no such round. Read the newest one in the log.'],
  wrong_round: [400, 'The report is of another round than its address. Send it to its own.'],
  round_not_open: [403, 'The round has not begun. Send the report when it has.'],
  round_closed: [403, 'The round is over. Report to the next one.'],
  wrong_block: [400, 'The round has no such block. Take one that it has.'],
  wrong_key: [400, 'The share does not open. Seal it to the keys of this very round.'],
  proof_invalid: [400, 'The proof of the norm is not one of this very report. Prove it again.'],
  norm_exceeded: [400, 'The norm of the table is not proved to be within the round’s. Clip it.'],
  token_missing: [401, 'Reports of this round bring a token. Ask the issuer in the round for one.'],
  token_invalid: [401, 'The token is not one of this round’s issuer, for this round. Ask for one.'],
  token_spent: [409, 'The token was spent on another report. Spend each one once.'],
  replayed: [409, 'Another report has had this id. Draw a new id for each report.'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type Refusal = keyof typeof PROBLEMS;

export const problemOf = (code: Refusal): Problem => problemIn(PROBLEMS, 'report', code);

export function isRefusal(code: string): code is Refusal {
  return Object.hasOwn(PROBLEMS, code);
}

/** An entry of the log that is no round of this aggregator's, and never will be. */
export class RefusedRound extends InputError {}

/** The other aggregator did not do what it was asked to: nothing is lost, and asking again is safe. */
export class PeerError extends InputError {}
