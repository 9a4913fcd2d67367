/** The words of the app around the engine's own, in English: pages, music, playing. */
import { enPrivacy } from './en-privacy.ts';
import type { Reason } from 'ossicle';
import type { ScanProgress, SourceErrorCode, SourceInfo } from '../sources/types.ts';

const number = new Intl.NumberFormat('en-GB');
const count = (n: number, one: string, many: string): string =>
  `${number.format(n)} ${n === 1 ? one : many}`;

function minutes(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function hours(ms: number): string {
  const all = Math.round(ms / 60000);
  return all < 90 ? count(all, 'minute', 'minutes') : count(Math.round(all / 60), 'hour', 'hours');
}

/** "love Wren & Alder and played Radiohead" */
function causes(reasons: readonly Reason[]): string {
  const named = (loved: boolean): string =>
    reasons
      .filter((reason) => reason.loved === loved)
      .map(({ artist }) => artist.name)
      .join(' and ');
  const [loved, played] = [named(true), named(false)];
  return [loved && `love ${loved}`, played && `played ${played}`].filter(Boolean).join(' and ');
}

const sourceProblems: Readonly<Record<SourceErrorCode, string>> = {
  bad_address: 'That is not an address. Try music.example.org, or http://192.168.1.5:4533.',
  unreachable: 'The server did not answer. Is the address right, and is it running?',
  timeout: 'The server took too long to answer. Try again.',
  server_error: 'The server answered with an error of its own. Try again later.',
  wrong_password: 'The server does not know this name with this password.',
  token_refused:
    'The server wants the password itself. Over http others could read it: use https, or an API key.',
  not_allowed: 'The server does not allow this account to do that.',
  not_found: 'There is no Subsonic server at this address.',
  bad_answer: 'What answered does not speak as a Subsonic server does.',
  mixed_content:
    'A page that came by https may not ask an http server. Use the server’s https address.',
  no_relay: 'The part of the page that talks to servers is not running yet. Reload the page.',
  permission: 'The browser has to be asked again before this folder can be read.',
  files_gone: 'The files were chosen for one visit only. Choose the folder again.',
  folder_gone:
    'The folder is not where it was. Its tracks stay listed; bring it back and look for changes, or remove it here.',
  unknown_source: 'This source is not there any more.',
  unknown_track: 'This track is not there any more.',
  quota_exceeded:
    'There is no room left on this device. Free some space and go on: nothing was lost.',
  store_unavailable: 'The browser lets nothing be stored here. Use a normal window.',
};

export const enApp = {
  count,
  minutes,
  hours,

  nav: {
    label: 'Pages',
    home: 'Home',
    library: 'Library',
    search: 'Search',
    playlists: 'Playlists',
    taste: 'Taste',
    privacy: 'Privacy',
    skip: 'Skip to the page',
  },

  start: {
    title: 'Play your music. Ossicle learns what you like, here and nowhere else.',
    folder: 'My folder',
    folderText: 'Music files on this device. They are read where they are.',
    server: 'My server',
    serverText: 'Navidrome, Gonic or another Subsonic server.',
    demo: 'The demo album',
    demoText: 'Forty short pieces in eight styles, to hear how it works.',
    history: 'Or begin with what you listened to before',
  },

  home: {
    forYou: 'From your library',
    forYouText: 'Your own tracks, in the order of your taste.',
    rediscover: 'Rediscover',
    rediscoverText: 'You liked these and have not played them for a while.',
    unplayed: 'Not heard yet',
    unplayedText: 'In your library, never played.',
    moreLike: (name: string) => `More like ${name}`,
    moreLikeText: 'Artists near to what you played last.',
    adventurous: 'Adventurous',
    adventurousText: 'Artists that few people know, and that fit you.',
    playAll: 'Play all',
    notInLibrary: 'not in your library',
    because: (reasons: readonly Reason[], tags: readonly string[]) =>
      reasons.length > 0
        ? `Because you ${causes(reasons)}${tags.length > 0 ? ` (${tags.join(', ')})` : ''}.`
        : tags.length > 0
          ? `Near to your taste in words: ${tags.join(', ')}.`
          : 'Near to your taste as a whole.',
    fresh: 'Play something: this shelf learns from it at once.',
  },

  library: {
    title: 'Library',
    empty: 'Nothing here yet',
    emptyText: 'Add a folder, a server or the demo album.',
    sources: 'Sources',
    counts: (tracks: number, albums: number, ms: number) =>
      `${count(tracks, 'track', 'tracks')} on ${count(albums, 'album', 'albums')}, ${hours(ms)}`,
    filter: 'Filter',
    order: 'Order by',
    orders: {
      album: 'Album',
      title: 'Title',
      artist: 'Artist',
      addedAt: 'Newest',
      durationMs: 'Length',
      year: 'Year',
    },
    trackTitle: 'Title',
    artist: 'Artist',
    album: 'Album',
    length: 'Length',
    tracks: 'Tracks',
    playFrom: (title: string) => `Play ${title}`,
    add: 'Add',
    addFolder: 'Add a folder',
    addServer: 'Add a server',
    addDemo: 'Add the demo album',
    scan: 'Look for changes',
    remove: (name: string) => `Remove ${name}`,
    allow: 'Allow again',
    choose: 'Choose the folder again',
    problems: (n: number) => `${count(n, 'file', 'files')} could not be read as they should`,
    sourceOf: ({ name, kind, tracks }: SourceInfo) =>
      `${kind === 'demo' ? 'Demo album' : name}: ${count(tracks, 'track', 'tracks')}`,
    scanning: (name: string, { stage, done, total }: ScanProgress) =>
      stage === 'looking'
        ? `Looking through ${name}: ${count(total, 'file', 'files')} so far`
        : `Reading ${name}: ${number.format(done)} of ${number.format(total)}`,
    encoding: (done: number, total: number) =>
      `Learning what your tracks are about: ${number.format(done)} of ${number.format(total)}`,
    stopEncoding: 'Stop learning',
    encodingStopped:
      'Not all of your tracks are known yet. What was learned is kept; the rest follows at your next visit.',
    goOn: 'Go on now',
    stop: 'Stop',
    nothing: 'Nothing found',
    sourceProblem: (code: SourceErrorCode) => sourceProblems[code],
  },

  server: {
    title: 'Add a server',
    text: 'The name and password stay on this device, sealed. Only the server is asked.',
    address: 'Address',
    user: 'Name',
    password: 'Password',
    connect: 'Connect',
    cancel: 'Cancel',
    connecting: 'Asking the server',
  },

  search: {
    title: 'Search',
    label: 'Search by name or in your own words',
    hint: '“sad piano at night”, “悲伤的钢琴曲”, or a name',
    yours: 'In your library',
    catalogue: 'Artists of the catalogue',
    nothing: (query: string) => `Nothing found for “${query}”`,
    meaning: 'Search the catalogue by meaning, too',
    meaningText: 'Takes some tens of seconds once; your library has it already.',
    preparing: (done: number, total: number) =>
      `Reading ${number.format(done)} of ${number.format(total)} artists`,
  },

  playlists: {
    title: 'Playlists',
    lead: 'Lists of your own music, or of artists to discover: from one to another, calm or lively, familiar or bold.',
    from: 'From',
    to: 'To',
    anyone: 'anything',
    clearEnd: (label: string) => `${label}: anything`,
    openEnds: (label: string) => `${label}: show choices`,
    artistOf: (tracks: number) => `artist, ${count(tracks, 'track', 'tracks')}`,
    mood: 'How calm or lively',
    shapes: {
      off: 'As it comes',
      calm: 'Calm',
      lively: 'Lively',
      rising: 'Calm to lively',
      falling: 'Lively to calm',
      arc: 'Up and down',
      own: 'Drawn',
    },
    points: 'Drag the points, or use the arrow keys',
    point: (i: number, all: number) => `Point ${i} of ${all}`,
    liveliness: (value: number) => `${Math.round(value * 100)}% lively`,
    livelyEnd: 'lively',
    calmEnd: 'calm',
    length: 'Length',
    adventure: 'From familiar to adventurous',
    make: 'Make a list',
    again: 'Another one',
    own: 'My music',
    artists: 'New artists',
    reading: (done: number, total: number) =>
      `Finding out how lively the artists are: ${number.format(done)} of ${number.format(total)} tags`,
    fewer: (n: number) => `There are only ${count(n, 'song', 'songs')} for this list.`,
    badEnds: 'These ends make no list: they are the same, or one of them is banned.',
    titleOf: (from: string | null, to: string | null, shape: string | null) =>
      from !== null && to !== null
        ? `${from} to ${to}`
        : from !== null
          ? `From ${from}`
          : to !== null
            ? `Towards ${to}`
            : (shape ?? 'New list'),
    saved: 'Your playlists',
    holds: (tracks: number, artists: number, ms: number) =>
      [
        ...(tracks > 0 || artists === 0 ? [count(tracks, 'track', 'tracks')] : []),
        ...(artists > 0 ? [count(artists, 'artist', 'artists')] : []),
        ...(ms > 0 ? [hours(ms)] : []),
      ].join(' · '),
    delete: (name: string) => `Delete ${name}`,
    gone: {
      deleted: (name: string) => `“${name}” was deleted.`,
      removed: (name: string) => `“${name}” was taken out.`,
    },
    fine: 'Close',
    openList: 'The open list',
    name: 'Name of the list',
    close: 'Close the list',
    play: 'Play',
    keep: 'Keep this list',
    kept: 'Kept on this device',
    nothingLeft: 'Nothing is in this list.',
    moveUp: (name: string) => `Move ${name} up`,
    moveDown: (name: string) => `Move ${name} down`,
    movedTo: (name: string, place: number) => `${name} is number ${place} now.`,
    remove: (name: string) => `Take ${name} out`,
    add: 'Add to a playlist',
    addNew: 'A new playlist',
    added: (title: string) => `Added to “${title}”.`,
    empty: 'Make a list, or open one, and it stands here.',
    open: 'Open a JSPF file',
    openText: 'You can also drop one on the page. Other players can read and write them.',
    badFile: (why: string) => `The file was not opened. ${why} Your lists are as they were.`,
    save: 'Save as',
    opened: (found: number, all: number) =>
      `${number.format(found)} of ${count(all, 'track', 'tracks')} are in your library.`,
    unread: (n: number) => `${count(n, 'track', 'tracks')} of the file could not be read.`,
  },

  taste: {
    title: 'Taste',
    nothing: 'Play, love or import something, and your taste shows here.',
    loves: 'What you love',
    words: 'In words',
    wordsText: 'The tags of the artists that you are recommended most, by their weight.',
    strongest: 'What speaks loudest',
    strongestText: 'The artists of your history that your recommendations rest on.',
  },

  privacy: enPrivacy,

  player: {
    label: 'Player',
    nothing: 'Nothing plays',
    play: 'Play',
    pause: 'Pause',
    next: 'Next',
    previous: 'Previous',
    seek: 'Position',
    volume: 'Volume',
    mute: 'Mute',
    open: 'Show what plays in full',
    close: 'Close',
    queue: 'Queue',
    lyrics: 'Lyrics',
    noLyrics: 'This track has no lyrics.',
    whyThis: 'Why this',
    radio: 'Radio: go on with what fits',
    failed: (title: string) => `“${title}” could not be played and was passed over.`,
    noSound:
      'The browser found nothing to sound on. Connect speakers or headphones, then press play.',
  },
};
