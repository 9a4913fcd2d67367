/** What clients of other origins see of the server: preflights, refusals, tokens and invitations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex, type Bytes } from '@ossicle/wire/log';
import { roundId, roundText, ROUND_KIND, type Round } from '@ossicle/wire/report';
import { REQUEST_TYPE } from '@ossicle/wire/tokens';
import { prepareToken } from '../../engine/src/contribute/tokens.ts';
import { roundOfEntry } from '../src/aggregate/remote/log-rounds.ts';
import { startServer, type Server, type ServerOptions } from '../src/server.ts';
import { freePort } from './aggregate-nodes.ts';
import { BUNDLE, newLog, run, type TestEnd } from './kit.ts';
import { authorizationFor } from './token-kit.ts';

interface Opened extends AsyncDisposable {
  readonly server: Server;
  readonly round: Round;
  readonly id: Bytes;
  /** What `round open` said. */
  readonly said: string;
}

async function open(
  t: TestEnd,
  args: readonly string[] = [],
  options: Partial<ServerOptions> = {},
): Promise<Opened> {
  const folder = await newLog(t);
  const data = ['--data', folder.path];
  assert.equal((await run('publish', BUNDLE, ...data)).code, 0);
  const port = await freePort();
  const url = `http://localhost:${port}/sync/`;
  const { out: said, error } = await run('round', 'open', '--url', url, ...args, ...data);
  assert.equal(error, '');
  const server = await startServer({ data: folder.path, port, ...options });
  const round = roundOfEntry(server.log.log.entries.ofKind(ROUND_KIND)[0] ?? '');
  assert(round);
  const id = await roundId(roundText(round));
  return { ...{ server, round, id, said }, [Symbol.asyncDispose]: () => server.close() };
}

test('pages of other origins may send reports and ask for tokens, without credentials', async (t) => {
  await using opened = await open(t);
  const { server, id } = opened;
  for (const path of [`reports/${toHex(id)}`, `tokens/${toHex(id)}`]) {
    const answer = await fetch(`${server.origin}/sync/${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://elsewhere.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    assert.equal(answer.status, 204, path);
    const allowed = ['origin', 'methods', 'headers', 'credentials', 'max-age'].map((name) =>
      answer.headers.get(
        name === 'max-age' ? `access-control-${name}` : `access-control-allow-${name}`,
      ),
    );
    assert.deepEqual(allowed, ['*', 'POST', 'authorization, content-type', null, '7200']);
    // A refusal can be read, too.
    const refused = await fetch(answer.url, { method: 'POST', body: 'x' });
    assert.equal(refused.headers.get('access-control-allow-origin'), '*', path);
    assert.equal(refused.headers.get('cache-control'), 'no-store');
    assert.match(refused.headers.get('content-type') ?? '', /^application\/problem\+json/);
    const body = (await refused.json()) as { code: string; type: string };
    assert.equal(body.code, 'malformed');
    assert.equal(body.type, `urn:ossicle:${path.startsWith('r') ? 'report' : 'token'}:malformed`);
  }
  const other = await fetch(`${server.origin}/sync/entries`, { method: 'OPTIONS' });
  assert.deepEqual([other.status, other.headers.get('access-control-allow-origin')], [404, null]);
});

test('who asks too often is told so in a way that a page of another origin can read', async (t) => {
  await using opened = await open(t, [], { requestsPerMinute: 1 });
  const { server, id } = opened;
  const address = `${server.origin}/sync/reports/${toHex(id)}`;
  const statuses: number[] = [];
  for (let i = 0; i < 2; ++i) {
    const answer = await fetch(address, { method: 'POST', body: 'x' });
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    statuses.push(answer.status);
  }
  assert.deepEqual(statuses, [400, 429]);
  assert.deepEqual(await server.operators?.a.refusals(), { malformed: 1 });
});

test('the issuer answers as RFC 9578 says, and each address gets its tokens', async (t) => {
  await using opened = await open(t, [], { tokensPerAddress: 1, proxies: ['127.0.0.1', '::1'] });
  const { server, round, id } = opened;
  const ask = async (
    body: Uint8Array<ArrayBuffer>,
    address: string,
    type = REQUEST_TYPE,
    hex = toHex(id),
  ): Promise<Response> =>
    fetch(`${server.origin}/sync/tokens/${hex}`, {
      ...{ method: 'POST', body, headers: { 'content-type': type, 'x-forwarded-for': address } },
    });
  const requests = await Promise.all([1, 2].map(() => prepareToken(round, id)));
  const [first, second] = requests.map((one) => one?.request ?? new Uint8Array());
  assert(first && second);
  const answer = await ask(first, '192.0.2.1');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'application/private-token-response');
  assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  assert.equal((await answer.arrayBuffer()).byteLength, 256);
  const statuses = [
    await ask(second, '192.0.2.1'),
    await ask(second, '192.0.2.2'),
    await ask(second, '2001:db8::1'),
    await ask(first, '2001:db8::2'),
    await ask(first.slice(1), '192.0.2.3'),
    await ask(new Uint8Array(1000), '192.0.2.3'),
    await ask(first, '192.0.2.3', 'application/octet-stream'),
    await ask(first, '192.0.2.3', REQUEST_TYPE, 'ab'.repeat(32)),
  ].map(({ status }) => status);
  assert.deepEqual(statuses, [429, 200, 200, 429, 422, 422, 422, 404]);
});

test('an invitation is good for one token', async (t) => {
  await using opened = await open(t, ['--invitations', '2']);
  const { round, id, said } = opened;
  assert.equal(round.issuer?.invited, true);
  const codes = [...said.matchAll(/^invitation (\S+)$/gm)].map(([, code = '']) => code);
  assert.equal(new Set(codes).size, 2);
  const [code = ''] = codes;
  assert.match(await authorizationFor(round, id, code), /^PrivateToken token="/);
  await assert.rejects(authorizationFor(round, id, code), { code: 'invitation_spent' });
  await assert.rejects(authorizationFor(round, id), { code: 'invitation_missing' });
  await assert.rejects(authorizationFor(round, id, 'abcd'), { code: 'invitation_unknown' });
});

test('a round without tokens has no issuer, and its server none either', async (t) => {
  await using opened = await open(t, ['--no-tokens']);
  const { server, round, id } = opened;
  assert.equal(round.issuer, null);
  assert.equal(await prepareToken(round, id), null);
  const answer = await fetch(`${server.origin}/sync/tokens/${toHex(id)}`, { method: 'POST' });
  assert.equal(answer.status, 404);
});
