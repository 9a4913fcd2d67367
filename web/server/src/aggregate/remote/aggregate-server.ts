/** One aggregator as a server of its own, on a machine of its operator, who has nothing to do with the log's and the other aggregator's. */
import { join } from 'node:path';
import type { Verifier } from '@ossicle/wire/log';
import type { Role } from '@ossicle/wire/report';
import { InputError } from '../../errors.ts';
import type { DataFolder } from '../../folder.ts';
import { bareServer, listen, type TlsFiles } from '../../server.ts';
import { AggregatorA } from '../aggregator-a.ts';
import { AggregatorB } from '../aggregator-b.ts';
import { every, type AggregatorOptions } from '../aggregator.ts';
import { handOver } from './hand-in.ts';
import { isRoundOf } from './log-rounds.ts';
import type { Operator } from './operator-keys.ts';
import { onceTo } from './reach.ts';
import { RemoteLog } from './remote-log.ts';
import { RefusedRound } from '../problems.ts';
import { openCore } from '../proofs.ts';
import { askOverHttp, routesOfA, routesOfB, type Peers } from '../routes.ts';

export interface AggregateOptions {
  readonly role: Role;
  readonly folder: DataFolder;
  readonly operator: Operator;
  /** As openStore() takes it; in `folder` when left out. */
  readonly database?: string;
  /** The key with which the other operator signs. */
  readonly peer: Verifier;
  /** Address of the folder that the log's server publishes in, ending with a slash. */
  readonly log: string;
  /** Text of policy.json; null: the first that the server gives is pinned. */
  readonly policy: string | null;
  readonly port: number;
  readonly host?: string;
  readonly tls?: TlsFiles;
  readonly requestsPerMinute: number;
  /** Addresses of proxies that say truly, in X-Forwarded-For, whom they ask for. */
  readonly proxies?: readonly string[];
  /** Addresses that pass reports of many on, and count towards no limit. */
  readonly relays?: readonly string[];
  /** How often A brings reports to B, and the log is looked at, in milliseconds. */
  readonly everyMs: number;
  readonly logEveryMs: number;
  readonly now?: () => Date;
  /** Is told what the operator should know; never of who reported. */
  readonly onNotice: (text: string) => void;
}

export interface AggregateServer extends AsyncDisposable {
  /** "http://localhost:8082"; reports, or what A brings, go below /sync/ of it. */
  readonly origin: string;
  readonly aggregator: AggregatorA | AggregatorB;
}

function startA(common: AggregatorOptions, peers: Peers): Promise<AggregatorA> {
  const urlOf = (hex: string): string => {
    const known = aggregator?.round(hex);
    if (!known) throw new InputError('There is no such round here. Read it from the log.');
    return known.round.aggregators[1].url;
  };
  let aggregator: AggregatorA | null = null;
  return AggregatorA.start({ ...common, ask: askOverHttp(urlOf, peers) }).then(
    (started) => (aggregator = started),
  );
}

/** Errors: InputError; those of ossicle-private. */
export async function startAggregate(options: AggregateOptions): Promise<AggregateServer> {
  const { role, folder, operator, now = () => new Date(), everyMs, logEveryMs } = options;
  await using stack = new AsyncDisposableStack();
  const log = await RemoteLog.open({ ...options, url: options.log, now });
  const common: AggregatorOptions = {
    database: options.database ?? join(folder.path, `aggregate-${role}.sqlite`),
    key: operator.hpke,
    signer: operator.signer,
    publishers: log.policy.publishers,
    ...(await openCore()),
    now,
  };
  const peers: Peers = { signer: operator.signer, peer: options.peer };
  const aggregator = stack.use(
    role === 'a' ? await startA(common, peers) : await AggregatorB.start(common),
  );
  const failed = onceTo(options.onNotice);
  const readLog = (): Promise<void> =>
    log.read(async (entry) => {
      if (!isRoundOf(entry, role, operator.hpke.publicKey)) return;
      await aggregator.addRound(entry).catch((cause: unknown) => {
        // One that not all publishers signed stays in the log, and must not hold up what follows. Whatever else failed is tried again with the same entry.
        if (!(cause instanceof RefusedRound)) throw cause;
        failed(cause);
      });
    });
  const { requestsPerMinute, tls, proxies, relays } = options;
  const app = await bareServer(requestsPerMinute, tls, proxies, relays);
  stack.defer(() => app.close());
  const routes =
    aggregator instanceof AggregatorA ? routesOfA(aggregator) : routesOfB(aggregator, peers);
  await app.register(routes, { prefix: '/sync' });
  await readLog().catch(failed);
  const origin = await listen(app, options.host ?? '127.0.0.1', options.port);
  const hand = handOver(options.log);
  const stop = new AbortController();
  const running = Promise.all([
    every(logEveryMs, readLog, failed, stop.signal),
    aggregator instanceof AggregatorA
      ? aggregator.run(everyMs, hand, failed, stop.signal)
      : every(everyMs, () => aggregator.publish(hand), failed, stop.signal),
  ]);
  stack.defer(async () => {
    stop.abort();
    await running;
  });
  const kept = stack.move();
  return { origin, aggregator, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
