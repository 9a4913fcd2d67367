/** A small run: `make end-to-end` is the large one. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { endToEnd } from './end-to-end.ts';

test('three listeners contribute in a browser, and too few of them change nothing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ossicle-end-to-end-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { recall, rounds } = await endToEnd({
    parts: { training: 200, contributors: 3, questions: 10, gate: 20 },
    rounds: [{ sigma: 8, minBatch: 1, seconds: 20 }],
    folder,
    say: (text) => console.log(text),
  });
  const [round] = rounds;
  assert(round);
  assert.equal(
    round.counts.reduce((sum, n) => sum + n, 0),
    3,
  );
  assert(round.epsilon > 0.6 && round.epsilon < 0.7, `${round.epsilon}`);
  assert.match(round.learnt.said, /^Nothing to publish/);
  assert.equal(round.epoch, 1);
  assert.deepEqual(round.recall, recall);
});
