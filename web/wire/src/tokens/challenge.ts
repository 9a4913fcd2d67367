/** The one challenge of a round: everybody can tell it from the round, so that nobody has to be asked for it, and it is the same for everyone. */
import type { Bytes } from '../log/bytes.ts';
import type { Round } from '../report/round.ts';
import { readIssuerKey } from './key.ts';
import { serverName, writeChallenge } from './token.ts';

export interface RoundChallenge {
  readonly challenge: Bytes;
  /** Of the issuer, SubjectPublicKeyInfo in DER. */
  readonly key: Bytes;
}

/**
 * `id`: of the round, which is the redemption context: a token of one round is worth nothing in another. The origin is the host of aggregator A. null: the
 * round asks for no tokens.
 */
export function challengeOf({ issuer, aggregators }: Round, id: Bytes): RoundChallenge | null {
  const key = issuer && readIssuerKey(issuer.key);
  if (!issuer || !key) return null;
  const [{ url }] = aggregators;
  const names = { issuer: serverName(issuer.url), origins: serverName(url) };
  return { challenge: writeChallenge({ ...names, context: id }), key };
}
