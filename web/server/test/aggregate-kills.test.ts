import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runKills } from './aggregate-kills.ts';

test('whatever is killed when: acknowledged = stored = summed, at both', async () => {
  const { acknowledged, stored, summed, isExact } = await runKills(8, { rows: 8, factors: 3 });
  assert.ok(
    acknowledged > 20,
    `Only ${acknowledged} reports: next to nothing was under way when something was killed.`,
  );
  const all = { a: acknowledged, b: acknowledged };
  assert.deepEqual({ stored, summed }, { stored: all, summed: all });
  assert.ok(isExact, 'The sums are not those of the tables.');
});
