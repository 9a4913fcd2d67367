import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { strToU8, zipSync } from 'fflate';
import { exportOf, pieces } from '../src/pieces.ts';
import { named, ossicleError } from './support.ts';

function streamOf(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const parts = await Array.fromAsync(pieces(stream));
  for (const { bytes } of parts) assert.ok(bytes.length <= 65536);
  return Buffer.concat(parts.map(({ bytes }) => bytes)).toString();
}

const zip = zipSync({
  'user.json': strToU8('{"user_id":1}'),
  'listens/2024/1.jsonl': strToU8('{"a":1}\n'),
  'listens/2024/2.jsonl': strToU8('{"b":2}'),
  'feedback.jsonl': strToU8('{"c":3}\n'),
});

suite('pieces of an export', () => {
  test('join to the export, however the stream was cut', async () => {
    const bytes = Uint8Array.from({ length: 200_001 }, (_, i) => i % 251);
    for (const size of [1000, 65535, 65536, 65537, 200_001]) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
      const parts = await Array.fromAsync(pieces(streamOf(...chunks)));
      assert.deepEqual(Buffer.concat(parts.map((each) => each.bytes)), Buffer.from(bytes));
      assert.equal(parts.at(-1)?.readBytes, bytes.length);
    }
  });

  test('of an empty export are one empty piece', async () => {
    assert.deepEqual(await Array.fromAsync(pieces(exportOf(new Uint8Array()).stream)), [
      { bytes: new Uint8Array(0), readBytes: 0 },
    ]);
  });

  test('of a ListenBrainz zip are its listens only, each file on lines of its own', async () => {
    const expected = '{"a":1}\n\n{"b":2}\n';
    assert.equal(await textOf(exportOf(new Blob([zip])).stream), expected);
    const bytewise = Array.from(zip, (byte) => Uint8Array.of(byte));
    assert.equal(await textOf(streamOf(...bytewise)), expected);
  });

  test('of a zip that was cut short end in an error that names the file', async () => {
    const long = zipSync({
      'listens/1.jsonl': strToU8(JSON.stringify(Array.from({ length: 9999 }, Math.random))),
    });
    const cut = textOf(streamOf(long.slice(0, long.length / 2)));
    await assert.rejects(cut, ossicleError('corrupt', /listens\/1\.jsonl/));
  });

  test('of a damaged zip end in an error', async () => {
    const damaged = zip.slice();
    const at = Buffer.from(damaged).indexOf('listens/2024/1.jsonl') + 'listens/2024/1.jsonl'.length;
    damaged[at] = 0x07;
    await assert.rejects(textOf(streamOf(damaged)), ossicleError('corrupt', /damaged/));
  });

  test('of another zip end in an error that says what is read', async () => {
    const other = zipSync({ 'photos/1.jpg': strToU8('...') });
    await assert.rejects(textOf(streamOf(other)), ossicleError('unknown_format', /ListenBrainz/));
  });

  test('that nobody wants any more cancel the stream', async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(65536)),
      cancel: () => void (cancelled = true),
    });
    for await (const piece of pieces(endless)) {
      assert.equal(piece.bytes.length, 65536);
      break;
    }
    assert.equal(cancelled, true);
  });

  test('of a stream that fails end in its error', async () => {
    const failing = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new DOMException('gone', 'NotReadableError')),
    });
    await assert.rejects(textOf(failing), named('NotReadableError'));
  });
});
