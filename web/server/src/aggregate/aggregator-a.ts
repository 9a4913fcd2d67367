/**
 * Aggregator A (the leader of DAP): takes reports from clients, and brings them to B. Both count exactly the same reports, whatever is killed when:
 *
 *   1. A stores a report (id, its own share, the half sealed to B, and what it has to say about the proof) as pending, in one transaction, and only then
 *      answers 201. Killed before: nothing has happened, and the client sends the same bytes again. Killed after: the client sends them again, and A, which
 *      knows their hash, answers 201.
 *   2. A brings pending reports to B. B opens them and checks the proofs; then it adds and stores the ids in one transaction, and answers which it took. Killed
 *      before: nothing has happened, and A asks again. Killed after: A asks again, and B, which knows the hash under each id, gives the same answer without
 *      checking or adding. So a job needs no name: every report is idempotent, in whatever job it comes.
 *   3. A adds the shares of those that B took to its sums and ends their pending state, in one transaction. Killed before: they are pending, back to 2. Killed
 *      after: they are pending no more.
 *
 * What A says about a proof leaves it only from the store, after the id is known, and what B says never leaves B: a proof is answered once, which is what keeps
 * the table secret (core/docs/adr/0023-norm-proof.md). The secret under which both check is in verify-key.ts.
 *
 * A report is in A's sum only after B said that it is in B's (3 follows 2), and each that is in B's gets into A's before the round ends, because A ends it only
 * when nothing is pending. When it ends, both compare counts and checksums of ids: the second line of defence, and the only one against an aggregator that
 * lies. Then each fixes its noised sum, B first, and deletes the sum without noise in the same transaction. Killed between: A asks again, B answers from what
 * it has fixed.
 */
import { toHex, type Bytes } from '@ossicle/wire/log';
import {
  bytesOf,
  readClosed,
  readReport,
  readShareA,
  readVerdicts,
  shareInfo,
  writeJob,
  writeStated,
  type Report,
} from '@ossicle/wire/report';
import { Redeemer } from '../tokens/redeem.ts';
import {
  Aggregator,
  each,
  every,
  prepare,
  type AggregatorOptions,
  type KnownRound,
  type Prepared,
  type Publication,
} from './aggregator.ts';
import { Batched } from './batched.ts';
import { isRefusal, PeerError, type Refusal } from './problems.ts';
import { Refusals } from './refusals.ts';
import { digestOf, type Arrival, type Arrived } from './store/store.ts';

/** Posts to B, and gives its answer. Errors: PeerError, or any other when B cannot be reached. */
export type Ask = (path: string, body: Bytes) => Promise<Bytes>;

export interface AggregatorAOptions extends AggregatorOptions {
  readonly ask: Ask;
}

/** Reports of one job: their shares are read and added at once, about 20 ms in which no other request is answered. */
const JOB_REPORTS = 32;
/** Reports of one transaction, of 269 kB each. */
const MOST_AT_ONCE = 64;

export class AggregatorA extends Aggregator {
  readonly #ask: Ask;
  readonly #redeemer = new Redeemer();
  readonly #arrivals = new Batched(MOST_AT_ONCE, (items: readonly Arrived[]) =>
    this.store.arrive(items),
  );
  readonly #refusals = new Refusals((counts) => this.store.refuse(counts));
  /** Rounds, by their ids in hex, of which nothing will ever change again. */
  readonly #ended = new Set<string>();
  #bringing: Promise<void> = Promise.resolve();

  private constructor(options: AggregatorAOptions, prepared: Prepared) {
    super('a', options, prepared);
    this.#ask = options.ask;
  }

  static async start(options: AggregatorAOptions): Promise<AggregatorA> {
    return new AggregatorA(options, await prepare('a', options));
  }

  /** Counts it. */
  refuse(code: Refusal): Refusal {
    this.#refusals.count(code);
    return code;
  }

  /** How many were refused, by code. */
  async refusals(): Promise<Readonly<Record<string, number>>> {
    await this.#refusals.write();
    return this.store.refusals();
  }

  #fault({ id, round }: KnownRound, report: Report): Refusal | null {
    if (Buffer.compare(report.header.round, id) !== 0) return 'wrong_round';
    return report.header.block >= round.blocks ? 'wrong_block' : null;
  }

  #when(known: KnownRound): Refusal | null {
    if (this.now().getTime() < Date.parse(known.round.opens)) return 'round_not_open';
    return this.isOver(known) ? 'round_closed' : null;
  }

  /** What is said of a report of which the store says this. */
  #answer(digest: Bytes, arrival: Arrival): 'accepted' | Refusal {
    if (arrival === 'new') return 'accepted';
    if (typeof arrival === 'string') return arrival;
    if (Buffer.compare(arrival.digest, digest) !== 0) return 'replayed';
    return isRefusal(arrival.state) ? arrival.state : 'accepted';
  }

  async #receive(
    hex: string,
    bytes: Uint8Array,
    token: Bytes | null,
  ): Promise<'accepted' | Refusal> {
    const known = this.round(hex);
    if (known === null) return 'unknown_round';
    const report = readReport(bytes, known.round);
    if (typeof report === 'string') return report;
    const fault = this.#fault(known, report);
    if (fault) return fault;
    // A tenth of a millisecond; whoever has no token costs no more.
    const paid = await this.#redeemer.redeem(known.round, known.id, token);
    if (typeof paid === 'string') return paid;
    const { head, sealedB: sealed } = report;
    const { id, block } = report.header;
    const digest = digestOf(bytes);
    const [before] = await this.store.known(known.id, [id]);
    if (before) return this.#answer(digest, before);
    const late = this.#when(known);
    if (late) return late;
    // Before what takes milliseconds; that it is spent once the store sees to when the report arrives there.
    if (paid && (await this.store.isSpent(known.id, paid))) return 'token_spent';
    const plain = await this.open(report.sealedA, shareInfo('a'), head);
    const half = plain && readShareA(plain, known.round);
    if (half === null) return 'wrong_key';
    const message = this.proofs.first(known, head, half);
    if (typeof message === 'string') return message;
    const row = { round: known.id, id, block, digest, token: paid };
    const item = { ...row, head, sealed, message, share: bytesOf(half.share) };
    return this.#answer(digest, await this.#arrivals.do(item));
  }

  /**
   * `round`: in hex, as the address says. `token`: what came with the report, if anything. Accepted: it is durable, and will be counted once. Refused: counted
   * as such, and nothing else has changed.
   */
  async receive(
    round: string,
    bytes: Uint8Array,
    token: Bytes | null = null,
  ): Promise<'accepted' | Refusal> {
    const found = await this.#receive(round, bytes, token);
    return found === 'accepted' ? found : this.refuse(found);
  }

  async #bringSome({ id, hex }: KnownRound): Promise<boolean> {
    const waiting = await this.store.claim(id, JOB_REPORTS);
    if (waiting.length === 0) return false;
    const tasks = waiting.map(({ head, sealed, message }) => ({ head, sealedB: sealed, message }));
    const answer = await this.#ask(`aggregate/${hex}`, writeJob(tasks));
    const verdicts = readVerdicts(answer, tasks.length);
    if (verdicts === null)
      throw new PeerError('Aggregator B gave no answer to the job. Ask it again.');
    const states = verdicts.map((verdict) => (verdict === 'taken' ? 'counted' : verdict));
    await this.store.settle(waiting.map(({ at }, i) => ({ at, state: states[i] ?? 'replayed' })));
    return true;
  }

  /** Brings every pending report of the round to B. Errors: B cannot be reached; what was not settled stays pending. */
  async bring(known: KnownRound): Promise<void> {
    const bring = async (): Promise<void> => {
      while (await this.#bringSome(known));
    };
    // One after the other: two at once would only ask the same.
    this.#bringing = this.#bringing.then(bring, bring);
    await this.#bringing;
  }

  /** Ends a round that is over. Errors: B cannot be reached, or finds that it is not over; try again. */
  async close(known: KnownRound): Promise<void> {
    if (!this.isOver(known) || this.#ended.has(known.hex)) return;
    const { id, hex, round } = known;
    await this.store.closeRound(id);
    await this.bring(known);
    // Another node has claimed them: it brings them, or they are claimed again.
    if ((await this.store.pending(id)) > 0) return;
    const open = (await this.store.blocks(id)).filter(({ state }) => state === 'open');
    if (open.length === 0) {
      this.#ended.add(hex);
      return;
    }
    const stated = open.map(({ block, count, ids }) => ({ block, count, ids: toHex(ids) }));
    const closed = readClosed(await this.#ask(`close/${hex}`, writeStated(stated)));
    if (closed === null)
      throw new PeerError('Aggregator B did not say what it counted. Ask it again.');
    await each(stated, async ({ block, count, ids }) => {
      const other = closed.find((one) => one.block === block);
      const isSame = other?.count === count && other.ids === ids;
      if (isSame && other.state === 'closed' && count >= round.minBatch) {
        await this.fix(known, block);
        return;
      }
      const isFew = isSame && other.state === 'too_few';
      await this.store.closeBlock(id, block, isFew ? 'too_few' : 'disputed', null);
    });
  }

  /** Brings, ends and publishes every `everyMs` until `signal`; whatever fails is tried again, and told to `onFailure`. */
  async run(
    everyMs: number,
    hand: (publication: Publication) => Promise<void>,
    onFailure: (cause: unknown) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const work = async (): Promise<void> => {
      // One round whose B is away keeps nothing from the others, and nothing that is there from the log.
      for (const known of this.rounds())
        await (this.isOver(known) ? this.close(known) : this.bring(known)).catch(onFailure);
      await this.publish(hand);
    };
    await every(everyMs, work, onFailure, signal);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#refusals[Symbol.asyncDispose]();
    await super[Symbol.asyncDispose]();
  }
}
