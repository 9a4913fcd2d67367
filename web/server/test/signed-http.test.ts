import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { verifierText } from '@ossicle/wire/log';
import {
  answerFields,
  isSignedBy,
  requestFields,
  signedHeaders,
} from '../src/aggregate/remote/signed-http.ts';
import { makeNoteKey } from './aggregate-kit.ts';

const body = new TextEncoder().encode('a job');
const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;

test('what is signed is the signature base of RFC 9421, line by line', async () => {
  const signer = await makeNoteKey('operator-a');
  const { publicKey } = signer.verifier;
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const keyid = verifierText(signer.verifier);
  const rest = `;alg="ed25519";keyid="${keyid}";tag="ossicle-aggregate"`;
  const asked = `("@method" "@path" "content-digest")${rest}`;
  const answered = `("@status" "@path";req "content-digest";req "content-digest")${rest}`;
  const path = '/sync/aggregate/ab';
  const cases = [
    {
      fields: requestFields(path),
      input: asked,
      lines: ['"@method": POST', `"@path": ${path}`, `"content-digest": ${digest}`],
    },
    {
      fields: answerFields(200, path, body),
      input: answered,
      lines: [
        ...['"@status": 200', `"@path";req: ${path}`],
        ...[`"content-digest";req: ${digest}`, `"content-digest": ${digest}`],
      ],
    },
  ];
  for (const { fields, input, lines } of cases) {
    const headers = await signedHeaders(fields, body, signer);
    assert.equal(headers['content-digest'], digest);
    assert.equal(headers['signature-input'], `sig=${input}`);
    const base = [...lines, `"@signature-params": ${input}`].join('\n');
    const [, value = ''] = /^sig=:(.*):$/.exec(headers['signature'] ?? '') ?? [];
    assert(verify(null, Buffer.from(base), key, Buffer.from(value, 'base64')));
  }
});

test('another path, body, request, key or header, and it is signed by nobody', async () => {
  const [signer, other] = [await makeNoteKey('operator-a'), await makeNoteKey('operator-a')];
  const fields = requestFields('/sync/aggregate/ab');
  const headers = await signedHeaders(fields, body, signer);
  const peer = signer.verifier;
  const header = (name: string): string | null => headers[name] ?? null;
  assert(await isSignedBy(peer, fields, body, header));
  assert(!(await isSignedBy(other.verifier, fields, body, header)));
  assert(!(await isSignedBy(peer, requestFields('/sync/close/ab'), body, header)));
  assert(!(await isSignedBy(peer, fields, body.subarray(1), header)));
  assert(!(await isSignedBy(peer, answerFields(200, '/sync/aggregate/ab', body), body, header)));
  for (const name of Object.keys(headers)) {
    for (const value of [null, '', 'sig=:AAAA:', `${headers[name] ?? ''} `]) {
      const changed = (of: string): string | null => (of === name ? value : header(of));
      assert(!(await isSignedBy(peer, fields, body, changed)), `${name}: ${value}`);
    }
  }
  const askedElse = answerFields(200, '/x', body.subarray(1));
  const answer = await signedHeaders(answerFields(200, '/x', body), body, signer);
  assert(!(await isSignedBy(peer, askedElse, body, (name) => answer[name] ?? null)));
});
