/** There is one report of a round, whatever is changed meanwhile. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ContributionRecord } from '../src/contribute/record.ts';
import { FileSnapshots } from '../src/snapshots/file.ts';
import type { ContributionPreview } from '../src/types.ts';
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
import { withoutWasm } from './support.ts';

/** On, and the round read: when its report is due. */
async function waiting(client: Client, server: TestServer): Promise<number> {
  await client.contributions.turnOn({ server: server.url });
  const { phase, dueAt } = await step(client);
  assert.equal(phase, 'waiting');
  return dueAt?.getTime() ?? 0;
}

const stage = async (
  { contributions }: Client,
  { url: server }: TestServer,
): Promise<ContributionPreview['stage']> => (await contributions.preview({ server })).stage;

suite('a round that was reported to', { skip: withoutWasm }, () => {
  test('stays so when server, policy or origins are changed, and while it is being sent', async (t) => {
    await using server = await startRounds();
    await server.open();
    const policy = await (await fetch(`${server.url}policy.json`)).text();
    for (const answer of [201, 'nothing'] as const) {
      server.answer = answer;
      const client = clientOf(await folder(t), SOURCE);
      const dueAt = await waiting(client, server);
      await step(client, dueAt);
      server.received.length = 0;
      server.answer = 201;
      const other = server.url.replace('127.0.0.1', 'localhost');
      for (const change of [
        { server: server.url, origins: ['https://other.example'] },
        { server: server.url, policy },
        { server: other, origins: [server.origin] },
        { server: server.url },
      ]) {
        await client.contributions.turnOn(change);
        const state = await step(client);
        assert(['sent', 'no_round', 'sending'].includes(state.phase), state.phase);
        assert.equal((await step(client, dueAt + HOUR_MS)).ledger.reports, 1);
      }
      assert(server.received.length <= 1, 'the very same report at most');
    }
  });

  test('before another server was named is known when the first one is named again', async (t) => {
    await using server = await startRounds();
    await server.open();
    const store = new FileSnapshots(await folder(t));
    const client = clientOf(store, SOURCE);
    const dueAt = await waiting(client, server);
    assert.equal((await step(client, dueAt)).phase, 'sent');
    await client.contributions.turnOn({ server: 'http://127.0.0.1:9/' });
    await client.contributions.turnOn({ server: server.url });
    const again = await step(client);
    assert.deepEqual([again.phase, again.problem, again.ledger.reports], ['no_round', null, 1]);
    assert.equal(await stage(client, server), 'none');
    assert.equal(server.received.length, 1);
  });

  test('and is of a kind that is not read any more stays paid for, and the next one is taken part in', async (t) => {
    await using server = await startRounds();
    // Its report is due while the checkpoint, which is of NOW, is fresh.
    const id = await server.open({ closes: new Date(NOW + HOUR_MS).toISOString() });
    const store = new FileSnapshots(await folder(t));
    const client = clientOf(store, SOURCE);
    server.answer = 'nothing';
    const dueAt = await waiting(client, server);
    assert.equal((await step(client, dueAt)).phase, 'sending');
    const record = (await store.contribution()) as ContributionRecord;
    assert(record.part?.sealed);
    const text = record.part.text.replace('ossicle-round/v2', 'ossicle-round/v1');
    await store.writeContribution({ ...record, part: { ...record.part, text } });

    server.answer = 201;
    const next = await server.open();
    const state = await step(client, dueAt);
    assert.deepEqual([state.phase, state.round?.id], ['waiting', next]);
    assert.deepEqual([state.problem, state.ledger.reports], [null, 1]);
    const kept = (await store.contribution()) as ContributionRecord;
    assert.deepEqual([kept.budget, kept.paid], [record.budget, [id]]);
    const sent = await step(client, state.dueAt?.getTime());
    assert.deepEqual([sent.phase, sent.ledger.reports], ['sent', 2]);
    assert.equal(server.asked.at(-1), `POST reports/${next}`);
    assert.equal(server.received.length, 2);
  });

  test('is the same with and without the slash at the end of the address', async (t) => {
    await using server = await startRounds();
    await server.open();
    const client = clientOf(await folder(t), SOURCE);
    const dueAt = await waiting(client, server);
    const { contributions } = client;
    const state = await contributions.turnOn({ server: `${server.url.slice(0, -1)}?a#b` });
    assert.deepEqual([state.server, state.dueAt?.getTime()], [server.url, dueAt]);
  });

  test('is told apart in a preview from one that will be, or could be', async (t) => {
    await using server = await startRounds();
    await server.open();
    const client = clientOf(await folder(t), SOURCE);
    assert.equal(await stage(client, server), 'first');
    const dueAt = await waiting(client, server);
    assert.equal(await stage(client, server), 'waiting');
    await client.contributions.turnOff();
    assert.equal(await stage(client, server), 'waiting', 'its block stays');
    server.answer = 'nothing';
    await client.contributions.turnOn({ server: server.url });
    await step(client, dueAt);
    assert.equal(await stage(client, server), 'made');
    await client.contributions.turnOff();
    assert.equal(await stage(client, server), 'none');
  });
});

suite('a round that has closed', { skip: withoutWasm }, () => {
  test('when it is first read is no failure, and nothing is asked of its issuer', async (t) => {
    await using server = await startRounds();
    const closes = new Date(NOW - 60_000).toISOString();
    await server.open({ closes, issuer: server.issuer });
    const client = clientOf(await folder(t), SOURCE);
    await client.contributions.turnOn({ server: server.url });
    const state = await step(client);
    assert.deepEqual([state.phase, state.problem, state.dueAt], ['no_round', null, null]);
    assert(server.asked.every((line) => line.startsWith('GET ')));
  });

  test('before its report arrived is told beside the next one', async (t) => {
    await using server = await startRounds();
    await server.open({ closes: new Date(NOW + 1000).toISOString() });
    const client = clientOf(await folder(t), SOURCE);
    server.answer = 'nothing';
    await step(client, await waiting(client, server));
    await server.open();
    const state = await step(client, NOW + 2000);
    assert.deepEqual([state.phase, state.problem], ['waiting', 'round_closed']);
  });
});
