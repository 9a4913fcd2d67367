/**
 * The library's worker asks servers through the page: on the first visit the service worker takes the page over, but not surely the workers that
 * the page had started before.
 */
import { fetchOwn } from '../fetch.ts';
import type { Transport } from './client.ts';
import { RELAY_HEADER, relayUrl } from './relay.ts';

/** A response as it goes to the worker. */
interface Passed {
  readonly status: number;
  /** The relay's own code, where it answered itself. */
  readonly refused: string | null;
  readonly body: string;
}

/** In the worker: how a source is asked. */
export function pageTransport(
  ask: (url: string, signal: AbortSignal) => Promise<unknown>,
  base: URL,
): (sourceId: string) => Transport {
  return (sourceId) => async (method, params, signal) => {
    const url = relayUrl(base, sourceId, method, params);
    const { status, refused, body } = (await ask(url.href, signal)) as Passed;
    const headers = refused === null ? {} : { [RELAY_HEADER]: refused };
    return new Response(status === 204 ? null : body, { status, headers });
  };
}

/** In the page: answers the worker. */
export async function askRelay(url: string): Promise<Passed> {
  const response = await fetchOwn(new URL(url), new AbortController().signal);
  const refused = response.headers.get(RELAY_HEADER);
  const { status } = response;
  if (refused === null && new URL(url).pathname.endsWith('/stream')) {
    // Whether there is music is all that is asked.
    await response.body?.cancel();
    return { status, refused, body: '' };
  }
  return { status, refused, body: await response.text() };
}
