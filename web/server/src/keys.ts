/** Keys that sign notes, one file for each role: "PRIVATE+KEY+name+hash+key", as Go's sumdb/note writes them. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { toHex, verifierOf, type KEY_TYPES, type Signer } from '@ossicle/wire/log';
import { InputError, messageOf } from './errors.ts';
import { writeFiles } from './log/files.ts';

type KeyType = (typeof KEY_TYPES)[keyof typeof KEY_TYPES];

const SEED_BYTES = 32;
/** What comes before the seed in the DER of an Ed25519 private key. RFC 8410, 7. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const FORM = /^PRIVATE\+KEY\+([^\s+]+)\+([0-9a-f]{8})\+([\w+/=]+)\n?$/u;

async function signerOf(name: string, type: KeyType, seed: Uint8Array): Promise<Signer> {
  const der = new Uint8Array([...PKCS8, ...seed]);
  const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  const publicKey = new Uint8Array(Buffer.from(x, 'base64url'));
  const privateKey = await crypto.subtle.importKey('pkcs8', der, 'Ed25519', false, ['sign']);
  return { verifier: await verifierOf(name, type, publicKey), privateKey };
}

/** Makes a key and writes it to `path`, which only its owner can read. */
export async function makeKey(
  path: string,
  scratch: string,
  name: string,
  type: KeyType,
): Promise<Signer> {
  const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
  const signer = await signerOf(name, type, seed);
  const base64 = Buffer.from([type, ...seed]).toString('base64');
  const text = `PRIVATE+KEY+${name}+${toHex(signer.verifier.id)}+${base64}\n`;
  await writeFiles(scratch, [[path, text]], 0o600);
  return signer;
}

/** Errors: InputError. */
export async function readKey(path: string): Promise<Signer> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const what = `The key ${path} cannot be read: ${messageOf(cause)}.`;
    throw new InputError(`${what} Name a key file that \`init\` made.`, { cause });
  }
  const [, name = '', hash = '', base64 = ''] = FORM.exec(text) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  const type = bytes[0];
  const bad = new InputError(
    `${path} is no key file. Restore it from a copy: a line that begins with PRIVATE+KEY+.`,
  );
  if ((type !== 1 && type !== 4) || bytes.length !== 1 + SEED_BYTES) throw bad;
  const signer = await signerOf(name, type, bytes.subarray(1));
  if (toHex(signer.verifier.id) !== hash) throw bad;
  return signer;
}
