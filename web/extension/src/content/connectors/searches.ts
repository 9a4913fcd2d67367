/** How to search on the site in use. */
import { isHostOf } from './connector.ts';

export const WORDS = '{words}';

/** Host to address. Hosts below another come first. */
const SEARCHES: readonly (readonly [string, string])[] = [
  ['bandcamp.com', 'https://bandcamp.com/search?q={words}'],
  ['soundcloud.com', 'https://soundcloud.com/search?q={words}'],
  ['music.youtube.com', 'https://music.youtube.com/search?q={words}'],
  ['youtube.com', 'https://www.youtube.com/results?search_query={words}'],
  ['open.spotify.com', 'https://open.spotify.com/search/{words}'],
  ['deezer.com', 'https://www.deezer.com/search/{words}'],
  ['tidal.com', 'https://listen.tidal.com/search?q={words}'],
  ['archive.org', 'https://archive.org/search?query={words}'],
  ['freemusicarchive.org', 'https://freemusicarchive.org/search?quicksearch={words}'],
  ['mixcloud.com', 'https://www.mixcloud.com/search/?q={words}'],
  ['music.apple.com', 'https://music.apple.com/search?term={words}'],
  ['play.qobuz.com', 'https://play.qobuz.com/search/tracks/{words}'],
  ['qobuz.com', 'https://www.qobuz.com/us-en/search/tracks/{words}'],
  ['audiomack.com', 'https://audiomack.com/search?q={words}'],
  ['jamendo.com', 'https://www.jamendo.com/search?q={words}'],
  ['music.amazon.com', 'https://music.amazon.com/search/{words}'],
  ['music.163.com', 'https://music.163.com/#/search/m/?s={words}'],
  ['y.qq.com', 'https://y.qq.com/n/ryqq/search?w={words}'],
  ['bilibili.com', 'https://search.bilibili.com/all?keyword={words}'],
];

const MOST_LETTERS = 200;

export function isSecure({ protocol, hostname }: URL): boolean {
  const isLocal = hostname === 'localhost' || hostname === '127.0.0.1';
  return protocol === 'https:' || (protocol === 'http:' && isLocal);
}

/** `template` comes from a page: it may lead within its own origin only. null: there is no search that can be trusted. */
export function searchUrl(origin: string, template: string | null, words: string): string | null {
  // Half a surrogate pair cannot be encoded.
  const term = encodeURIComponent(words.trim().slice(0, MOST_LETTERS).toWellFormed());
  const site = URL.parse(origin);
  if (site === null || term === '') return null;
  const known = SEARCHES.find(([host]) => isHostOf(site.hostname, host));
  if (known !== undefined) return known[1].replace(WORDS, () => term);
  if (template?.includes(WORDS) !== true) return null;
  const url = URL.parse(template.replace(WORDS, () => term));
  return url?.origin === site.origin && isSecure(url) ? url.href : null;
}
