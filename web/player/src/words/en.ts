/** Every word of the page, in English. Another language is another module of the same type (zh.ts). */
import type {
  CatalogueSummary,
  Engine,
  ImportProgress,
  ImportReport,
  ProfileSummary,
} from 'ossicle';
import type { ImportProblemKind, Reason } from 'ossicle';
import type { Choice } from '../state/session.ts';
import type { Problem } from '../problem.ts';

const LOCALE = 'en-GB';
const number = new Intl.NumberFormat(LOCALE);
const percent = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 0 });
const finePercent = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 1 });
const month = new Intl.DateTimeFormat(LOCALE, { month: 'long', year: 'numeric' });

function count(n: number, one: string, many: string): string {
  return `${number.format(n)} ${n === 1 ? one : many}`;
}

const listens = (n: number): string => count(n, 'listen', 'listens');
const artists = (n: number): string => count(n, 'artist', 'artists');
const share = (part: number): string => (part < 0.01 ? finePercent : percent).format(part);

function bytes(n: number): string {
  if (n < 1000) return count(n, 'byte', 'bytes');
  if (n < 999_500) return `${number.format(Math.round(n / 1000))} kB`;
  return `${number.format(Math.round(n / 1e5) / 10)} MB`;
}

function times(plays: number): string {
  if (plays === 1) return 'once';
  return plays === 2 ? 'twice' : `${number.format(plays)} times`;
}

const lastIn = ({ lastPlayedAt }: Reason): string =>
  lastPlayedAt ? `last in ${month.format(lastPlayedAt)}` : '';

/** "you played Radiohead 212 times, last in March 2024" */
function clause(reason: Reason, first: boolean): string {
  const { artist, plays } = reason;
  if (plays === 0) return `you love ${artist.name}`;
  const what = `${artist.name} ${times(plays)}`;
  if (!first) return what;
  const dated = lastIn(reason);
  return `you played ${what}${dated === '' ? '' : `, ${dated}`}`;
}

/** "Because you played Radiohead 212 times, last in March 2024, and Portishead 80 times." */
function because(reasons: readonly Reason[]): string {
  const heard = reasons.filter(
    ({ contribution, plays, loved }) => contribution > 0 && (plays > 0 || loved),
  );
  // What the score would not miss is no cause of it, however large its part.
  const causes = heard.filter(({ ifRemoved }) => ifRemoved > 0);
  const [first, second] = causes.length > 0 ? causes : heard;
  if (!first) return 'Close to your taste as a whole rather than to one artist.';
  if (!second) return `Because ${clause(first, true)}.`;
  const comma = first.lastPlayedAt ? ',' : '';
  return `Because ${clause(first, true)}${comma} and ${clause(second, first.plays === 0)}.`;
}

function without({ ifRemoved }: Reason, score: number): string {
  const fall = ifRemoved / score;
  if (score <= 0 || !Number.isFinite(fall)) return '';
  if (Math.abs(fall) < 0.0005) return 'Without this the score would stay as it is.';
  return fall > 0
    ? `Without this the score would fall by ${share(fall)}.`
    : `Without this the score would rise by ${share(-fall)}: your other artists say the same.`;
}

const problemKinds: Readonly<Record<ImportProblemKind, (n: number) => string>> = {
  bad_record: (n) => `${count(n, 'record', 'records')} could not be read`,
  no_artist: (n) => `${count(n, 'record names', 'records name')} no artist`,
  bad_date: (n) => `${count(n, 'record has', 'records have')} no usable date`,
  future_date: (n) => `${count(n, 'listen lies', 'listens lie')} in the future`,
  too_long: (n) => `${count(n, 'record is', 'records are')} longer than 1 MB`,
  bad_utf8: (n) =>
    `${count(n, 'record has', 'records have')} broken letters; kept, with the broken ones replaced`,
  truncated: () => 'The file ends in the middle of a record: it is probably not complete',
  now_playing: (n) => `${count(n, 'track was', 'tracks were')} still playing, not listened to yet`,
  not_music: (n) =>
    `${count(n, 'record is', 'records are')} no music: a podcast, a book or a video`,
  not_played: (n) =>
    `${count(n, 'track was', 'tracks were')} passed over before a second had played`,
  private_session: (n) => `${count(n, 'play was', 'plays were')} in a private session and left out`,
  other_file: (n) => `${count(n, 'file', 'files')} in the zip held no listens`,
};

interface Told {
  readonly title: string;
  /** What is safe. */
  readonly safe: string;
  readonly advice: string;
}

const KEPT = 'Everything stored before is still there.';
const FILES = 'Some of the page’s own files did not arrive as they should.';

function told({ code, at }: Problem): Told {
  // Whatever has no words of its own gets the last ones.
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check
  switch (code) {
    case 'unsupported_browser':
      return {
        title: 'This browser cannot run Ossicle',
        safe: 'Nothing was read and nothing was stored.',
        advice:
          'Ossicle computes in your browser and needs WebAssembly SIMD for it. Chrome or Edge 91, Firefox 89 and Safari 16.4, or anything newer, have it. Some “strict security” modes switch it off.',
      };
    case 'unknown_format':
      return {
        title: 'This is not an export that Ossicle knows',
        safe: KEPT,
        advice:
          'Use an export of ListenBrainz, Last.fm, Spotify, Apple Music or YouTube Music, as you downloaded it: the zip, or a file out of it.',
      };
    case 'missing':
    case 'network':
      return {
        title: 'A file of the page is missing',
        safe: KEPT,
        advice: `${FILES} Check the connection and reload.`,
      };
    case 'checksum_mismatch':
    case 'corrupt':
    case 'bundle_mismatch':
    case 'unsupported_version':
      return {
        title: 'The page’s files do not fit together',
        safe: KEPT,
        advice: `${FILES} Reload; when that does not help, empty the browser’s cache for this site.`,
      };
    case 'store_unavailable':
      return {
        title: 'The browser lets nothing be stored here',
        safe: 'Nothing was lost.',
        advice:
          'Private windows and blocked site data cause this. Allow site data, or use a normal window, and reload.',
      };
    case 'quota_exceeded':
      return {
        title: 'There is no room left on this device',
        safe: KEPT,
        advice:
          'Until there is some, nothing new is kept. Free some disk space; an import goes on when you choose the same file again, and nothing counts twice.',
      };
    case 'store_corrupt':
      return {
        title: 'The stored history cannot be read',
        safe: 'The file that you exported is not touched by this.',
        advice: 'Clear this site’s data in the browser, then import your export again.',
      };
    case 'out_of_memory':
      return {
        title: 'This tab ran out of memory',
        safe: KEPT,
        advice: 'Close other tabs, then reload.',
      };
    default:
      return {
        title: at === null ? 'Something went wrong' : `Something went wrong at ${at}`,
        safe: KEPT,
        advice: 'Reload the page. If it happens again, please report it with the words below.',
      };
  }
}

function timeLeft(seconds: number): string {
  if (seconds < 1.5) return 'about a second left';
  if (seconds < 90) return `about ${number.format(Math.ceil(seconds))} seconds left`;
  return `about ${number.format(Math.round(seconds / 60))} minutes left`;
}

export const en = {
  appName: 'Ossicle',
  bytes,
  opening: 'Getting Ossicle ready',
  openingBytes: (loaded: number, total: number) => `${bytes(loaded)} of ${bytes(total)}`,
  openingOnce: 'The engine and its catalogue load once, from this page’s own server.',
  reload: 'Reload',
  details: 'What exactly happened',

  nothingLeft: 'Nothing has left this device',
  footer: {
    catalogue: ({ artists: n, source, licence }: CatalogueSummary) =>
      `Catalogue: ${artists(n)}. ${source.replace(/\.$/, '')}. ${licence.replace(/\.$/, '')}.`,
    build: ({ variant, reason }: Engine['build']) =>
      `Engine: C++ in WebAssembly, ${variant === 'relaxed' ? 'relaxed SIMD' : 'SIMD'} (${reason.replace(/\.$/, '')}).`,
  },

  welcome: {
    title: 'Artists you don’t know yet, from what you already play',
    lead: 'Give Ossicle the history that you exported from a music service. It is read in this tab, kept on this device and sent nowhere.',
    drop: 'Drop your export here',
    dropHere: 'Let go to read it',
    kinds: 'ListenBrainz · Last.fm · Spotify · Apple Music · YouTube Music',
    choose: 'Choose a file',
    sample: 'Try it with a sample history',
    sampleHint: 'A made-up listener, so that you can look first. Nothing of it is stored.',
    howTitle: 'Where to get the file',
    how: [
      {
        name: 'ListenBrainz',
        text: 'Settings, then “Export data”. Take the zip as it is downloaded.',
      },
      {
        name: 'Last.fm',
        text: 'Last.fm has no export button; any “Last.fm to CSV” tool, or the JSON of user.getRecentTracks, will do.',
      },
      {
        name: 'Spotify',
        text: 'Account, Privacy, “Download your data”: account data or the extended history, the zip as it is.',
      },
      {
        name: 'Apple Music',
        text: 'The library as XML from Music or iTunes, or “Apple Media Services” of a data request.',
      },
      { name: 'YouTube Music', text: 'Google Takeout, YouTube, history as JSON or HTML.' },
    ],
  },

  importing: {
    title: (name: string) => `Reading ${name}`,
    bytes: ({ readBytes, totalBytes }: ImportProgress) =>
      totalBytes > 0 ? `${bytes(readBytes)} of ${bytes(totalBytes)}` : bytes(readBytes),
    listens: ({ listens: n, matched }: ImportProgress) =>
      `${listens(n)}, ${number.format(matched)} by artists in the catalogue`,
    timeLeft,
    starting: 'Starting',
    finishing: 'Working out your taste',
    stop: 'Stop',
    stopHint: 'What was read stays.',
  },

  sampleName: 'the sample history',
  sample: {
    title: 'You are looking at a made-up listener',
    text: 'It lives in this tab’s memory only. Drop your own export here at any time.',
    leave: 'Leave the sample',
  },

  report: {
    matched: ({ matchedListens, listens: n }: ImportReport) =>
      n === 0
        ? 'There is no listen in this file'
        : `${number.format(matchedListens)} of ${listens(n)} ${n === 1 ? 'is' : 'are'} by artists in the catalogue`,
    added: ({ added, duplicates }: ImportReport) =>
      duplicates === 0
        ? `${listens(added)} added.`
        : `${listens(added)} added; ${number.format(duplicates)} ${duplicates === 1 ? 'was' : 'were'} there already and ${duplicates === 1 ? 'counts' : 'count'} once.`,
    artists: ({ artists: all, matchedArtists }: ImportReport) =>
      `${number.format(matchedArtists)} of ${artists(all)} matched by name.`,
    unmatchedTitle: ({ artists: all, matchedArtists }: ImportReport) =>
      `${artists(all - matchedArtists)} not in the catalogue`,
    unmatchedMost: 'The most played of them:',
    unmatchedNote: 'They are stored all the same and will count when a catalogue knows them.',
    problemsTitle: (n: number) => `${count(n, 'thing', 'things')} to know about this file`,
    problem: (kind: ImportProblemKind, n: number, line: number) => {
      if (line === 0) return `${problemKinds[kind](n)}.`;
      return `${problemKinds[kind](n)} (${n === 1 ? '' : 'the first on '}line ${number.format(line)}).`;
    },
    stoppedTitle: (n: number) => `Stopped. ${listens(n)} ${n === 1 ? 'was' : 'were'} read and kept`,
    stoppedText: 'Import the same file again to go on: nothing counts twice.',
    dismiss: 'Close this report',
  },

  list: {
    title: 'For you',
    titlePopular: 'Most listened to in the catalogue',
    nothingMatchedTitle: 'None of your artists are in the catalogue yet',
    nothingMatchedText: (profile: ProfileSummary) =>
      `Your history is stored (${count(profile.events, 'entry', 'entries')}), but the starter catalogue does not know the artists in it, so there is nothing to go by. Below is what most people in it listen to: love one or two and the list becomes yours.`,
    empty: 'Nothing is left to recommend',
    emptyText:
      'You have heard, loved or banned everything that the catalogue could offer. Take something back in “Your choices”.',
    popular: (listeners: number) =>
      `${count(listeners, 'person', 'people')} in the catalogue’s data listen to them.`,
    because,
    why: 'Why exactly?',
    love: (name: string) => `Love ${name}`,
    skip: (name: string) => `Not now: skip ${name} for 30 days`,
    ban: (name: string) => `Never show ${name}`,
    loveTip: 'Love',
    skipTip: 'Not now',
    banTip: 'Never',
    actions: (name: string) => `What do you think of ${name}?`,
    updated: (n: number) => `The list has ${artists(n)}.`,
  },

  why: {
    caption: (name: string) =>
      `What speaks for ${name}, and how much of it each artist you know makes up`,
    loading: 'Working it out',
    share,
    plays: (reason: Reason) => {
      const { plays, loved } = reason;
      const parts = plays > 0 ? [`played ${times(plays)}`, lastIn(reason)] : ['not played'];
      if (loved) parts.push('loved');
      return parts.filter((part) => part !== '').join(', ');
    },
    without,
    against: 'speaks against',
    more: (n: number, part: number) =>
      `${count(n, 'more artist makes', 'more artists make')} up the other ${share(part)}.`,
    exact:
      'Not an estimate: the score is taken apart into its terms, and “without this” solves your profile again with the artist deleted.',
  },

  choice: {
    said: ({ kind, undo, artist }: Choice): string => {
      switch (kind) {
        case 'love':
          return `You love ${artist.name}. The list leans that way now.`;
        case 'skip':
          return `${artist.name} stays away for 30 days.`;
        case 'ban':
          return `${artist.name} will not be shown again.`;
        case 'clear':
          return undo === 'ban'
            ? `${artist.name} may be shown again.`
            : `You no longer love ${artist.name}.`;
      }
    },
    undo: 'Undo',
    dismiss: 'Close this message',
  },

  aside: {
    historyTitle: 'Your history',
    stored: ({ events, eventsInCatalogue }: ProfileSummary) =>
      `${count(events, 'entry', 'entries')} (listens and your choices), ${number.format(eventsInCatalogue)} of them on artists in the catalogue.`,
    known: ({ artists: n }: ProfileSummary) =>
      n === 0
        ? 'No artist of the catalogue is in it yet.'
        : `You know ${artists(n)} of the catalogue.`,
    span: ({ firstEventAt, lastEventAt }: ProfileSummary) =>
      firstEventAt && lastEventAt
        ? `From ${month.format(firstEventAt)} to ${month.format(lastEventAt)}.`
        : '',
    add: 'Add another export',
    choicesTitle: 'Your choices',
    noChoices: 'What you love or ban is listed here and can be taken back.',
    loved: (n: number) => `Loved (${number.format(n)})`,
    banned: (n: number) => `Never shown (${number.format(n)})`,
    takeBackLove: (name: string) => `Stop loving ${name}`,
    takeBackBan: (name: string) => `Show ${name} again`,
  },

  privacy: {
    title: 'Privacy',
    stored: ({ storedBytes }: ProfileSummary, sample: boolean) =>
      sample
        ? 'This made-up history is in memory only.'
        : storedBytes === null
          ? 'Your history is kept in this browser, sealed.'
          : `${bytes(storedBytes)} kept in this browser, sealed with a key that cannot be exported.`,
    left: 'What left: nothing.',
    showProof: 'Show the proof',
    proofRule: (origin: string) =>
      `The page also tells your browser to refuse every address but ${origin}, for itself and for the engine (content security policy: connect-src 'self').`,
    erase: 'Erase everything',
    eraseSure:
      'This deletes your history, your choices, the library and your settings from this device, in every open tab. Your music files and the page’s own files stay. It cannot be undone.',
    eraseNow: 'Erase now',
    eraseKeep: 'Keep it',
    erased: 'Erased. Nothing about you is stored here any more.',
  },

  dropAnywhere: 'Let go to read this file',
  problem: told,
};
