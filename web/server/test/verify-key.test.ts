import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { toHex } from '@ossicle/wire/log';
import { makeHpkeKey, type HpkeKey } from '../src/aggregate/sealing.ts';
import { verifyKeyOf } from '../src/aggregate/verify-key.ts';

const bytes = (hex: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(hex, 'hex'));
const keyOf = (publicKey: string, privateKey: string): HpkeKey => ({
  publicKey: Buffer.from(publicKey, 'hex').toString('base64'),
  privateKey: bytes(privateKey),
});

// Two keys and what they share: RFC 7748, 6.1.
const a = keyOf(
  '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
  '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a',
);
const b = keyOf(
  'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
  '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb',
);
const SHARED = bytes('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742');

const hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer =>
  parts.reduce((mac, part) => mac.update(part), createHmac('sha256', key)).digest();

/** HKDF of RFC 5869, one block, of the shared secret. */
function expected(round: Uint8Array): string {
  const key = hmac(new Uint8Array(32), SHARED);
  const info = Buffer.from('ossicle-verify-key/v1');
  return hmac(key, info, round, Uint8Array.of(1)).toString('hex');
}

test('both aggregators make the same verify key, another one for each round', () => {
  const rounds = [Uint8Array.from({ length: 32 }, (_, i) => i), new Uint8Array(32).fill(7)];
  for (const round of rounds) {
    assert.equal(toHex(verifyKeyOf(a, b.publicKey, round)), expected(round));
    assert.equal(toHex(verifyKeyOf(b, a.publicKey, round)), expected(round));
  }
  // As another implementation (Python) has it.
  const [first = new Uint8Array(32)] = rounds;
  assert.equal(expected(first), '603357f4a4eab8e9e6d2c3251f238b4d5b1aa064fd6ae7be2c35d915240ea47e');
  assert.equal(new Set(rounds.map(expected)).size, 2);
});

test('who has another key has another verify key, and a point without a secret is refused', async () => {
  const round = new Uint8Array(32);
  const other = await makeHpkeKey();
  assert.notEqual(toHex(verifyKeyOf(other, b.publicKey, round)), expected(round));
  assert.throws(() => verifyKeyOf(a, Buffer.alloc(32).toString('base64'), round));
});
