/**
 * node tests/privacy/end-to-end/run.ts [CONTRIBUTORS]: 200 real listeners in a real browser, after one another, in two rounds: one with the noise that is the default, and one with so little
 * that it protects nobody, which shows what the first one hides. Prints recall before and after, and what it costs.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { endToEnd, mean, standardError } from './end-to-end.ts';

const contributors = Number(process.argv[2] ?? 200);
// Each takes about half a second, where nothing else runs.
const seconds = 15 + 1.5 * contributors;
const folder = join(import.meta.dirname, '..', '..', '..', 'build', 'end-to-end');
rmSync(folder, { recursive: true, force: true });

const say = (text: string): void => console.log(text);
const { recall, rounds } = await endToEnd({
  parts: { training: 190, contributors, questions: 400, gate: 600 },
  rounds: [
    { sigma: 8, minBatch: 20, seconds },
    { sigma: 0.2, minBatch: 20, seconds },
  ],
  folder,
  say,
});

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);
say(
  `\nrecall@20 of ${recall.length} listeners that nobody learnt from: ${mean(recall).toFixed(4)}`,
);
for (const round of rounds) {
  const { sigma, counts, ms, epsilon, learnt, epoch } = round;
  const gain = mean(round.recall) - mean(recall);
  const error = standardError(recall, round.recall);
  const median = sorted(ms)[ms.length >> 1] ?? 0;
  say(`\nsigma ${sigma}: ${counts.join(' + ')} reports, median ${median.toFixed(0)} ms`);
  say(learnt.said.trimEnd());
  say(
    `the browser has epoch ${epoch}; recall@20 ${mean(round.recall).toFixed(4)}, ${gain >= 0 ? '+' : ''}${gain.toFixed(4)} +- ${error.toFixed(4)}`,
  );
  say(
    epsilon < 5
      ? `cost: epsilon ${epsilon.toFixed(2)} for one report, at delta 1e-8: somebody who knows all other reports can hardly tell whether this one is among them.`
      : `cost: epsilon ${epsilon.toFixed(0)} for one report: none of this is private. It only shows what the noise above hides.`,
  );
}
