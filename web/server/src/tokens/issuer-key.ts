/**
 * The issuer's key, and what it does. Signing is the raw operation of OpenSSL, which takes the same time for every message; that of blindrsa-ts, which clients blind with,
 * does not, and takes 430 ms in place of 0.9.
 */
import {
  constants,
  createPrivateKey,
  generateKeyPair,
  privateDecrypt,
  publicEncrypt,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { Bytes } from '@ossicle/wire/log';
import { issuerKeyId, modulusOf, writeIssuerKey } from '@ossicle/wire/tokens';
import { InputError } from '../errors.ts';
import { readText, writeFiles } from '../log/files.ts';

/** Its file among the keys. */
export const ISSUER_KEY = 'issuer';

export interface IssuerKey {
  readonly privateKey: KeyObject;
  /** SubjectPublicKeyInfo in DER, as rounds name it. */
  readonly spki: Bytes;
  /** SHA-256 of `spki`. */
  readonly id: Bytes;
}

async function issuerKeyOf(pem: string): Promise<IssuerKey> {
  const privateKey = createPrivateKey(pem);
  const { n = '' } = privateKey.export({ format: 'jwk' });
  const spki = writeIssuerKey(Buffer.from(n, 'base64url'));
  return { privateKey, spki, id: await issuerKeyId(spki) };
}

/** `path`: a key in PEM (PKCS #8). null: there is none. Errors: InputError (not a key of 2048 bits). */
export async function readIssuerKeyFile(path: string): Promise<IssuerKey | null> {
  const pem = await readText(path);
  if (pem === null) return null;
  return issuerKeyOf(pem).catch((cause: unknown) => {
    const what = `${path} is no key of an issuer of tokens. Restore it from a copy`;
    throw new InputError(`${what}: an RSA key of 2048 bits in PEM.`, { cause });
  });
}

/** Makes a key and writes it to `path`, which only its owner can read. */
export async function makeIssuerKeyFile(path: string, scratch: string): Promise<IssuerKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  await writeFiles(scratch, [[path, pem]], 0o600);
  return issuerKeyOf(pem);
}

/** Whether it is a number below the modulus: what else there is cannot be signed. */
export const isBlinded = ({ spki }: IssuerKey, blinded: Bytes): boolean =>
  Buffer.compare(blinded, modulusOf(spki) ?? new Uint8Array()) < 0;

/** BlindSign of RFC 9474, 4.3. `blinded`: as long as the modulus, and below it. */
export function blindSign(key: KeyObject, blinded: Bytes): Bytes {
  const padding = constants.RSA_NO_PADDING;
  const signature = privateDecrypt({ key, padding }, blinded);
  // A signature that went wrong would give the key away.
  if (publicEncrypt({ key, padding }, signature).equals(blinded)) return new Uint8Array(signature);
  throw new Error('A signature went wrong, and was not given out.');
}
