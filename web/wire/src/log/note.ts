/** Signed notes: a text and who signed it. https://c2sp.org/signed-note */
import { fromBase64, isSame, join, sha256, toBase64, toHex, utf8, type Bytes } from './bytes.ts';

/** How a key signs. 1: Ed25519 over the text; 4: a witness's Ed25519 over the text and the time it saw it (https://c2sp.org/tlog-cosignature). */
export const KEY_TYPES = { ed25519: 1, cosignature: 4 } as const;
export type KeyType = (typeof KEY_TYPES)[keyof typeof KEY_TYPES];

/** A key that signs notes, as others know it. */
export interface Verifier {
  readonly name: string;
  readonly type: KeyType;
  /** The first four bytes of a hash of name, type and key: finds the signature, and proves nothing. */
  readonly id: Bytes;
  readonly publicKey: Bytes;
}

export interface Signature {
  readonly name: string;
  readonly id: Bytes;
  readonly value: Bytes;
}

export interface Note {
  /** Ends with a line feed. */
  readonly text: string;
  readonly signatures: readonly Signature[];
}

const ID_BYTES = 4;
export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
const TIME_BYTES = 8;
const SIGNED_BY = '— ';
const NAME = /^[^\s+]+$/u;
/** More than any note of ours; a text of somebody else's is not read further. */
const MOST_LETTERS = 1_000_000;
const MOST_SIGNATURES = 100;

export async function verifierOf(name: string, type: KeyType, publicKey: Bytes): Promise<Verifier> {
  if (!NAME.test(name)) throw new Error(`A key cannot be called ${JSON.stringify(name)}.`);
  if (publicKey.length !== KEY_BYTES) {
    throw new Error(`The key of ${name} has ${publicKey.length} bytes, not ${KEY_BYTES}.`);
  }
  const hash = await sha256(join(utf8(`${name}\n`), Uint8Array.of(type), publicKey));
  return { name, type, publicKey, id: hash.slice(0, ID_BYTES) };
}

/** "name+hash+key", as keys are published. */
export function verifierText({ name, type, id, publicKey }: Verifier): string {
  return `${name}+${toHex(id)}+${toBase64(join(Uint8Array.of(type), publicKey))}`;
}

export async function readVerifier(text: string): Promise<Verifier> {
  const [, name = '', hash = '', key = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text) ?? [];
  const bytes = fromBase64(key);
  const type = bytes?.[0];
  if (bytes === null || (type !== KEY_TYPES.ed25519 && type !== KEY_TYPES.cosignature)) {
    throw new Error(`This is no key of a kind that is known: ${text.slice(0, 200)}`);
  }
  const verifier = await verifierOf(name, type, bytes.slice(1));
  if (toHex(verifier.id) !== hash) throw new Error(`The key of ${name} does not fit its hash.`);
  return verifier;
}

/** null: not a signed note. */
export function readNote(source: string): Note | null {
  // Only line feeds of all control characters, and nothing that is not Unicode.
  if (source.length > MOST_LETTERS || !source.isWellFormed() || /(?!\n)\p{Cc}/u.test(source)) {
    return null;
  }
  const middle = source.lastIndexOf('\n\n');
  if (middle < 0 || !source.endsWith('\n')) return null;
  const text = source.slice(0, middle + 1);
  const lines = source.slice(middle + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) return null;
  const signatures: Signature[] = [];
  for (const line of lines) {
    const [name = '', base64 = '', ...more] = line.slice(SIGNED_BY.length).split(' ');
    const bytes = fromBase64(base64);
    const isOne = line.startsWith(SIGNED_BY) && NAME.test(name) && more.length === 0;
    if (!isOne || bytes === null || bytes.length <= ID_BYTES) return null;
    signatures.push({ name, id: bytes.slice(0, ID_BYTES), value: bytes.slice(ID_BYTES) });
  }
  return { text, signatures };
}

export function writeNote({ text, signatures }: Note): string {
  const lines = signatures.map(
    ({ name, id, value }) => `${SIGNED_BY}${name} ${toBase64(join(id, value))}\n`,
  );
  return `${text}\n${lines.join('')}`;
}

async function isSignedBy(publicKey: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  const key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', key, signature, message);
}

/** What a witness signs: the note, and when it saw it. */
export function cosigned(text: string, seconds: number): Bytes {
  return utf8(`cosignature/v1\ntime ${seconds}\n${text}`);
}

export interface Verified {
  /** Of a witness: when it saw it, in seconds since 1970. */
  readonly seconds: number | null;
}

/** null: this key has not signed the note, or another text. */
export async function verified(note: Note, verifier: Verifier): Promise<Verified | null> {
  const { name, id, type, publicKey } = verifier;
  const found = note.signatures.filter((one) => one.name === name && isSame(one.id, id));
  for (const { value } of found) {
    if (type === KEY_TYPES.ed25519) {
      const fits = value.length === SIGNATURE_BYTES;
      if (fits && (await isSignedBy(publicKey, value, utf8(note.text)))) return { seconds: null };
      continue;
    }
    if (value.length !== TIME_BYTES + SIGNATURE_BYTES) continue;
    const seconds = Number(new DataView(value.buffer, value.byteOffset).getBigUint64(0));
    const message = cosigned(note.text, seconds);
    if (await isSignedBy(publicKey, value.slice(TIME_BYTES), message)) return { seconds };
  }
  return null;
}

/** A key that can sign. */
export interface Signer {
  readonly verifier: Verifier;
  readonly privateKey: CryptoKey;
}

/** `seconds` since 1970: of a witness, when it saw it. */
export async function sign(
  text: string,
  { verifier, privateKey }: Signer,
  seconds: number,
): Promise<Signature> {
  const { name, id, type } = verifier;
  const isWitness = type === KEY_TYPES.cosignature;
  const message = isWitness ? cosigned(text, seconds) : utf8(text);
  const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, message));
  if (!isWitness) return { name, id, value: signature };
  const time = new Uint8Array(TIME_BYTES);
  new DataView(time.buffer).setBigUint64(0, BigInt(seconds));
  return { name, id, value: join(time, signature) };
}
