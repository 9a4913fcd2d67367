import assert from 'node:assert/strict';
import { constants, createPrivateKey, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Bytes } from '../src/log/bytes.ts';
import {
  challengeHeader,
  issuerJwk,
  issuerKeyId,
  modulusOf,
  readIssuerKey,
  readToken,
  readTokenHeader,
  readTokenRequest,
  SALT_BYTES,
  serverName,
  tokenHeader,
  tokenInput,
  writeChallenge,
  writeIssuerKey,
  writeToken,
  writeTokenRequest,
} from '../src/tokens/index.ts';

interface Vectors {
  readonly challenges: readonly Readonly<Record<string, string>>[];
  readonly header: { readonly key: string; readonly challenge: string; readonly value: string };
  readonly tokens: readonly Readonly<Record<string, string>>[];
}

const path = new URL('vectors/privacy-pass.json', import.meta.url);
const vectors = JSON.parse(readFileSync(path, 'utf8')) as Vectors;
const hex = (text = ''): Bytes => new Uint8Array(Buffer.from(text, 'hex'));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const ascii = (of = ''): string => Buffer.from(of, 'hex').toString('ascii');

test('challenges and what is signed are those of RFC 9577', async () => {
  assert.equal(vectors.challenges.length, 5);
  for (const one of vectors.challenges) {
    const challenge = writeChallenge({
      issuer: ascii(one['issuer_name']),
      context: hex(one['redemption_context']),
      origins: ascii(one['origin_info']),
    });
    const input = await tokenInput(hex(one['nonce']), challenge, hex(one['token_key_id']));
    assert.equal(text(input), one['token_authenticator_input']);
  }
});

test('requests, tokens and keys are those of RFC 9578', async () => {
  assert.equal(vectors.tokens.length, 5);
  for (const one of vectors.tokens) {
    const key = hex(one['pkS']);
    const keyId = await issuerKeyId(key);
    const request = readTokenRequest(hex(one['token_request']));
    assert(request);
    assert.equal(request.truncatedKeyId, keyId.at(-1));
    assert.equal(text(writeTokenRequest(keyId, request.blinded)), one['token_request']);
    const token = readToken(hex(one['token']));
    assert(token);
    const challenge = hex(one['token_challenge']);
    const input = await tokenInput(hex(one['nonce']), challenge, keyId);
    assert.equal(text(token.input), text(input));
    assert.deepEqual(token.keyId, keyId);
    assert.equal(text(writeToken(input, token.signature)), one['token']);

    const modulus = modulusOf(key);
    assert(modulus);
    assert.deepEqual(writeIssuerKey(modulus), key);
    assert.deepEqual(readIssuerKey(Buffer.from(key).toString('base64')), key);
    const jwk = issuerJwk(key);
    assert.equal(createPrivateKey(ascii(one['skS'])).export({ format: 'jwk' }).n, jwk.n);
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const publicKey = createPublicKey({ key: { ...jwk }, format: 'jwk' });
    const how = { key: publicKey, padding, saltLength: SALT_BYTES };
    assert(verify('sha384', token.input, how, token.signature));
    assert(!verify('sha384', token.input.with(5, 0), how, token.signature));
  }
});

test('the challenge of a header is written as in RFC 9577', () => {
  const { key, challenge, value } = vectors.header;
  const [one = ''] = value.split(',unknown');
  assert.equal(challengeHeader(hex(challenge), hex(key)), one);
});

test('a token is read from its header, however that is written, and from no other', () => {
  const token = hex(vectors.tokens[0]?.['token']);
  const header = tokenHeader(token);
  assert.match(header, /^PrivateToken token="[\w-]+={0,2}"$/);
  const [, value = ''] = header.split('"');
  for (const written of [
    header,
    `PrivateToken token=${value}`,
    `privatetoken  realm="x" , Token = "${value}",other=1`,
  ]) {
    assert.deepEqual(readTokenHeader(written), token, written);
  }
  for (const other of [
    '',
    'PrivateToken',
    `Bearer ${value}`,
    `PrivateToken token="${value}", token="${value}"`,
    `PrivateToken token="${value}`,
    `PrivateToken token="${value}" x`,
    `PrivateToken token="${value.replaceAll('=', '')}*"`,
    `PrivateToken token="${value.replaceAll('-', '+').replaceAll('_', '/')}"`,
    'PrivateToken other="x"',
  ]) {
    assert.equal(readTokenHeader(other), null, other);
  }
});

test('what is no token, request or key is none', () => {
  const token = hex(vectors.tokens[0]?.['token']);
  for (const bytes of [new Uint8Array(), token.subarray(1), token.with(1, 1), token.with(0, 1)]) {
    assert.equal(readToken(bytes), null);
  }
  const request = hex(vectors.tokens[0]?.['token_request']);
  for (const bytes of [request.subarray(0, -1), request.with(1, 1), new Uint8Array(1000)]) {
    assert.equal(readTokenRequest(bytes), null);
  }
  const key = hex(vectors.tokens[0]?.['pkS']);
  const last = key.length - 6;
  const first = last - 255;
  for (const bytes of [
    key.subarray(1),
    key.with(20, 0), // another algorithm
    key.with(last, (key[last] ?? 0) ^ 1), // an even modulus
    key.with(first, 1), // a short one
    key.with(key.length - 1, 3), // another exponent
  ]) {
    assert.equal(modulusOf(bytes), null);
  }
  assert.equal(readIssuerKey('AAAA'), null);
  assert.throws(() => issuerJwk(new Uint8Array(10)), RangeError);
});

test('names in a challenge are hosts', () => {
  assert.equal(serverName('https://issuer.example/sync/'), 'issuer.example');
  assert.equal(serverName('http://localhost:8080/sync/'), 'localhost:8080');
  const context = new Uint8Array();
  for (const bad of [
    { issuer: '', context, origins: '' },
    { issuer: 'a b', context, origins: '' },
    { issuer: 'a', context: new Uint8Array(31), origins: '' },
    { issuer: 'a', context, origins: 'x'.repeat(70_000) },
  ]) {
    assert.throws(() => writeChallenge(bad), RangeError);
  }
});
