/** Why a report is refused; RFC 9457 says how. */
import { InputError } from '../errors.ts';

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
  replayed: [409, 'Another report has had this id. Draw a new id for each report.'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type Refusal = keyof typeof PROBLEMS;

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
}

export function problemOf(code: Refusal): Problem {
  const [status, title] = PROBLEMS[code];
  return { type: `urn:ossicle:report:${code}`, title, status, code };
}

export function isRefusal(code: string): code is Refusal {
  return Object.hasOwn(PROBLEMS, code);
}

/** The other aggregator did not do what it was asked to: nothing is lost, and asking again is safe. */
export class PeerError extends InputError {}
