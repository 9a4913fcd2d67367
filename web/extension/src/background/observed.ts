/** What becomes of a message of an observer. */
import { verdictOf } from '../rules.ts';
import { isGranted, siteOf } from '../sites.ts';
import { STORAGE, type NowPlaying } from '../wire/calls.ts';
import { checkedMessage, type ObserverAnswer, type PlayReport } from '../wire/plays.ts';
import { tellOfInbox } from './home.ts';
import type { Inbox, Place } from './inbox.ts';
import type { TabNotes } from './notes.ts';

export interface Sender {
  readonly place: Place;
  /** Address of the frame that tells. */
  readonly url: string;
  readonly incognito: boolean;
}

async function isPrivate(): Promise<boolean> {
  const stored = await chrome.storage.local.get(STORAGE.private);
  return stored[STORAGE.private] === true;
}

function nowOf(report: PlayReport, { place, url }: Sender, search: string | null): NowPlaying {
  const { artist, title, album, playing, end } = report;
  return {
    ...{ tabId: place.tab, origin: siteOf(url) ?? '', artist, title, album, search },
    ...{ playing: playing && end === null, at: Date.now() },
  };
}

/** Whether a listener sees a difference. */
function isSame(a: NowPlaying | undefined, b: NowPlaying): boolean {
  return a?.artist === b.artist && a.title === b.title && a.playing === b.playing;
}

export class Observed {
  readonly #inbox: Inbox;
  readonly #notes: TabNotes;

  constructor(inbox: Inbox, notes: TabNotes) {
    this.#inbox = inbox;
    this.#notes = notes;
  }

  async take(message: unknown, sender: Sender): Promise<ObserverAnswer> {
    const site = siteOf(sender.url);
    if (sender.incognito || site === null || !(await isGranted(site))) {
      await this.ended(sender.place);
      return 'stop';
    }
    const checked = checkedMessage(message, Date.now());
    if (checked?.kind === 'hello') {
      await this.ended(sender.place);
      await this.#hello(sender, checked.search);
    } else if (checked?.kind === 'play') {
      await this.#play(checked, sender);
    }
    return 'kept';
  }

  /** Plays of a frame, or of a whole tab, that go on are over. `closedAt`: the tab was closed then. */
  async ended(where: Partial<Place>, closedAt?: number): Promise<void> {
    const ids = await this.#inbox.end(where, closedAt);
    if (ids.length > 0) await this.#settle(ids);
  }

  /** Of what has ended drops what is no play, so that nobody is woken for an advertisement, and tells of the rest. */
  async #settle(ids: readonly string[]): Promise<void> {
    const plays = await this.#inbox.take(ids);
    const none = plays.filter((play) => verdictOf(play) === 'nothing');
    if (none.length > 0) await this.#inbox.remove(none.map(({ id }) => id));
    if (none.length < plays.length) await tellOfInbox(await this.#inbox.waiting());
  }

  async #hello({ place, url }: Sender, search: string | null): Promise<void> {
    const isSearch = search !== null && siteOf(search) === siteOf(url);
    if (place.frame !== 0) return;
    await this.#notes.change(({ now, searches }) => {
      const { [place.tab]: _old, ...others } = searches;
      return {
        // Another page: what the tab played before plays no more.
        now: now.filter(({ tabId }) => tabId !== place.tab),
        searches: isSearch ? { ...others, [place.tab]: search } : others,
      };
    });
  }

  async #play(report: PlayReport, sender: Sender): Promise<void> {
    const { id, end } = report;
    const { now, searches, privateIds } = await this.#notes.read();
    if (privateIds.includes(id)) return;
    if (await isPrivate()) {
      // What was heard before it was switched on is not kept either: it is the same play.
      await this.#inbox.remove([id]);
      await this.#notes.change((known) => ({
        now: known.now.filter(({ tabId }) => tabId !== sender.place.tab),
        privateIds: [...known.privateIds, id],
      }));
      return;
    }
    await this.#inbox.keep(report, sender.place);
    const next = nowOf(report, sender, searches[sender.place.tab] ?? null);
    if (!isSame(now[0], next)) {
      await this.#notes.change((known) => ({
        now: [next, ...known.now.filter(({ tabId }) => tabId !== next.tabId)],
      }));
    }
    if (end !== null) await this.#settle([id]);
  }
}
