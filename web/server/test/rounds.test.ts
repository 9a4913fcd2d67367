/** A round from its opening to its published sums, in the server that a person starts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readNote, toHex, type Bytes } from '@ossicle/wire/log';
import {
  addTo,
  deviationOf,
  isPair,
  numbersIn,
  numbersOf,
  readSums,
  ROUND_KIND,
  SUMS_KIND,
  type Sums,
} from '@ossicle/wire/report';
import { roundOfEntry } from '../src/aggregate/rounds.ts';
import { sealTo } from '../src/aggregate/sealing.ts';
import { startServer, type Server } from '../src/server.ts';
import { makeReport, randomTable } from './aggregate-kit.ts';
import { BUNDLE, newLog, run } from './kit.ts';

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let waited = 0; !isSo(); waited += 20) {
    assert(waited < 30_000, `${what}: not within half a minute`);
    await sleep(20);
  }
}

test('a round is opened, reported to across a restart, closed, and its sums are in the log', async (t) => {
  const folder = await newLog(t);
  const data = ['--data', folder.path];
  const early = await run('round', 'open', ...data);
  assert.match(early.error, /no snapshot yet/);
  assert.equal((await run('publish', BUNDLE, ...data)).code, 0);
  const large = await run('round', 'open', '--sigma', '800', ...data);
  assert.match(large.error, /product may be at most 128/);
  // Nothing was made on the way: a server of this folder takes no reports.
  const options = { data: folder.path, port: 0, addEveryMs: 20 };
  {
    await using server = await startServer(options);
    assert.equal(server.operators?.a.rounds().length ?? 0, 0);
  }
  const opened = await run('round', 'open', '--sigma', '0.01', '--min-batch', '2', ...data);
  assert.match(opened.out, /^Round 1: [0-9a-f]{64}, 2 blocks, open until/, opened.error);
  const again = await run('round', 'open', ...data);
  assert.equal(again.code, 2);
  assert.match(again.error, /A round is open until/);
  assert.match((await run('status', ...data)).out, /round {5}1, from .*\n(.*\n)*operator-a/);

  let clock = new Date();
  const start = (): Promise<Server> => startServer({ ...options, now: () => clock });
  let server = await start();
  // Before the folder goes.
  await using end = new AsyncDisposableStack();
  end.defer(() => server.close());
  const round = roundOfEntry(server.log.log.entries.ofKind(ROUND_KIND)[0] ?? '');
  assert(round);
  const { id, hex } = server.operators?.a.rounds()[0] ?? {};
  assert(id && hex !== undefined);
  const [a, b] = round.aggregators;
  const seal = await sealTo({ a: a.key, b: b.key });
  const expected = [0, 1].map(() => new Uint32Array(numbersOf(round)));
  const post = (body: Bytes): Promise<Response> =>
    fetch(`${server.origin}/sync/reports/${hex}`, {
      ...{ method: 'POST', body },
      headers: { 'content-type': 'application/octet-stream' },
    });
  const report = async (block: number): Promise<Bytes> => {
    const table = randomTable(round);
    addTo(expected[block] ?? new Uint32Array(), table);
    return makeReport({ id, block }, round, table, seal);
  };
  for (const block of [0, 1, 0]) assert.equal((await post(await report(block))).status, 201);
  const refused = await post(new Uint8Array(100).fill(1));
  assert.equal(((await refused.json()) as { code: string }).code, 'malformed');
  await server.close();
  server = await start();
  for (const block of [1, 0]) assert.equal((await post(await report(block))).status, 201);

  clock = new Date(Date.parse(round.closes) + 1000);
  const { entries } = server.log.log;
  await until('four halves of sums', () => entries.ofKind(SUMS_KIND).length === 4);
  const sums = entries
    .ofKind(SUMS_KIND)
    .map((source) => readSums(readNote(source)?.text ?? ''))
    .filter((one): one is Sums => one !== null);
  for (const block of [0, 1]) {
    const [mine, other] = (['a', 'b'] as const).map((role) =>
      sums.find((one) => one.block === block && one.role === role),
    );
    assert(mine && other && isPair(mine, other));
    assert.equal(mine.count, block === 0 ? 3 : 2);
    const whole = new Uint32Array(numbersOf(round));
    for (const { sum } of [mine, other]) {
      const answer = await fetch(`${server.origin}/sync/blob/${sum}`);
      addTo(whole, numbersIn(new Uint8Array(await answer.arrayBuffer())));
    }
    const off = whole.map((x, i) => x - (expected[block]?.[i] ?? 0));
    const noise = new Int32Array(off.buffer);
    const most = noise.reduce((so, x) => Math.max(so, Math.abs(x)), 0);
    // 66,048 samples of two noises: beyond seven deviations lies one in a hundred thousand runs.
    assert(most > 0 && most < 7 * Math.SQRT2 * deviationOf(round), `${most}`);
  }
  const late = (await (await post(await report(0))).json()) as { code: string };
  assert.equal(late.code, 'round_closed');
  await server.close();
  assert.equal(
    (await run('round', 'open', '--days', '0.001', ...data)).code,
    2,
    'by the real clock',
  );
  assert.equal(toHex(id), hex);
});
