import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { SourceError, type ServerSettings } from '../types.ts';
import { isOwnDevice, parseAddress } from './address.ts';

/** How a server is kept: without the password itself, but for servers that take nothing else. */
export interface StoredServer {
  readonly root: string;
  readonly login:
    | { readonly user: string; readonly token: string; readonly salt: string }
    | { readonly apiKey: string }
    | { readonly user: string; readonly password: string };
  readonly tell: boolean;
}

/**
 * 'token': a salted digest, which is of use at this server only. 'password': the password itself, for servers of before 2015 (Supysonic) and for
 * accounts that another directory keeps (LDAP).
 */
export type LoginKind = 'token' | 'password';

const CLIENT = 'Ossicle';
/** The first version with `getAlbumList2`, `search3`, token login and JSON that all servers in use speak. */
const VERSION = '1.16.1';

export function storedServer(
  { address, login, tell = false }: ServerSettings,
  kind: LoginKind,
): StoredServer {
  const root = parseAddress(address);
  if ('apiKey' in login) return { root, login: { apiKey: login.apiKey.trim() }, tell };
  if (kind === 'password') {
    if (!isPrivate(root)) {
      throw new SourceError(
        'token_refused',
        `${new URL(root).host} wants the password itself, and everybody between here and there could read it, since the address is http. Give the server https, or use an API key.`,
        root,
      );
    }
    return { root, login: { user: login.user, password: login.password }, tell };
  }
  const salt = bytesToHex(crypto.getRandomValues(new Uint8Array(12)));
  const token = bytesToHex(md5(utf8ToBytes(login.password + salt)));
  return { root, login: { user: login.user, token, salt }, tell };
}

/** The address of a call, with the login in it as Subsonic wants it. Known to the relay only. */
export function callUrl(
  { root, login }: StoredServer,
  method: string,
  params: URLSearchParams,
): URL {
  const url = new URL(`${root}/rest/${method}.view`);
  for (const [name, value] of params) url.searchParams.append(name, value);
  const all = { ...loginParams(login), v: VERSION, c: CLIENT, f: 'json' };
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  return url;
}

function loginParams(login: StoredServer['login']): Readonly<Record<string, string>> {
  if ('apiKey' in login) return { apiKey: login.apiKey };
  if ('token' in login) return { u: login.user, t: login.token, s: login.salt };
  return { u: login.user, p: `enc:${bytesToHex(utf8ToBytes(login.password))}` };
}

/** Nobody in between can read along. */
function isPrivate(root: string): boolean {
  return new URL(root).protocol === 'https:' || isOwnDevice(root);
}
