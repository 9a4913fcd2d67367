import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { join, toBase64, utf8, type Bytes } from '../src/log/bytes.ts';
import { KEY_TYPES, sign, writeNote, type Signer } from '../src/log/note.ts';
import {
  addHash,
  addTo,
  aggregatorOf,
  bytesOf,
  combine,
  FIELD_MODULUS,
  HEADER_BYTES,
  isPair,
  isProvable,
  isSumOf,
  MOST_TASKS,
  noIds,
  numbersIn,
  proofSizes,
  readClosed,
  readHeader,
  readJob,
  readReport,
  readRound,
  readRoundEntry,
  readShareA,
  readShareB,
  readStated,
  readSums,
  readVerdicts,
  roundId,
  reportBytes,
  roundText,
  SEAL_BYTES,
  shareInfo,
  sumsText,
  tableBytes,
  toField,
  writeClosed,
  writeHeader,
  writeJob,
  writeReport,
  writeVerdicts,
  type Proven,
  type ProvenShape,
  type Round,
  type Seal,
  type Sums,
} from '../src/report/index.ts';
import { challengeOf, writeChallenge, writeIssuerKey } from '../src/tokens/index.ts';
import { makeSigner } from './memory-log.ts';

const SHAPE = { rows: 4, factors: 2, clip: 1, fractionBits: 10 };
const random = (n: number): Bytes => new Uint8Array(randomBytes(n));
/** As long as a seal, and not one. */
const noSeal: Seal = (_role, plain) => Promise.resolve(join(new Uint8Array(SEAL_BYTES), plain));
const key = (byte: number): string => toBase64(new Uint8Array(32).fill(byte));
const signer = (byte: number): string =>
  `operator.example+0123abcd+${toBase64(new Uint8Array(33).fill(byte))}`;
/** Of the sizes that a report of this shape has. */
const proven = (shape: ProvenShape): Proven => ({
  ...{ share: random(tableBytes(shape)), proof: random(proofSizes(shape).proof) },
  ...{ seed: random(32), parts: random(96) },
});
const ROUND: Round = {
  ...{ epoch: 3, blocks: 35, rows: 512, factors: 128, clip: 0.5, fractionBits: 10, sigma: 8 },
  ...{
    head: '07'.repeat(32),
    minBatch: 100,
    opens: '2026-12-01T00:00:00Z',
    closes: '2026-12-08T00:00:00Z',
  },
  aggregators: [
    { role: 'a', url: 'https://a.example/sync/', key: key(1), signer: signer(1) },
    { role: 'b', url: 'https://b.example/sync/', key: key(2), signer: signer(2) },
  ],
  issuer: null,
};
const SUMS: Sums = {
  ...{ round: '01'.repeat(32), block: 7, role: 'a', count: 100, ids: '02'.repeat(32) },
  ...{ sum: '03'.repeat(32), bytes: 264_192 },
};

async function noteOf(text: string, signers: readonly Signer[]): Promise<string> {
  return writeNote({
    text,
    signatures: await Promise.all(signers.map((one) => sign(text, one, 0))),
  });
}

test('a report is of one size whatever is in it, and 277,379 bytes in a round of 512 x (128 + 1)', async () => {
  const shape = { rows: 512, factors: 128, clip: 1, fractionBits: 10 };
  assert.equal(tableBytes(shape), 264_192);
  assert.deepEqual(proofSizes(shape), { proof: 12_816, message: 4288 });
  assert.equal(reportBytes(shape), 277_379);
  const header = { round: random(32), block: 3, id: random(16) };
  const full = proven(shape);
  for (const share of [full.share, new Uint8Array(264_192)]) {
    const report = await writeReport(header, { ...full, share }, shape, noSeal);
    assert.equal(report.length, 277_379);
  }
});

test('a report reads as it was written', async () => {
  const header = { round: random(32), block: 0xabcd, id: random(16) };
  const { share, proof, seed, parts } = proven(SHAPE);
  const asked: unknown[] = [];
  const seal: Seal = (role, plain, info, aad) => {
    asked.push([role, info, aad]);
    return noSeal(role, plain, info, aad);
  };
  const bytes = await writeReport(header, { share, proof, seed, parts }, SHAPE, seal);
  const head = writeHeader(header);
  assert.deepEqual(asked, [
    ['a', utf8('ossicle-share/v2a'), head],
    ['b', shareInfo('b'), head],
  ]);
  assert.deepEqual(readHeader(bytes), header);
  const read = readReport(bytes, SHAPE);
  assert.ok(typeof read === 'object');
  assert.deepEqual(read.header, header);
  assert.deepEqual(read.head, bytes.slice(0, HEADER_BYTES));
  const [a, b] = [read.sealedA.slice(SEAL_BYTES), read.sealedB.slice(SEAL_BYTES)];
  assert.deepEqual(readShareA(a, SHAPE), { share: numbersIn(share), proof, parts });
  assert.deepEqual(readShareB(b), { seed, parts });
  assert.equal(readShareA(a.slice(1), SHAPE), null);
  assert.equal(readShareB(a), null);
  assert.equal(readReport(bytes.slice(1), SHAPE), 'wrong_version');
  assert.equal(readReport(bytes.slice(0, -1), SHAPE), 'malformed');
  assert.equal(readReport(new Uint8Array(), SHAPE), 'malformed');
  assert.equal(readReport(join(bytes, Uint8Array.of(0)), SHAPE), 'too_large');
});

test('what is no report of the round is not written', async () => {
  const header = { round: random(32), block: 1, id: random(16) };
  const shares = proven(SHAPE);
  const write = (changes: object, other: object = {}, seal: Seal = noSeal): Promise<Bytes> =>
    writeReport({ ...header, ...changes }, { ...shares, ...other }, SHAPE, seal);
  await write({});
  for (const changes of [
    { block: -1 },
    { block: 65_536 },
    { block: 0.5 },
    { id: random(15) },
    { round: random(31) },
  ]) {
    await assert.rejects(write(changes), RangeError);
  }
  for (const other of [
    { share: random(4) },
    { proof: random(4) },
    { seed: random(31) },
    { parts: random(95) },
  ]) {
    await assert.rejects(write({}, other), RangeError);
  }
  await assert.rejects(
    write({}, {}, (_role, plain) => Promise.resolve(plain)),
    RangeError,
  );
});

test('sums of both are added modulo q and read as the signed numbers nearest to 0', () => {
  const q = FIELD_MODULUS;
  const a = new Uint8Array(Uint32Array.of(q - 1, 5, 2, (q - 1) / 2).buffer);
  const b = new Uint8Array(Uint32Array.of(1, q - 16, q - 3, 1).buffer);
  assert.deepEqual(combine(a, b), Int32Array.of(0, -11, -1, -(q - 1) / 2));
  const table = Int32Array.of(-1, 0, 7, -(q - 1) / 2, (q - 1) / 2);
  assert.deepEqual(combine(bytesOf(toField(table)), new Uint8Array(20)), table);
  assert.throws(() => combine(a, b.slice(4)), RangeError);
  assert.throws(() => combine(a.fill(0xff, 4, 8), b), /not below 4293918721/);
});

test('what is added is the sum modulo q, at every edge and of any numbers', () => {
  const q = FIELD_MODULUS;
  const edges = [q, 2 ** 31, 2 ** 32].flatMap((sum) => [sum - 1, sum, sum + 1]);
  const pairs: [number, number][] = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, q - 1].flatMap(
    (x): [number, number][] => [
      ...[0, 1, q - 2, q - 1].map((y): [number, number] => [x, y]),
      ...edges.map((sum): [number, number] => [x, sum - x]),
    ],
  );
  const numbers = new Uint32Array(random(4 * 200_000).buffer).map((one) => one % q);
  for (let i = 0; i < numbers.length; i += 2) pairs.push([numbers[i]!, numbers[i + 1]!]);
  const inField = pairs.filter((pair) => pair.every((one) => one >= 0 && one < q));
  const [sum, more] = [0, 1].map((at) => Uint32Array.from(inField, (pair) => pair[at]!));
  assert(sum && more);
  addTo(sum, more);
  const wrong = inField.filter(([x, y], i) => sum[i] !== (x + y) % q);
  // Not all of them: a comparison of so many would say its difference for minutes.
  assert.deepEqual(wrong.slice(0, 5), []);
  assert.throws(() => addTo(sum, more.subarray(1)), RangeError);
});

test('a sum of a round has its size, and all its numbers are below q', () => {
  const sum = new Uint32Array(12).with(11, FIELD_MODULUS - 1);
  assert.ok(isSumOf(SHAPE, bytesOf(sum)));
  assert.ok(!isSumOf(SHAPE, bytesOf(sum.with(11, FIELD_MODULUS))));
  for (const n of [0, 11, 13]) assert.ok(!isSumOf(SHAPE, bytesOf(new Uint32Array(n))));
  assert.ok(!isSumOf(SHAPE, bytesOf(sum).subarray(1)));
});

test('norms from 1 to 1,024 steps can be proved', () => {
  for (const clip of [1, 0.5, 2 ** -10]) assert.ok(isProvable({ clip, fractionBits: 10 }));
  for (const clip of [1.0005, 0.0009, 0, -1, NaN, Infinity]) {
    assert.ok(!isProvable({ clip, fractionBits: 10 }), `${clip}`);
  }
});

test('numbers are read from a part of a buffer, too, and are a copy', () => {
  const buffer = Buffer.from(Uint8Array.of(9, 1, 0, 0, 0, 2, 0, 0, 0));
  const numbers = numbersIn(buffer.subarray(1));
  assert.deepEqual(numbers, Uint32Array.of(1, 2));
  buffer.fill(0);
  assert.deepEqual(numbers, Uint32Array.of(1, 2));
});

test('a round reads as it was written, if every publisher signed it', async () => {
  assert.deepEqual(readRound(roundText(ROUND)), ROUND);
  assert.deepEqual(
    (['a', 'b'] as const).map((role) => aggregatorOf(ROUND, role)),
    ROUND.aggregators,
  );
  const signers = [
    await makeSigner('one', KEY_TYPES.ed25519),
    await makeSigner('two', KEY_TYPES.ed25519),
  ];
  const keys = signers.map(({ verifier }) => verifier);
  const text = roundText(ROUND);
  assert.deepEqual(await readRoundEntry(await noteOf(text, signers), keys), { text, round: ROUND });
  assert.equal(await readRoundEntry(await noteOf(text, signers.slice(1)), keys), null);
  assert.equal(await readRoundEntry(await noteOf(text, signers), []), null);
  const other = (await noteOf(text, signers)).replace('"sigma":8', '"sigma":1');
  assert.equal(await readRoundEntry(other, keys), null);
});

test('a round may name who gives out tokens; one that does not leaves it out', async () => {
  const key = toBase64(writeIssuerKey(new Uint8Array(256).fill(0xff)));
  const issuer = { url: 'https://issuer.example/sync/', key };
  const round = { ...ROUND, issuer };
  const text = roundText(round);
  assert.deepEqual(readRound(text), round);
  assert.ok(!roundText(ROUND).includes('issuer'));
  const id = await roundId(text);
  assert.equal(challengeOf(ROUND, id), null);
  const names = { issuer: 'issuer.example', origins: 'a.example' };
  assert.deepEqual(challengeOf(round, id)?.challenge, writeChallenge({ ...names, context: id }));
  for (const bad of [
    {},
    { url: issuer.url },
    { ...issuer, url: 'https://issuer.example' },
    { ...issuer, key: toBase64(new Uint8Array(346)) },
    { ...issuer, more: 1 },
  ]) {
    const other = text.replace(JSON.stringify(issuer), JSON.stringify(bad));
    assert.equal(readRound(other), null, JSON.stringify(bad));
  }
  assert.equal(readRound(roundText(ROUND).replace('}]}', '}],"issuer":null}')), null);
});

test('a round may say that its tokens are by invitation', () => {
  const key = toBase64(writeIssuerKey(new Uint8Array(256).fill(0xff)));
  const issuer = { url: 'https://issuer.example/sync/', key, invited: true } as const;
  const text = roundText({ ...ROUND, issuer });
  assert.deepEqual(readRound(text), { ...ROUND, issuer });
  assert.equal(readRound(text.replace('"invited":true', '"invited":false')), null);
});

test('a round that cannot be is none', () => {
  const [a, b] = ROUND.aggregators;
  const changes: readonly object[] = [
    { epoch: 0 },
    { blocks: 0 },
    { blocks: 65_537 },
    { head: '07' },
    { head: 'AB'.repeat(32) },
    { head: 7 },
    { rows: 0 },
    { rows: 1 << 17 },
    { factors: 1.5 },
    { clip: 0 },
    { clip: 1.001 },
    { clip: 1.0005 },
    { clip: 0.0009 },
    { fractionBits: 12 },
    { sigma: -8 },
    { sigma: 0 },
    { sigma: '8' },
    { fractionBits: 31 },
    { minBatch: 0 },
    { opens: 'today' },
    { closes: ROUND.opens },
    { aggregators: [a] },
    { aggregators: [b, a] },
    { aggregators: [a, { ...b, key: a.key }] },
    { aggregators: [a, { ...b, key: 'AAAA' }] },
    { aggregators: [a, { ...b, url: 'https://b.example/sync' }] },
    { aggregators: [a, { ...b, signer: 'operator b' }] },
    { aggregators: [a, { ...b, signer: undefined }] },
  ];
  for (const change of changes) {
    assert.equal(readRound(roundText({ ...ROUND, ...change })), null, JSON.stringify(change));
  }
  const text = roundText(ROUND);
  for (const other of [
    '',
    text.slice(0, -1),
    `${text}\n`,
    text.replace('{', '{ '),
    text.replace('"epoch":3,', '').replace('}]}', '}],"epoch":3}'),
    text.replace('}]}', '}],"more":1}'),
    text.replace('round/v2', 'round/v1'),
  ]) {
    assert.equal(readRound(other), null, other);
  }
});

test('sums read as they were written, and only those of both roles for the same reports are a pair', () => {
  assert.deepEqual(readSums(sumsText(SUMS)), SUMS);
  for (const change of [{ count: 0 }, { ids: '02' }, { role: 'c' }, { block: -1 }, { bytes: 0 }]) {
    assert.equal(readSums(sumsText({ ...SUMS, ...change } as Sums)), null, JSON.stringify(change));
  }
  const other: Sums = { ...SUMS, role: 'b', sum: '04'.repeat(32) };
  assert.ok(isPair(SUMS, other));
  assert.ok(!isPair(SUMS, SUMS));
  for (const change of [
    { count: 99 },
    { ids: '05'.repeat(32) },
    { block: 8 },
    { round: '06'.repeat(32) },
  ]) {
    assert.ok(!isPair(SUMS, { ...other, ...change }), JSON.stringify(change));
  }
});

test('a checksum of ids does not depend on their order, and tells one that is there twice', () => {
  const [one, two] = [random(32), random(32)];
  const of = (...hashes: readonly Bytes[]): Bytes => {
    const checksum = noIds();
    for (const hash of hashes) addHash(checksum, hash);
    return checksum;
  };
  assert.deepEqual(of(one, two), of(two, one));
  assert.notDeepEqual(of(one, two, two), of(one, two));
});

test('jobs and their answers read as they were written, and nothing else does', () => {
  const head = writeHeader({ round: random(32), block: 1, id: random(16) });
  const tasks = [1, 2].map(() => ({ head, sealedB: random(176), message: random(64) }));
  const job = writeJob(tasks);
  assert.deepEqual(readJob(job, 64), tasks);
  assert.deepEqual(readJob(writeJob([]), 64), []);
  for (const other of [new Uint8Array(), job.slice(0, -1), join(job, job), job.with(4, 1)]) {
    assert.equal(readJob(other, 64), null);
  }
  assert.equal(readJob(job, 65), null);
  const many = Array.from({ length: MOST_TASKS + 1 }, () => tasks[0]!);
  assert.equal(readJob(writeJob(many), 64), null);
  const verdicts = ['taken', 'norm_exceeded'] as const;
  assert.deepEqual(readVerdicts(writeVerdicts(verdicts), 2), verdicts);
  assert.equal(readVerdicts(writeVerdicts(verdicts), 3), null);
  assert.equal(readVerdicts(Uint8Array.of(0, 99), 2), null);
  const block = { block: 1, count: 2, ids: '07'.repeat(32) };
  const closed = [{ ...block, state: 'closed' }] as const;
  assert.deepEqual(readClosed(writeClosed(closed)), closed);
  assert.equal(readClosed(utf8(JSON.stringify([block]))), null);
  assert.deepEqual(readStated(utf8(JSON.stringify([block]))), [block]);
  for (const text of ['', '{}', '[1]', '[{"block":1}]']) assert.equal(readStated(utf8(text)), null);
});
