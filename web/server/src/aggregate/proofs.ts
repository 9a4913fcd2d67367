/** What the core does for an aggregator: its part of the check of a proof (ossicle/norm_proof.h), and its noise. */
import { randomBytes } from 'node:crypto';
import type { Bytes } from '@ossicle/wire/log';
import {
  maxNormOf,
  numbersOf,
  varianceOf,
  type ProvenShape,
  type ShareA,
  type ShareB,
} from '@ossicle/wire/report';
import { openPrivacy, OssicleError, type Privacy } from 'ossicle/node';

/** What is wrong with a proof: it is none, or of another report; or it does not show that the table is within the norm. */
type Unproven = 'proof_invalid' | 'norm_exceeded';

/** A round whose proofs can be checked. */
export interface ProvenRound {
  readonly round: ProvenShape;
  readonly verifyKey: Bytes;
}

/** Errors: those that say nothing about the proof. */
function checked<T>(check: () => T): T | Unproven {
  try {
    return check();
  } catch (cause) {
    if (!(cause instanceof OssicleError)) throw cause;
    if (cause.code === 'norm_exceeded') return 'norm_exceeded';
    if (cause.code === 'corrupt' || cause.code === 'checksum_mismatch') return 'proof_invalid';
    throw cause;
  }
}

export class Proofs {
  readonly #privacy: Privacy;

  constructor(privacy: Privacy) {
    this.#privacy = privacy;
  }

  /**
   * What A says to B about a report. `head`: the report's header, which the proof has to be about. Let it leave only from the store, where the report is known
   * by then: two different answers for one header would say something about its table.
   */
  first({ round, verifyKey: key }: ProvenRound, head: Bytes, half: ShareA): Bytes | Unproven {
    const maxNorm = maxNormOf(round);
    return checked(() => this.#privacy.beginFirst({ ...half, maxNorm, key, context: head }));
  }

  /** B's share of a table whose norm is proved. `message`: what A said about the report. What B itself says never leaves here. */
  second(
    { round, verifyKey: key }: ProvenRound,
    head: Bytes,
    half: ShareB,
    message: Bytes,
  ): Uint32Array<ArrayBuffer> | Unproven {
    const shape = { numbers: numbersOf(round), maxNorm: maxNormOf(round) };
    return checked(() => {
      const own = this.#privacy.beginSecond({ ...shape, ...half, key, context: head });
      this.#privacy.verify({ ...shape, first: message, second: own.message });
      return own.share;
    });
  }
}

/** [n] from the discrete Gaussian of this standard deviation, modulo q. */
export type Noise = (n: number, deviation: number) => Uint32Array | Promise<Uint32Array>;

export interface FromCore {
  readonly proofs: Proofs;
  /** From secure randomness. */
  readonly noise: Noise;
}

/** The core, where this program has it installed. Errors: those of ossicle-private. */
export const openInstalled = (): Promise<Privacy> =>
  openPrivacy(new URL('./', import.meta.resolve('ossicle/assets/ossicle-private.wasm')));

/** Errors: as of openInstalled(). */
export async function openCore(): Promise<FromCore> {
  const privacy = await openInstalled();
  const noise: Noise = (n, deviation) => {
    const seed = new Uint8Array(randomBytes(32));
    return privacy.addNoise(new Uint32Array(n), varianceOf(deviation), seed);
  };
  return { proofs: new Proofs(privacy), noise };
}
