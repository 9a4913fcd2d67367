import { noSuchBatch } from './records.ts';
import type { Store, StoredBatch, StoredEvent } from '../types.ts';

/** Keeps events until the process ends. */
export function memoryStore(): Store {
  let batches: StoredBatch[] = [];
  let last = 0;
  return {
    open: () => Promise.resolve(),
    append(events: readonly StoredEvent[]) {
      last += 1;
      batches.push({ seq: last, events: structuredClone(events) });
      return Promise.resolve(last);
    },
    async *read(after: number) {
      for (const batch of batches) {
        if (batch.seq > after) yield await Promise.resolve(batch);
      }
    },
    replace(seq: number, events: readonly StoredEvent[]) {
      const index = batches.findIndex((batch) => batch.seq === seq);
      if (index < 0) return Promise.reject(noSuchBatch('the history', seq));
      batches[index] = { seq, events: structuredClone(events) };
      return Promise.resolve();
    },
    erase() {
      batches = [];
      last = 0;
      return Promise.resolve();
    },
    storedBytes: () => Promise.resolve(null),
    onExternalChange: () => () => undefined,
    close: () => Promise.resolve(),
  };
}
