/** The words of the privacy page, in English. */
import type { Purpose } from '../requests/purpose.ts';
import { enContributing } from './en-contributing.ts';
import { enFetching } from './en-fetching.ts';
import type { SaveProgress } from '../state/save-everything.ts';

const number = new Intl.NumberFormat('en-GB');
const count = (n: number, one: string, many: string): string =>
  `${number.format(n)} ${n === 1 ? one : many}`;
const list = new Intl.ListFormat('en-GB');

interface Asked {
  readonly host: string;
  readonly count: number;
}

const purposes: Readonly<Record<Purpose, string>> = {
  page: 'The page itself',
  engine: 'The engine',
  vectors: 'Item vectors: what is known of artists',
  newerVectors: 'The server’s log, and newer item vectors',
  encoder: 'Text encoder: understands words',
  style: 'Genres and moods',
  sequence: 'Playlists',
  demo: 'Demo album',
  notices: 'Licences',
  offline: 'Kept for offline',
  contribution: 'Your contribution: a sealed report',
  contributionToken: 'Your contribution: a one-time token for it',
  serverCheck: 'Your server: is it there?',
  serverList: 'Your server: albums and tracks',
  serverLyrics: 'Your server: lyrics',
  serverCover: 'Your server: covers',
  serverMusic: 'Your server: music',
  serverTold: 'Your server: told of what you play',
  unknown: 'Not known',
};

export const enPrivacy = {
  title: 'Privacy',
  sentence: 'Nothing has left this device.',
  sentenceServer: 'Nothing has left this device but what your own server was asked.',

  switches: 'What Ossicle may do',
  learn: 'Learn on this device',
  learnText:
    'Your lists follow what you play and say. Switched off, they show what most people listen to; what you do is still written down here, and counts again when you switch it on.',
  fetch: 'Fetch newer item vectors',
  fetching: enFetching,
  share: 'Contribute statistics',
  contributing: enContributing,

  learnFrom: 'Learn from',
  learnFromText:
    'What you switch off stays stored, and is left out of every list as if it had never been. Switched on again, it counts as before.',
  plays: 'What I play here',
  choices: 'What I love, skip and never want to see',
  choicesText: 'Switched off, artists that you asked never to see may come back.',
  imported: 'The history that I imported',
  leftOut: 'Nothing is learnt from your history now, so this is what most people listen to.',
  change: 'Change this',

  private: 'Private session',
  privateText:
    'Until you switch it off or close this tab, nothing that you play, love or skip here is written down. A file that you give to Ossicle is.',

  left: 'What has left',
  leftServers: (asked: readonly Asked[]) =>
    `Since this page was opened, ${list.format(
      asked.map(({ host, count: n }) => `${host} was asked ${count(n, 'time', 'times')}`),
    )}. You typed the address in.`,

  stored: 'What is stored here',
  history: 'Listening history',
  notLearnt: (n: number) => `${number.format(n)} of them are left out of learning.`,
  library: 'Library',
  libraryText: (tracks: number, sources: number) =>
    `${count(tracks, 'track', 'tracks')} of ${count(sources, 'source', 'sources')}; the music itself stays where it is.`,
  covers: 'Covers',
  pictures: (n: number) => count(n, 'picture', 'pictures'),
  playlists: 'Playlists',
  lists: (n: number) => count(n, 'list', 'lists'),
  lyrics: 'Lyrics',
  songs: (n: number) => count(n, 'track', 'tracks'),
  vectors: 'Text vectors',
  vectorsText: 'What your tracks are about, in numbers; made here.',
  newerVectors: 'Newer item vectors',
  newerVectorsText: (version: number, before: number | null) =>
    before === null
      ? `Version ${version}; the same for everybody.`
      : `Version ${version}, and version ${before} to go back to; the same for everybody.`,
  offline: 'Kept for offline',
  offlineText: (n: number) => `${count(n, 'file', 'files')} of the page itself.`,
  settings: 'Settings',
  settingsText: 'Language, colours, volume and the switches above.',
  all: 'Everything, as the browser counts it',

  entries: 'Everything in your history',
  find: 'Find',
  of: (shown: number, all: number) => `${number.format(shown)} of ${number.format(all)}`,
  more: 'Show more',
  delete: (name: string) => `Delete ${name}`,
  kinds: {
    play: 'played',
    love: 'loved',
    skip: 'skipped',
    ban: 'banned',
    clear: 'taken back',
    shown: 'shown',
  },

  save: 'Save everything to a file',
  saveText:
    'Your history and your settings in one readable file, an entry a line. Drop it on the page, and Ossicle takes it back.',
  saving: ({ done, total }: SaveProgress) =>
    `${number.format(done)} of ${count(total, 'entry', 'entries')}`,
  stop: 'Stop',
  settingsBack: 'Your settings are back, too.',

  requests: 'Every request of this page, and why',
  requestsOwn: (n: number) => `${count(n, 'request', 'requests')}, all to this page’s own address.`,
  requestsServers: (n: number, asked: readonly Asked[]) =>
    `${count(n, 'request', 'requests')} to this page’s own address and ${list.format(
      asked.map(({ host, count: each }) => `${number.format(each)} to ${host}`),
    )}, which you typed in.`,
  requestsUnknown: (n: number) =>
    `${count(n, 'request', 'requests')} went to another address, which should be impossible. Please report this.`,
  requestsText:
    'Since this page was opened, its workers and what your servers were asked for included.',
  requestsNone: 'None of it has any of your data with it.',
  requestsTextServers:
    'Since this page was opened, its workers and what your servers were asked for included. Your login goes to your server only and is not shown.',
  requestsAll: 'All',
  when: 'When',
  what: 'What',
  why: 'Why',
  size: 'Size',
  here: 'was here',
  purposes,

  language: 'Language',
  theme: 'Colours',
  themes: { auto: 'As the system', light: 'Light', dark: 'Dark' },
  auto: 'As the browser',
  notices: 'Licences of what this page is made of',
};
