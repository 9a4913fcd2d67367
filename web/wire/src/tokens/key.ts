/**
 * The issuer's key as RFC 9578, 6.5 has it: SubjectPublicKeyInfo in DER, id-RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes; here always of
 * 2048 bits and with the exponent 65537. So all of it but the modulus is fixed, and nothing has to be parsed.
 */
import { fromBase64, isSame, join, sha256, toBase64url, type Bytes } from '../log/bytes.ts';
import { SIGNATURE_BYTES } from './token.ts';

export const SALT_BYTES = 48;

const bytesOf = (hex: string): Bytes =>
  Uint8Array.from(hex.match(/../g) ?? [], (two) => parseInt(two, 16));

const ALGORITHM = [
  '303d06092a864886f70d01010a3030', // id-RSASSA-PSS
  'a00d300b0609608648016503040202', // SHA-384
  'a11a301806092a864886f70d010108300b0609608648016503040202', // MGF1 with SHA-384
  'a203020130', // salt of 48 bytes
].join('');
const BEFORE = bytesOf(`30820152${ALGORITHM}0382010f003082010a0282010100`);
const EXPONENT = bytesOf('010001');
const AFTER = join(Uint8Array.of(2, EXPONENT.length), EXPONENT);

/** `modulus`: 256 bytes, big-endian. Errors: RangeError (not an odd number of 2048 bits). */
export function writeIssuerKey(modulus: Uint8Array): Bytes {
  const [first = 0, last = 0] = [modulus[0], modulus.at(-1)];
  if (modulus.length === SIGNATURE_BYTES && first >= 128 && last % 2 === 1) {
    return join(BEFORE, modulus, AFTER);
  }
  throw new RangeError('The modulus of an issuer’s key is an odd number of 2048 bits.');
}

/** The modulus of a key. null: not such a key. */
export function modulusOf(key: Uint8Array): Bytes | null {
  const modulus = new Uint8Array(key.subarray(BEFORE.length, BEFORE.length + SIGNATURE_BYTES));
  try {
    return isSame(writeIssuerKey(modulus), key) ? modulus : null;
  } catch {
    return null;
  }
}

/** A key as rounds name it, in base64. null: not such a key. */
export function readIssuerKey(base64: string): Bytes | null {
  const key = fromBase64(base64);
  return key && modulusOf(key) ? key : null;
}

/** SHA-256 of the key. */
export const issuerKeyId = (key: Bytes): Promise<Bytes> => sha256(key);

/** As JSON Web Keys want it. */
const unpadded = (bytes: Uint8Array): string => toBase64url(bytes).replaceAll('=', '');

/** The key for WebCrypto, which does not know id-RSASSA-PSS: RSA-PSS with SHA-384. Errors: RangeError (not such a key). */
export function issuerJwk(key: Uint8Array): JsonWebKey {
  const modulus = modulusOf(key);
  if (modulus === null) throw new RangeError('This is no key of an issuer.');
  return { kty: 'RSA', n: unpadded(modulus), e: unpadded(EXPONENT), alg: 'PS384', ext: true };
}
