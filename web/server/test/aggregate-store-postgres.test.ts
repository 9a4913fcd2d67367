import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { openStore } from '../src/aggregate/store/open.ts';
import { urlsOf } from '../src/aggregate/store/postgres-hosts.ts';
import { report, testStore } from './aggregate-store.ts';
import { noPostgres, PostgresServers } from './postgres-servers.ts';

test('an address of several hosts is one address for each', () => {
  assert.deepEqual(urlsOf('postgres://me:secret@one:5432,two:5433/a?sslmode=verify-full'), [
    'postgres://me:secret@one:5432/a?sslmode=verify-full',
    'postgres://me:secret@two:5433/a?sslmode=verify-full',
  ]);
  assert.deepEqual(urlsOf('postgres://%2Frun%2Fx:1/a'), ['postgres://%2Frun%2Fx:1/a']);
  assert.throws(() => urlsOf('postgres://me:secret@one,two'), /^InputError: The address of/);
});

const missing = noPostgres();
if (missing === false) {
  const count = 11;
  let servers: PostgresServers;
  let used = 0;
  before(async () => {
    servers = await PostgresServers.start(Array.from({ length: count }, (_, i) => `d${i}`));
  });
  after(() => servers[Symbol.asyncDispose]());
  testStore('PostgreSQL', async () => {
    const store = await openStore(servers.url(`d${used++}`));
    return { store, [Symbol.asyncDispose]: () => Promise.resolve(store[Symbol.asyncDispose]()) };
  });

  test('PostgreSQL: what was read or found done is answered when the standby has it', async () => {
    await using store = await openStore(servers.url(`d${used++}`));
    const round = new Uint8Array(randomBytes(32));
    const token = new Uint8Array(randomBytes(32));
    const one = report(round, { token });
    await store.addRound(round, 'a round');
    await store.arrive([one]);
    await servers.inStep();
    const known = { digest: one.digest, state: 'pending' };
    const asked: readonly (readonly [() => Promise<unknown>, unknown])[] = [
      [() => store.known(round, [one.id]), [known]],
      [() => store.isSpent(round, token), true],
      [() => store.arrive([one]), [known]],
    ];
    for (const [ask, expected] of asked) {
      let isAnswered = false;
      let answer: Promise<unknown> = Promise.resolve();
      await servers.withoutStandby(async () => {
        answer = ask().then((found) => {
          isAnswered = true;
          return found;
        });
        await servers.commitWaits();
        assert.equal(isAnswered, false);
      });
      assert.deepEqual(await answer, expected);
    }
  });

  test('PostgreSQL: a claim takes no more than it asks for, whoever claims at once', async () => {
    await using store = await openStore(servers.url(`d${used++}`));
    const round = new Uint8Array(randomBytes(32));
    await store.addRound(round, 'a round');
    await store.arrive(Array.from({ length: 24 }, () => report(round)));
    const claims = await Promise.all(Array.from({ length: 8 }, () => store.claim(round, 3)));
    const all = claims.flat().map(({ at }) => at);
    assert.ok(claims.every(({ length }) => length <= 3));
    assert.equal(new Set(all).size, all.length);
  });
} else test('PostgreSQL', { skip: missing }, () => undefined);
