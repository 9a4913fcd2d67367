/** Whatever a server does to a snapshot, a client refuses it with a reason of its own, and what it had stays as it was. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { utf8, type Bytes } from '../src/log/bytes.ts';
import { LogError } from '../src/log/log.ts';
import { KEY_TYPES, sign, writeNote, type Signer } from '../src/log/note.ts';
import { entriesPath, tilePath } from '../src/log/tiles.ts';
import {
  blobPath,
  cut,
  entryText,
  fetchSnapshot,
  hashOf,
  makeManifest,
  PIECE_BYTES,
  readManifest,
  SnapshotError,
  type Accepted,
  type Fetched,
  type SnapshotFile,
  type SnapshotPolicy,
} from '../src/snapshot/snapshot.ts';
import { makeSigner, memoryLog, published } from './memory-log.ts';

const ORIGIN = 'log.example/sync';
const NOW = new Date('2026-11-29T06:00:00Z');
const SECONDS = NOW.getTime() / 1000 - 60;

/** Pseudo-random bytes that are the same in each run. */
function noise(length: number, seed: number): Bytes {
  let state = seed >>> 0 || 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** A safetensors file of two tensors; the first changes with `seed`. */
function shard(seed: number): Bytes {
  const [a, b] = [200_000, 150_000];
  const header = JSON.stringify({
    q: { dtype: 'I8', shape: [a], data_offsets: [0, a] },
    names: { dtype: 'U8', shape: [b], data_offsets: [a, a + b] },
  });
  const out = new Uint8Array(8 + header.length + a + b);
  new DataView(out.buffer).setBigUint64(0, BigInt(header.length), true);
  out.set(utf8(header), 8);
  out.set(noise(a, seed), 8 + header.length);
  out.set(noise(b, 77), 8 + header.length + a);
  return out;
}

const bundle = (seed: number): ReadonlyMap<string, Bytes> =>
  new Map([
    ['bundle.json', utf8(`{"seed":${seed}}\n`)],
    ['catalogue-0.safetensors', shard(seed)],
  ]);

interface World {
  readonly log: Signer;
  readonly witnesses: readonly Signer[];
  readonly publishers: readonly Signer[];
  readonly policy: SnapshotPolicy;
}
let world: World;

interface Published {
  readonly entry: string;
  readonly hash: string;
  readonly blobs: ReadonlyMap<string, Bytes>;
}

async function publish(
  epoch: number,
  previous: string | null,
  { seed = epoch, signers = world.publishers, bytes = 0 } = {},
): Promise<Published> {
  const made = await makeManifest(epoch, previous, bundle(seed));
  const text = entryText({
    ...{ epoch, manifest: made.hash, bytes: bytes || made.bytes.length },
    at: NOW.toISOString(),
  });
  const signatures = await Promise.all(signers.map((signer) => sign(text, signer, 0)));
  return { entry: writeNote({ text, signatures }), hash: made.hash, blobs: made.blobs };
}

type Files = Map<string, Bytes>;

/** The files of a server whose log has these entries. */
async function serve(
  entries: readonly string[],
  snapshots: readonly Published[],
  { witnesses = world.witnesses, seconds = SECONDS } = {},
): Promise<Files> {
  const { checkpoint, files } = await memoryLog(ORIGIN, entries);
  const note = await published(checkpoint, [world.log, ...witnesses], seconds);
  files.set('checkpoint', utf8(note));
  for (const { blobs } of snapshots) {
    for (const [hash, bytes] of blobs) files.set(blobPath(hash), bytes);
  }
  return files;
}

const ROLE = 'ossicle-role/v1\n{"change":"granted"}\n';

function get(
  files: Files,
  accepted: Accepted | null = null,
  have: ReadonlyMap<string, Bytes> = new Map(),
  asked: string[] = [],
): Promise<Fetched> {
  const read = (path: string): Promise<Bytes> => {
    asked.push(path);
    const bytes = files.get(path);
    return bytes ? Promise.resolve(bytes) : Promise.reject(new Error(`no ${path}`));
  };
  return fetchSnapshot({ read, policy: world.policy, accepted, files: have, now: NOW });
}

async function refuses(code: string, getting: Promise<unknown>): Promise<void> {
  await assert.rejects(getting, (error) => {
    assert(error instanceof LogError || error instanceof SnapshotError, String(error));
    assert.equal(error.code, code);
    return true;
  });
}

/** A client that has snapshot 1 of a log of two entries, and a server that has snapshot 2. */
let first: Published;
let second: Published;
let entries: readonly string[];
let accepted: Accepted;

before(async () => {
  const log = await makeSigner('log.example', KEY_TYPES.ed25519);
  const witnesses = [
    await makeSigner('witness.example/a', KEY_TYPES.cosignature),
    await makeSigner('witness.example/b', KEY_TYPES.cosignature),
  ];
  const publishers = [
    await makeSigner('publisher.example/a', KEY_TYPES.ed25519),
    await makeSigner('publisher.example/b', KEY_TYPES.ed25519),
  ];
  const policy = {
    ...{ origin: ORIGIN, log: log.verifier, quorum: 2, freshSeconds: 3600 },
    witnesses: witnesses.map(({ verifier }) => verifier),
    publishers: publishers.map(({ verifier }) => verifier),
    publisherQuorum: 2,
  };
  world = { log, witnesses, publishers, policy };
  first = await publish(1, null);
  second = await publish(2, first.hash);
  const { checkpoint } = await memoryLog(ORIGIN, [ROLE, first.entry]);
  accepted = { checkpoint, looked: 2, newest: { epoch: 1, manifest: first.hash } };
  entries = [ROLE, first.entry, second.entry, ROLE];
});

describe('a snapshot is fetched', () => {
  test('by a client that has nothing: the newest, every byte of it', async () => {
    const { checkpoint, snapshot } = await get(await serve(entries, [first, second]));
    assert(snapshot);
    assert.equal(snapshot.epoch, 2);
    assert.equal(snapshot.fetchedBytes, snapshot.totalBytes);
    assert.deepEqual(snapshot.files, bundle(2));
    assert.equal(checkpoint.size, 4);
  });

  test('by a client that has the one before: only what changed, and it asks the same whoever it is', async () => {
    const asked: string[] = [];
    const files = await serve(entries, [first, second]);
    const { snapshot } = await get(files, accepted, bundle(1), asked);
    assert(snapshot);
    assert.deepEqual(snapshot.files, bundle(2));
    const changed = 200_000 + '{"seed":2}\n'.length;
    assert.equal(snapshot.fetchedBytes, changed);
    assert.equal(asked.length, new Set(asked).size);
  });

  test('not when what is in use is the newest; the longer log is kept all the same', async () => {
    const longer = [ROLE, first.entry, ROLE, ROLE, ROLE];
    const { checkpoint, snapshot } = await get(await serve(longer, [first]), accepted);
    assert.equal(snapshot, null);
    assert.equal(checkpoint.size, 5);
  });

  test('that came before a checkpoint which was accepted for something else', async () => {
    const { checkpoint } = await memoryLog(ORIGIN, entries);
    const files = await serve([...entries, ROLE], [first, second]);
    const { snapshot } = await get(files, { ...accepted, checkpoint }, bundle(1));
    assert.equal(snapshot?.epoch, 2);
    const none = { checkpoint, looked: 1, newest: null };
    assert.equal((await get(files, none)).snapshot?.epoch, 2);
    await refuses('no_snapshot', get(files, { ...none, looked: 4 }));
  });

  test('a stop ends it', async () => {
    const files = await serve(entries, [first, second]);
    const stop = new AbortController();
    const reading = fetchSnapshot({
      read: (path) => {
        if (path.startsWith('blob/')) stop.abort();
        return Promise.resolve(files.get(path) ?? new Uint8Array());
      },
      ...{ policy: world.policy, accepted, files: new Map(), now: NOW, signal: stop.signal },
    });
    await assert.rejects(reading, { name: 'AbortError' });
  });
});

describe('a snapshot is refused', () => {
  test('with an altered block, a truncated one, and an altered manifest', async () => {
    const server = await serve(entries, [first, second]);
    const [manifest] = [...second.blobs].filter(([hash]) => hash === second.hash);
    const piece = [...second.blobs].find(
      ([hash]) => !first.blobs.has(hash) && hash !== second.hash,
    );
    assert(manifest && piece);
    const changed = (hash: string, bytes: Bytes): Files =>
      new Map(server).set(blobPath(hash), bytes);
    const flip = (bytes: Bytes): Bytes => bytes.with(3, (bytes[3] ?? 0) ^ 1);
    await refuses('altered_block', get(changed(piece[0], flip(piece[1])), accepted));
    await refuses('truncated_block', get(changed(piece[0], piece[1].slice(1)), accepted));
    await refuses('altered_manifest', get(changed(manifest[0], flip(manifest[1])), accepted));
    await refuses('altered_manifest', get(changed(manifest[0], manifest[1].slice(1)), accepted));
  });

  test('of a log that was rolled back, or forked, or is too old, or that too few witnesses saw', async () => {
    await refuses('rolled_back', get(await serve([first.entry], [first]), accepted));
    const fork = [ROLE, second.entry, second.entry];
    await refuses('forked', get(await serve(fork, [second]), accepted));
    const late = await serve(entries, [second], { seconds: SECONDS - 4000 });
    await refuses('stale', get(late, accepted));
    const alone = await serve(entries, [second], { witnesses: world.witnesses.slice(1) });
    await refuses('missing_witness', get(alone, accepted));
  });

  test('of a log whose tile was cut short or altered', async () => {
    const width = entries.length;
    for (const [path, code] of [
      [tilePath({ level: 0, index: 0, width }), 'truncated'],
      [entriesPath({ index: 0, width }), 'truncated'],
    ] as const) {
      const files = await serve(entries, [first, second]);
      const bytes = files.get(path);
      assert(bytes);
      await refuses(code, get(new Map(files).set(path, bytes.slice(0, -1)), accepted));
      const altered = bytes.with(-3, (bytes.at(-3) ?? 0) ^ 1);
      await refuses('altered', get(new Map(files).set(path, altered), null));
    }
  });

  test('that one publisher signed alone, even twice', async () => {
    const [one] = world.publishers;
    assert(one);
    for (const signers of [[one], [one, one], []]) {
      const lone = await publish(2, first.hash, { signers });
      const files = await serve([ROLE, first.entry, lone.entry], [lone]);
      // A note without signatures is no note.
      await refuses(
        signers.length === 0 ? 'malformed_entry' : 'missing_publisher',
        get(files, accepted),
      );
    }
    const lone = await publish(2, first.hash, { signers: [one] });
    const files = await serve([lone.entry], [lone]);
    const twice = [one.verifier, one.verifier];
    const policy = { ...world.policy, publishers: twice };
    const read = (path: string): Promise<Bytes> =>
      Promise.resolve(files.get(path) ?? new Uint8Array());
    await refuses(
      'missing_publisher',
      fetchSnapshot({ read, policy, accepted: null, files: new Map(), now: NOW }),
    );
  });

  test('whose manifest gives a block another length than it has, be it here already or listed twice', async () => {
    const { bytes } = await makeManifest(2, first.hash, bundle(2));
    const json = JSON.parse(new TextDecoder().decode(bytes)) as { files: SnapshotFile[] };
    const [, last] = json.files;
    assert(last);
    const [header, ...rest] = last.pieces;
    assert(header);
    for (const length of [1, header.bytes + 1]) {
      // The header again, at the end, as if it had another length: it would not fit, or leave a gap.
      const pieces = [header, ...rest, { ...header, bytes: length }];
      const files = [json.files[0], { ...last, bytes: last.bytes + length, pieces }];
      const manifest = utf8(JSON.stringify({ ...json, files }));
      const hash = await hashOf(manifest);
      const text = entryText({
        ...{ epoch: 2, manifest: hash, bytes: manifest.length, at: NOW.toISOString() },
      });
      const signatures = await Promise.all(world.publishers.map((one) => sign(text, one, 0)));
      const entry = writeNote({ text, signatures });
      const blobs = new Map([...second.blobs, [hash, manifest] as const]);
      const server = await serve([ROLE, first.entry, entry], [{ entry, hash, blobs }]);
      await refuses('malformed_manifest', get(server, accepted, bundle(1)));
    }
  });

  test('at once: after an altered block no further one is asked for', async () => {
    const files = await serve(entries, [first, second]);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const blocks: string[] = [];
    const read = async (path: string): Promise<Bytes> => {
      const bytes = files.get(path) ?? new Uint8Array();
      if (!path.startsWith('blob/') || path === blobPath(second.hash)) return bytes;
      blocks.push(path);
      if (blocks.length === 1) return bytes.with(0, (bytes[0] ?? 0) ^ 1);
      await promise;
      return bytes;
    };
    const options = { policy: world.policy, accepted, files: new Map(), now: NOW };
    await refuses('altered_block', fetchSnapshot({ read, ...options }));
    // The other three lanes get what they had asked for.
    resolve(undefined);
    await new Promise((done) => setTimeout(done, 50));
    assert.equal(blocks.length, 4);
  });

  test('that is older than the one in use, of its age, or does not follow it', async () => {
    const newer = { ...accepted, newest: { epoch: 3, manifest: second.hash } };
    await refuses('older_snapshot', get(await serve(entries, [second]), newer));
    const other = await publish(1, null, { seed: 9 });
    await refuses('older_snapshot', get(await serve([...entries, other.entry], [other]), accepted));
    const stray = await publish(2, second.hash, { seed: 9 });
    const files = await serve([...entries, stray.entry], [stray]);
    await refuses('wrong_predecessor', get(files, accepted));
  });

  test('of a log that has none, or an entry that says what cannot be', async () => {
    await refuses('no_snapshot', get(await serve([ROLE], [])));
    const odd = `ossicle-snapshot/v1\n{"epoch":2}\n`;
    const signatures = await Promise.all(world.publishers.map((one) => sign(odd, one, 0)));
    const note = writeNote({ text: odd, signatures });
    await refuses('malformed_entry', get(await serve([note], [])));
    const huge = await publish(2, null, { bytes: 2_000_000 });
    await refuses('malformed_manifest', get(await serve([huge.entry], [huge])));
  });

  test('whichever byte of whichever file is changed: what is accepted is what was published', async () => {
    const files = await serve(entries, [first, second]);
    const right = bundle(2);
    const seen = new Map<string, number>();
    let state = 7;
    const random = (n: number): number => {
      state = (Math.imul(state, 48271) >>> 0) % 2147483647;
      return state % n;
    };
    const paths = [...files.keys()];
    for (let round = 0; round < 100; ++round) {
      const path = paths[random(paths.length)] ?? '';
      const bytes = files.get(path) ?? new Uint8Array();
      const at = random(bytes.length);
      const altered = bytes.with(at, (bytes[at] ?? 0) ^ (1 << random(8)));
      try {
        const { snapshot } = await get(new Map(files).set(path, altered), accepted, bundle(1));
        assert.deepEqual(snapshot?.files, right);
        seen.set('accepted', (seen.get('accepted') ?? 0) + 1);
      } catch (error) {
        assert(
          error instanceof LogError || error instanceof SnapshotError,
          `${path}: ${String(error)}`,
        );
        seen.set(error.code, (seen.get(error.code) ?? 0) + 1);
      }
    }
    console.log([...seen].map(([code, n]) => `${code} ${n}`).join(', '));
    assert((seen.get('altered_block') ?? 0) > 5);
  });
});

describe('a manifest', () => {
  test('is read as it was made, and nothing else is', async () => {
    const { bytes } = await makeManifest(3, null, bundle(3));
    const read = readManifest(bytes);
    assert(typeof read !== 'string');
    assert.equal(read.epoch, 3);
    const change = (edit: (json: Record<string, unknown>) => unknown): string | object => {
      const json = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
      const edited = edit(json) ?? json;
      return readManifest(utf8(JSON.stringify(edited)));
    };
    const file = { path: 'bundle.json', bytes: 0, sha256: '0'.repeat(64), pieces: [] };
    const wrong: readonly ((json: Record<string, unknown>) => unknown)[] = [
      () => [],
      () => 3,
      (json) => ({ ...json, version: 2 }),
      (json) => ({ ...json, format: 'other' }),
      (json) => ({ ...json, epoch: 0 }),
      (json) => ({ ...json, epoch: 1.5 }),
      (json) => ({ ...json, previous: 'x' }),
      (json) => ({ ...json, files: [] }),
      (json) => ({ ...json, files: [file, file] }),
      (json) => ({ ...json, files: [{ ...file, path: '../bundle.json' }] }),
      (json) => ({ ...json, files: [{ ...file, path: 'catalogue.bin' }] }),
      (json) => ({ ...json, files: [{ ...file, bytes: 5 }] }),
      (json) => ({ ...json, files: [{ ...file, bytes: 1e9 }] }),
      (json) => ({ ...json, files: [{ ...file, sha256: 'no' }] }),
      (json) => ({ ...json, files: [{ ...file, pieces: [{ bytes: 0, sha256: file.sha256 }] }] }),
      (json) => ({ ...json, files: [null] }),
    ];
    for (const edit of wrong) assert.equal(typeof change(edit), 'string', String(edit));
    assert.equal(typeof readManifest(bytes.slice(1)), 'string');
    assert.equal(typeof readManifest(Uint8Array.of(0xff, 0xfe)), 'string');
  });

  test('cuts at tensors: one that changes takes no other with it', async () => {
    const pieces = cut('a.safetensors', shard(1));
    assert.equal(
      pieces.reduce((sum, { length }) => sum + length, 0),
      shard(1).length,
    );
    assert(pieces.every(({ length }) => length > 0 && length <= PIECE_BYTES));
    const hashes = async (seed: number): Promise<Set<string>> =>
      new Set(await Promise.all(cut('a.safetensors', shard(seed)).map(hashOf)));
    const [one, two] = [await hashes(1), await hashes(2)];
    // The header, and the second tensor of 150,000 bytes.
    assert.equal([...one].filter((hash) => two.has(hash)).length, 1 + 3);
    // Whatever the bytes are, no piece is lost.
    for (const bytes of [new Uint8Array(), noise(7, 1), noise(70_000, 2), shard(3).slice(0, 90)]) {
      const joined = cut('b.safetensors', bytes).flatMap((piece) => [...piece]);
      assert.deepEqual(joined, [...bytes]);
    }
  });
});
