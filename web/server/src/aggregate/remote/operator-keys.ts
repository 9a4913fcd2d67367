/** The keys of an aggregator: one signs what it publishes, the other opens the shares that are sealed to it. */
import {
  KEY_TYPES,
  readVerifier,
  verifierText,
  type Signer,
  type Verifier,
} from '@ossicle/wire/log';
import type { Role } from '@ossicle/wire/report';
import { InputError } from '../../errors.ts';
import type { DataFolder } from '../../folder.ts';
import { makeKey, readKey } from '../../keys.ts';
import { readText, writeFiles } from '../../log/files.ts';
import { makeHpkeKey, type HpkeKey } from '../sealing.ts';

export interface Operator {
  /** Signs the sums. */
  readonly signer: Signer;
  /** Opens the shares. */
  readonly hpke: HpkeKey;
}

/** What others know of an operator. */
export interface PublicKeys {
  readonly signer: Verifier;
  /** HPKE public key in base64. */
  readonly hpke: string;
}

const KEY_BYTES = 32;
const noteKey = (role: Role): string => `operator-${role}`;
const sealKey = (role: Role): string => `hpke-${role}`;
const isKey = (base64: string): boolean => Buffer.from(base64, 'base64').length === KEY_BYTES;

async function readSealKey(path: string): Promise<HpkeKey | null> {
  const text = await readText(path);
  if (text === null) return null;
  const [publicKey = '', privateKey = ''] = text.trim().split(' ');
  if (isKey(publicKey) && isKey(privateKey)) {
    return { publicKey, privateKey: new Uint8Array(Buffer.from(privateKey, 'base64')) };
  }
  throw new InputError(
    `${path} is no key of an aggregator. Restore it from a copy: two keys in base64.`,
  );
}

/** null: this folder has no keys of that aggregator. Errors: InputError (a key that is none). */
export async function readOperator(folder: DataFolder, role: Role): Promise<Operator | null> {
  const hpke = await readSealKey(folder.key(sealKey(role)));
  return hpke && { hpke, signer: await readKey(folder.key(noteKey(role))) };
}

/** Keys that are not there yet are made. `name`: of the key that signs. */
export async function makeOperator(
  folder: DataFolder,
  role: Role,
  name: string,
): Promise<Operator> {
  const known = await readOperator(folder, role);
  if (known) return known;
  const path = folder.key(noteKey(role));
  const signer = await makeKey(path, folder.scratch, name, KEY_TYPES.ed25519);
  const hpke = await makeHpkeKey();
  const text = `${hpke.publicKey} ${Buffer.from(hpke.privateKey).toString('base64')}\n`;
  // Last: with it the aggregator exists.
  await writeFiles(folder.scratch, [[folder.key(sealKey(role)), text]], 0o600);
  return { signer, hpke };
}

export const publicKeysOf = ({ signer, hpke }: Operator): PublicKeys => ({
  signer: signer.verifier,
  hpke: hpke.publicKey,
});

/** One line for others to copy: "HPKE key,signing key". */
export const publicKeysText = ({ signer, hpke }: PublicKeys): string =>
  `${hpke},${verifierText(signer)}`;

/** null: not such a line. */
export async function readPublicKeys(text: string): Promise<PublicKeys | null> {
  const [hpke = '', key = '', ...more] = text.split(',');
  const signer = await readVerifier(key).catch(() => null);
  if (signer?.type !== KEY_TYPES.ed25519 || !isKey(hpke) || more.length > 0) return null;
  return { signer, hpke };
}
