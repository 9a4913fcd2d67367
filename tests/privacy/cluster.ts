/**
 * node tests/privacy/cluster.ts [KILLS] [SEED]: two nodes of each aggregator over PostgreSQL, primary and standby; kills nodes and servers at random while clients
 * send, 1,000 times unless told, in rounds of 50, of whole tables and of small ones in turn, every fifth of them too long; ends with 1 if a report of any round is
 * lost or counted twice, or a table that is too long is not refused at both.
 */
import { isRight, KINDS, runCluster } from '../../web/server/test/aggregate-cluster.ts';

const EACH = 50;
const WHOLE = { rows: 512, factors: 128 };
/** Of these many more are under way. */
const SMALL = { rows: 16, factors: 8 };
const [kills, seed] = [Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 1)];
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const start = performance.now();
const results = await runCluster({
  shapes: [WHOLE, SMALL],
  ...{ nodes: 2, seed },
  ...{ rounds: Math.ceil(kills / EACH), kills: Math.min(kills, EACH) },
  onRound: (result) => {
    const seconds = Math.round((performance.now() - start) / 1000);
    console.log(JSON.stringify({ seconds, isRight: isRight(result), ...result }));
  },
});
const sum = (of: readonly number[]): number => of.reduce((all, one) => all + one, 0);
console.log(
  JSON.stringify({
    seed,
    seconds: Math.round((performance.now() - start) / 1000),
    kills: Object.fromEntries(
      KINDS.map((kind) => [kind, sum(results.map(({ kills }) => kills[kind]))]),
    ),
    acknowledged: sum(results.map(({ acknowledged }) => acknowledged)),
    liars: sum(results.map(({ liars }) => liars)),
    isRight: results.every(isRight),
  }),
);
process.exitCode = results.every(isRight) ? 0 : 1;
