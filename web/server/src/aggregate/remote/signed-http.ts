/**
 * Requests and answers between two operators, each signed with its own key: HTTP Message Signatures (RFC 9421) with Ed25519, and a digest of the body (RFC 9530).
 * Exactly these fields are signed, in one way of writing. There is no time in it: whatever is asked twice has one effect and one answer.
 */
import { createHash } from 'node:crypto';
import {
  verified,
  verifierText,
  sign,
  type Bytes,
  type Signer,
  type Verifier,
} from '@ossicle/wire/log';

/** What is signed beside the digest of the body. */
export type Fields = readonly (readonly [field: string, value: string])[];

export const requestFields = (path: string): Fields => [
  ['"@method"', 'POST'],
  ['"@path"', path],
];

/** An answer names the request that it is to. */
export const answerFields = (status: number, path: string, asked: Uint8Array): Fields => [
  ['"@status"', String(status)],
  ['"@path";req', path],
  ['"content-digest";req', digestOf(asked)],
];

/** Value of Content-Digest. */
export function digestOf(body: Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
}

interface ToSign {
  readonly input: string;
  /** The signature base, RFC 9421, 2.5. */
  readonly base: string;
}

function toSign(fields: Fields, digest: string, key: Verifier): ToSign {
  const all: Fields = [...fields, ['"content-digest"', digest]];
  const names = all.map(([field]) => field).join(' ');
  const input = `(${names});alg="ed25519";keyid="${verifierText(key)}";tag="ossicle-aggregate"`;
  const lines = [...all, ['"@signature-params"', input]].map(
    ([field, value]) => `${field}: ${value}`,
  );
  return { input, base: lines.join('\n') };
}

/** Headers that sign a request or an answer with this body. */
export async function signedHeaders(
  fields: Fields,
  body: Uint8Array,
  signer: Signer,
): Promise<Readonly<Record<string, string>>> {
  const digest = digestOf(body);
  const { input, base } = toSign(fields, digest, signer.verifier);
  const { value } = await sign(base, signer, 0);
  return {
    'content-digest': digest,
    'signature-input': `sig=${input}`,
    signature: `sig=:${Buffer.from(value).toString('base64')}:`,
  };
}

/** Gives a header by its name. */
export type Header = (name: string) => string | null | undefined;

/** Whether `peer` has signed these headers: before the body is there, which has to have the digest that they name. */
export async function areSignedBy(
  peer: Verifier,
  fields: Fields,
  header: Header,
): Promise<boolean> {
  const { input, base } = toSign(fields, header('content-digest') ?? '', peer);
  if (header('signature-input') !== `sig=${input}`) return false;
  const [, base64 = ''] = /^sig=:([\w+/=]+):$/.exec(header('signature') ?? '') ?? [];
  const value: Bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  const note = { text: base, signatures: [{ name: peer.name, id: peer.id, value }] };
  return (await verified(note, peer)) !== null;
}

/** Whether `peer` has signed it. */
export async function isSignedBy(
  peer: Verifier,
  fields: Fields,
  body: Uint8Array,
  header: Header,
): Promise<boolean> {
  const isIt = header('content-digest') === digestOf(body);
  return isIt && (await areSignedBy(peer, fields, header));
}
