/** Aggregator B (the helper of DAP): counts what A brings, and says of each report whether it is in. aggregator-a.ts tells why both count the same. */
import { toHex } from '@ossicle/wire/log';
import {
  numbersOf,
  readHeader,
  shareInfo,
  type ClosedBlock,
  type StatedBlock,
  type Task,
  type Verdict,
} from '@ossicle/wire/report';
import {
  Aggregator,
  each,
  prepare,
  type AggregatorOptions,
  type KnownRound,
} from './aggregator.ts';
import { expandSeed } from './sealing.ts';
import { digestOf, type Addend } from './store/store.ts';

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

export class AggregatorB extends Aggregator {
  static async start(options: AggregatorOptions): Promise<AggregatorB> {
    return new AggregatorB('b', options, await prepare(options));
  }

  async #addend(
    { id: round, round: { blocks, ...shape } }: KnownRound,
    task: Task,
  ): Promise<Addend> {
    const { head, sealedB } = task;
    const { round: named, block, id } = readHeader(head);
    const row = { round, id, block, digest: digestOf(head, sealedB), numbers: null };
    if (!same(named, round) || block >= blocks) return { ...row, state: 'wrong_block' };
    const seed = await this.open(sealedB, shareInfo('b'), head);
    if (seed === null) return { ...row, state: 'wrong_key' };
    return { ...row, state: 'counted', numbers: () => expandSeed(seed, numbersOf(shape)) };
  }

  /** What became of each report. Asking again changes nothing and gets the same answer. */
  async take(round: KnownRound, tasks: readonly Task[]): Promise<readonly Verdict[]> {
    const addends = await Promise.all(tasks.map((task) => this.#addend(round, task)));
    const known = await this.store.add(addends);
    return known.map(({ digest, state }, i) => {
      const isIt = same(digest, addends[i]?.digest ?? new Uint8Array());
      if (!isIt) return 'replayed';
      return state === 'counted' ? 'taken' : (state as Verdict);
    });
  }

  /**
   * Ends a round: a block of which A counted the very same reports, and enough of them, gets its noised sum; every other one is dropped. null: the round is
   * not over yet. Asking again changes nothing. Errors: a block could not be ended; the others have.
   */
  async close(
    known: KnownRound,
    stated: readonly StatedBlock[],
  ): Promise<readonly ClosedBlock[] | null> {
    if (!this.isOver(known)) return null;
    const { id, round } = known;
    await this.store.closeRound(id);
    const open = (await this.store.blocks(id)).filter(({ state }) => state === 'open');
    await each(open, async ({ block, count, ids }) => {
      const other = stated.find((one) => one.block === block);
      if (other?.count !== count || other.ids !== toHex(ids)) {
        await this.store.closeBlock(id, block, 'disputed', null);
      } else if (count < round.minBatch) await this.store.closeBlock(id, block, 'too_few', null);
      else await this.fix(known, block);
    });
    const blocks = await this.store.blocks(id);
    return blocks.map(({ ids, ...block }) => ({ ...block, ids: toHex(ids) }));
  }
}
