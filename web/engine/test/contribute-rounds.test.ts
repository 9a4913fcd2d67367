/** Which rounds a browser takes part in, and what it believes a server. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { FileSnapshots } from '../src/snapshots/file.ts';
import type { ContributionLimits, ContributionState } from '../src/types.ts';
import { folder } from './built.ts';
import {
  clientOf,
  HOUR_MS,
  NOW,
  SOURCE,
  startRounds,
  step,
  type Client,
  type TestServer,
} from './contribute-kit.ts';
import { ossicleError, withoutWasm } from './support.ts';

async function turnedOn(
  server: TestServer,
  client: Client,
  limits: ContributionLimits = {},
): Promise<ContributionState> {
  await client.contributions.turnOn({ server: server.url, limits });
  return step(client);
}

const posts = ({ asked }: TestServer): number =>
  asked.filter((line) => line.startsWith('POST')).length;

suite('a round', { skip: withoutWasm }, () => {
  test('there may be none; the log is not read again for half a day', async (t) => {
    await using server = await startRounds();
    const client = clientOf(await folder(t), SOURCE);
    const none = await turnedOn(server, client);
    assert.deepEqual(
      [none.phase, none.round, none.dueAt, none.problem],
      ['no_round', null, null, null],
    );
    const { contributions } = client;
    await assert.rejects(contributions.preview({ server: server.url }), ossicleError('missing'));
    await server.open();
    server.asked.length = 0;
    assert.equal((await step(client, NOW + HOUR_MS)).phase, 'no_round');
    assert.deepEqual(server.asked, []);
    // The checkpoint of the test is of NOW, and fresh for an hour: the log is asked, and found too old.
    const stale = await step(client, NOW + 13 * HOUR_MS);
    assert.deepEqual([stale.phase, stale.problem], ['no_round', 'stale']);
    await contributions.turnOn({ server: server.url });
    assert.equal((await step(client)).phase, 'waiting', 'who turns it on waits for nothing');
  });

  test('with less noise than is accepted is told and not taken part in', async (t) => {
    await using server = await startRounds();
    await server.open({ sigma: 4 });
    const client = clientOf(await folder(t), SOURCE);
    const dear = await turnedOn(server, client);
    assert.deepEqual([dear.phase, dear.dueAt, dear.round?.sigma], ['too_dear', null, 4]);
    assert.equal((await step(client, NOW + HOUR_MS)).phase, 'too_dear');
    assert.equal((await turnedOn(server, client, { leastSigma: 4 })).phase, 'waiting');
    assert.equal(posts(server), 0);
  });

  test('that the budget does not allow is not taken part in, until the year is over', async (t) => {
    await using server = await startRounds();
    await server.open({ closes: new Date(NOW + 1000).toISOString() });
    const client = clientOf(await folder(t), SOURCE);
    const { dueAt } = await turnedOn(server, client, { mostReports: 1 });
    const sent = await step(client, dueAt?.getTime());
    assert.deepEqual([sent.phase, sent.ledger.reports, sent.ledger.mostReports], ['sent', 1, 1]);
    assert.equal(sent.ledger.epsilon, sent.ledger.mostEpsilon);
    await server.open();
    // The round that is known is over: that is looked after at once.
    const spent = await step(client, NOW + 2000);
    assert.deepEqual([spent.phase, spent.round?.epoch, spent.dueAt], ['spent', 2, null]);
    assert.equal((await turnedOn(server, client)).phase, 'waiting', 'who allows more has more');
    assert.equal((await turnedOn(server, client, { mostReports: 1 })).phase, 'waiting');
    const atLast = await client.contributions.state();
    assert.equal(posts(server), 1);
    const late = await step(client, atLast.dueAt?.getTime());
    assert.deepEqual(
      [late.phase, late.ledger.reports],
      ['spent', 1],
      'and is asked again before it is made',
    );
    assert.equal(posts(server), 1);
  });

  test('of tables that this catalogue does not give is not taken part in', async (t) => {
    const finer = { clip: 0.25, fractionBits: 12 };
    for (const change of [{ factors: 64 }, { rows: 256 }, finer, { blocks: 3 }]) {
      await using server = await startRounds();
      await server.open(change);
      const client = clientOf(await folder(t), SOURCE);
      const state = await turnedOn(server, client);
      assert.deepEqual([state.phase, state.problem], ['no_round', 'incompatible']);
      const preview = client.contributions.preview({ server: server.url });
      await assert.rejects(preview, ossicleError('incompatible'));
    }
  });

  test('whose tables may be longer than can be proved is none', async (t) => {
    await using server = await startRounds();
    await server.open({ clip: 1.01 });
    const client = clientOf(await folder(t), SOURCE);
    const state = await turnedOn(server, client);
    assert.deepEqual([state.phase, state.problem], ['no_round', 'malformed_round']);
    const preview = client.contributions.preview({ server: server.url });
    await assert.rejects(preview, ossicleError('snapshot_refused'));
  });

  test('about other items than those in use ends unpaid, and is taken part in once they are', async (t) => {
    await using server = await startRounds();
    await server.open();
    const path = await folder(t);
    const other = { ...SOURCE, head: () => Promise.resolve('08'.repeat(32)) };
    const before = clientOf(path, other);
    const state = await turnedOn(server, before);
    assert.deepEqual([state.phase, state.problem], ['no_round', 'other_catalogue']);
    await assert.rejects(before.contributions.preview({ server: server.url }), {
      ...{ code: 'incompatible', at: 'other_catalogue' },
      message: /about other items .* Fetch newer item vectors first/,
    });
    // Newer vectors were fetched, and the page opened again.
    const after = clientOf(path, SOURCE);
    assert.equal((await turnedOn(server, after)).phase, 'waiting');
    // The ones before come back while the report waits.
    const { dueAt } = await step(after);
    const back = await step(before, dueAt?.getTime());
    assert.deepEqual([back.phase, back.problem], ['no_round', 'other_catalogue']);
    assert.deepEqual([back.ledger.reports, posts(server)], [0, 0]);
  });

  test('that did not fit is looked at again with the log', async (t) => {
    await using server = await startRounds();
    await server.open();
    const source = { ...SOURCE, head: () => Promise.resolve('08'.repeat(32)) };
    const store = new FileSnapshots(await folder(t));
    const client = clientOf(store, source);
    assert.equal((await turnedOn(server, client)).problem, 'other_catalogue');
    source.head = SOURCE.head as typeof source.head;
    const soon = await step(client, NOW + HOUR_MS);
    assert.deepEqual([soon.phase, soon.problem], ['no_round', 'other_catalogue']);
    // The checkpoint of the test is not fresh for the half day that the log is left alone.
    await store.writeContribution({ ...((await store.contribution()) as object), nextLookAt: 0 });
    const later = await step(client);
    assert.deepEqual([later.phase, later.problem], ['waiting', null]);
  });

  test('of an aggregator elsewhere is taken part in when that was allowed', async (t) => {
    await using server = await startRounds();
    await using elsewhere = await startRounds();
    await server.open({ aggregators: elsewhere.aggregators });
    const client = clientOf(await folder(t), SOURCE);
    const state = await turnedOn(server, client);
    assert.deepEqual([state.phase, state.problem], ['no_round', 'elsewhere']);
    const { contributions } = client;
    const wrong = contributions.turnOn({ server: server.url, origins: ['elsewhere'] });
    await assert.rejects(wrong, ossicleError('invalid_argument'));
    await contributions.turnOn({ server: server.url, origins: [elsewhere.origin] });
    const { dueAt } = await step(client);
    assert.equal((await step(client, dueAt?.getTime())).phase, 'sent');
    assert.deepEqual([posts(server), posts(elsewhere)], [0, 1]);
  });

  test('that not every publisher signed, or that is older than one before, is refused by name', async (t) => {
    await using server = await startRounds();
    await server.open({ epoch: 5, closes: new Date(NOW + 1000).toISOString() });
    const client = clientOf(await folder(t), SOURCE);
    assert.equal((await turnedOn(server, client)).phase, 'waiting');
    await server.open({ epoch: 4 });
    assert.equal((await step(client, NOW + 2000)).problem, 'older_round');
    await server.open({ epoch: 6 }, server.publishers.slice(1));
    const state = await step(client, NOW + 1.2 * HOUR_MS);
    assert.equal(state.problem, 'stale');
    await client.contributions.turnOn({ server: server.url });
    assert.equal((await step(client, NOW + 3000)).problem, 'missing_publisher');
    assert.equal(posts(server), 0);
  });

  test('of a log that was rolled back is refused, whichever of snapshots and rounds had read it', async (t) => {
    await using server = await startRounds();
    await server.open({ closes: new Date(NOW + 1000).toISOString() });
    await server.open({ closes: new Date(NOW + 1000).toISOString() });
    const path = await folder(t);
    const client = clientOf(path, SOURCE);
    assert.equal((await turnedOn(server, client)).round?.epoch, 2);
    const known = await new FileSnapshots(path).record();
    assert.deepEqual([known?.accepted.size, known?.accepted.looked, known?.current], [3, 0, null]);
    await server.rollBack(1);
    assert.equal((await step(client, NOW + 2000)).problem, 'rolled_back');
    // A client that read the log for snapshots only.
    const other = await folder(t);
    assert(known);
    const newest = { epoch: 1, manifest: '0'.repeat(64) };
    const accepted = { ...known.accepted, looked: 3, newest };
    await new FileSnapshots(other).write({ ...known, accepted, checkedAt: NOW }, null);
    const state = await turnedOn(server, clientOf(other, SOURCE));
    assert.equal(state.problem, 'rolled_back');
    const kept = await new FileSnapshots(other).record();
    assert.deepEqual(kept?.accepted, accepted);
  });

  test('of a log that is not the one of the item vectors in use, or of other keys, is refused', async (t) => {
    await using server = await startRounds();
    await server.open();
    const path = await folder(t);
    await turnedOn(server, clientOf(path, SOURCE));
    const store = new FileSnapshots(path);
    const known = await store.record();
    assert(known);
    await using stranger = await startRounds();
    await stranger.open();
    const changed = await turnedOn(stranger, clientOf(path, SOURCE));
    assert.equal(changed.problem, 'policy_changed');
    await store.write({ ...known, accepted: { ...known.accepted, origin: 'other.example' } }, null);
    assert.equal((await turnedOn(server, clientOf(path, SOURCE))).problem, 'other_log');
    assert.equal(posts(server) + posts(stranger), 0);
  });

  test('of a server that is not there is looked for again after an hour', async (t) => {
    await using server = await startRounds();
    const client = clientOf(await folder(t), SOURCE);
    await client.contributions.turnOn({ server: 'http://127.0.0.1:9/' });
    assert.equal((await step(client)).problem, 'network');
    await client.contributions.turnOn({ server: `${server.origin}/elsewhere/` });
    const gone = await step(client);
    assert.deepEqual([gone.phase, gone.problem], ['no_round', 'missing']);
    const { length } = server.asked;
    await step(client, NOW + HOUR_MS - 1);
    assert.equal(server.asked.length, length);
    await step(client, NOW + HOUR_MS);
    assert(server.asked.length > length);
  });
});

suite('a budget that cannot be read', { skip: withoutWasm }, () => {
  const RECORD = 'contribution.json';

  test('is not answered with a new one: nothing is sent any more', async (t) => {
    await using server = await startRounds();
    await server.open();
    const path = await folder(t);
    const { dueAt } = await turnedOn(server, clientOf(path, SOURCE));
    const whole = await readFile(join(path, RECORD), 'utf8');
    const record = JSON.parse(whole) as { budget: { base64: string } };
    const bytes = Buffer.from(record.budget.base64, 'base64');
    bytes[9] = 1;
    const other = JSON.stringify({ ...record, budget: { base64: bytes.toString('base64') } });
    const short = JSON.stringify({ ...record, budget: { base64: 'AAAA' } });
    const version = whole.replace('"version":1', '"version":2');
    for (const text of ['', whole.slice(0, -9), '{}', 'null', other, short, version]) {
      await writeFile(join(path, RECORD), text);
      const client = clientOf(path, SOURCE);
      const lost = await client.contributions.state();
      assert.equal(lost.phase, 'lost', text);
      // What cannot be read is taken for spent.
      assert.equal(lost.ledger.epsilon, lost.ledger.mostEpsilon);
      assert.equal((await step(client, dueAt?.getTime())).phase, 'lost');
      assert.equal((await client.contributions.turnOn({ server: server.url })).phase, 'lost');
      assert.equal((await client.contributions.turnOff()).phase, 'lost');
      assert.equal(await readFile(join(path, RECORD), 'utf8'), text, 'and stays as it is');
    }
    assert.equal(posts(server), 0);
    await writeFile(join(path, RECORD), whole);
    assert.equal((await clientOf(path, SOURCE).contributions.state()).phase, 'waiting');
  });

  test('or cannot be written sends nothing', async (t) => {
    await using server = await startRounds();
    await server.open();
    const path = await folder(t);
    const client = clientOf(path, SOURCE);
    const { dueAt } = await turnedOn(server, client);
    // The record cannot take its place: a folder is where it is written first.
    await mkdir(join(path, `${RECORD}.new`));
    await assert.rejects(step(client, dueAt?.getTime()), ossicleError('store_unavailable'));
    assert.equal(posts(server), 0);
    assert((await readdir(path)).includes(RECORD));
    const state = await client.contributions.state();
    assert.deepEqual([state.phase, state.ledger.reports], ['waiting', 0]);
  });
});
