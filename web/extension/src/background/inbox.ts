/**
 * Plays between the page that told of them and the engine that learns from them. What `keep` has resolved for survives the end of this
 * process. Words are sealed under a key that WebCrypto does not hand out; `forget` erases the key first.
 */
import { keyIn, seal, unseal, type KeyPlace, type Sealed } from '@ossicle/player/seal';
import { openDB, type IDBPDatabase } from 'idb';
import { TOLD_EVERY_MS, type PlayEnd, type PlayReport } from '../wire/plays.ts';

const DATABASE = 'ossicle-inbox';
const PLACE = 'inbox';

/** Where a play was heard. */
export interface Place {
  readonly tab: number;
  readonly frame: number;
}

interface KeptPlay extends Place {
  readonly id: string;
  readonly playedMs: number;
  /** It played when it was told of last, at this moment; null: it did not. */
  readonly playedAt: number | null;
  /** What may have been heard after that, should the track be as long. */
  readonly creditMs: number;
  /** 1: it is over. A number, since an index takes no boolean. */
  readonly over: 0 | 1;
  readonly end: PlayEnd | null;
  readonly words: Sealed;
}

interface Schema extends KeyPlace {
  plays: { key: string; value: KeptPlay; indexes: { over: number } };
}

type Db = IDBPDatabase<Schema>;
type Words = Pick<PlayReport, 'artist' | 'title' | 'album' | 'startedAt' | 'durationMs'>;
export type WaitingPlay = Words & Pick<KeptPlay, 'id' | 'playedMs' | 'end'>;

const STRICT = { durability: 'strict' } as const;

export class Inbox {
  #db: Promise<Db> | null = null;

  /** Keeps what is new of a play. One that is over stays as it is, and what was heard never shrinks. */
  async keep(report: PlayReport, { tab, frame }: Place): Promise<void> {
    const { id, playedMs, end, playing, artist, title, album, startedAt, durationMs } = report;
    const db = await this.#open();
    const plain = JSON.stringify({ artist, title, album, startedAt, durationMs } satisfies Words);
    const words = await seal(
      await keyIn(db as unknown as IDBPDatabase<KeyPlace>),
      PLACE + id,
      plain,
    );
    const tx = db.transaction('plays', 'readwrite', STRICT);
    const before = await tx.store.get(id);
    if (!before?.over) {
      const heard = Math.max(playedMs, before?.playedMs ?? 0);
      const over = end === null ? 0 : 1;
      const playedAt = playing ? Date.now() : null;
      const numbers = { playedMs: heard, playedAt, creditMs: 0 };
      await tx.store.put({ id, tab, frame, ...numbers, over, end, words });
    }
    await tx.done;
  }

  /**
   * Plays that go on are over: of a frame, of a whole tab, or all of them. Their ids. `closedAt`: the tab was closed then. What its page told
   * in that moment reaches nobody when the background has to be started for it, so what played on since the last report is credited.
   */
  async end(where: Partial<Place> = {}, closedAt = 0): Promise<readonly string[]> {
    const tx = (await this.#open()).transaction('plays', 'readwrite', STRICT);
    const open = await tx.store.index('over').getAll(0);
    const ended = open.filter(
      ({ tab, frame }) => tab === (where.tab ?? tab) && frame === (where.frame ?? frame),
    );
    for (const play of ended) {
      const since = closedAt - (play.playedAt ?? closedAt);
      const creditMs = Math.max(0, Math.min(since, TOLD_EVERY_MS));
      await tx.store.put({ ...play, creditMs, over: 1, end: 'left' });
    }
    await tx.done;
    return ended.map(({ id }) => id);
  }

  /** How many are over. */
  async waiting(): Promise<number> {
    return (await this.#open()).countFromIndex('plays', 'over', 1);
  }

  /** Those that are over, the earliest first; or only those of them. What cannot be read any more goes. */
  async take(only?: readonly string[]): Promise<readonly WaitingPlay[]> {
    const db = await this.#open();
    const key = await keyIn(db as unknown as IDBPDatabase<KeyPlace>);
    const all: readonly (KeptPlay | undefined)[] = await (only
      ? Promise.all(only.map((id) => db.get('plays', id)))
      : db.getAllFromIndex('plays', 'over', 1));
    const plays = all.flatMap((play) => (play?.over === 1 ? [play] : []));
    const read: WaitingPlay[] = [];
    const lost: string[] = [];
    for (const { id, playedMs, creditMs, end, words } of plays) {
      try {
        const plain = new TextDecoder().decode(await unseal(key, PLACE + id, words));
        const spoken = JSON.parse(plain) as Words;
        const lacks = Math.max(0, (spoken.durationMs ?? Infinity) - playedMs);
        read.push({ ...spoken, id, playedMs: playedMs + Math.min(creditMs, lacks), end });
      } catch {
        // Of an earlier key: it was erased.
        lost.push(id);
      }
    }
    if (lost.length > 0) await this.remove(lost);
    return read.toSorted((a, b) => a.startedAt - b.startedAt);
  }

  async remove(ids: readonly string[]): Promise<void> {
    const tx = (await this.#open()).transaction('plays', 'readwrite', STRICT);
    for (const id of ids) await tx.store.delete(id);
    await tx.done;
  }

  /** The key first: from then on nothing can be read any more, whatever happens next. */
  async forget(): Promise<void> {
    const db = await this.#open();
    const key = db.transaction('facts', 'readwrite', STRICT);
    await Promise.all([key.store.clear(), key.done]);
    const plays = db.transaction('plays', 'readwrite', STRICT);
    await Promise.all([plays.store.clear(), plays.done]);
  }

  async #open(): Promise<Db> {
    this.#db ??= openDB<Schema>(DATABASE, 1, {
      upgrade(db) {
        db.createObjectStore('facts');
        db.createObjectStore('plays', { keyPath: 'id' }).createIndex('over', 'over');
      },
      blocking: (_current, _blocked, event) => {
        this.#db = null;
        (event.target as IDBDatabase).close();
      },
      terminated: () => {
        this.#db = null;
      },
    });
    const opening = this.#db;
    try {
      return await opening;
    } catch (cause) {
      // Tried again by the next call.
      if (this.#db === opening) this.#db = null;
      throw cause;
    }
  }
}
