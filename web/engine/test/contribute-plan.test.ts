/** Moments and blocks: uniform, within the round, and of nothing but chance. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roundText, type FoundRound, type Round } from '@ossicle/wire/report';
import {
  drawnPart,
  ended,
  fraction,
  redrawn,
  retried,
  secureRandom,
  settled,
} from '../src/contribute/plan.ts';
import { isRecord, newRecord, readRecord, type Part } from '../src/contribute/record.ts';
import { seeded } from './contribute-kit.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const OPENS = Date.parse('2026-12-01T00:00:00Z');
const CLOSES = OPENS + 100 * HOUR_MS;
const keys = (role: string, byte: number): { readonly key: string; readonly signer: string } => ({
  key: Buffer.alloc(32, byte).toString('base64'),
  signer: `${role}.example+00000000+${Buffer.alloc(33, byte).toString('base64')}`,
});

const ROUND: Round = {
  ...{ epoch: 1, blocks: 2, rows: 512, factors: 128, clip: 1, fractionBits: 10, sigma: 8 },
  ...{
    head: '07'.repeat(32),
    minBatch: 1,
    opens: new Date(OPENS).toISOString(),
    closes: new Date(CLOSES).toISOString(),
  },
  aggregators: [
    { role: 'a', url: 'https://a.example/', ...keys('a', 1) },
    { role: 'b', url: 'https://b.example/', ...keys('b', 2) },
  ],
  issuer: null,
};
const FOUND: FoundRound = { id: '0'.repeat(64), text: roundText(ROUND), round: ROUND };

const part = (changes: Partial<Part> = {}): Part => ({
  ...drawnPart(FOUND, OPENS, seeded(1)),
  ...changes,
});

test('a fraction is of all 53 bits, and below 1', () => {
  assert.equal(
    fraction((n) => new Uint8Array(n).fill(255)),
    1 - 2 ** -53,
  );
  assert.equal(
    fraction((n) => new Uint8Array(n)),
    0,
  );
  const x = fraction(secureRandom);
  assert(x >= 0 && x < 1);
});

test('blocks and moments are drawn evenly, from now on, and some hours before the end', () => {
  const random = seeded(3);
  const n = 4000;
  for (const [now, from] of [
    [OPENS - HOUR_MS, OPENS],
    [OPENS + 40 * HOUR_MS, OPENS + 40 * HOUR_MS],
  ] as const) {
    const to = CLOSES - 6 * HOUR_MS;
    const parts = Array.from({ length: n }, () => drawnPart(FOUND, now, random));
    const moments = parts.map(({ dueAt }) => ((dueAt ?? 0) - from) / (to - from));
    assert(moments.every((x) => x >= 0 && x < 1));
    const sorted = moments.toSorted((a, b) => a - b);
    // Kolmogorov and Smirnov: 1.95 / sqrt(n) is passed once in a thousand runs.
    const most = Math.max(...sorted.map((x, i) => Math.abs(x - (i + 0.5) / n)));
    assert(most < 1.95 / Math.sqrt(n), `${most}`);
    const ones = parts.filter(({ block }) => block === 1).length;
    assert(Math.abs(ones - n / 2) < 2 * Math.sqrt(n), `${ones}`);
  }
});

test('in the last hours of a round the moment is before its end all the same', () => {
  const now = CLOSES - MINUTE_MS;
  for (let seed = 1; seed < 50; ++seed) {
    const { dueAt } = drawnPart(FOUND, now, seeded(seed));
    assert(dueAt !== null && dueAt >= now && dueAt < CLOSES);
  }
});

test('a moment that is drawn anew is of all that is left, and nothing else changes', () => {
  const random = seeded(4);
  const waits = part({ tries: 3, dueAt: OPENS + HOUR_MS });
  const now = OPENS + 40 * HOUR_MS;
  const moments = Array.from({ length: 200 }, () => redrawn(waits, now, random).dueAt ?? 0);
  assert(moments.every((at) => at >= now && at < CLOSES - 6 * HOUR_MS));
  const soon = moments.filter((at) => at < now + HOUR_MS).length;
  assert(soon < 15, `${soon}`);
  assert.deepEqual({ ...redrawn(waits, now, random), dueAt: waits.dueAt }, waits);
});

test('pauses grow fourfold up to some hours, and none passes the end', () => {
  const random = seeded(5);
  for (const [tries, minutes] of [
    [0, 1],
    [1, 4],
    [2, 16],
    [3, 64],
    [4, 256],
    [5, 360],
    [9, 360],
  ] as const) {
    const next = retried(part({ tries }), OPENS, random);
    const pause = ((next.dueAt ?? 0) - OPENS) / MINUTE_MS;
    assert(pause >= 0.499 * minutes && pause <= 1.5 * minutes, `${tries}: ${pause}`);
    assert.equal(next.tries, tries + 1);
  }
  const last = retried(part({ tries: 6 }), CLOSES - MINUTE_MS, random);
  assert(last.dueAt !== null && last.dueAt >= CLOSES - MINUTE_MS && last.dueAt < CLOSES);
});

test('a moment that passed is drawn again; a round that is over ends; all else stays', () => {
  const random = seeded(9);
  const waits = part({ dueAt: OPENS + HOUR_MS });
  assert.equal(settled(waits, OPENS, random), waits);
  assert.equal(settled(waits, OPENS + HOUR_MS + MINUTE_MS, random), waits);
  const late = OPENS + 2 * HOUR_MS;
  for (const state of ['waiting', 'sending'] as const) {
    const { dueAt } = settled({ ...waits, state }, late, random);
    assert(dueAt !== null && dueAt >= late && dueAt < late + MINUTE_MS);
    assert.deepEqual(settled({ ...waits, state }, CLOSES, random), ended(waits, 'ended'));
  }
  const sent = ended(waits, 'sent');
  assert.equal(settled(sent, CLOSES, random), sent);
});

test('a record is whole, or none', () => {
  const record = { ...newRecord('https://a.example/', new Uint8Array(64)), part: part() };
  assert(isRecord(record));
  // What no field of either can be.
  for (const other of [undefined, {}]) {
    for (const name of Object.keys(record)) assert(!isRecord({ ...record, [name]: other }), name);
    for (const name of Object.keys(record.part)) {
      assert(!isRecord({ ...record, part: { ...record.part, [name]: other } }), name);
    }
  }
});

test('a part in a round that is not read any more is left out, and its record looks for another', () => {
  const record = { ...newRecord('https://a.example/', new Uint8Array(64)), paid: [FOUND.id] };
  assert.deepEqual(readRecord({ ...record, part: part() }), { ...record, part: part() });
  const text = part().text.replace('ossicle-round/v2', 'ossicle-round/v1');
  const looked = { looked: 7, nextLookAt: 9 };
  const bytes = new Uint8Array(9);
  const token = { input: bytes, request: bytes, inverse: bytes };
  for (const before of [
    part({ text }),
    part({ text, state: 'sending', tries: 2, sealed: bytes, token }),
    part({ text, state: 'sending', sealed: bytes, authorization: 'PrivateToken token=x' }),
  ]) {
    assert.deepEqual(readRecord({ ...record, ...looked, part: before }), record);
  }
  for (const damaged of [null, 'x', {}, { ...record, part: {} }, { ...record, paid: null }]) {
    assert.equal(readRecord(damaged), null);
  }
});
