import { SourceError } from '../types.ts';

/** The root of a server as typed: "music.example.org" -> "https://music.example.org", without "/rest" and the last slash. */
export function parseAddress(typed: string): string {
  const text = typed.trim();
  const bad = (why: string): SourceError =>
    new SourceError('bad_address', `"${text}" is not the address of a server: ${why}.`, text);
  if (text === '') throw bad('it is empty');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') {
    throw bad('it must begin with https:// or http://');
  }
  let url: URL;
  try {
    url = new URL(scheme === undefined ? `https://${text}` : text);
  } catch {
    throw bad('it cannot be read. Write it like music.example.org or http://192.168.1.5:4533');
  }
  if (url.username !== '' || url.password !== '') {
    throw bad('leave name and password out of it; they have fields of their own');
  }
  if (url.search !== '' || url.hash !== '') throw bad('leave out what follows "?" or "#"');
  const path = url.pathname.replace(/\/+$/, '').replace(/\/rest$/, '');
  return url.origin + path;
}

export function isOwnDevice(root: string): boolean {
  const { hostname } = new URL(root);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}

/** Browsers forbid an https page to ask an http server, but for the device itself. */
export function requireUnmixed(root: string, pageProtocol: string): void {
  const { protocol } = new URL(root);
  if (pageProtocol !== 'https:' || protocol === 'https:' || isOwnDevice(root)) return;
  throw new SourceError(
    'mixed_content',
    `This page came over https, so your browser does not let it ask ${root}, which is http. Give the server https, or open Ossicle over http in your own network.`,
    root,
  );
}
