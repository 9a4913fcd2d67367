import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toHex } from '../src/log/bytes.ts';
import { checkpointText, readCheckpoint } from '../src/log/checkpoint.ts';
import {
  KEY_TYPES,
  readNote,
  readVerifier,
  sign,
  verified,
  verifierText,
  writeNote,
} from '../src/log/note.ts';
import { makeSigner } from './memory-log.ts';

/** The example of golang.org/x/mod/sumdb/note. */
const KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const NOTE =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n" +
  '\n' +
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

describe('a signed note', () => {
  test('of another implementation is read and verified', async () => {
    const verifier = await readVerifier(KEY);
    assert.equal(verifier.name, 'PeterNeumann');
    assert.equal(toHex(verifier.id), 'c74f20a3');
    assert.equal(verifierText(verifier), KEY);
    const note = readNote(NOTE);
    assert(note);
    assert.deepEqual(await verified(note, verifier), { seconds: null });
    assert.equal(writeNote(note), NOTE);
    const other = { ...note, text: note.text.replace('answer', 'Answer') };
    assert.equal(await verified(other, verifier), null);
  });

  test('by several keys has each of them', async () => {
    const log = await makeSigner('log.example', KEY_TYPES.ed25519);
    const witness = await makeSigner('witness.example', KEY_TYPES.cosignature);
    const stranger = await makeSigner('witness.example', KEY_TYPES.cosignature);
    const text = 'log.example\n0\nsomething\n';
    const signatures = [await sign(text, log, 0), await sign(text, witness, 1_800_000_000)];
    const note = readNote(writeNote({ text, signatures }));
    assert(note);
    assert.deepEqual(await verified(note, log.verifier), { seconds: null });
    assert.deepEqual(await verified(note, witness.verifier), { seconds: 1_800_000_000 });
    assert.equal(await verified(note, stranger.verifier), null);
  });

  test('that is none is none', () => {
    const none = [
      '',
      '\n',
      'text\n',
      'text\n\n',
      'text\n\n— name\n',
      'text\n\n— name AAAA\n',
      'text\n\n— na+me AAAAAAA=\n',
      'text\n\n- name AAAAAAAA\n',
      'text\n\n— name AAAAAAAA',
      'text\n\n— name AAAAAAAA more\n',
      'te\u0000xt\n\n— name AAAAAAAA\n',
      'te\ud800xt\n\n— name AAAAAAAA\n',
      `${'x'.repeat(1_000_001)}\n\n— name AAAAAAAA\n`,
    ];
    for (const source of none) assert.equal(readNote(source), null, source.slice(0, 40));
  });

  test('a key that does not fit its hash is refused', async () => {
    await assert.rejects(readVerifier(KEY.replace('c74f20a3', 'c74f20a4')), /fit its hash/);
    await assert.rejects(readVerifier('name+00000000+AAAA'), /no key/);
    await assert.rejects(readVerifier('nonsense'), /no key/);
  });
});

describe('a checkpoint', () => {
  test('is written as the format has it, and read back', () => {
    const text =
      'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    const checkpoint = readCheckpoint(text);
    assert.equal(checkpoint?.origin, 'example.com/behind-the-sofa');
    assert.equal(checkpoint.size, 20_852_163);
    assert.equal(checkpointText(checkpoint), text);
    assert.equal(readCheckpoint(`${text}an extension\n`)?.size, 20_852_163);
  });

  test('that is none is none', () => {
    const root = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
    for (const text of [
      '',
      `\n1\n${root}\n`,
      `log\n01\n${root}\n`,
      `log\n-1\n${root}\n`,
      `log\n9007199254740993\n${root}\n`,
      `log\n1\n${root.slice(4)}\n`,
      `log\n1\n${root}`,
      'log\n1\n',
    ]) {
      assert.equal(readCheckpoint(text), null, text);
    }
  });
});
