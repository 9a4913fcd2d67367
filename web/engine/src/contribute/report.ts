/** What a report says, and how it is sealed. */
import { AEAD_AES_128_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke';
import { fromBase64, join, type Bytes } from '@ossicle/wire/log';
import {
  bytesOf,
  REPORT_ID_BYTES,
  roundId,
  SEED_BYTES,
  writeReport,
  type FoundRound,
  type Role,
  type Round,
  type Seal,
  type Shares,
} from '@ossicle/wire/report';
import type { Listener } from '../core-contribution.ts';
import { messageOf, OssicleError } from '../errors.ts';
import type { Privacy } from '../private/privacy.ts';
import type { Random } from './plan.ts';

const suite = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_128_GCM);

export interface Split {
  /** [rows x (factors + 1)], in steps. */
  readonly table: Int32Array<ArrayBuffer>;
  readonly shares: Shares;
}

/** The most that a table of this round weighs: its L2 norm, in steps. */
export const maxNormOf = ({ clip, fractionBits }: Round): number =>
  Math.floor(clip * 2 ** fractionBits);

/** The table of a listener, clipped, and its two shares. An empty history gives zeros by the same way. */
export function splitTable(
  privacy: Privacy,
  round: Round,
  block: number,
  listener: Listener,
  random: Random,
): Split {
  const seed = new DataView(random(8).buffer).getBigUint64(0, true);
  const table = privacy.fill({ ...listener, block, seed, maxNorm: maxNormOf(round) });
  const b = random(SEED_BYTES);
  return { table, shares: { a: bytesOf(privacy.split(table, b)), b } };
}

async function sealTo(round: Round): Promise<Seal> {
  const [a, b] = await Promise.all(
    round.aggregators.map(({ key }) => {
      return suite.DeserializePublicKey(fromBase64(key) ?? new Uint8Array());
    }),
  );
  if (!a || !b) throw new Error('a round has two aggregators');
  const keys: Readonly<Record<Role, typeof a>> = { a, b };
  return async (role, plain, info, aad) => {
    const sealed = await suite.Seal(keys[role], plain, { info, aad });
    return join(sealed.encapsulatedSecret, sealed.ciphertext);
  };
}

/** Errors: unsupported_browser (no X25519). */
export async function sealReport(
  { text, round }: FoundRound,
  block: number,
  shares: Shares,
  random: Random,
): Promise<Bytes> {
  const header = { round: await roundId(text), block, id: random(REPORT_ID_BYTES) };
  try {
    return await writeReport(header, shares, round, await sealTo(round));
  } catch (cause) {
    const what = `The report cannot be sealed here: ${messageOf(cause)}.`;
    const advice = 'Nothing was sent or spent; a newer browser has X25519.';
    throw new OssicleError('unsupported_browser', `${what} ${advice}`, 'X25519', { cause });
  }
}
