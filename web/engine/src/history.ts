/** What was played, as the listener looks at it: query, edit, delete. */
import { secondsOf } from './arguments.ts';
import { count } from './arguments.ts';
import { OssicleError } from './errors.ts';
import type { Journal } from './journal.ts';
import type * as api from './types.ts';

const KINDS: readonly api.StoredEvent['kind'][] = ['play', 'love', 'skip', 'ban', 'clear'];

/** A name of an event that another event never has: the core keeps no two that agree in all of this. */
function idOf(seq: number, { kind, at, artistId, title }: api.StoredEvent): string {
  return [seq, kind, at, artistId, title ?? ''].join('/');
}

function seqOf(id: string): number {
  const seq = Number(/^(\d+)\//.exec(id)?.[1]);
  if (Number.isSafeInteger(seq)) return seq;
  throw unknownEntry(id);
}

function unknownEntry(id: string): OssicleError {
  return new OssicleError('unknown_item', `The history has no entry ${id} (any more).`, id);
}

function entryOf(seq: number, event: api.StoredEvent): api.HistoryEntry {
  const { kind, at, artist, artistId, title, album, playedMs, durationMs, source } = event;
  return {
    ...{ id: idOf(seq, event), kind, artistId, source, at: new Date(1000 * at) },
    track: {
      artist,
      ...(title !== undefined && { title }),
      ...(album !== undefined && { album }),
    },
    ...(playedMs !== undefined && { playedMs }),
    ...(durationMs !== undefined && { durationMs }),
  };
}

function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

type Fits = (event: api.StoredEvent) => boolean;

function filterOf(query: api.HistoryQuery): Fits {
  const { artistId, source } = query;
  const from = query.from ? secondsOf(query.from, 'from') : -Infinity;
  const to = query.to ? secondsOf(query.to, 'to') : Infinity;
  const kinds = query.kinds ?? KINDS;
  const text = folded(query.text?.trim() ?? '');
  return (event) =>
    event.at >= from &&
    event.at < to &&
    kinds.includes(event.kind) &&
    (artistId === undefined || event.artistId === artistId) &&
    (source === undefined || event.source === source) &&
    (text === '' ||
      [event.artist, event.title, event.album].some((w) => folded(w ?? '').includes(text)));
}

interface Found {
  readonly seq: number;
  readonly event: api.StoredEvent;
}

/** By time; what happened in one second, as it was stored. */
function before(a: { at: number; id: string }, b: { at: number; id: string }): number {
  return a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function cursorOf({ seq, event }: Found): string {
  return `${event.at}/${idOf(seq, event)}`;
}

function placeOf(cursor: string): { at: number; id: string } {
  const [, at, id] = /^(-?\d+)\/(.+)$/s.exec(cursor) ?? [];
  if (at !== undefined && id !== undefined) return { at: Number(at), id };
  throw new OssicleError('invalid_argument', 'after is no cursor that query() gave.', 'after');
}

export class StoredHistory implements api.History {
  readonly #journal: Journal;
  readonly #artistOf: (credit: string) => Promise<string>;

  constructor(journal: Journal, artistOf: (credit: string) => Promise<string>) {
    this.#journal = journal;
    this.#artistOf = artistOf;
  }

  async query(query: api.HistoryQuery = {}): Promise<api.HistoryPage> {
    const limit = count(query.limit, 50, 1, 1000, 'limit');
    const fits = filterOf(query);
    const sign = query.order === 'oldest' ? 1 : -1;
    const after = query.after === undefined ? null : placeOf(query.after);
    const order = (a: Found, b: Found): number =>
      sign *
      before(
        { at: a.event.at, id: idOf(a.seq, a.event) },
        { at: b.event.at, id: idOf(b.seq, b.event) },
      );
    return this.#journal.serial(async () => {
      // One more than asked for, to tell whether there is a next page. Never more than four pages are held.
      let best: Found[] = [];
      let total = 0;
      for await (const { seq, events } of this.#journal.batches(query.signal)) {
        for (const event of events) {
          if (!fits(event)) continue;
          total += 1;
          if (after !== null && sign * before({ at: event.at, id: idOf(seq, event) }, after) <= 0)
            continue;
          best.push({ seq, event });
          if (best.length > 4 * limit) best = best.sort(order).slice(0, limit + 1);
        }
      }
      best = best.sort(order).slice(0, limit + 1);
      const shown = best.slice(0, limit);
      const last = shown.at(-1);
      return {
        entries: shown.map(({ seq, event }) => entryOf(seq, event)),
        total,
        next: best.length > limit && last ? cursorOf(last) : null,
      };
    }, query.signal);
  }

  async edit(
    id: string,
    changes: api.HistoryChanges,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<api.HistoryEntry> {
    const seq = seqOf(id);
    const { track, startedAt, playedMs, durationMs } = changes;
    const artist = track?.artist.trim();
    if (artist === '') {
      throw new OssicleError('invalid_argument', 'track.artist is empty.', 'track.artist');
    }
    const at = startedAt && secondsOf(startedAt, 'startedAt');
    return this.#journal.serial(async () => {
      const artistId = artist === undefined ? undefined : await this.#artistOf(artist);
      const old = await this.#find(seq, id);
      if (old.kind !== 'play') {
        throw new OssicleError(
          'invalid_argument',
          `Only plays can be edited, not a "${old.kind}".`,
          'id',
        );
      }
      const { title, album, ...rest } = old;
      const words = track ?? { title, album };
      const event: api.StoredEvent = {
        ...rest,
        ...(artist !== undefined && { artist }),
        ...(artistId !== undefined && { artistId }),
        ...(words.title !== undefined && { title: words.title }),
        ...(words.album !== undefined && { album: words.album }),
        ...(at !== undefined && { at }),
        ...(playedMs !== undefined && { playedMs }),
        ...(durationMs !== undefined && { durationMs }),
      };
      await this.#journal.rewrite(
        new Map([[seq, (events) => events.map((each) => (idOf(seq, each) === id ? event : each))]]),
      );
      return entryOf(seq, event);
    }, signal);
  }

  async delete(
    ids: string | readonly string[],
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<{ readonly deleted: number }> {
    const wanted = new Set(typeof ids === 'string' ? [ids] : ids);
    const seqs = new Set([...wanted].map(seqOf));
    return this.#journal.serial(async () => {
      let deleted = 0;
      const kept = (seq: number) => (events: readonly api.StoredEvent[]) => {
        const left = events.filter((event) => !wanted.has(idOf(seq, event)));
        deleted += events.length - left.length;
        return left;
      };
      await this.#journal.rewrite(new Map([...seqs].map((seq) => [seq, kept(seq)])));
      return { deleted };
    }, signal);
  }

  async #find(seq: number, id: string): Promise<api.StoredEvent> {
    for await (const batch of this.#journal.batches(undefined, seq - 1)) {
      const found = batch.seq === seq && batch.events.find((event) => idOf(seq, event) === id);
      if (found) return found;
      break;
    }
    throw unknownEntry(id);
  }
}
