/** Sending: the only place in the package that gives anything out of this device. What is fetched (the assets, snapshots/send.ts) tells a server no more than that it is fetched. */
import type { Bytes } from '@ossicle/wire/log';
import type { FoundRound } from '@ossicle/wire/report';
import { OssicleError } from '../errors.ts';
import { bytesOf } from '../streams.ts';

/**
 * accepted: it is stored and will be counted. again: the same bytes may still be accepted later. new_token: the same, with another token. refused: they never will. `problem`: the aggregator's code
 * after "aggregator_", or what stands for one that it did not send.
 */
export type Outcome =
  | { readonly became: 'accepted' }
  | { readonly became: 'again' | 'new_token' | 'refused'; readonly problem: string };

const ANSWER_MS = 30_000;
const MOST_ANSWER_BYTES = 4096;
const CREATED = 201;
/** Of the 4xx those that are of this moment, not of the report. */
const MOMENTARY = new Set([401, 408, 425, 429]);
/** Codes that pass: the aggregator has yet to read the log, or the clocks differ. */
const PASSING = new Set(['unknown_round', 'round_not_open']);
const CODE = /^[a-z][a-z_]{0,39}$/;

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Bytes;
}

/** Empty, too, when it is longer than any answer: no more of it is read. */
async function bodyOf({ body }: Response): Promise<Bytes> {
  if (body === null) return new Uint8Array();
  let size = 0;
  try {
    return await bytesOf(body, (bytes) => {
      size += bytes;
      if (size > MOST_ANSWER_BYTES) throw new Error('It is longer than any answer.');
    });
  } catch (cause) {
    if (size > MOST_ANSWER_BYTES) return new Uint8Array();
    throw cause;
  }
}

/** Posts `body`: no cookies, no referrer, no other address whatever it answers. Errors: network (no answer, or none that can be read: it may have arrived), AbortError. */
export async function post(
  url: string,
  body: Bytes,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const patience = AbortSignal.timeout(ANSWER_MS);
  try {
    const response = await fetch(url, {
      ...{ method: 'POST', body, headers, cache: 'no-store' },
      ...{ credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'error' },
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
    return {
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      body: await bodyOf(response),
    };
  } catch (cause) {
    signal?.throwIfAborted();
    const what = `${url} did not answer. Nothing is lost; it is tried again.`;
    throw new OssicleError('network', what, url, { cause });
  }
}

/** The code of a refusal (RFC 9457); null: it has none. A proxy may answer in its own words. */
export function codeIn(body: Uint8Array): string | null {
  try {
    const { code } = JSON.parse(new TextDecoder().decode(body)) as { readonly code?: unknown };
    return typeof code === 'string' && CODE.test(code) ? code : null;
  } catch {
    return null;
  }
}

function outcomeOf(answer: Answer): Outcome {
  const { status } = answer;
  if (status === CREATED) return { became: 'accepted' };
  const isProblem = answer.type.startsWith('application/problem+json');
  const code = isProblem ? codeIn(answer.body) : null;
  if (code === null) return { became: 'again', problem: `http_${status}` };
  const problem = `aggregator_${code}`;
  if (code.startsWith('token_')) return { became: 'new_token', problem };
  const isFinal = status >= 400 && status < 500 && !MOMENTARY.has(status) && !PASSING.has(code);
  return { became: isFinal ? 'refused' : 'again', problem };
}

/** Sends a report to the first aggregator of its round. Errors: AbortError. */
export async function sendReport(
  { id, round }: FoundRound,
  sealed: Bytes,
  authorization: string | null,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const { href } = new URL(`reports/${id}`, round.aggregators[0].url);
  const type = { 'content-type': 'application/octet-stream' };
  const headers = { ...type, ...(authorization !== null && { authorization }) };
  try {
    return outcomeOf(await post(href, sealed, headers, signal));
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof OssicleError) return { became: 'again', problem: cause.code };
    throw cause;
  }
}
