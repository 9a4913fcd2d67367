/**
 * One-time tokens (Privacy Pass, blind RSA; RFC 9578, 6): a report has to bring one, its issuer signs a limited number, and cannot tell which token it signed for
 * whom. That holds only when asking and spending are apart in time: ask when a round is first read, not when its report is sent.
 */
import { RSABSSA } from '@cloudflare/blindrsa-ts';
import { toHex, type Bytes } from '@ossicle/wire/log';
import type { Round } from '@ossicle/wire/report';
import {
  challengeOf,
  issuerJwk,
  issuerKeyId,
  NONCE_BYTES,
  REQUEST_TYPE,
  SIGNATURE_BYTES,
  tokenInput,
  writeToken,
  writeTokenRequest,
} from '@ossicle/wire/tokens';
import { codeIn } from './send.ts';

/** A token that was asked for and is not there yet. To be stored before it is asked for: the same request again gets the same token, and counts once. */
export interface PendingToken {
  /** What is to be signed. */
  readonly input: Bytes;
  /** What the issuer sees. */
  readonly request: Bytes;
  /** Takes the blinding away again. Whoever has it and `request` can tell whose the token is. */
  readonly inverse: Bytes;
}

/** Posts `body`. Errors: those of the network. */
export type Post = (
  url: string,
  body: Bytes,
  headers: Readonly<Record<string, string>>,
) => Promise<{ readonly status: number; readonly body: Uint8Array }>;

/** `code`: of the issuer; bad_token: what it sent is no signature of the round's key; no_answer: it sent no code either. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const suite = RSABSSA.SHA384.PSS.Deterministic();

const readKey = (key: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey('jwk', issuerJwk(key), { name: 'RSA-PSS', hash: 'SHA-384' }, true, [
    'verify',
  ]);

/** Draws a token of the round `id` and blinds it. null: the round asks for none. Errors: what is thrown where the issuer's key or address cannot be used. */
export async function prepareToken(round: Round, id: Bytes): Promise<PendingToken | null> {
  const found = challengeOf(round, id);
  if (found === null) return null;
  const keyId = await issuerKeyId(found.key);
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const input = await tokenInput(nonce, found.challenge, keyId);
  const { blindedMsg, inv } = await suite.blind(await readKey(found.key), input);
  const request = writeTokenRequest(keyId, new Uint8Array(blindedMsg));
  return { input, request, inverse: new Uint8Array(inv) };
}

/** Has the issuer sign `pending`. `invitation`: a code, where the issuer asks for one. Errors: TokenError; those of `post`. */
export async function fetchToken(
  round: Round,
  id: Bytes,
  pending: PendingToken,
  post: Post,
  invitation: string | null = null,
): Promise<Bytes> {
  const found = challengeOf(round, id);
  if (round.issuer === null || found === null) {
    throw new RangeError('The round asks for no tokens.');
  }
  const { status, body } = await post(`${round.issuer.url}tokens/${toHex(id)}`, pending.request, {
    'content-type': REQUEST_TYPE,
    ...(invitation === null ? {} : { authorization: `Bearer ${invitation}` }),
  });
  if (status !== 200) {
    const code = codeIn(body) ?? 'no_answer';
    throw new TokenError(code, `The issuer gave no token (${status}, ${code}). Nothing was sent.`);
  }
  const { input, inverse } = pending;
  const bad = new TokenError('bad_token', 'The issuer’s answer is no token of this round.');
  if (body.length !== SIGNATURE_BYTES) throw bad;
  const signature = await readKey(found.key)
    .then((key) => suite.finalize(key, input, body, inverse))
    .catch(() => null);
  if (signature === null) throw bad;
  return writeToken(input, new Uint8Array(signature));
}
