/** The words of what is fetched, in English. */
import type { SnapshotFacts } from 'ossicle';
import type { Refusal } from '../state/refusal.ts';

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' });
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short' });

const refusals: Readonly<Record<Refusal, string>> = {
  none: 'This page’s server has published none yet.',
  otherKeys:
    'This page’s server names other keys than it did at first, so nobody can tell whether it is still the same. Ask who runs it.',
  unsigned: 'Not everybody who has to sign them has signed them.',
  unseen: 'No independent witness has seen them.',
  stale:
    'What the server calls its newest was confirmed too long ago: newer ones may be held back. If the clock of this device is right, ask who runs the server.',
  rewritten: 'The server tells another story of what it published than before. Ask who runs it.',
  altered: 'What the server sent is not what was signed: it was altered or cut off on the way.',
  malformed: 'What the server sent is not written as it should be.',
  tooFar: 'They would move what is known of artists further than Ossicle allows.',
  unfit: 'This version of Ossicle cannot use them.',
};

export const enFetching = {
  never:
    'Item vectors are what is known of artists beside their tags. Here they come with Ossicle, and newer ones with a newer version of it: nothing is fetched, and this stays off.',
  text: 'Item vectors are what is known of artists beside their tags. Switched on, this page asks its own server for newer ones once a day, at a moment that is drawn and not when you listen. What it asks for is the same for everybody who has the same ones, and nothing of yours goes with it.',
  unasked:
    'Not every address that has this page has newer vectors, and it is not asked before you say so.',
  ask: 'Ask whether there are any',
  asking: 'Asking…',
  there: 'There are: you can switch it on.',
  none: 'This page comes from an address that has none: it has the files of the page only. So this cannot be switched on, and nothing is fetched.',
  unreachable: 'This page’s server did not answer, so this cannot be switched on now.',

  inUse: (opened: SnapshotFacts | null) =>
    opened === null
      ? 'In use: the vectors that came with this page.'
      : `In use: version ${opened.epoch}, published on ${day.format(opened.publishedAt)}.`,
  checked: (at: Date) => `Looked last on ${moment.format(at)}.`,
  next: (at: Date) =>
    `Looks next on ${moment.format(at)}, or some minutes after you open this page again.`,
  off: 'Nothing is asked now. What was fetched stays in use until you go back.',
  looking: 'Looking…',
  loading: (loaded: string, all: string) => `Fetching: ${loaded} of ${all}`,
  goingBack: 'Going back…',
  newest: 'There is nothing newer.',
  fetched: (fetched: string, all: string) =>
    `New vectors were fetched and verified: ${fetched} of ${all}. The rest was here already.`,
  verified: (all: string) =>
    `Verified, and nothing had to be fetched: all ${all} were here already.`,
  back: 'You went back to the vectors before. They stay until there are newer ones than those that you left.',
  nextVisit: 'They are in use from your next visit on.',
  refused: (refusal: Refusal) =>
    `${refusals[refusal]} They were refused, and what was in use stays in use.`,
  noAnswer: 'This page’s server did not answer. What was in use stays in use; try again later.',
  gone: 'This page’s server does not have what it should have. What was in use stays in use; try again later.',
  failed: (title: string) => `${title}. What was in use stays in use.`,
  lookNow: 'Look now',
  goBack: 'Go back to the vectors before',
};
