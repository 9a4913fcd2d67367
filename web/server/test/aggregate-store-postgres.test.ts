import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openStore } from '../src/aggregate/store/open.ts';
import { urlsOf } from '../src/aggregate/store/postgres-hosts.ts';
import { testStore } from './aggregate-store.ts';
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
  const count = 8;
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
} else test('PostgreSQL', { skip: missing }, () => undefined);
