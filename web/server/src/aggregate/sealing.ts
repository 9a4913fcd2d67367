/** Sealed shares: HPKE (RFC 9180). */
import {
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from 'node:crypto';
import { AEAD_AES_128_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke';
import type { Bytes } from '@ossicle/wire/log';
import type { Open, Role } from '@ossicle/wire/report';

// Clients seal with the library. Here it makes keys; shares are opened below, in the thread that asks: the library does that in about sixteen jobs of WebCrypto,
// each of which takes longer to hand over and back than its work.
const suite = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_128_GCM);
const ENCAPSULATED_BYTES = 32;
const TAG_BYTES = 16;
const EMPTY = new Uint8Array();

const BLOCK_BYTES = 64;

/** A key of up to 64 bytes as HMAC's pads have it. */
function padded(key: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES).fill(pad);
  key.forEach((byte, i) => (block[i] = byte ^ pad));
  return block;
}

/** HMAC-SHA256 (RFC 2104). createHmac() takes longer to find out what kind of key it has than to hash. */
function hmac(key: Uint8Array, ...parts: readonly (Uint8Array | string)[]): Bytes {
  const inner = createHash('sha256').update(padded(key, 0x36));
  for (const part of parts) inner.update(part);
  const outer = createHash('sha256').update(padded(key, 0x5c)).update(inner.digest());
  return new Uint8Array(outer.digest());
}

/** suite_id of DHKEM(X25519, HKDF-SHA256), and of it with HKDF-SHA256 and AES-128-GCM: sections 4.1 and 5.1. */
const KEM_ID = Buffer.concat([Buffer.from('KEM'), Uint8Array.of(0, 0x20)]);
const HPKE_ID = Buffer.concat([Buffer.from('HPKE'), Uint8Array.of(0, 0x20, 0, 1, 0, 1)]);

const labeledExtract = (id: Uint8Array, salt: Uint8Array, label: string, key: Uint8Array): Bytes =>
  hmac(salt, 'HPKE-v1', id, label, key);

/** Up to 32 bytes: one block of HKDF-Expand. */
const labeledExpand = (
  id: Uint8Array,
  key: Uint8Array,
  label: string,
  info: readonly Uint8Array[],
  length: number,
): Bytes =>
  hmac(key, Uint8Array.of(0, length), 'HPKE-v1', id, label, ...info, Uint8Array.of(1)).subarray(
    0,
    length,
  );

/** DER of keys of X25519 (RFC 8410), up to the key itself. */
const SPKI = Buffer.from('302a300506032b656e032100', 'hex');
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

interface Own {
  readonly privateKey: KeyObject;
  readonly publicKey: Uint8Array;
}

function privateKeyOf(raw: Uint8Array): KeyObject {
  const key = Buffer.concat([PKCS8, raw]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

/** X25519 (RFC 7748). Errors: this point gives no shared secret. */
function sharedSecret(privateKey: KeyObject, point: Uint8Array): Uint8Array {
  const key = Buffer.concat([SPKI, point]);
  const publicKey = createPublicKey({ key, format: 'der', type: 'spki' });
  return diffieHellman({ privateKey, publicKey });
}

/** Decap(), section 4.1. Errors: as of sharedSecret(). */
function decapsulate(encapsulated: Uint8Array, { privateKey, publicKey: own }: Own): Bytes {
  const dh = sharedSecret(privateKey, encapsulated);
  const secret = labeledExtract(KEM_ID, EMPTY, 'eae_prk', dh);
  return labeledExpand(KEM_ID, secret, 'shared_secret', [encapsulated, own], 32);
}

const NO_PSK = labeledExtract(HPKE_ID, EMPTY, 'psk_id_hash', EMPTY);
const BASE_MODE = Uint8Array.of(0);

/** Open() of base mode with sequence number 0, sections 5.1 and 5.2. Errors: another key, info or header sealed it. */
function openSealed(own: Own, sealed: Uint8Array, info: Uint8Array, aad: Uint8Array): Bytes {
  const shared = decapsulate(sealed.subarray(0, ENCAPSULATED_BYTES), own);
  const context = [BASE_MODE, NO_PSK, labeledExtract(HPKE_ID, EMPTY, 'info_hash', info)];
  const secret = labeledExtract(HPKE_ID, shared, 'secret', EMPTY);
  const key = labeledExpand(HPKE_ID, secret, 'key', context, 16);
  const nonce = labeledExpand(HPKE_ID, secret, 'base_nonce', context, 12);
  const end = sealed.length - TAG_BYTES;
  const cipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(aad)
    .setAuthTag(sealed.subarray(end));
  const plain = cipher.update(sealed.subarray(ENCAPSULATED_BYTES, end));
  // Throws where the tag is another.
  cipher.final();
  return new Uint8Array(plain.buffer, plain.byteOffset, plain.length);
}

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

export function openWith({ publicKey, privateKey }: HpkeKey): Open {
  const own = {
    privateKey: privateKeyOf(privateKey),
    publicKey: Buffer.from(publicKey, 'base64'),
  };
  return (sealed, info, aad) => {
    try {
      return Promise.resolve(openSealed(own, sealed, info, aad));
    } catch {
      return Promise.resolve(null);
    }
  };
}

/** What the owners of two keys both know, and nobody else: 32 bytes. `other`: the other's public key in base64. Errors: as of sharedSecret(). */
export const agree = ({ privateKey }: HpkeKey, other: string): Uint8Array =>
  sharedSecret(privateKeyOf(privateKey), Buffer.from(other, 'base64'));

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
