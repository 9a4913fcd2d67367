import assert from 'node:assert/strict';
import { createHash, createPrivateKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { RSABSSA } from '@cloudflare/blindrsa-ts';
import { toHex, type Bytes } from '@ossicle/wire/log';
import type { Round } from '@ossicle/wire/report';
import {
  issuerJwk,
  modulusOf,
  readTokenRequest,
  writeToken,
  writeTokenRequest,
} from '@ossicle/wire/tokens';
import { fetchToken, prepareToken, TokenError } from '../../engine/src/contribute/tokens.ts';
import { prefixOf } from '../src/tokens/address-limit.ts';
import { Invitations } from '../src/tokens/invitations.ts';
import { Issuer, type Asked } from '../src/tokens/issuer.ts';
import {
  blindSign,
  makeIssuerKeyFile,
  readIssuerKeyFile,
  type IssuerKey,
} from '../src/tokens/issuer-key.ts';
import { Redeemer } from '../src/tokens/redeem.ts';
import { emptyFolder } from './kit.ts';

interface Vectors {
  readonly tokens: readonly Readonly<Record<string, string>>[];
  readonly blindRsa: Readonly<Record<string, string>>;
}

const path = new URL('../../wire/test/vectors/privacy-pass.json', import.meta.url);
const vectors = JSON.parse(readFileSync(path, 'utf8')) as Vectors;
const hex = (text = ''): Bytes => new Uint8Array(Buffer.from(text, 'hex'));
const url64 = (text = ''): string => Buffer.from(text, 'hex').toString('base64url');
const suite = RSABSSA.SHA384.PSS.Deterministic();
const HASH = { name: 'RSA-PSS', hash: 'SHA-384' };

/** Runs `work` while WebCrypto draws these bytes, one after the other. */
async function drawing<T>(draws: readonly Bytes[], work: () => Promise<T>): Promise<T> {
  const before = Object.getOwnPropertyDescriptor(crypto, 'getRandomValues');
  const left = [...draws];
  const draw = (into: Uint8Array): Uint8Array => {
    into.set(left.shift() ?? []);
    return into;
  };
  Object.defineProperty(crypto, 'getRandomValues', { value: draw, configurable: true });
  try {
    return await work();
  } finally {
    if (before) Object.defineProperty(crypto, 'getRandomValues', before);
    else Reflect.deleteProperty(crypto, 'getRandomValues');
  }
}

const inverseOf = (hexOf: string, modulus: string): string => {
  let [r, next] = [BigInt(`0x${modulus}`), BigInt(`0x${hexOf}`)];
  let [s, nextS] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [s, nextS] = [nextS, s - quotient * nextS];
  }
  const n = BigInt(`0x${modulus}`);
  return (((s % n) + n) % n).toString(16).padStart(modulus.length, '0');
};

test('blinding, signing and finishing are those of RFC 9474', async () => {
  const v = vectors.blindRsa;
  const big = (name: string): bigint => BigInt(`0x${v[name] ?? ''}`);
  const text = (n: bigint): string => {
    const digits = n.toString(16);
    return url64(digits.length % 2 ? `0${digits}` : digits);
  };
  const exponent = (of: string): string => text(big('d') % (big(of) - 1n));
  const jwk = {
    ...{ kty: 'RSA', alg: 'PS384', ext: true, n: text(big('n')), e: 'AQAB', d: text(big('d')) },
    ...{ p: text(big('p')), q: text(big('q')), dp: exponent('p'), dq: exponent('q') },
    qi: url64(inverseOf(v['q'] ?? '', v['p'] ?? '')),
  };
  const { kty, alg, ext, n, e } = jwk;
  const publicKey = await crypto.subtle.importKey('jwk', { kty, alg, ext, n, e }, HASH, true, [
    'verify',
  ]);
  const message = hex(v['input_msg']);
  const r = hex(inverseOf(v['inv'] ?? '', v['n'] ?? ''));
  const blinded = await drawing([hex(v['salt']), r], () => suite.blind(publicKey, message));
  assert.equal(toHex(blinded.blindedMsg), v['blinded_msg']);
  assert.equal(toHex(blinded.inv), v['inv']);
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const signature = blindSign(key, hex(v['blinded_msg']));
  assert.equal(toHex(signature), v['blind_sig']);
  const done = await suite.finalize(publicKey, message, signature, blinded.inv);
  assert.equal(toHex(done), v['sig']);
});

test('requests, answers and tokens are those of RFC 9578', async () => {
  for (const v of vectors.tokens) {
    const token = hex(v['token']);
    const input = token.slice(0, 98);
    const key = await crypto.subtle.importKey('jwk', issuerJwk(hex(v['pkS'])), HASH, true, [
      'verify',
    ]);
    const draws = [hex(v['salt']), hex(v['blind'])];
    const { blindedMsg, inv } = await drawing(draws, () => suite.blind(key, input));
    const keyId = token.slice(66, 98);
    assert.equal(toHex(writeTokenRequest(keyId, new Uint8Array(blindedMsg))), v['token_request']);
    const pem = Buffer.from(v['skS'] ?? '', 'hex').toString();
    const signature = blindSign(createPrivateKey(pem), new Uint8Array(blindedMsg));
    assert.equal(toHex(signature), v['token_response']);
    const done = await suite.finalize(key, input, signature, inv);
    assert.equal(toHex(writeToken(input, new Uint8Array(done))), v['token']);
  }
});

const CLOSES = Date.parse('2026-12-08T00:00:00Z');

function roundOf(key: IssuerKey, changes: Partial<Round> = {}): Round {
  const aggregator = (role: 'a' | 'b') => ({
    role,
    url: `https://${role}.example/sync/`,
    key: randomBytes(32).toString('base64'),
    signer: `operator-${role}+00000000+${'A'.repeat(44)}`,
  });
  return {
    ...{ epoch: 1, blocks: 2, rows: 8, factors: 3, clip: 1, fractionBits: 10, sigma: 8 },
    ...{
      head: '07'.repeat(32),
      minBatch: 1,
      opens: '2026-12-01T00:00:00Z',
      closes: new Date(CLOSES).toISOString(),
    },
    aggregators: [aggregator('a'), aggregator('b')],
    issuer: {
      url: 'https://issuer.example/sync/',
      key: Buffer.from(key.spki).toString('base64'),
    },
    ...changes,
  };
}

const ID = new Uint8Array(randomBytes(32));
const HEX = toHex(ID);

interface Bench extends Disposable {
  readonly key: IssuerKey;
  readonly round: Round;
  readonly issuer: Issuer;
  readonly invitations: Invitations;
  /** Asks for `body` from an address, with a code or without one. */
  readonly ask: (
    body: Uint8Array,
    address?: string,
    code?: string | null,
  ) => ReturnType<Issuer['answer']>;
  /** A token as a client gets one, through `ask`. */
  readonly token: (address?: string) => Promise<Bytes>;
  readonly at: (milliseconds: number) => void;
}

async function startIssuer(
  t: Parameters<typeof emptyFolder>[0],
  most = 3,
  invited: { readonly invited?: true } = {},
): Promise<Bench> {
  const folder = await emptyFolder(t);
  await folder.make();
  const key = await makeIssuerKeyFile(folder.key('issuer'), folder.scratch);
  const open = roundOf(key);
  const round = { ...open, issuer: open.issuer && { ...open.issuer, ...invited } };
  const invitations = new Invitations(folder.tokens);
  let clock = CLOSES - 1000;
  const issuer = new Issuer({
    ...{ key, invitations, mostPerAddress: most, now: () => new Date(clock) },
    findRound: (hexOf) => Promise.resolve(hexOf === HEX ? round : null),
  });
  const ask: Bench['ask'] = (body, address = '192.0.2.1', code = null) =>
    issuer.answer({ round: HEX, body, address, code } satisfies Asked);
  const token: Bench['token'] = async (address) => {
    const pending = await prepareToken(round, ID);
    assert(pending);
    return fetchToken(round, ID, pending, async (url, body) => {
      assert.equal(url, `https://issuer.example/sync/tokens/${HEX}`);
      const found = await ask(body, address);
      return typeof found === 'string'
        ? { status: 400, body: Buffer.from(JSON.stringify({ code: found })) }
        : { status: 200, body: found };
    });
  };
  return {
    ...{ key, round, issuer, invitations, ask, token },
    at: (milliseconds) => void (clock = milliseconds),
    [Symbol.dispose]: () => invitations[Symbol.dispose](),
  };
}

const requestOf = async ({ round }: Bench): Promise<Bytes> => {
  const pending = await prepareToken(round, ID);
  assert(pending);
  return pending.request;
};

test('a key is kept in a file that only its owner can read', async (t) => {
  const folder = await emptyFolder(t);
  await folder.make();
  const file = folder.key('issuer');
  assert.equal(await readIssuerKeyFile(file), null);
  const made = await makeIssuerKeyFile(file, folder.scratch);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.deepEqual((await readIssuerKeyFile(file))?.spki, made.spki);
  await writeFile(file, 'PRIVATE+KEY');
  await assert.rejects(readIssuerKeyFile(file), /no key of an issuer of tokens\. Restore it/);
});

test('an address has so many tokens a round, and one request counts once', async (t) => {
  using bench = await startIssuer(t);
  const first = await requestOf(bench);
  const answer = await bench.ask(first);
  assert(typeof answer !== 'string');
  assert.deepEqual(await bench.ask(first), answer);
  for (let i = 0; i < 2; ++i)
    assert.notEqual(typeof (await bench.ask(await requestOf(bench))), 'string');
  const fourth = await requestOf(bench);
  assert.equal(await bench.ask(fourth), 'too_many_tokens');
  assert.deepEqual(await bench.ask(first), answer);
  assert.notEqual(await bench.ask(fourth, '192.0.2.2'), 'too_many_tokens');
  await assert.rejects(
    bench.token(),
    new TokenError(
      'too_many_tokens',
      'The issuer gave no token (400, too_many_tokens). Nothing was sent.',
    ),
  );
});

test('of an IPv6 address the first 64 bits count, and IPv4 is the same however it is written', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:0db8::9', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0'],
  ];
  for (const [address, prefix] of cases) assert.equal(prefixOf(address), prefix, address);
});

test('with invitations a code is good for one token, and for the same request again', async (t) => {
  using bench = await startIssuer(t, 100, { invited: true });
  // Not yet, or no more, as after a loss of the database.
  assert.equal(await bench.ask(await requestOf(bench)), 'invitation_missing');
  const [code = '', other = ''] = bench.invitations.make(HEX, 2);
  assert.match(code, /^([a-z2-9]{4}-){4}[a-z2-9]{4}$/);
  const [first, second] = [await requestOf(bench), await requestOf(bench)];
  assert.equal(await bench.ask(first), 'invitation_missing');
  assert.equal(await bench.ask(first, '192.0.2.1', 'aaaa-aaaa'), 'invitation_unknown');
  assert.equal(await bench.ask(new Uint8Array(259), '192.0.2.1', code), 'malformed');
  const answer = await bench.ask(first, '192.0.2.1', code.toUpperCase());
  assert(typeof answer !== 'string');
  assert.deepEqual(await bench.ask(first, '192.0.2.9', code), answer);
  assert.equal(await bench.ask(second, '192.0.2.1', code), 'invitation_spent');
  assert.notEqual(typeof (await bench.ask(second, '192.0.2.1', other)), 'string');
});

test('what is no request of this round and key is refused, and counts for nobody', async (t) => {
  using bench = await startIssuer(t, 1);
  const good = await requestOf(bench);
  const { id, spki } = bench.key;
  const tooLarge = new Uint8Array(good);
  tooLarge.fill(0xff, 3);
  for (const body of [
    new Uint8Array(),
    good.slice(0, -1),
    good.with(1, 1),
    good.with(2, (good[2] ?? 0) ^ 1),
    tooLarge,
    writeTokenRequest(id, modulusOf(spki) ?? new Uint8Array()),
  ]) {
    assert.equal(await bench.ask(body), 'malformed');
  }
  const elsewhere = { round: '00'.repeat(32), body: good, address: '192.0.2.1', code: null };
  assert.equal(await bench.issuer.answer(elsewhere), 'unknown_round');
  bench.at(CLOSES);
  assert.equal(await bench.ask(good), 'round_closed');
  bench.at(CLOSES - 1);
  assert.notEqual(typeof (await bench.ask(good)), 'string');
});

test('a token is good for its round and key only, and what it is known by is its content', async (t) => {
  using bench = await startIssuer(t);
  const { round } = bench;
  const redeemer = new Redeemer();
  const token = await bench.token();
  const known = await redeemer.redeem(round, ID, token);
  assert(known instanceof Uint8Array);
  assert.deepEqual(Buffer.from(known), createHash('sha256').update(token.slice(0, 98)).digest());
  assert.notDeepEqual(await redeemer.redeem(round, ID, await bench.token()), known);

  assert.equal(await redeemer.redeem(round, ID, null), 'token_missing');
  assert.equal(await redeemer.redeem({ ...round, issuer: null }, new Uint8Array(32), token), null);
  for (const at of [0, 1, 2, 40, 70, 98, 353]) {
    const altered = token.with(at, (token[at] ?? 0) ^ 1);
    assert.equal(await redeemer.redeem(round, ID, altered), 'token_invalid', `byte ${at}`);
  }
  assert.equal(await redeemer.redeem(round, ID, token.slice(1)), 'token_invalid');
  const otherId = new Uint8Array(randomBytes(32));
  assert.equal(await redeemer.redeem(round, otherId, token), 'token_invalid', 'another round');
  using other = await startIssuer(t);
  const elsewhere = await redeemer.redeem(other.round, new Uint8Array(randomBytes(32)), token);
  assert.equal(elsewhere, 'token_invalid', 'another issuer');
});

test('an issuer that signs with another key than the round’s is found out', async (t) => {
  using bench = await startIssuer(t);
  using other = await startIssuer(t);
  const pending = await prepareToken(bench.round, ID);
  assert(pending);
  const blinded = readTokenRequest(pending.request)?.blinded;
  assert(blinded);
  const body = blindSign(other.key.privateKey, blinded.with(0, 0));
  for (const answer of [body, body.slice(1), new Uint8Array()]) {
    const post = () => Promise.resolve({ status: 200, body: answer });
    await assert.rejects(fetchToken(bench.round, ID, pending, post), { code: 'bad_token' });
  }
  const silent = () => Promise.resolve({ status: 502, body: Buffer.from('<html>') });
  await assert.rejects(fetchToken(bench.round, ID, pending, silent), { code: 'no_answer' });
});

test('requests say nothing of tokens: blinded anew they are other ones, and their bits are even', async (t) => {
  using bench = await startIssuer(t);
  const { key, round } = bench;
  const publicKey = await crypto.subtle.importKey('jwk', issuerJwk(key.spki), HASH, true, [
    'verify',
  ]);
  const pending = await prepareToken(round, ID);
  assert(pending);
  const draws = 24;
  const seen = new Set<string>();
  let ones = 0;
  for (let i = 0; i < draws; ++i) {
    const { blindedMsg } = await suite.blind(publicKey, pending.input);
    seen.add(toHex(blindedMsg));
    // Without the first byte, which is below the modulus'.
    for (const byte of blindedMsg.subarray(1)) ones += byte.toString(2).replaceAll('0', '').length;
  }
  assert.equal(seen.size, draws);
  const bits = draws * 255 * 8;
  // Six standard deviations.
  assert(Math.abs(ones - bits / 2) < 6 * Math.sqrt(bits / 4), `${ones} of ${bits}`);
});
