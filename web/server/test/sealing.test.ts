/** The seal against the specification's own example, and against the library's primitives, which clients use. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { AEAD_AES_128_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke';
import { makeHpkeKey, openWith, sealTo } from '../src/aggregate/sealing.ts';

const bytes = (hex: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(hex, 'hex'));
const text = (value: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(value));

test('what RFC 9180 sealed (A.1.1.1, sequence number 0) opens, and not with another tag, info or header', async () => {
  const open = openWith({
    publicKey: Buffer.from(
      '3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d',
      'hex',
    ).toString('base64'),
    privateKey: bytes('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8'),
  });
  const sealed = bytes(
    '37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431' +
      'f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a',
  );
  const [info, aad] = [text('Ode on a Grecian Urn'), text('Count-0')];
  const plain = await open(sealed, info, aad);
  assert.equal(Buffer.from(plain ?? []).toString(), 'Beauty is truth, truth beauty');
  assert.equal(await open(sealed, text('Ode'), aad), null);
  assert.equal(await open(sealed, info, text('Count-1')), null);
  for (const at of [0, 31, 32, sealed.length - 17, sealed.length - 1]) {
    const other = sealed.slice();
    other[at] = (other[at] ?? 0) ^ 1;
    assert.equal(await open(other, info, aad), null, `byte ${at}`);
  }
  for (const length of [0, 31, 32, 47, sealed.length - 1]) {
    assert.equal(await open(sealed.subarray(0, length), info, aad), null, `${length} bytes`);
  }
});

test("the library's own primitives open what is sealed here, and the other way round", async () => {
  const [a, b] = [await makeHpkeKey(), await makeHpkeKey()];
  const seal = await sealTo({ a: a.publicKey, b: b.publicKey });
  const stock = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_128_GCM);
  const [info, aad] = [text('info'), text('header')];
  for (const size of [0, 1, 32, 264_192]) {
    const plain = new Uint8Array(randomBytes(size));
    const sealed = await seal('b', plain, info, aad);
    const key = await stock.DeserializePrivateKey(b.privateKey);
    const [head, rest] = [sealed.subarray(0, 32), sealed.subarray(32)];
    assert.deepEqual(new Uint8Array(await stock.Open(key, head, rest, { info, aad })), plain);
    const publicKey = await stock.DeserializePublicKey(Buffer.from(a.publicKey, 'base64'));
    const other = await stock.Seal(publicKey, plain, { info, aad });
    const whole = new Uint8Array(Buffer.concat([other.encapsulatedSecret, other.ciphertext]));
    assert.deepEqual(await openWith(a)(whole, info, aad), plain);
    assert.equal(await openWith(b)(whole, info, aad), null);
  }
});
