import assert from 'node:assert/strict';
import { test } from 'node:test';
import { periodsBetween } from '../../src/taste/periods.ts';

test('periods hold both dates, follow each other without a gap, and are at most 24', () => {
  for (const years of [0, 0.1, 1, 2.4, 7, 19, 55, 130]) {
    const last = new Date(2026, 10, 25, 23);
    const first = new Date(last.getTime() - years * 365.25 * 86_400_000);
    const periods = periodsBetween(first, last);
    assert(periods.length >= 1 && periods.length <= 24, `${years} years: ${periods.length}`);
    assert(periods[0]!.from <= first && periods.at(-1)!.to > last);
    for (let i = 1; i < periods.length; ++i) assert.deepEqual(periods[i]!.from, periods[i - 1]!.to);
  }
});
