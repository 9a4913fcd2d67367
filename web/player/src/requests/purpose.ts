/** What a request is for, told by its address. */
export type Purpose =
  | 'page'
  | 'engine'
  | 'vectors'
  | 'newerVectors'
  | 'contribution'
  | 'contributionToken'
  | 'encoder'
  | 'style'
  | 'sequence'
  | 'demo'
  | 'notices'
  | 'offline'
  | 'serverCheck'
  | 'serverList'
  | 'serverLyrics'
  | 'serverCover'
  | 'serverMusic'
  | 'serverTold'
  /** An address that nothing here asks for. */
  | 'unknown';

/** By the beginning of the path below the page. The first that fits. */
const OWN: readonly (readonly [start: string, purpose: Purpose])[] = [
  ['ossicle/catalogue/', 'vectors'],
  ['ossicle/encoder/', 'encoder'],
  ['ossicle/style/', 'style'],
  ['ossicle/sequence/', 'sequence'],
  ['ossicle/', 'engine'],
  ['sync/reports/', 'contribution'],
  ['sync/tokens/', 'contributionToken'],
  ['sync/', 'newerVectors'],
  ['demo/', 'demo'],
  ['third-party-notices.txt', 'notices'],
  ['', 'page'],
];

const SERVER: Readonly<Record<string, Purpose>> = {
  ping: 'serverCheck',
  getOpenSubsonicExtensions: 'serverCheck',
  search3: 'serverList',
  getAlbumList2: 'serverList',
  getAlbum: 'serverList',
  getLyrics: 'serverLyrics',
  getLyricsBySongId: 'serverLyrics',
  getCoverArt: 'serverCover',
  stream: 'serverMusic',
  scrobble: 'serverTold',
  star: 'serverTold',
  unstar: 'serverTold',
};

/** Of a file below the page; `base` is where the page lies. */
export function purposeOf(url: URL, base: URL): Purpose {
  if (url.origin !== base.origin || !url.pathname.startsWith(base.pathname)) return 'unknown';
  const path = url.pathname.slice(base.pathname.length);
  return OWN.find(([start]) => path.startsWith(start))?.[1] ?? 'unknown';
}

/** Of a method that the relay asked one of the listener's servers for. */
export function serverPurpose(method: string): Purpose {
  return SERVER[method] ?? 'unknown';
}
