import { OslListen } from './abi.gen.ts';
import { OssicleError } from './errors.ts';
import type { Heap } from './heap.ts';
import type { CoreCounts, Recorded } from './protocol.ts';

const ID_BYTES = 16;

/** What is needed of a Core. */
interface Recording {
  readonly heap: Heap;
  /** Where the events lie. */
  readonly room: { readonly events: number };
  /** Whether the catalogue knows the id at `at` in the heap. */
  knows(at: number): boolean;
}

/** Records the `n` events in the room; says what became of each, up to the error that is returned. */
type RecordRoom = (n: number, recorded: Recorded[], follow: boolean) => OssicleError | null;

/**
 * A history of which a part is left out. What is left out must be known again, whichever part it comes back in, and have no other effect. So every
 * event is recorded under an id that no artist has, which tells the duplicates, and what is learnt from once more under its own.
 */
export class PartialHistory {
  readonly #core: Recording;
  readonly #recordRoom: RecordRoom;
  #counts = { events: 0, learnt: 0, unknown: 0 };

  constructor(core: Recording, recordRoom: RecordRoom) {
    this.#core = core;
    this.#recordRoom = recordRoom;
  }

  /** The core's own have every event that is learnt from twice. */
  get counts(): Pick<CoreCounts, 'events' | 'learnt' | 'unknown'> {
    return this.#counts;
  }

  forget(): void {
    this.#counts = { events: 0, learnt: 0, unknown: 0 };
  }

  /** `learnt`: whether an event is learnt from. */
  record(n: number, recorded: Recorded[], learnt: (index: number) => boolean): OssicleError | null {
    const marked: Recorded[] = [];
    this.#mark(n);
    const failure = this.#recordRoom(n, marked, false);
    this.#mark(n);
    const became = marked.map((each, i): Recorded => {
      if (each === 'duplicate') return each;
      return this.#core.knows(this.#at(i) + OslListen.offset.artist) ? 'kept' : 'unknown';
    });
    const own = became.flatMap((each, i) => (each !== 'duplicate' && learnt(i) ? [i] : []));
    this.#core.heap.view(({ bytes }) => {
      own.forEach((from, to) =>
        bytes.copyWithin(this.#at(to), this.#at(from), this.#at(from) + OslListen.size),
      );
    });
    const taken: Recorded[] = [];
    const full = this.#recordRoom(own.length, taken, true);
    const kept = full === null ? became : became.slice(0, own[taken.length]);
    for (const each of kept) {
      this.#counts.events += each === 'duplicate' ? 0 : 1;
      this.#counts.unknown += each === 'unknown' ? 1 : 0;
    }
    this.#counts.learnt += taken.length;
    recorded.push(...kept);
    return full === null ? failure : new OssicleError(full.code, full.message, kept.length);
  }

  #at(index: number): number {
    return this.#core.room.events + index * OslListen.size;
  }

  /** Gives the artists of the events in the room ids that no artist has, or takes them back. */
  #mark(n: number): void {
    this.#core.heap.view(({ bytes }) => {
      for (let i = 0; i < n; ++i) {
        const from = this.#at(i) + OslListen.offset.artist;
        for (let at = from; at < from + ID_BYTES; ++at) bytes[at] = ~(bytes[at] ?? 0);
      }
    });
  }
}
