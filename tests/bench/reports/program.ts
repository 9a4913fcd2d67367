/** Aggregators of one round as a program, to be measured. It is told of them first (a list of ChildConfig, B before A); whoever asks after that gets what they have used. */
import { once } from 'node:events';
import { AggregatorA } from '../../../web/server/src/aggregate/aggregator-a.ts';
import type { ChildConfig } from '../../../web/server/test/aggregate-child-config.ts';
import { startNode } from '../../../web/server/test/aggregate-started.ts';

export interface Used {
  /** Processor time since the start, in microseconds. */
  readonly cpu: number;
  /** Reports that A has still to bring to B. */
  readonly waiting: number;
}

const [configs] = (await once(process, 'message')) as [readonly ChildConfig[]];
let a: AggregatorA | null = null;
for (const config of configs) {
  const node = await startNode(config);
  if (node instanceof AggregatorA) a = node;
}
const { signal } = new AbortController();
const discard = (): Promise<void> => Promise.resolve();
void a?.run(200, discard, (cause) => console.error(cause), signal);

const start = process.cpuUsage();
async function used(): Promise<Used> {
  const { user, system } = process.cpuUsage(start);
  const [round] = a?.rounds() ?? [];
  return { cpu: user + system, waiting: round ? ((await a?.store.pending(round.id)) ?? 0) : 0 };
}
process.on('message', () => void used().then((now) => process.send?.(now)));
process.on('disconnect', () => process.exit());
process.send?.('ready');
