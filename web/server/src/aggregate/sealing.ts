/** Sealed shares: HPKE (RFC 9180), and a seed's numbers. */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import {
  AEAD_AES_128_GCM,
  CipherSuite,
  KDF_HKDF_SHA256,
  KEM_DHKEM_X25519_HKDF_SHA256,
  type AEAD,
  type KDF,
} from 'hpke';
import type { Bytes } from '@ossicle/wire/log';
import type { Open, Role } from '@ossicle/wire/report';

// Both in the thread that asks: opening one share takes about twelve jobs of WebCrypto, and each takes longer to hand over and back than its work.

/** HKDF-SHA256 (RFC 5869). */
function hkdf(): KDF {
  const hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]): Bytes => {
    const hash = createHmac('sha256', key);
    for (const part of parts) hash.update(part);
    return new Uint8Array(hash.digest());
  };
  return {
    ...KDF_HKDF_SHA256(),
    Extract: (salt, ikm) => Promise.resolve(hmac(salt, ikm)),
    Expand: (key, info, length) => {
      const blocks: Bytes[] = [];
      for (let i = 1; 32 * blocks.length < length; ++i) {
        blocks.push(hmac(key, blocks.at(-1) ?? new Uint8Array(), info, Uint8Array.of(i)));
      }
      return Promise.resolve(new Uint8Array(Buffer.concat(blocks, length)));
    },
  };
}

/** AES-128-GCM. */
function aesGcm(): AEAD {
  const tagBytes = 16;
  return {
    ...{ ...AEAD_AES_128_GCM(), type: 'AEAD' },
    Seal: async (key, nonce, aad, plain) => {
      const cipher = createCipheriv('aes-128-gcm', key, nonce).setAAD(aad);
      const text = [cipher.update(plain), cipher.final()];
      return Promise.resolve(Buffer.concat([...text, cipher.getAuthTag()]));
    },
    Open: async (key, nonce, aad, sealed) => {
      const end = sealed.length - tagBytes;
      const options = { authTagLength: tagBytes };
      const cipher = createDecipheriv('aes-128-gcm', key, nonce, options)
        .setAAD(aad)
        .setAuthTag(sealed.subarray(end));
      const plain = cipher.update(sealed.subarray(0, end));
      // Throws where the tag is another.
      cipher.final();
      return Promise.resolve(plain);
    },
  };
}

const kem = (): ReturnType<typeof KEM_DHKEM_X25519_HKDF_SHA256> => ({
  ...KEM_DHKEM_X25519_HKDF_SHA256(),
  ...{ kdf: hkdf() },
});
const suite = new CipherSuite(kem, hkdf, aesGcm);
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
