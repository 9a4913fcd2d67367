/**
 * One-time tokens of Privacy Pass, type 0x0002 (blind RSA, 2048 bits): whoever issues one signs it without seeing it, so that it does not tell who spends it.
 * RFC 9577 has challenge and token, RFC 9578 request and response. Numbers are big-endian. Blinding and signing bring those who call.
 *
 *   challenge  type u16 | issuer name u16 + bytes | redemption context u8 + 0 or 32 bytes | origin info u16 + bytes
 *   request    type u16 | last byte of the key's id | blinded message 256
 *   response   blind signature 256
 *   token      type u16 | nonce 32 | SHA-256 of the challenge 32 | id of the key 32 | signature 256
 */
import { join, sha256, utf8, type Bytes } from '../log/bytes.ts';

export const TOKEN_TYPE = 2;
export const NONCE_BYTES = 32;
const HASH_BYTES = 32;
/** Of a modulus, and so of every signature and blinded message. */
export const SIGNATURE_BYTES = 256;
/** What is signed: a token without its signature. */
export const INPUT_BYTES = 2 + NONCE_BYTES + 2 * HASH_BYTES;
export const TOKEN_BYTES = INPUT_BYTES + SIGNATURE_BYTES;
export const REQUEST_BYTES = 2 + 1 + SIGNATURE_BYTES;
export const REQUEST_TYPE = 'application/private-token-request';
export const RESPONSE_TYPE = 'application/private-token-response';

export interface Challenge {
  /** Host of the issuer, with its port unless that is 443. */
  readonly issuer: string;
  /** 32 bytes; empty: the token is good in any context. */
  readonly context: Bytes;
  /** Hosts at which the token can be spent, with commas between; empty: at any. */
  readonly origins: string;
}

const u16 = (n: number): Bytes => Uint8Array.of(n >> 8, n & 0xff);
const type = u16(TOKEN_TYPE);

function named(text: string): Bytes {
  const bytes = utf8(text);
  if (bytes.length > 0xffff || !/^[\x21-\x7e]*$/.test(text)) {
    throw new RangeError('Names of hosts are ASCII without spaces, 65,535 bytes at most.');
  }
  return join(u16(bytes.length), bytes);
}

/** Errors: RangeError (no issuer; a name that is no host's; a context of another length). */
export function writeChallenge({ issuer, context, origins }: Challenge): Bytes {
  if (issuer === '') throw new RangeError('A challenge names an issuer.');
  if (context.length !== 0 && context.length !== HASH_BYTES) {
    throw new RangeError(`A redemption context has 0 or 32 bytes, not ${context.length}.`);
  }
  return join(type, named(issuer), Uint8Array.of(context.length), context, named(origins));
}

const isOfType = (bytes: Uint8Array): boolean => bytes[0] === type[0] && bytes[1] === type[1];

/** The host of an address as challenges name it: without the port of https. Errors: TypeError (no address). */
export const serverName = (url: string): string => new URL(url).host;

/** What the issuer signs blindly. `nonce`: NONCE_BYTES, random. `keyId`: SHA-256 of the issuer's key. */
export async function tokenInput(nonce: Bytes, challenge: Bytes, keyId: Bytes): Promise<Bytes> {
  const input = join(type, nonce, await sha256(challenge), keyId);
  if (input.length === INPUT_BYTES) return input;
  throw new RangeError('A nonce and the id of a key have 32 bytes each.');
}

/** `input`: what was signed. */
export function writeToken(input: Bytes, signature: Bytes): Bytes {
  if (input.length !== INPUT_BYTES || signature.length !== SIGNATURE_BYTES) {
    throw new RangeError(`A token has ${INPUT_BYTES} and ${SIGNATURE_BYTES} bytes.`);
  }
  return join(input, signature);
}

export interface Token {
  /** What was signed. Two tokens are the same one when this is the same. */
  readonly input: Bytes;
  readonly challengeDigest: Bytes;
  readonly keyId: Bytes;
  readonly signature: Bytes;
}

/** null: not a token of this type. Says nothing of its signature. */
export function readToken(bytes: Uint8Array): Token | null {
  if (bytes.length !== TOKEN_BYTES || !isOfType(bytes)) return null;
  const digestAt = 2 + NONCE_BYTES;
  const part = (from: number, to: number): Bytes => new Uint8Array(bytes.subarray(from, to));
  return {
    input: part(0, INPUT_BYTES),
    challengeDigest: part(digestAt, digestAt + HASH_BYTES),
    keyId: part(digestAt + HASH_BYTES, INPUT_BYTES),
    signature: part(INPUT_BYTES, TOKEN_BYTES),
  };
}

/** Asks the issuer of this key for a signature. Only the last byte of the key's id goes along: a longer one could tell clients apart. */
export function writeTokenRequest(keyId: Bytes, blinded: Bytes): Bytes {
  if (keyId.length !== HASH_BYTES || blinded.length !== SIGNATURE_BYTES) {
    throw new RangeError(`A blinded message has ${SIGNATURE_BYTES} bytes.`);
  }
  return join(type, keyId.subarray(-1), blinded);
}

export interface TokenRequest {
  /** The last byte of the key's id. */
  readonly truncatedKeyId: number;
  readonly blinded: Bytes;
}

/** null: not a request for a token of this type. */
export function readTokenRequest(bytes: Uint8Array): TokenRequest | null {
  if (bytes.length !== REQUEST_BYTES || !isOfType(bytes)) return null;
  return { truncatedKeyId: bytes[2] ?? 0, blinded: new Uint8Array(bytes.subarray(3)) };
}
