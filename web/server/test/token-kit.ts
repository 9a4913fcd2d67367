/** Tokens as clients get them, over HTTP. */
import type { Bytes } from '@ossicle/wire/log';
import type { Round } from '@ossicle/wire/report';
import { tokenHeader } from '@ossicle/wire/tokens';
import { fetchToken, prepareToken, type Post } from '../../engine/src/contribute/tokens.ts';

export const postOverHttp: Post = async (url, body, headers) => {
  const answer = await fetch(url, { method: 'POST', body, headers });
  return { status: answer.status, body: new Uint8Array(await answer.arrayBuffer()) };
};

/** Value of the header Authorization for a report of this round. */
export async function authorizationFor(
  round: Round,
  id: Bytes,
  invitation: string | null = null,
): Promise<string> {
  const pending = await prepareToken(round, id);
  if (pending === null) throw new Error('The round asks for no tokens.');
  return tokenHeader(await fetchToken(round, id, pending, postOverHttp, invitation));
}
