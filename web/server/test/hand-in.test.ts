/** How noised sums get into the log. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  readNote,
  sign,
  toHex,
  verifierText,
  writeNote,
  type Bytes,
  type Signer,
} from '@ossicle/wire/log';
import {
  bytesOf,
  FIELD_MODULUS,
  numbersOf,
  roundId,
  roundText,
  sumsText,
  SUMS_KIND,
  type Sums,
} from '@ossicle/wire/report';
import { writeHanded } from '../src/aggregate/remote/hand-in.ts';
import { readOperator } from '../src/aggregate/remote/operator-keys.ts';
import { digestOf } from '../src/aggregate/store/store.ts';
import { locked } from '../src/database.ts';
import { startServer } from '../src/server.ts';
import { makeNoteKey } from './aggregate-kit.ts';
import { run } from './kit.ts';
import { deploy, roundIn, TWO_DAYS_MS, until } from './operator-kit.ts';

test('sums are taken from who has the role, of a round that is over, once for each block', async (t) => {
  const { log, port, folders } = await deploy(t);
  let aheadMs = 0;
  const now = (): Date => new Date(Date.now() + aheadMs);
  await using server = await startServer({ data: log.path, port, now });
  const round = roundIn(server);
  const id = toHex(await roundId(roundText(round)));
  const signer = (await readOperator(folders.a, 'a'))?.signer;
  assert(signer);
  const blobWith = (number: number): Bytes =>
    bytesOf(new Uint32Array(numbersOf(round)).fill(7).with(3, number));
  const blob = blobWith(FIELD_MODULUS - 1);
  const good: Sums = {
    ...{ round: id, block: 1, role: 'a', count: 2, ids: 'ab'.repeat(32) },
    ...{ sum: toHex(digestOf(blob)), bytes: blob.length },
  };
  const entryOf = async (sums: Sums, by: Signer = signer): Promise<string> => {
    const text = sumsText(sums);
    return writeNote({ text, signatures: [await sign(text, by, 0)] });
  };
  const post = (body: Bytes): Promise<Response> =>
    fetch(`${server.origin}/sync/entries`, {
      ...{ method: 'POST', body, headers: { 'content-type': 'application/octet-stream' } },
    });
  const answer = async (entry: string, sent = blob): Promise<string | number> => {
    const found = await post(writeHanded({ entry, blob: sent }));
    return found.status === 201 ? 201 : ((await found.json()) as { code: string }).code;
  };
  assert.equal(await answer(await entryOf(good)), 'round_not_over');
  aheadMs = TWO_DAYS_MS;
  for (const body of [new Uint8Array(), new Uint8Array(3), new Uint8Array(100).fill(255)]) {
    assert.equal((await post(body)).status, 400);
  }
  assert.equal(await answer('no note'), 'malformed');
  const other = await makeNoteKey(signer.verifier.name);
  // Not even with the role: the round names who signs.
  assert.equal(round.aggregators[0].signer, verifierText(signer.verifier));
  const otherKey = verifierText(other.verifier);
  assert.equal((await run('role', 'grant', 'operator-a', otherKey, '--data', log.path)).code, 0);
  const size = server.log.log.entries.size;
  assert.equal(await answer(await entryOf(good, other)), 'not_granted');
  assert.equal(await answer(await entryOf({ ...good, role: 'b' })), 'not_granted');
  assert.equal(await answer(await entryOf({ ...good, round: '00'.repeat(32) })), 'unknown_round');
  for (const change of [{ block: 2 }, { count: 1 }, { sum: '00'.repeat(32) }, { bytes: 4 }]) {
    assert.equal(await answer(await entryOf({ ...good, ...change })), 'wrong_sums');
  }
  assert.equal(await answer(await entryOf(good), blob.with(0, 0)), 'wrong_sums');
  const beyond = blobWith(FIELD_MODULUS);
  const named = await entryOf({ ...good, sum: toHex(digestOf(beyond)) });
  assert.equal(await answer(named, beyond), 'wrong_sums');
  assert.equal(server.log.log.entries.size, size);

  const entry = await entryOf(good);
  // Whatever else is signed on it, the log gets the one signature that counts.
  const more = await sign(sumsText(good), other, 0);
  const signatures = [more, ...(readNote(entry)?.signatures ?? [])];
  const crowded = writeNote({ text: sumsText(good), signatures });
  const several = await Promise.all([answer(crowded), answer(entry), answer(crowded)]);
  assert.deepEqual(several, [201, 201, 201]);
  assert.deepEqual(server.log.log.entries.ofKind(SUMS_KIND), [entry]);
  const signerB = (await readOperator(folders.b, 'b'))?.signer;
  const half = await entryOf({ ...good, role: 'b', count: 3 }, signerB);
  assert.equal(await answer(half), 'no_pair');
  // While another program has the log, so many wait and no more.
  const next = await entryOf({ ...good, block: 0 });
  let busy = 0;
  const waiting: Promise<string | number>[] = [];
  await locked(log.lock, async () => {
    for (let i = 0; i < 40; ++i) {
      const found = answer(next);
      waiting.push(found);
      void found.then((one) => (busy += Number(one === 'busy')));
    }
    await until('refusals', () => busy === 8);
  });
  const late = (await Promise.all(waiting)).filter((one) => one !== 'busy');
  assert.deepEqual(late, Array(32).fill(201));
  assert.equal(await answer(await entryOf({ ...good, ids: 'cd'.repeat(32) })), 'other_sums');
  assert.equal(server.log.log.entries.size, size + 2);
  const stored = await fetch(`${server.origin}/sync/blob/${good.sum}`);
  assert.deepEqual(new Uint8Array(await stored.arrayBuffer()), blob);

  const key = verifierText(signer.verifier);
  assert.equal((await run('role', 'revoke', 'operator-a', key, '--data', log.path)).code, 0);
  assert.equal(await answer(await entryOf({ ...good, block: 0 })), 'not_granted');
});
