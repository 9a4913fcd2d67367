/** Both aggregators of a log in one program, for trying it out: one operator who has both protects nobody from that operator. */
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { ROUND_KIND, type Role } from '@ossicle/wire/report';
import { InputError } from '../errors.ts';
import type { DataFolder } from '../folder.ts';
import type { OpenLog } from '../open.ts';
import { AggregatorA } from './aggregator-a.ts';
import { AggregatorB } from './aggregator-b.ts';
import { every, type Publication } from './aggregator.ts';
import { handedProblem, type SumsTaker } from './remote/hand-in.ts';
import { isRoundOf } from './remote/log-rounds.ts';
import { makeOperator, readOperator, type Operator } from './remote/operator-keys.ts';
import { onceTo } from './remote/reach.ts';
import { RefusedRound } from './problems.ts';
import { openCore } from './proofs.ts';
import { askDirectly, routesOfA } from './routes.ts';

/** B's address below the one of A: it names B in the round, and nobody asks there. */
export const B_PATH = 'b/';

export type Operators = Readonly<Record<Role, Operator>>;

/** null: this folder has no aggregators. Errors: InputError (one of two; a key that is none). */
export async function readOperators(folder: DataFolder): Promise<Operators | null> {
  const [a, b] = [await readOperator(folder, 'a'), await readOperator(folder, 'b')];
  if (a === null && b === null) return null;
  if (a && b) return { a, b };
  const what = `${folder.key('')} has the keys of one aggregator.`;
  throw new InputError(`${what} Restore those of the other one from a copy.`);
}

/** Keys that are not there yet are made. */
export async function makeOperators(folder: DataFolder, origin: string): Promise<Operators> {
  const made = (role: Role): Promise<Operator> =>
    makeOperator(folder, role, `${origin}/operator-${role}`);
  return { a: await made('a'), b: await made('b') };
}

export interface OperatorsOptions {
  readonly opened: OpenLog;
  readonly operators: Operators;
  readonly taker: SumsTaker;
  readonly now: () => Date;
  readonly notice: (text: string) => void;
  /** Reports wait this long before A brings them to B, in milliseconds. */
  readonly everyMs: number;
}

export interface RunningOperators extends AsyncDisposable {
  readonly a: AggregatorA;
  readonly b: AggregatorB;
  register(app: FastifyInstance): Promise<void>;
}

/** Starts both; rounds are found in the log, sums are published in it. Errors: InputError; those of ossicle-private. */
export async function startOperators(options: OperatorsOptions): Promise<RunningOperators> {
  const { opened, operators, taker, now, notice, everyMs } = options;
  const { folder, keys, log } = opened;
  const core = await openCore();
  const common = (role: Role) => ({
    database: join(folder.path, `aggregate-${role}.sqlite`),
    key: operators[role].hpke,
    signer: operators[role].signer,
    publishers: keys.publishers,
    ...core,
    now,
  });
  await using stack = new AsyncDisposableStack();
  const b = stack.use(await AggregatorB.start(common('b')));
  const a = stack.use(await AggregatorA.start({ ...common('a'), ask: askDirectly(b) }));

  const hand = async (publication: Publication): Promise<void> => {
    const found = await taker.take(publication);
    if (found !== 'taken') throw new InputError(handedProblem(found).title);
  };
  const failed = onceTo((text) => notice(`aggregators: ${text}`));
  let seen = 0;
  const findRounds = async (): Promise<void> => {
    const entries = log.entries.ofKind(ROUND_KIND);
    for (const entry of entries.slice(seen)) {
      for (const one of [b, a]) {
        const isOurs = isRoundOf(entry, one.role, operators[one.role].hpke.publicKey);
        if (!isOurs) continue;
        await one.addRound(entry).catch((cause: unknown) => {
          if (!(cause instanceof RefusedRound)) throw cause;
          failed(cause);
        });
      }
      ++seen;
    }
  };
  const stop = new AbortController();
  const publishB = async (): Promise<void> => {
    await findRounds().catch(failed);
    await b.publish(hand);
  };
  await findRounds();
  const running = Promise.all([
    a.run(everyMs, hand, failed, stop.signal),
    every(everyMs, publishB, failed, stop.signal),
  ]);
  stack.defer(async () => {
    stop.abort();
    await running;
  });
  const kept = stack.move();
  return {
    ...{ a, b },
    register: async (app) => {
      await app.register(routesOfA(a), { prefix: '/sync' });
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
