import { SourceError } from './types.ts';

/** The page's one way to ask for anything by itself: its own origin, which its content security policy asks for as well. */
export async function fetchOwn(url: URL, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { signal, mode: 'same-origin', redirect: 'error' });
  } catch (cause) {
    signal.throwIfAborted();
    const message = 'The page’s own server does not answer. Check the connection and reload.';
    throw new SourceError('unreachable', message, url.pathname, cause);
  }
}
