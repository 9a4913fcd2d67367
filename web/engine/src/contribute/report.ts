/** What a report says, and how it is sealed. */
import { AEAD_AES_128_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke';
import { fromBase64, join, type Bytes } from '@ossicle/wire/log';
import {
  bytesOf,
  maxNormOf,
  REPORT_ID_BYTES,
  roundId,
  SEED_BYTES,
  writeHeader,
  writeReport,
  type FoundRound,
  type Header,
  type Proven,
  type Role,
  type Round,
  type Seal,
} from '@ossicle/wire/report';
import type { Listener } from '../core-contribution.ts';
import { messageOf, OssicleError } from '../errors.ts';
import type { Privacy } from '../private/privacy.ts';
import type { Random } from './plan.ts';

const suite = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_128_GCM);

/** A report before it is sealed. */
export interface ReportDraft {
  readonly header: Header;
  /** [rows x (factors + 1)], in steps. */
  readonly table: Int32Array<ArrayBuffer>;
  readonly proven: Proven;
}

/** The table of a listener, clipped, its two shares, and the proof of its norm, which is good for this report and no other. An empty history gives zeros by the same way. */
export async function draftReport(
  privacy: Privacy,
  { text, round }: FoundRound,
  block: number,
  listener: Listener,
  random: Random,
): Promise<ReportDraft> {
  const seed = new DataView(random(8).buffer).getBigUint64(0, true);
  const maxNorm = maxNormOf(round);
  const table = privacy.fill({ ...listener, block, seed, maxNorm });
  const header = { round: await roundId(text), block, id: random(REPORT_ID_BYTES) };
  // The first is A's, and travels within the proof; the second is all that B gets.
  const seeds = random(2 * SEED_BYTES);
  const proved = privacy.prove({ table, maxNorm, context: writeHeader(header), seeds });
  const { share, proof, parts } = proved;
  return {
    ...{ header, table },
    proven: { share: bytesOf(share), proof, seed: seeds.slice(SEED_BYTES), parts },
  };
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
export async function sealReport({ header, proven }: ReportDraft, round: Round): Promise<Bytes> {
  try {
    return await writeReport(header, proven, round, await sealTo(round));
  } catch (cause) {
    const what = `The report cannot be sealed here: ${messageOf(cause)}.`;
    const advice = 'Nothing was sent or spent; a newer browser has X25519.';
    throw new OssicleError('unsupported_browser', `${what} ${advice}`, 'X25519', { cause });
  }
}
