/**
 * The only way from the page to a server that the person added. The page's policy allows its own origin and nothing else; it asks
 * `via/<source>/<method>`, and the service worker, which alone may ask other hosts, answers with what the server of that source says. So the
 * login stays out of addresses in the page, and nothing but the listed methods of the listed servers can be reached. See
 * core/docs/adr/0015-servers-through-a-relay.md.
 */
import { SourceError, type SourceErrorCode } from '../types.ts';
import { requireUnmixed } from './address.ts';
import { callUrl, type StoredServer } from './login.ts';

export const RELAY_FOLDER = 'via';
/** Tells the page that the answer is the relay's own. */
export const RELAY_HEADER = 'X-Ossicle-Relay';

/** Answers must begin within this time. */
const ANSWER_MS = 20_000;

const READING = new Set([
  'ping',
  'getOpenSubsonicExtensions',
  'search3',
  'getAlbumList2',
  'getAlbum',
  'getLyrics',
  'getLyricsBySongId',
  'getCoverArt',
  'stream',
]);
/** Only where the person switched it on. */
const TELLING = new Set(['scrobble', 'star', 'unstar']);

/** What may be made of an answer. A document, script or style of another host would run as this page. */
const DESTINATIONS = new Set(['', 'audio', 'video', 'image']);
const CONTENT = /^(?:audio|image|video)\/(?!svg)[\w.+-]+|^application\/(?:json|ogg)\b/i;

const KEPT_HEADERS = ['content-length', 'content-range', 'accept-ranges', 'cache-control', 'etag'];

export interface RelayOptions {
  /** null: there is no such source (any more). */
  readonly server: (sourceId: string) => Promise<StoredServer | null>;
  readonly fetch: typeof fetch;
  readonly pageProtocol: string;
  /** Told of every request that leaves, without the login. What it returns is told of the answer's length, where the server says it. */
  readonly onRequest?: (
    sourceId: string,
    host: string,
    method: string,
  ) => (bytes: number | null) => void;
}

export function relayUrl(
  base: URL,
  sourceId: string,
  method: string,
  params: Readonly<Record<string, string | number>>,
): URL {
  const url = new URL(`${RELAY_FOLDER}/${encodeURIComponent(sourceId)}/${method}`, base);
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, String(value));
  return url;
}

/** Source and method of an address below `scope`; null: not one of the relay's. */
export function relayTarget(url: URL, scope: URL): { sourceId: string; method: string } | null {
  const prefix = `${scope.pathname}${RELAY_FOLDER}/`;
  if (url.origin !== scope.origin || !url.pathname.startsWith(prefix)) return null;
  const [sourceId = '', method = '', ...rest] = url.pathname.slice(prefix.length).split('/');
  return rest.length === 0 ? { sourceId: decodeURIComponent(sourceId), method } : null;
}

export async function relay(
  request: Request,
  { sourceId, method }: { readonly sourceId: string; readonly method: string },
  options: RelayOptions,
): Promise<Response> {
  try {
    return await relayed(request, sourceId, method, options);
  } catch (cause) {
    if (cause instanceof SourceError) return refusal(cause.code, cause.message);
    if (cause instanceof Error && cause.name === 'AbortError') throw cause;
    return refusal('store_unavailable', cause instanceof Error ? cause.message : String(cause));
  }
}

async function relayed(
  request: Request,
  sourceId: string,
  method: string,
  { server, fetch: ask, pageProtocol, onRequest }: RelayOptions,
): Promise<Response> {
  if (request.method !== 'GET' || !DESTINATIONS.has(request.destination)) {
    throw new SourceError('not_allowed', 'The relay gives data, not pages or scripts.');
  }
  const found = await server(sourceId);
  if (!found)
    throw new SourceError('unknown_source', 'This server is not in the library any more.');
  if (!READING.has(method) && !(found.tell && TELLING.has(method))) {
    throw new SourceError('not_allowed', `The relay does not pass "${method}" on.`);
  }
  requireUnmixed(found.root, pageProtocol);
  const { host } = new URL(found.root);
  const onAnswer = onRequest?.(sourceId, host, method);

  const headers = new Headers();
  const range = request.headers.get('range');
  // The one kind that needs no question beforehand (CORS), and the one that players send.
  if (range !== null && /^bytes=\d+-\d*$/.test(range)) headers.set('range', range);
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), ANSWER_MS);
  const url = callUrl(found, method, new URL(request.url).searchParams);
  let answer: Response;
  try {
    answer = await ask(url, {
      headers,
      mode: 'cors',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      // To another host, it would be one that the person did not type.
      redirect: 'error',
      signal: AbortSignal.any([request.signal, timeout.signal]),
    });
  } catch (cause) {
    if (timeout.signal.aborted) {
      const seconds = ANSWER_MS / 1000;
      throw new SourceError('timeout', `${host} did not answer within ${seconds} seconds.`);
    }
    if (request.signal.aborted) throw cause;
    throw new SourceError(
      'unreachable',
      `${host} cannot be reached. Check the address and that the server runs; it must also allow web players (CORS) and not redirect to another address.`,
    );
  } finally {
    clearTimeout(timer);
  }
  const length = answer.headers.get('content-length');
  if (length !== null) onAnswer?.(Number(length));
  const kept = new Headers({
    'Content-Type': safeType(answer.headers.get('content-type')),
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; sandbox",
  });
  for (const name of KEPT_HEADERS) {
    const value = answer.headers.get(name);
    if (value !== null) kept.set(name, value);
  }
  if (answer.status === 206 && !kept.has('content-range')) {
    const found = rangeOf(range, kept.get('content-length'));
    // From its beginning on, and of unknown length: a whole answer to a player.
    if (found === null) return new Response(answer.body, { status: 200, headers: kept });
    kept.set('content-range', found);
    kept.set('accept-ranges', 'bytes');
  }
  return new Response(answer.body, { status: answer.status, headers: kept });
}

/**
 * The range of an answer whose own word for it a page may not see: few servers expose it (CORS), and players refuse a part without it. What was
 * asked for and the length, which is always seen, tell it.
 */
function rangeOf(asked: string | null, length: string | null): string | null {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(asked ?? '') ?? [];
  const bytes = Number(length ?? 0);
  if (from === undefined || bytes <= 0) return null;
  const end = Number(from) + bytes;
  return `bytes ${from}-${end - 1}/${to === '' ? end : '*'}`;
}

function safeType(type: string | null): string {
  return type !== null && CONTENT.test(type) ? type : 'application/octet-stream';
}

function refusal(code: SourceErrorCode, message: string): Response {
  return Response.json({ code, message }, { status: 502, headers: { [RELAY_HEADER]: code } });
}
