/** What failures are called in `problem` of a state. */
import { OssicleError } from '../errors.ts';
import { TokenError } from './tokens.ts';

/** Of a TokenError, those that no issuer sent. */
const OWN_CODES: ReadonlySet<string> = new Set(['bad_token', 'no_answer']);

/** Throws what is no failure of a server. */
export function problemOf(cause: unknown): string {
  if (cause instanceof TokenError) {
    // An issuer knows rounds, too: its codes are not those of the aggregator.
    return OWN_CODES.has(cause.code) ? cause.code : `issuer_${cause.code}`;
  }
  const isOurs = cause instanceof OssicleError;
  if (!isOurs || cause.code === 'store_unavailable' || cause.code === 'quota_exceeded') throw cause;
  return cause.code === 'snapshot_refused' ? String(cause.at) : cause.code;
}
