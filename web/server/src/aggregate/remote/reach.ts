/** Asking servers of other operators, which may be away for a while. */
import { messageOf } from '../../errors.ts';
import { PeerError } from '../problems.ts';

/** `who`: "Aggregator B". Errors: PeerError (it cannot be reached in time), which says that asking again is safe. */
export async function reach(
  who: string,
  url: URL,
  milliseconds: number,
  init: RequestInit = {},
): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(milliseconds);
    return await fetch(url, { redirect: 'error', ...init, signal });
  } catch (cause) {
    const why = messageOf(cause instanceof Error ? (cause.cause ?? cause) : cause);
    const what = `${who} at ${url.origin} cannot be reached: ${why}.`;
    throw new PeerError(`${what} Nothing is lost: ask it again.`, { cause });
  }
}

/** Tells each thing once: what fails is tried again every second. */
export function onceTo(notice: (text: string) => void): (cause: unknown) => void {
  const told = new Set<string>();
  return (cause) => {
    const text = messageOf(cause);
    if (!told.has(text)) notice(text);
    told.add(text);
  };
}
