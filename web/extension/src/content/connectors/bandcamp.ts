import { textAt, type Connector, type Shown } from './connector.ts';

interface Layout {
  /** The page has this when it is of this kind. */
  readonly mark: string;
  readonly artist: string;
  readonly title: string;
  readonly album: string;
}

const LAYOUTS: readonly Layout[] = [
  // The player in other sites' pages.
  { mark: '#currenttitle_title', artist: '#artist', title: '#currenttitle_title', album: '#album' },
  {
    mark: 'main#p-tralbum-page',
    artist: '.tralbum-artist',
    title: '.current-track > span:nth-child(2)',
    album: '.tralbum-name',
  },
  {
    mark: '.track-list-item.currently-playing',
    artist: '.currently-playing .artist-name',
    title: '.currently-playing .title-text',
    album: '.currently-playing .album-title > strong',
  },
  {
    mark: '#carousel-player',
    artist: '.now-playing .artist span',
    title: '.info-progress .title span:last-child',
    album: '.now-playing .title',
  },
  {
    mark: '.discover-player',
    artist: '.player-info a:nth-child(3)',
    title: '.player-info p',
    album: '.player-info a:nth-child(2)',
  },
  {
    mark: '#track_play_waypoint',
    artist: '.waypoint-artist-title',
    title: '.waypoint-item-title',
    album: '.waypoint-album-title',
  },
  {
    mark: 'meta[property="og:type"][content="album"]',
    artist: '#name-section h3 a',
    title: '.title-section .title',
    album: '#name-section .trackTitle',
  },
  {
    mark: 'meta[property="og:type"][content="song"]',
    artist: '.albumTitle span:last-of-type a',
    title: '#name-section .trackTitle',
    album: '#name-section .fromAlbum',
  },
];

const MOST_ROWS = 100;

/** On a label's compilation every row says "Artist - Title". */
function isCompilation(page: Document): boolean {
  const rows = [...page.querySelectorAll('.track_list .track-title')].slice(0, MOST_ROWS);
  return rows.length > 1 && rows.every((row) => row.textContent.includes(' - '));
}

export const bandcamp: Connector = {
  hosts: ['bandcamp.com'],
  now(page): Shown | null {
    for (const { mark, ...layout } of LAYOUTS) {
      if (page.querySelector(mark) === null) continue;
      const title = textAt(page, layout.title);
      if (title === '') continue;
      const artist = textAt(page, layout.artist).replace(/^by\s+/iu, '');
      const album = textAt(page, layout.album).replace(/^from\s+/iu, '');
      return { artist: isCompilation(page) ? '' : artist, title, album };
    }
    return null;
  },
};
