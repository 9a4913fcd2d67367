/** What the background knows of the tabs, in `storage.session`: in memory, gone with the browser, and still there when the background was ended in between. */
import { STORAGE, type NowPlaying } from '../wire/calls.ts';

/** Tabs that play at once. */
const MOST_PLAYING = 8;
const MOST_MARKED = 100;

interface Notes {
  /** The search of the site in a tab, by the tab's number. */
  readonly searches: Readonly<Record<string, string>>;
  /** Ids of plays that began in a private session: nothing of them is kept, also when it has ended. */
  readonly privateIds: readonly string[];
}

interface Stored {
  readonly now?: readonly NowPlaying[];
  readonly notes?: Notes;
}

export interface Known extends Notes {
  readonly now: readonly NowPlaying[];
}

/** Changes come one after the other: each reads what the one before has written. */
export class TabNotes {
  #last: Promise<unknown> = Promise.resolve();

  async read(): Promise<Known> {
    const { now = [], notes } = await chrome.storage.session.get<Stored>([
      STORAGE.now,
      STORAGE.notes,
    ]);
    return { now, searches: notes?.searches ?? {}, privateIds: notes?.privateIds ?? [] };
  }

  change(how: (known: Known) => Partial<Known>): Promise<void> {
    const next = this.#last.then(async () => {
      const before = await this.read();
      const { now, ...notes } = { ...before, ...how(before) };
      await chrome.storage.session.set({
        ...(now !== before.now && { [STORAGE.now]: now.slice(0, MOST_PLAYING) }),
        [STORAGE.notes]: { ...notes, privateIds: notes.privateIds.slice(-MOST_MARKED) },
      });
    });
    this.#last = next.catch(() => undefined);
    return next;
  }

  async clear(): Promise<void> {
    await this.change(() => ({ now: [], privateIds: [] }));
  }
}
