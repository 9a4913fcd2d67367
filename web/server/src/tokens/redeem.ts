/** Checks tokens that come with reports. */
import { constants, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { sha256, toHex, type Bytes } from '@ossicle/wire/log';
import type { Round } from '@ossicle/wire/report';
import { challengeOf, issuerJwk, issuerKeyId, readToken, SALT_BYTES } from '@ossicle/wire/tokens';

interface Known {
  readonly key: KeyObject;
  readonly keyId: Bytes;
  /** SHA-256 of the round's challenge. */
  readonly digest: Bytes;
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** What a token is known by when it is spent: 32 bytes. null: the round asks for none. */
export type Redeemed = Bytes | null | 'token_missing' | 'token_invalid';

/** Knows the issuers' keys of rounds. Whether a token was spent before, it does not know. */
export class Redeemer {
  readonly #rounds = new Map<string, Promise<Known | null>>();

  async #know(round: Round, id: Bytes): Promise<Known | null> {
    const found = challengeOf(round, id);
    if (found === null) return null;
    const key = createPublicKey({ key: { ...issuerJwk(found.key) }, format: 'jwk' });
    return { key, keyId: await issuerKeyId(found.key), digest: await sha256(found.challenge) };
  }

  /** `id`: of the round. `token`: as it came with the report; null: none did. */
  async redeem(round: Round, id: Bytes, token: Bytes | null): Promise<Redeemed> {
    const hex = toHex(id);
    const knowing = this.#rounds.get(hex) ?? this.#know(round, id);
    this.#rounds.set(hex, knowing);
    const known = await knowing;
    if (known === null) return null;
    if (token === null) return 'token_missing';
    const read = readToken(token);
    if (!read || !same(read.keyId, known.keyId) || !same(read.challengeDigest, known.digest)) {
      return 'token_invalid';
    }
    const { key } = known;
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const isSigned = verify(
      'sha384',
      read.input,
      { key, padding, saltLength: SALT_BYTES },
      read.signature,
    );
    // Without the signature: whoever can make two for one input still has one token.
    return isSigned ? sha256(read.input) : 'token_invalid';
  }
}
