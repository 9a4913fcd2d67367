import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, suite, test } from 'node:test';
import {
  bytesOf,
  combine,
  FIELD_MODULUS,
  maxNormOf,
  numbersOf,
  proofSizes,
} from '@ossicle/wire/report';
import { openPrivacy } from '../src/node.ts';
import type { Privacy, ProvenTable, SecondAnswer } from '../src/private/privacy.ts';
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

  const context = new TextEncoder().encode('the report that this is');
  const key = new Uint8Array(32).fill(3);
  const tableOf = (n: number, norm: number): Int32Array<ArrayBuffer> =>
    new Int32Array(n).with(1, norm).with(2, -1);

  const [n, maxNorm] = [1000, 700];
  const seeds = new Uint8Array(randomBytes(64));
  const proved = (norm: number, most = maxNorm): ProvenTable =>
    privacy.prove({ table: tableOf(n, norm), maxNorm: most, context, seeds });
  /** What the first aggregator says; `other` replaces what it was given. */
  const firstOf = (proven: ProvenTable, other: object = {}): Uint8Array<ArrayBuffer> =>
    privacy.beginFirst({ maxNorm, key, context, ...proven, ...other });
  const secondOf = ({ parts }: ProvenTable, other: object = {}): SecondAnswer =>
    privacy.beginSecond({
      ...{ numbers: n, maxNorm, key, context, parts, seed: seeds.subarray(32) },
      ...other,
    });

  test('splits a table in two shares that make it together, and proves its norm', () => {
    const proven = proved(699);
    assert.notDeepEqual(new Int32Array(proven.share.buffer), tableOf(n, 699));
    const first = firstOf(proven);
    const second = secondOf(proven);
    assert.deepEqual(second.share, privacy.expand(seeds.subarray(32), n));
    assert.deepEqual(privacy.join(proven.share, second.share), tableOf(n, 699));
    const sizes = { proof: proven.proof.length, message: first.length };
    assert.deepEqual(privacy.normSizes(n, maxNorm), sizes);
    privacy.verify({ numbers: n, maxNorm, first, second: second.message });
  });

  test('refuses a proof that is not of this table, norm and report', () => {
    const proven = proved(699);
    assert.throws(() => proved(800), ossicleError('norm_exceeded'));
    // Of a table that weighs more, with its own proof or with that of one that does not.
    const heavy = proved(800, 1000);
    assert.throws(() => firstOf(heavy), ossicleError('corrupt'));
    assert.throws(
      () => firstOf({ ...heavy, proof: proven.proof }),
      ossicleError('checksum_mismatch'),
    );
    const other = new Uint8Array([...context, 1]);
    assert.throws(() => firstOf(proven, { context: other }), ossicleError('checksum_mismatch'));
    assert.throws(() => secondOf(proven, { context: other }), ossicleError('checksum_mismatch'));
    const first = firstOf(proven);
    const second = secondOf(proven).message;
    const wrong = first.with(20, (first[20] ?? 0) ^ 1);
    assert.throws(
      () => privacy.verify({ numbers: n, maxNorm, first: wrong, second }),
      ossicleError('norm_exceeded'),
    );
    assert.throws(
      () => privacy.verify({ numbers: n, maxNorm, first: first.subarray(4), second }),
      ossicleError('corrupt'),
    );
  });

  test('says which argument it cannot take, and why', () => {
    const proven = proved(699);
    const short = new Uint8Array(31);
    const invalid = (what: RegExp): ((cause: unknown) => boolean) =>
      ossicleError('invalid_argument', what);
    assert.throws(
      () => privacy.prove({ table: tableOf(n, 1), maxNorm, context, seeds: seeds.subarray(1) }),
      invalid(/^The two seeds of a table must be 64 bytes, but 63 were given\.$/),
    );
    assert.throws(() => privacy.expand(short, n), invalid(/^A seed must be 32 bytes/));
    assert.throws(() => secondOf(proven, { seed: short }), invalid(/^A seed must be 32 bytes/));
    assert.throws(() => firstOf(proven, { key: short }), invalid(/^The verify key .* 32 bytes/));
    assert.throws(() => secondOf(proven, { key: short }), invalid(/^The verify key .* 32 bytes/));
    assert.throws(
      () => secondOf(proven, { parts: proven.parts.subarray(1) }),
      ossicleError('corrupt', /^The parts of a proof must be 96 bytes/),
    );
    assert.throws(() => privacy.normSizes(n, 1025), invalid(/1,024 steps/));
    assert.throws(() => privacy.join(proven.share, new Uint32Array(3)), invalid(/1000 and 3/));
  });

  test('joins shares to the numbers nearest to 0, and takes no number from q on', () => {
    // q is odd: as many numbers are below 0 as above.
    const most = (FIELD_MODULUS - 1) / 2;
    const first = Uint32Array.of(most, most, FIELD_MODULUS - 1, 0, FIELD_MODULUS - 1);
    const second = Uint32Array.of(0, 1, 1, FIELD_MODULUS - 1, FIELD_MODULUS - 1);
    const table = Int32Array.of(most, -most, 0, -1, -2);
    assert.deepEqual(privacy.join(first, second), table);
    assert.deepEqual(privacy.join(second, first), table);
    assert.deepEqual(combine(bytesOf(first), bytesOf(second)), table, 'as the wire does');
    for (const wrong of [FIELD_MODULUS, 2 ** 32 - 1]) {
      const one = first.with(3, wrong);
      assert.throws(() => privacy.join(one, second), ossicleError('corrupt'));
      assert.throws(() => privacy.join(second, one), ossicleError('corrupt'));
    }
  });

  test('says what a proof and a message are long, as the wire does', () => {
    for (const rows of [1, 3, 64, 512, 7000]) {
      for (const [factors, clip] of [
        [1, 1],
        [7, 0.001],
        [12, 0.7],
      ] as const) {
        const shape = { rows, factors, clip, fractionBits: 10 };
        const sizes = privacy.normSizes(numbersOf(shape), maxNormOf(shape));
        assert.deepEqual(proofSizes(shape), sizes, JSON.stringify(shape));
      }
    }
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
