import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRight, runCluster } from './aggregate-cluster.ts';
import { noPostgres } from './postgres-servers.ts';

test(
  'two nodes of each aggregator over PostgreSQL: whatever is killed when, acknowledged = stored = summed, and liars are in no sum',
  { skip: noPostgres() },
  async () => {
    const shapes = [{ rows: 8, factors: 3 }];
    const [result] = await runCluster({ shapes, nodes: 2, rounds: 1, kills: 10, seed: 1 });
    assert.ok(result && result.acknowledged > 20, 'Next to nothing was under way.');
    assert.ok(isRight(result), JSON.stringify(result));
    assert.ok(result.liars > 0, 'No one has lied.');
  },
);
