import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { utf8, type Bytes } from '../src/log/bytes.ts';
import { acceptCheckpoint, LogError, readEntry, type LogErrorCode } from '../src/log/log.ts';
import { KEY_TYPES, type Signer } from '../src/log/note.ts';
import { entriesPath, newTiles, tilePath, unpackEntries, packEntries } from '../src/log/tiles.ts';
import { makeSigner, memoryLog, published, type MemoryLog } from './memory-log.ts';

const ORIGIN = 'log.example/snapshots';
const SECONDS = 1_800_000_000;
const NOW = new Date(SECONDS * 1000 + 60_000);
const BEFORE = 300;
const SIZE = 70_000;
const ENTRIES = Array.from({ length: SIZE }, (_, i) => `snapshot ${i}`);

describe('tiles', () => {
  test('have the paths of the format', () => {
    assert.equal(tilePath({ level: 0, index: 0, width: 256 }), 'tile/0/000');
    assert.equal(tilePath({ level: 1, index: 1_234_067, width: 256 }), 'tile/1/x001/x234/067');
    assert.equal(tilePath({ level: 3, index: 67, width: 9 }), 'tile/3/067.p/9');
    assert.equal(entriesPath({ index: 1000, width: 1 }), 'tile/entries/x001/000.p/1');
  });

  test('that are new are those that a longer log adds', () => {
    const paths = (a: number, b: number): string[] => newTiles(a, b).map(tilePath);
    assert.deepEqual(paths(0, 0), []);
    assert.deepEqual(paths(0, 1), ['tile/0/000.p/1']);
    assert.deepEqual(paths(255, 258), ['tile/0/000', 'tile/0/001.p/2', 'tile/1/000.p/1']);
    assert.deepEqual(paths(258, 258), []);
    assert.deepEqual(paths(65_535, 65_536), ['tile/0/255', 'tile/1/000', 'tile/2/000.p/1']);
  });

  test('entries are packed and unpacked, and cut ones are none', () => {
    const entries = ['', 'a', 'bc'.repeat(300)].map(utf8);
    const packed = packEntries(entries);
    assert.deepEqual(unpackEntries(packed), entries);
    assert.deepEqual(unpackEntries(new Uint8Array()), []);
    for (const length of [1, 3, 4, packed.length - 1]) {
      assert.equal(unpackEntries(packed.slice(0, length)), null);
    }
    assert.throws(() => packEntries([new Uint8Array(65_536)]), /65536 bytes/);
  });
});

describe('who reads a log', () => {
  let log: MemoryLog;
  let early: MemoryLog;
  let signer: Signer;
  let witnesses: readonly Signer[];
  let source: string;

  before(async () => {
    log = await memoryLog(ORIGIN, ENTRIES);
    early = await memoryLog(ORIGIN, ENTRIES.slice(0, BEFORE));
    signer = await makeSigner('log.example', KEY_TYPES.ed25519);
    witnesses = await Promise.all(
      ['one.example', 'two.example', 'three.example'].map((name) =>
        makeSigner(name, KEY_TYPES.cosignature),
      ),
    );
    source = await published(log.checkpoint, [signer, ...witnesses.slice(0, 2)], SECONDS);
  });

  const policy = () => ({
    ...{ origin: ORIGIN, log: signer.verifier, quorum: 2, freshSeconds: 86_400 },
    witnesses: witnesses.map(({ verifier }) => verifier),
  });
  const reader =
    ({ files }: MemoryLog, change: (path: string, bytes: Bytes) => Bytes = (_, bytes) => bytes) =>
    (path: string): Promise<Bytes> => {
      const found = files.get(path);
      return found
        ? Promise.resolve(change(path, found))
        : Promise.reject(new Error(`${path} is missing`));
    };
  const refuses = async (code: LogErrorCode, work: Promise<unknown>): Promise<void> => {
    await assert.rejects(work, (cause) => {
      assert(cause instanceof LogError, String(cause));
      assert.equal(cause.code, code, cause.message);
      assert(cause.message.length > 10);
      return true;
    });
  };

  test('accepts one that goes on where it ended, and any entry of it', async () => {
    for (const seen of [null, early.checkpoint, log.checkpoint]) {
      const found = await acceptCheckpoint(source, policy(), seen, reader(log), NOW);
      assert.deepEqual(found, log.checkpoint);
    }
    for (const index of [0, 255, 256, 65_535, 65_536, SIZE - 1]) {
      const entry = await readEntry(log.checkpoint, index, reader(log));
      assert.equal(new TextDecoder().decode(entry), `snapshot ${index}`);
    }
    await refuses('no_such_entry', readEntry(log.checkpoint, SIZE, reader(log)));
    await refuses('no_such_entry', readEntry(log.checkpoint, -1, reader(log)));
  });

  test('reads a few files of it', async () => {
    const asked: string[] = [];
    const read = reader(log, (path, bytes) => {
      asked.push(path);
      return bytes;
    });
    await acceptCheckpoint(source, policy(), early.checkpoint, read, NOW);
    await readEntry(log.checkpoint, 12_345, read);
    assert(asked.length <= 12, asked.join(' '));
  });

  test('refuses a log that lost entries, and one whose beginning is another', async () => {
    const some = ENTRIES.slice(0, 700);
    const { checkpoint: seen } = await memoryLog(ORIGIN, some);
    const accept = async (from: MemoryLog): Promise<unknown> => {
      const text = await published(from.checkpoint, [signer, ...witnesses], SECONDS);
      return acceptCheckpoint(text, policy(), seen, reader(from), NOW);
    };
    await refuses('rolled_back', accept(early));
    for (const more of [[], ['one more'], ENTRIES.slice(700, 1100)]) {
      const forked = await memoryLog(ORIGIN, [...some.with(400, 'another'), ...more]);
      await refuses('forked', accept(forked));
      const honest = await memoryLog(ORIGIN, [...some, ...more]);
      assert.deepEqual(await accept(honest), honest.checkpoint);
    }
  });

  test('refuses what the keys have not signed', async () => {
    const accept = (text: string): Promise<unknown> =>
      acceptCheckpoint(text, policy(), null, reader(log), NOW);
    const of = (signers: readonly Signer[], seconds = SECONDS): Promise<string> =>
      published(log.checkpoint, signers, seconds);
    const stranger = await makeSigner('log.example', KEY_TYPES.ed25519);
    await refuses('bad_signature', accept(await of([stranger, ...witnesses])));
    await refuses('bad_signature', accept(await of(witnesses)));
    await refuses('missing_witness', accept(await of([signer])));
    await refuses('missing_witness', accept(await of([signer, ...witnesses.slice(2)])));
    const impostor = await makeSigner('one.example', KEY_TYPES.cosignature);
    await refuses('missing_witness', accept(await of([signer, impostor, ...witnesses.slice(2)])));
    await refuses('stale', accept(await of([signer, ...witnesses], SECONDS - 90_000)));
    await refuses('malformed', accept('hello\n'));
    await refuses('malformed', accept(source.replace('\n70000\n', '\n7e4\n')));
    await refuses('bad_signature', accept(source.replace('\n70000\n', '\n70001\n')));
    const other = { ...log.checkpoint, origin: 'other.example' };
    await refuses('wrong_log', accept(await published(other, [signer, ...witnesses], SECONDS)));
  });

  test('refuses a tile or an entry that was altered or cut', async () => {
    const flipped = (part: string) => (path: string, bytes: Bytes) =>
      path.includes(part) ? bytes.with(3, (bytes[3] ?? 0) ^ 1) : bytes;
    const cut = (part: string) => (path: string, bytes: Bytes) =>
      path.includes(part) ? bytes.slice(0, -1) : bytes;
    const seen = early.checkpoint;
    const accept = (change: (path: string, bytes: Bytes) => Bytes): Promise<unknown> =>
      acceptCheckpoint(source, policy(), seen, reader(log, change), NOW);
    await refuses('altered', accept(flipped('tile/2/')));
    await refuses('truncated', accept(cut('tile/2/')));
    const entry = (change: (path: string, bytes: Bytes) => Bytes): Promise<unknown> =>
      readEntry(log.checkpoint, 5, reader(log, change));
    await refuses('altered', entry(flipped('tile/0/000')));
    await refuses('truncated', entry(cut('tile/0/000')));
    await refuses('truncated', entry(cut('tile/entries/000')));
    await refuses(
      'altered',
      entry((path, bytes) => {
        if (!path.startsWith('tile/entries/000')) return bytes;
        const entries = unpackEntries(bytes) ?? [];
        return packEntries([...entries.slice(0, 5), utf8('planted'), ...entries.slice(6)]);
      }),
    );
  });

  test('hears of a file that cannot be had', async () => {
    const gone = (): Promise<Bytes> => Promise.reject(new Error('no network'));
    await assert.rejects(readEntry(log.checkpoint, 0, gone), /no network/);
  });
});
