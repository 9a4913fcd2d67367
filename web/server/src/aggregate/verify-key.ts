/**
 * The secret of both aggregators under which they check the proofs of a round (ossicle/norm_proof.h): who knows it can have any table accepted. Nobody sends or
 * stores it: each makes it out of its own HPKE key and the other's public one, which the round names. So every node of either has the same, after any crash.
 */
import { hkdfSync } from 'node:crypto';
import { join, utf8, type Bytes } from '@ossicle/wire/log';
import { agree, type HpkeKey } from './sealing.ts';

const KEY_BYTES = 32;

/** `other`: the other aggregator's public key in base64; `round`: the round's id. Errors: a public key with which nothing is secret. */
export function verifyKeyOf(own: HpkeKey, other: string, round: Bytes): Bytes {
  const info = join(utf8('ossicle-verify-key/v1'), round);
  return new Uint8Array(hkdfSync('sha256', agree(own, other), '', info, KEY_BYTES));
}
