/** The HTTP authentication scheme PrivateToken (RFC 9577): how a server asks for a token, and how a client sends one. */
import { fromBase64, toBase64url, type Bytes } from '../log/bytes.ts';

const SCHEME = 'PrivateToken';

/** Base64url with its padding, as RFC 9577 wants it; so always between quotation marks. */
const quoted = (bytes: Uint8Array): string => `"${toBase64url(bytes)}"`;

function unquoted(text: string | undefined): Bytes | null {
  if (text === undefined || /[+/]/.test(text)) return null;
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
}

/** For WWW-Authenticate. `key`: of the issuer. */
export const challengeHeader = (challenge: Bytes, key: Bytes): string =>
  `${SCHEME} challenge=${quoted(challenge)}, token-key=${quoted(key)}`;

/** For Authorization. */
export const tokenHeader = (token: Bytes): string => `${SCHEME} token=${quoted(token)}`;

const PARAMETER = /\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"([^"\\]*)"|([^\s",]+))\s*/uy;

/** Parameters by their names in small letters. null: another scheme, or not written as RFC 9110, 11.2 says. */
function parametersOf(header: string): ReadonlyMap<string, string> | null {
  const found = new Map<string, string>();
  const [, start] = /^privatetoken(\s+)/iu.exec(header) ?? [];
  if (start === undefined) return null;
  PARAMETER.lastIndex = SCHEME.length;
  for (;;) {
    const match = PARAMETER.exec(header);
    const [, name = '', inQuotes, bare] = match ?? [];
    if (match === null || found.has(name.toLowerCase())) return null;
    found.set(name.toLowerCase(), inQuotes ?? bare ?? '');
    if (PARAMETER.lastIndex === header.length) return found;
    if (header[PARAMETER.lastIndex] !== ',') return null;
    ++PARAMETER.lastIndex;
  }
}

/** The token in a header Authorization. null: there is none. Unknown parameters are passed over. */
export const readTokenHeader = (header: string): Bytes | null =>
  unquoted(parametersOf(header)?.get('token'));
