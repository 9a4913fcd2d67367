import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { strToU8, zipSync } from 'fflate';
import { Cutter, exportOf, partsOf } from '../src/transfer/pieces.ts';
import { named, ossicleError } from './support.ts';

function streamOf(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

/** File by file: `name: text`. */
async function filesOf(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const files: Uint8Array[][] = [];
  let open = false;
  for await (const { file, bytes, last } of partsOf(stream, { bytes: 0 })) {
    if (!open) files.push([Buffer.from(`${file ?? '-'}: `)]);
    open = !last;
    files.at(-1)?.push(bytes);
  }
  return files.map((parts) => Buffer.concat(parts).toString());
}

const zip = zipSync({
  'user.json': strToU8('{"user_id":1}'),
  'listens/2024/1.jsonl': strToU8('{"a":1}\n'),
  'listens/2024/2.jsonl': strToU8('{"b":2}'),
  'feedback.jsonl': strToU8('{"c":3}\n'),
});

suite('pieces of an export', () => {
  test('join to the export, however it was cut', () => {
    const bytes = Uint8Array.from({ length: 200_001 }, (_, i) => i % 251);
    for (const size of [1000, 65535, 65536, 65537, 200_001]) {
      const cutter = new Cutter();
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        pieces.push(...cutter.add(bytes.slice(at, at + size)));
      }
      pieces.push(cutter.rest());
      for (const piece of pieces) assert.ok(piece.length <= 65536);
      assert.deepEqual(Buffer.concat(pieces), Buffer.from(bytes));
    }
  });
});

suite('the files of an export', () => {
  test('are the export itself, and how far it was read', async () => {
    const reading = { bytes: 0 };
    const stream = streamOf(strToU8('ab'), strToU8('cdefg'));
    const parts = await Array.fromAsync(partsOf(stream, reading));
    assert.equal(Buffer.concat(parts.map(({ bytes }) => bytes)).toString(), 'abcdefg');
    assert.equal(reading.bytes, 7);
    assert.deepEqual(await filesOf(exportOf(new Uint8Array()).stream), ['-: ']);
  });

  test('are in UTF-8 when the export is UTF-16, with or without a mark', async () => {
    const little = Buffer.from('\u{FEFF}[Björk, 東]', 'utf16le');
    for (const bytes of [
      little,
      little.subarray(2),
      little.map((_, i) => little[i ^ 1]!),
      Buffer.from('\u{FEFF}[Björk, 東]'),
    ]) {
      const bytewise = Array.from(bytes, (byte) => Uint8Array.of(byte));
      for (const stream of [streamOf(bytes), streamOf(...bytewise)]) {
        const [file] = await filesOf(stream);
        assert.equal(file?.replace('\u{FEFF}', ''), '-: [Björk, 東]');
      }
    }
  });

  test('of a ListenBrainz zip are its listens only', async () => {
    const expected = ['listens/2024/1.jsonl: {"a":1}\n', 'listens/2024/2.jsonl: {"b":2}'];
    assert.deepEqual(await filesOf(exportOf(new Blob([zip])).stream), expected);
    const bytewise = Array.from(zip, (byte) => Uint8Array.of(byte));
    assert.deepEqual(await filesOf(streamOf(...bytewise)), expected);
  });

  test('of a zip that was cut short end in an error that names the file', async () => {
    const long = zipSync({
      'listens/1.jsonl': strToU8(JSON.stringify(Array.from({ length: 9999 }, Math.random))),
    });
    const cut = filesOf(streamOf(long.slice(0, long.length / 2)));
    await assert.rejects(cut, ossicleError('corrupt', /listens\/1\.jsonl/));
  });

  test('of a damaged zip end in an error', async () => {
    const damaged = zip.slice();
    const at = Buffer.from(damaged).indexOf('listens/2024/1.jsonl') + 'listens/2024/1.jsonl'.length;
    damaged[at] = 0x07;
    await assert.rejects(filesOf(streamOf(damaged)), ossicleError('corrupt', /damaged/));
  });

  test('of another zip end in an error that says what is read', async () => {
    const other = zipSync({ 'photos/1.jpg': strToU8('...') });
    await assert.rejects(filesOf(streamOf(other)), ossicleError('unknown_format', /ListenBrainz/));
  });

  test('that nobody wants any more cancel the stream', async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(65536).fill(32)),
      cancel: () => void (cancelled = true),
    });
    for await (const part of partsOf(endless, { bytes: 0 })) {
      assert.equal(part.bytes.length, 65536);
      break;
    }
    assert.equal(cancelled, true);
  });

  test('of a stream that fails end in its error', async () => {
    const failing = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new DOMException('gone', 'NotReadableError')),
    });
    await assert.rejects(filesOf(failing), named('NotReadableError'));
  });
});
