/** The queue as plain data: every change makes a new one. */
import type { Track } from '../library/types.ts';
import type { QueueItem, Repeat } from './types.ts';

export interface Queue {
  readonly items: readonly QueueItem[];
  /** -1: nothing plays. */
  readonly index: number;
  readonly repeat: Repeat;
  readonly shuffle: boolean;
  /** Keys in the order before shuffling; null: not shuffled. */
  readonly unshuffled: readonly number[] | null;
}

export const EMPTY: Queue = {
  items: [],
  index: -1,
  repeat: 'off',
  shuffle: false,
  unshuffled: null,
};

export function current({ items, index }: Queue): QueueItem | null {
  return items[index] ?? null;
}

/** What plays when the current one ends by itself; -1: nothing. */
export function following(queue: Queue): number {
  return queue.repeat === 'one' ? queue.index : after(queue);
}

/** What plays when the listener wants the next one; -1: nothing. */
export function after({ items, index, repeat }: Queue): number {
  if (index + 1 < items.length) return index + 1;
  return repeat === 'all' && items.length > 0 ? 0 : -1;
}

export function before({ items, index, repeat }: Queue): number {
  if (index > 0) return index - 1;
  return repeat === 'all' ? items.length - 1 : Math.min(index, 0);
}

export function inserted(queue: Queue, added: readonly QueueItem[], at: 'next' | 'end'): Queue {
  const place = at === 'next' ? queue.index + 1 : queue.items.length;
  const items = queue.items.toSpliced(place, 0, ...added);
  const unshuffled = queue.unshuffled && [...queue.unshuffled, ...added.map(({ key }) => key)];
  return { ...queue, items, unshuffled };
}

export function moved(queue: Queue, keys: readonly number[], to: number | null): Queue {
  const chosen = new Set(keys);
  // Before something that moves along: before what comes after it.
  let place = to === null ? queue.items.length : queue.items.findIndex(({ key }) => key === to);
  if (place === -1) return queue;
  while (chosen.has(queue.items[place]?.key ?? -1)) ++place;
  const anchor = queue.items[place]?.key;
  const moving = queue.items.filter(({ key }) => chosen.has(key));
  const items = queue.items.filter(({ key }) => !chosen.has(key));
  const at = anchor === undefined ? items.length : items.findIndex(({ key }) => key === anchor);
  return withItems(queue, items.toSpliced(at, 0, ...moving));
}

/** `index` then stands before what comes next, should the current one be among them; `gone` tells. */
export function removed(
  queue: Queue,
  keys: readonly number[],
): { readonly queue: Queue; readonly gone: boolean } {
  const chosen = new Set(keys);
  const now = current(queue);
  const items = queue.items.filter(({ key }) => !chosen.has(key));
  const gone = now !== null && chosen.has(now.key);
  if (!gone) return { queue: withItems(queue, items), gone };
  const index = queue.items.slice(0, queue.index).filter(({ key }) => !chosen.has(key)).length - 1;
  return { queue: { ...withItems(queue, items), index }, gone };
}

/** The current one stays where it is; what comes after it is shuffled, or back in its order. */
export function shuffled(queue: Queue, on: boolean, random: () => number): Queue {
  if (on === queue.shuffle) return queue;
  const { items, index } = queue;
  if (on) {
    const rest = items.slice(index + 1);
    // Fisher and Yates.
    for (let i = rest.length - 1; i > 0; --i) {
      const j = Math.floor(random() * (i + 1));
      const a = rest[i];
      const b = rest[j];
      if (a && b) [rest[i], rest[j]] = [b, a];
    }
    const unshuffled = items.map(({ key }) => key);
    return { ...queue, shuffle: true, items: [...items.slice(0, index + 1), ...rest], unshuffled };
  }
  const place = new Map(queue.unshuffled?.map((key, i) => [key, i]));
  const last = place.size;
  const ordered = items.toSorted((a, b) => (place.get(a.key) ?? last) - (place.get(b.key) ?? last));
  return withItems({ ...queue, shuffle: false, unshuffled: null }, ordered);
}

/** Other items, with the current one still the current one. */
export function withItems(queue: Queue, items: readonly QueueItem[]): Queue {
  const now = current(queue);
  return { ...queue, items, index: now ? items.findIndex(({ key }) => key === now.key) : -1 };
}

export function itemsOf(
  tracks: readonly Track[],
  firstKey: number,
  from: QueueItem['from'],
): readonly QueueItem[] {
  return tracks.map((track, i) => ({ key: firstKey + i, track, from }));
}
