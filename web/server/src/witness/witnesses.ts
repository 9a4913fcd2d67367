/** Asking witnesses: the log gives each a proof from what it saw last. */
import {
  consistencyProof,
  verified,
  type Bytes,
  type Checkpoint,
  type HashAt,
  type Signature,
  type Verifier,
} from '@ossicle/wire/log';
import { readCosignatures, writeAddCheckpoint } from '@ossicle/wire/log/witness';
import { messageOf } from '../errors.ts';
import type { Witness } from './witness.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A witness as a log sees it. */
export interface AskWitness {
  readonly key: Verifier;
  readonly ask: (request: string) => Promise<Answer>;
}

const TIMEOUT_MS = 10_000;
const MOST_ANSWER_LETTERS = 16_384;

/** `address`: what comes before /add-checkpoint. */
export function remoteWitness(key: Verifier, address: string): AskWitness {
  return {
    key,
    async ask(request) {
      const response = await fetch(`${address.replace(/\/$/, '')}/add-checkpoint`, {
        method: 'POST',
        body: request,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const body = (await response.text()).slice(0, MOST_ANSWER_LETTERS);
      return { status: response.status, body };
    },
  };
}

export function localWitness(witness: Witness): AskWitness {
  return { key: witness.key, ask: (request) => witness.addCheckpoint(request) };
}

export interface Cosigned {
  readonly signatures: readonly Signature[];
  /** Of each witness that did not sign: why. */
  readonly refusals: readonly string[];
}

async function askOne(
  { key, ask }: AskWitness,
  source: string,
  text: string,
  { size }: Checkpoint,
  hashAt: HashAt,
): Promise<Signature> {
  let old = size;
  // It may have seen something else than this log remembers; a second time it says so itself.
  for (let tries = 0; tries < 2; ++tries) {
    const proof: readonly Bytes[] = await consistencyProof(old, size, hashAt);
    const { status, body } = await ask(writeAddCheckpoint({ old, proof, source }));
    if (status === 200) {
      for (const signature of readCosignatures(body) ?? []) {
        if (await verified({ text, signatures: [signature] }, key)) return signature;
      }
      throw new Error('its answer has no signature of its key');
    }
    const told = Number(/^(\d+)\n$/.exec(body)?.[1] ?? NaN);
    if (status !== 409 || !Number.isSafeInteger(told)) {
      throw new Error(`it answers ${status}: ${body.slice(0, 200).trim()}`);
    }
    if (told > size) throw new Error(`it has seen ${told} entries, and this log has ${size}`);
    if (told === old) throw new Error(`it has seen another log of ${told} entries`);
    old = told;
  }
  throw new Error('it changes what it says it has seen');
}

/** Cosignatures of `source`, a signed checkpoint with the text `text`. Never rejects: a witness that is away is told of. */
export async function cosign(
  witnesses: readonly AskWitness[],
  source: string,
  text: string,
  checkpoint: Checkpoint,
  hashAt: HashAt,
): Promise<Cosigned> {
  const asked = await Promise.allSettled(
    witnesses.map((witness) => askOne(witness, source, text, checkpoint, hashAt)),
  );
  const signatures = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const refusals = asked.flatMap((one, i) =>
    one.status === 'rejected' ? [`${witnesses[i]?.key.name ?? ''}: ${messageOf(one.reason)}`] : [],
  );
  return { signatures, refusals };
}
