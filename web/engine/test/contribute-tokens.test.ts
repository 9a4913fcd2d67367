/** Tokens of a round: asked for apart from the report, once more at most, and never a reason to stop. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createServer } from 'node:http';
import type { Round } from '@ossicle/wire/report';
import { post } from '../src/contribute/send.ts';
import type { ContributionState } from '../src/types.ts';
import { folder } from './built.ts';
import {
  clientOf,
  HOUR_MS,
  NOW,
  seeded,
  SOURCE,
  startRounds,
  step,
  type Client,
  type TestServer,
} from './contribute-kit.ts';
import { withoutWasm } from './support.ts';

const dueOf = ({ dueAt }: ContributionState): number => dueAt?.getTime() ?? NaN;

const posts = ({ asked }: TestServer): readonly string[] =>
  asked.filter((line) => line.startsWith('POST')).map((line) => line.slice(5, 12));

async function opened(
  server: TestServer,
  path: string,
  seed = 1,
  changes: Partial<Round> = {},
): Promise<Client> {
  await server.open({ issuer: server.issuer, ...changes });
  const client = clientOf(path, SOURCE, seeded(seed));
  await client.contributions.turnOn({ server: server.url });
  return client;
}

suite('a token', { skip: withoutWasm }, () => {
  test('is got when the round is first read, and brought at its moment', async (t) => {
    await using server = await startRounds();
    const client = await opened(server, await folder(t));
    const state = await step(client, NOW);
    assert.deepEqual([state.phase, state.round?.issuer], ['waiting', server.url]);
    assert.deepEqual(posts(server), ['tokens/']);
    assert.equal((await step(client, dueOf(state))).phase, 'sent');
    assert.deepEqual(posts(server), ['tokens/', 'reports']);
  });

  test('that comes late leaves the moment to chance: minutes after it are as likely as any others', async (t) => {
    const gaps: number[] = [];
    for (let seed = 1; seed <= 8; ++seed) {
      await using server = await startRounds();
      server.issues = [401, 'invitation_missing'];
      const client = await opened(server, await folder(t), seed);
      const first = await step(client, NOW);
      assert.equal(first.problem, 'issuer_invitation_missing');
      // At the moment itself, and long after it: the page was closed.
      const late = dueOf(first) + (seed % 2) * HOUR_MS;
      server.issues = null;
      const got = await step(client, late);
      assert.deepEqual([got.phase, got.problem], ['waiting', null]);
      const left = (got.round?.closes.getTime() ?? 0) - late;
      gaps.push((dueOf(got) - late) / left);
      assert.equal((await step(client, dueOf(got))).phase, 'sent');
    }
    assert(gaps.every((gap) => gap >= 0 && gap < 1));
    assert(gaps.filter((gap) => gap > 0.02).length >= 7, gaps.join());
  });

  test('that is refused is replaced once, at a moment of its own, and then it is over', async (t) => {
    await using server = await startRounds();
    const client = await opened(server, await folder(t), 5);
    const due = dueOf(await step(client, NOW));
    server.answer = [401, 'token_invalid'];
    const refused = await step(client, due);
    assert.deepEqual([refused.phase, refused.problem], ['sending', 'aggregator_token_invalid']);
    const asks = dueOf(refused);
    assert(asks > due + HOUR_MS);
    assert.equal(dueOf(await step(client, asks - 1)), asks);
    assert.deepEqual(posts(server), ['tokens/', 'reports']);
    const renewed = await step(client, asks);
    assert(
      dueOf(renewed) > asks + HOUR_MS,
      `${due - NOW}, ${asks - due}, ${dueOf(renewed) - asks}`,
    );
    assert.deepEqual(posts(server), ['tokens/', 'reports', 'tokens/']);
    const over = await step(client, dueOf(renewed));
    assert.deepEqual(
      [over.phase, over.problem, over.dueAt, over.ledger.reports],
      ['no_round', 'tokens_refused', null, 1],
    );
    await step(client, dueOf(renewed) + HOUR_MS);
    assert.deepEqual(posts(server), ['tokens/', 'reports', 'tokens/', 'reports']);
    assert.deepEqual(server.received[0], server.received[1]);
  });

  test('is told whose code it was that it was not given for', async (t) => {
    await using server = await startRounds();
    server.issues = [404, 'unknown_round'];
    const client = await opened(server, await folder(t));
    assert.equal((await step(client, NOW)).problem, 'issuer_unknown_round');
    server.issues = 503;
    assert.equal((await step(client, NOW + HOUR_MS)).problem, 'no_answer');
    server.issues = 200;
    assert.equal((await step(client, NOW + 2 * HOUR_MS)).problem, 'bad_token');
  });

  test('that cannot be drawn for its key is a problem of the round, not of the page', async (t) => {
    await using server = await startRounds();
    const path = await folder(t);
    const client = await opened(server, path);
    const { importKey } = crypto.subtle;
    t.mock.method(crypto.subtle, 'importKey', (...args: Parameters<typeof importKey>) =>
      (args[0] as string) === 'jwk'
        ? Promise.reject(new DOMException('no', 'DataError'))
        : importKey.apply(crypto.subtle, args),
    );
    const state = await step(client, NOW);
    assert.deepEqual([state.phase, state.problem], ['waiting', 'bad_token']);
    assert.deepEqual(posts(server), []);
    t.mock.restoreAll();
    assert.equal((await step(client, NOW + HOUR_MS)).problem, null);
  });

  test('of an address that is not of the web is none of a round', async (t) => {
    await using server = await startRounds();
    const issuer = { ...server.issuer, url: 'file:///tokens/' };
    const client = await opened(server, await folder(t), 1, { issuer });
    assert.equal((await step(client, NOW)).problem, 'malformed_round');
  });
});

test('an answer is not read to its end where it has none', async () => {
  let sent = 0;
  const server = createServer((_, response) => {
    response.writeHead(201);
    const more = (): void => {
      sent += 1;
      if (!response.destroyed) response.write(Buffer.alloc(1024), () => setImmediate(more));
    };
    more();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const { status, body } = await post(
    `http://127.0.0.1:${port}/`,
    new Uint8Array(1),
    {},
    undefined,
  );
  assert.deepEqual([status, body.length], [201, 0]);
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  assert(sent > 4);
});
