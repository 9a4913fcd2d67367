import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runKills } from './aggregate-kills.ts';

test('whatever is killed when: acknowledged = stored = summed, at both, and liars are in no sum', async () => {
  const { acknowledged, liars, stored, refused, refusals, summed, isExact } = await runKills(
    8,
    { rows: 8, factors: 3 },
    21,
  );
  assert.ok(
    acknowledged > 20,
    `Only ${acknowledged} reports: next to nothing was under way when something was killed.`,
  );
  const all = { a: acknowledged, b: acknowledged };
  assert.deepEqual({ stored, summed }, { stored: all, summed: all });
  assert.ok(liars > 0, 'No one has lied.');
  assert.deepEqual(refused, { a: liars, b: liars });
  assert.equal(refusals.b, liars);
  assert.ok(refusals.a >= liars, `${refusals.a} of ${liars}`);
  assert.ok(isExact, 'The sums are not those of the tables.');
});
