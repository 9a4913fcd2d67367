/**
 * A report: a table of one block, split in two shares, each sealed to one aggregator (after DAP, draft-ietf-ppm-dap). Its size says nothing: it is the same
 * for every table of a round.
 *
 *   version u8 | round 32 | block u16 LE | report id 16   header, 51 bytes, authenticated by both seals
 *   enc 32 | ciphertext | tag 16                          share for A: the numbers, u32 LE
 *   enc 32 | ciphertext | tag 16                          share for B: a seed of 32 bytes, from which B makes its numbers
 *
 * With 512 rows and 128 factors: 51 + 264,240 + 80 = 264,371 bytes. Table = share A + share B modulo 2^32. HPKE (RFC 9180), base mode,
 * DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM; who calls brings the sealing.
 */
import { join, utf8, type Bytes } from '../log/bytes.ts';
import { tableBytes, type Shape } from './shape.ts';

export const REPORT_VERSION = 1;
export const ROUND_ID_BYTES = 32;
export const REPORT_ID_BYTES = 16;
export const SEED_BYTES = 32;
export const HEADER_BYTES = 1 + ROUND_ID_BYTES + 2 + REPORT_ID_BYTES;
/** What HPKE adds: the encapsulated key and the tag. */
export const SEAL_BYTES = 32 + 16;
export const SEALED_SEED_BYTES = SEED_BYTES + SEAL_BYTES;

export const ROLES = ['a', 'b'] as const;
export type Role = (typeof ROLES)[number];

export interface Header {
  /** SHA-256 of the round's text. */
  readonly round: Bytes;
  readonly block: number;
  /** Random: a report counts once. */
  readonly id: Bytes;
}

/** Seals to the key of an aggregator: encapsulated key, then ciphertext with its tag. */
export type Seal = (role: Role, plain: Bytes, info: Bytes, aad: Bytes) => Promise<Bytes>;

/** null: not sealed to this key, for this role, with this header. */
export type Open = (sealed: Bytes, info: Bytes, aad: Bytes) => Promise<Bytes | null>;

const ROLE_BYTES = { a: 0x61, b: 0x62 } as const;

/** "ossicle-share/v1" and the role's letter: a share for A never opens as one for B. */
export function shareInfo(role: Role): Bytes {
  return join(utf8('ossicle-share/v1'), Uint8Array.of(ROLE_BYTES[role]));
}

export function reportBytes(shape: Shape): number {
  return HEADER_BYTES + tableBytes(shape) + SEAL_BYTES + SEALED_SEED_BYTES;
}

export function writeHeader({ round, block, id }: Header): Bytes {
  if (round.length !== ROUND_ID_BYTES || id.length !== REPORT_ID_BYTES) {
    throw new RangeError('A round has 32 bytes, and a report id 16.');
  }
  if (!Number.isInteger(block) || block < 0 || block > 0xffff) {
    throw new RangeError(`${block} is no block: they go from 0 to 65,535.`);
  }
  return join(Uint8Array.of(REPORT_VERSION), round, Uint8Array.of(block & 0xff, block >> 8), id);
}

/** `bytes`: HEADER_BYTES of this version. */
export function readHeader(bytes: Uint8Array): Header {
  const block = 1 + ROUND_ID_BYTES;
  return {
    round: new Uint8Array(bytes.subarray(1, block)),
    block: (bytes[block] ?? 0) | ((bytes[block + 1] ?? 0) << 8),
    id: new Uint8Array(bytes.subarray(block + 2, HEADER_BYTES)),
  };
}

export interface Shares {
  /** 4 x rows x (factors + 1) bytes. */
  readonly a: Bytes;
  /** SEED_BYTES. */
  readonly b: Bytes;
}

/** Errors: RangeError (a share of another size); those of `seal`. */
export async function writeReport(
  header: Header,
  shares: Shares,
  shape: Shape,
  seal: Seal,
): Promise<Bytes> {
  if (shares.a.length !== tableBytes(shape) || shares.b.length !== SEED_BYTES) {
    throw new RangeError(`Shares have ${tableBytes(shape)} and ${SEED_BYTES} bytes.`);
  }
  const head = writeHeader(header);
  const sealed = ROLES.map((role) => seal(role, shares[role], shareInfo(role), head));
  const report = join(head, ...(await Promise.all(sealed)));
  if (report.length === reportBytes(shape)) return report;
  throw new RangeError(`A report has ${reportBytes(shape)} bytes, and this one ${report.length}.`);
}

export interface Report {
  readonly header: Header;
  /** The header as it was sent: what both seals authenticate. */
  readonly head: Bytes;
  readonly sealedA: Bytes;
  readonly sealedB: Bytes;
}

export type ReportFault = 'malformed' | 'too_large' | 'wrong_version';

/** A report of this shape, or what it is instead. Opens nothing. */
export function readReport(bytes: Uint8Array, shape: Shape): Report | ReportFault {
  // A later version may have another size: say so first.
  if (bytes.length > 0 && bytes[0] !== REPORT_VERSION) return 'wrong_version';
  const expected = reportBytes(shape);
  if (bytes.length !== expected) return bytes.length > expected ? 'too_large' : 'malformed';
  const b = expected - SEALED_SEED_BYTES;
  return {
    header: readHeader(bytes),
    head: new Uint8Array(bytes.subarray(0, HEADER_BYTES)),
    sealedA: new Uint8Array(bytes.subarray(HEADER_BYTES, b)),
    sealedB: new Uint8Array(bytes.subarray(b)),
  };
}
