/** Sealed shares: HPKE (RFC 9180), and a seed's numbers. */
import { createCipheriv } from 'node:crypto';
import { AEAD_AES_128_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke';
import type { Bytes } from '@ossicle/wire/log';
import type { Open, Role } from '@ossicle/wire/report';

const suite = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_128_GCM);
const ENCAPSULATED_BYTES = 32;

export interface HpkeKey {
  /** In base64, as a round names it. */
  readonly publicKey: string;
  /** 32 bytes: a secret of this aggregator. */
  readonly privateKey: Bytes;
}

export async function makeHpkeKey(): Promise<HpkeKey> {
  const { publicKey, privateKey } = await suite.GenerateKeyPair(true);
  return {
    publicKey: Buffer.from(await suite.SerializePublicKey(publicKey)).toString('base64'),
    privateKey: new Uint8Array(await suite.SerializePrivateKey(privateKey)),
  };
}

export async function openWith({ publicKey, privateKey }: HpkeKey): Promise<Open> {
  // Both: from the private key alone the other one would be computed for every share.
  const key = {
    publicKey: await suite.DeserializePublicKey(Buffer.from(publicKey, 'base64')),
    privateKey: await suite.DeserializePrivateKey(privateKey),
  };
  return async (sealed, info, aad) => {
    const encapsulated = sealed.subarray(0, ENCAPSULATED_BYTES);
    const ciphertext = sealed.subarray(ENCAPSULATED_BYTES);
    try {
      return new Uint8Array(await suite.Open(key, encapsulated, ciphertext, { info, aad }));
    } catch {
      return null;
    }
  };
}

/** `keys`: public keys in base64. What a client does; here for tests and measurements. */
export async function sealTo(
  keys: Readonly<Record<Role, string>>,
): Promise<(role: Role, plain: Bytes, info: Bytes, aad: Bytes) => Promise<Bytes>> {
  const read = (text: string): ReturnType<typeof suite.DeserializePublicKey> =>
    suite.DeserializePublicKey(Buffer.from(text, 'base64'));
  const known = { a: await read(keys.a), b: await read(keys.b) };
  return async (role, plain, info, aad) => {
    const sealed = await suite.Seal(known[role], plain, { info, aad });
    return new Uint8Array(Buffer.concat([sealed.encapsulatedSecret, sealed.ciphertext]));
  };
}

const NONCE = Buffer.from('osl-share-v1', 'ascii');

/** The numbers of a seed, [n]: the keystream of ChaCha20 (RFC 8439), counter from 0, as u32 LE. The core makes the same ones. */
export function expandSeed(seed: Uint8Array, n: number): Uint32Array<ArrayBuffer> {
  // Of node:crypto's 16 bytes the first four are the counter.
  const cipher = createCipheriv('chacha20', seed, Buffer.concat([Buffer.alloc(4), NONCE]));
  const stream = cipher.update(Buffer.alloc(4 * n));
  return new Uint32Array(new Uint8Array(stream).buffer);
}
