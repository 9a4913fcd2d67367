import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, suite, test } from 'node:test';
import { openPrivacy } from '../src/node.ts';
import type { Privacy } from '../src/private/privacy.ts';
import { assets, ossicleError, withoutWasm } from './support.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../../tests/golden/privacy/bytes.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, string>>;

const digest = (numbers: ArrayBufferView<ArrayBuffer>): string =>
  createHash('sha256')
    .update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
    .digest('hex');

suite('the module of contributions', { skip: withoutWasm }, () => {
  let privacy: Privacy;
  const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
  before(async () => {
    privacy = await openPrivacy(assets);
  });

  test('makes the share that the core makes natively', () => {
    assert.equal(digest(privacy.expand(seed, 512 * 129)), golden['share']);
  });

  test('splits a table so that only both shares are one', () => {
    const table = Int32Array.from({ length: 1000 }, (_, i) => (i % 2 ? 1 : -1) * i * 2_000_003).map(
      (x) => x | 0,
    );
    const mine = new Uint8Array(randomBytes(32));
    const other = privacy.split(table, mine);
    assert.deepEqual(privacy.join(privacy.expand(mine, table.length), other), table);
    assert.notDeepEqual(new Int32Array(other.buffer), table);
    assert.throws(() => privacy.join(other, new Uint32Array(3)), ossicleError('invalid_argument'));
    assert.throws(
      () => privacy.split(table, new Uint8Array(31)),
      ossicleError('invalid_argument', /32 bytes/),
    );
  });

  test('fills the table that the core fills natively', () => {
    const vector = Float64Array.from({ length: 128 }, (_, k) => ((37 * k) % 101) - 50);
    const heard = Uint8Array.from({ length: 1024 }, (_, i) => Number((7 * i) % 11 === 0));
    const input = { vector, heard, block: 1, seed: 42n, maxNorm: 1024 };
    const table = privacy.fill(input);
    assert.equal(digest(table), golden['filled']);
    assert(Math.hypot(...table) <= 1024);
    assert.equal(table.filter((x, i) => i % 129 === 128 && x !== 0).length, 20);
    const nobody = { ...input, vector: new Float64Array(128), heard: new Uint8Array(1024) };
    assert(privacy.fill(nobody).every((x) => x === 0));
    assert.throws(() => privacy.fill({ ...input, block: 2 }), ossicleError('out_of_range'));
    assert.throws(
      () => privacy.fill({ ...input, vector: vector.with(3, NaN) }),
      ossicleError('not_finite'),
    );
    assert.throws(
      () => privacy.fill({ ...input, heard: heard.subarray(1) }),
      ossicleError('invalid_argument', /1024 items/),
    );
    assert.throws(
      () => privacy.fill({ ...input, vector: new Float64Array(4000) }),
      ossicleError('invalid_argument'),
    );
  });

  test('clips to the norm and leaves what is shorter', () => {
    const long = privacy.clip(Int32Array.of(3000, -4000, 0), 1000);
    assert(Math.hypot(...long) <= 1000 && Math.hypot(...long) > 995, long.join(' '));
    assert.deepEqual(privacy.clip(Int32Array.of(3, -4), 5), Int32Array.of(3, -4));
    assert.throws(() => privacy.clip(Int32Array.of(1), 0), ossicleError('invalid_argument'));
  });

  test('adds noise of the variance that is asked for', () => {
    const n = 200_000;
    const variance = { numerator: 12_288n ** 2n, denominator: 1n };
    const noise = privacy.join(
      privacy.addNoise(new Uint32Array(n), variance, new Uint8Array(randomBytes(32))),
      new Uint32Array(n),
    );
    const mean = noise.reduce((sum, x) => sum + x, 0) / n;
    const square = noise.reduce((sum, x) => sum + x * x, 0) / n;
    // Five standard errors of each.
    assert(Math.abs(mean) < (5 * 12_288) / Math.sqrt(n), `mean ${mean}`);
    assert(Math.abs(square / 12_288 ** 2 - 1) < 5 * Math.sqrt(2 / n), `variance ${square}`);
    assert.throws(
      () => privacy.addNoise(new Uint32Array(1), { numerator: 0n, denominator: 1n }, seed),
      ossicleError('invalid_argument'),
    );
  });

  test('tells what twelve reports at sigma 8 cost', () => {
    const { proven, gaussian, auc } = privacy.cost(12 / 128, 1e-8);
    assert.equal(proven.toFixed(2), '2.45');
    assert.equal(gaussian.toFixed(2), '2.32');
    assert.equal(auc.toFixed(3), '0.620');
    assert.throws(() => privacy.cost(-1, 1e-8), ossicleError('invalid_argument'));
  });

  test('keeps the budget, and never forgets for what cannot be read', () => {
    const clip = 1536;
    const units = privacy.reportUnits(clip, {
      numerator: BigInt(8 * clip) ** 2n,
      denominator: 1n,
    });
    assert.equal(units, 2 ** 20 / 128);
    const most = { rho: 12 * units, reports: 12 };
    const now = 1_795_000_000;
    let record = privacy.beginBudget();
    for (let i = 1; i <= 12; ++i) {
      record = privacy.reserve(record, now, units, most);
      assert.deepEqual(privacy.budgetSpent(record, now), { rho: i * units, reports: i });
    }
    const full = record.slice();
    assert.throws(
      () => privacy.reserve(record, now, units, most),
      ossicleError('capacity_exceeded'),
    );
    assert.deepEqual(record, full);
    const year = 366 * 86_400 + 31 * 86_400;
    assert.deepEqual(privacy.budgetSpent(record, now + year), { rho: 0, reports: 0 });
    record[5] = (record[5] ?? 0) ^ 1;
    assert.throws(
      () => privacy.reserve(record, now, units, most),
      ossicleError('checksum_mismatch'),
    );
    assert.throws(() => privacy.budgetSpent(record.subarray(1), now), ossicleError('corrupt'));
  });
});
