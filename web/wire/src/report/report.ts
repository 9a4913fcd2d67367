/**
 * A report: a table of one block, split in two shares, each sealed to one aggregator (after DAP, draft-ietf-ppm-dap), and a proof that its norm is within the
 * round's (ossicle/norm_proof.h). Its size says nothing: it is the same for every table of a round.
 *
 *   version u8 | round 32 | block u16 LE | report id 16   header, 51 bytes, authenticated by both seals; what the proof is good for, and for nothing else
 *   enc 32 | ciphertext | tag 16                          for A: its share, the numbers as u32 LE | the proof | its parts 96
 *   enc 32 | ciphertext | tag 16                          for B: a seed of 32 bytes, from which B makes its share of both | the same parts 96
 *
 * With 512 rows, 128 factors and norm 1: 51 + 277,152 + 176 = 277,379 bytes. Table = share A + share B modulo q = 2^32 - 2^20 + 1. HPKE (RFC 9180), base
 * mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM; who calls brings the sealing.
 */
import { join, utf8, type Bytes } from '../log/bytes.ts';
import { PARTS_BYTES, proofSizes, SEED_BYTES } from './proof.ts';
import { numbersAt, tableBytes, type ProvenShape } from './shape.ts';

export const REPORT_VERSION = 2;
export const ROUND_ID_BYTES = 32;
export const REPORT_ID_BYTES = 16;
export const HEADER_BYTES = 1 + ROUND_ID_BYTES + 2 + REPORT_ID_BYTES;
/** What HPKE adds: the encapsulated key and the tag. */
export const SEAL_BYTES = 32 + 16;
/** The sealed half of B. */
export const SEALED_B_BYTES = SEED_BYTES + PARTS_BYTES + SEAL_BYTES;

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

/** "ossicle-share/v2" and the role's letter: a share for A never opens as one for B. */
export function shareInfo(role: Role): Bytes {
  return join(utf8('ossicle-share/v2'), Uint8Array.of(ROLE_BYTES[role]));
}

/** What A's half says, without its seal. */
const plainABytes = (shape: ProvenShape): number =>
  tableBytes(shape) + proofSizes(shape).proof + PARTS_BYTES;

export function reportBytes(shape: ProvenShape): number {
  return HEADER_BYTES + plainABytes(shape) + SEAL_BYTES + SEALED_B_BYTES;
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

/** A table that was split, and the proof of its norm. */
export interface Proven {
  /** A's, tableBytes(). */
  readonly share: Bytes;
  /** proofSizes().proof. */
  readonly proof: Bytes;
  /** B's, SEED_BYTES. */
  readonly seed: Bytes;
  /** PARTS_BYTES, for both. */
  readonly parts: Bytes;
}

/** Errors: RangeError (a part of another size); those of `seal`. */
export async function writeReport(
  header: Header,
  { share, proof, seed, parts }: Proven,
  shape: ProvenShape,
  seal: Seal,
): Promise<Bytes> {
  const expected = [tableBytes(shape), proofSizes(shape).proof, SEED_BYTES, PARTS_BYTES];
  const sizes = [share, proof, seed, parts].map(({ length }) => length);
  if (sizes.some((size, i) => size !== expected[i])) {
    const what = 'The share, proof, seed and parts of this round have';
    throw new RangeError(`${what} ${expected.join(', ')} bytes, and not ${sizes.join(', ')}.`);
  }
  const head = writeHeader(header);
  const plain = { a: join(share, proof, parts), b: join(seed, parts) };
  const sealed = ROLES.map((role) => seal(role, plain[role], shareInfo(role), head));
  const report = join(head, ...(await Promise.all(sealed)));
  if (report.length === reportBytes(shape)) return report;
  throw new RangeError(`A report has ${reportBytes(shape)} bytes, and this one ${report.length}.`);
}

/** What the half of A says when it is open. */
export interface ShareA {
  /** [rows x (factors + 1)]. Nothing is known of its numbers yet. */
  readonly share: Uint32Array<ArrayBuffer>;
  readonly proof: Bytes;
  readonly parts: Bytes;
}

/** The share is where `plain` lies. null: it is of another size. */
export function readShareA(plain: Bytes, shape: ProvenShape): ShareA | null {
  if (plain.length !== plainABytes(shape)) return null;
  const [table, parts] = [tableBytes(shape), plain.length - PARTS_BYTES];
  return {
    share: numbersAt(plain.subarray(0, table)),
    proof: new Uint8Array(plain.subarray(table, parts)),
    parts: new Uint8Array(plain.subarray(parts)),
  };
}

/** What the half of B says when it is open. */
export type ShareB = Pick<Proven, 'seed' | 'parts'>;

/** null: it is of another size. */
export function readShareB(plain: Uint8Array): ShareB | null {
  if (plain.length !== SEED_BYTES + PARTS_BYTES) return null;
  return {
    seed: new Uint8Array(plain.subarray(0, SEED_BYTES)),
    parts: new Uint8Array(plain.subarray(SEED_BYTES)),
  };
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
export function readReport(bytes: Uint8Array, shape: ProvenShape): Report | ReportFault {
  // A later version may have another size: say so first.
  if (bytes.length > 0 && bytes[0] !== REPORT_VERSION) return 'wrong_version';
  const expected = reportBytes(shape);
  if (bytes.length !== expected) return bytes.length > expected ? 'too_large' : 'malformed';
  const b = expected - SEALED_B_BYTES;
  return {
    header: readHeader(bytes),
    head: new Uint8Array(bytes.subarray(0, HEADER_BYTES)),
    sealedA: new Uint8Array(bytes.subarray(HEADER_BYTES, b)),
    sealedB: new Uint8Array(bytes.subarray(b)),
  };
}
