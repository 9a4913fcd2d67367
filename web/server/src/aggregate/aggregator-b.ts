/** Aggregator B (the helper of DAP): counts what A brings, and says of each report whether it is in. aggregator-a.ts tells why both count the same. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { toHex, type Bytes } from '@ossicle/wire/log';
import {
  readHeader,
  readShareB,
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
import { digestOf, type Addend, type Known } from './store/store.ts';

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** What was judged: A's message, too, which follows from A's half. An A that has forgotten a report cannot have a share counted that this verdict is not about. */
const taskDigest = ({ head, sealedB, message }: Task): Bytes => digestOf(head, sealedB, message);

function verdictOf(task: Task, { digest, state }: Known): Verdict {
  if (!same(digest, taskDigest(task))) return 'replayed';
  return state === 'counted' ? 'taken' : (state as Verdict);
}

export class AggregatorB extends Aggregator {
  static async start(options: AggregatorOptions): Promise<AggregatorB> {
    return new AggregatorB('b', options, await prepare('b', options));
  }

  /** Opens a report and checks its proof. */
  async #check(known: KnownRound, task: Task): Promise<Addend> {
    const { head, sealedB, message } = task;
    const { round: named, block, id } = readHeader(head);
    const row = { round: known.id, id, block, digest: taskDigest(task) };
    const refused = (state: Verdict): Addend => ({ ...row, state, numbers: null });
    if (!same(named, known.id) || block >= known.round.blocks) return refused('wrong_block');
    const plain = await this.open(sealedB, shareInfo('b'), head);
    const half = plain && readShareB(plain);
    if (half === null) return refused('wrong_key');
    const numbers = this.proofs.second(known, head, half, message);
    return typeof numbers === 'string' ? refused(numbers) : { ...row, state: 'counted', numbers };
  }

  /** What became of each report. Asking the same again changes nothing and gets the same answer. */
  async take(round: KnownRound, tasks: readonly Task[]): Promise<readonly Verdict[]> {
    const ids = tasks.map(({ head }) => readHeader(head).id);
    const before = await this.store.known(round.id, ids);
    const addends: Addend[] = [];
    for (const [i, task] of tasks.entries()) {
      if (before[i]) continue;
      addends.push(await this.#check(round, task));
      // A check takes milliseconds; what else this program was asked meanwhile comes in between.
      await nextTurn();
    }
    const added = (await this.store.add(addends)).values();
    return tasks.map((task, i) => verdictOf(task, before[i] ?? (added.next().value as Known)));
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
