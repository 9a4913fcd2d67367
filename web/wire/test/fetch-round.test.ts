/** Whatever a server does to a round, a client refuses it with a reason of its own. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { toBase64, utf8, type Bytes } from '../src/log/bytes.ts';
import { LogError, type Checkpoint } from '../src/log/log.ts';
import { KEY_TYPES, sign, writeNote, type Signer } from '../src/log/note.ts';
import { entriesPath, tilePath } from '../src/log/tiles.ts';
import {
  fetchRound,
  RoundError,
  ROUND_KIND,
  roundText,
  type FetchedRound,
  type FetchRoundOptions,
  type Round,
} from '../src/report/index.ts';
import { makeSigner, memoryLog, published } from './memory-log.ts';

const ORIGIN = 'log.example/sync';
const NOW = new Date('2026-12-01T06:00:00Z');
const SECONDS = NOW.getTime() / 1000 - 60;
const ROLE = 'ossicle-role/v1\n{"change":"granted"}\n';

const key = (byte: number): string => toBase64(new Uint8Array(32).fill(byte));
const SIGNER = `operator.example+0123abcd+${toBase64(new Uint8Array(33))}`;
const roundOf = (epoch: number): Round => ({
  ...{ epoch, blocks: 2, rows: 512, factors: 128, clip: 1, fractionBits: 10, sigma: 8 },
  ...{
    head: '07'.repeat(32),
    minBatch: 50,
    opens: '2026-12-01T00:00:00Z',
    closes: '2026-12-08T00:00:00Z',
  },
  aggregators: [
    { role: 'a', url: 'https://a.example/sync/', key: key(1), signer: SIGNER },
    { role: 'b', url: 'https://b.example/sync/', key: key(2), signer: SIGNER },
  ],
  issuer: null,
});

let log: Signer;
let witness: Signer;
let publishers: readonly Signer[];
let policy: FetchRoundOptions['policy'];

async function entryOf(epoch: number, signers = publishers, text?: string): Promise<string> {
  const signed = text ?? roundText(roundOf(epoch));
  const signatures = await Promise.all(signers.map((one) => sign(signed, one, 0)));
  return writeNote({ text: signed, signatures });
}

type Files = Map<string, Bytes>;

async function serve(
  entries: readonly string[],
  { signers = [log, witness], seconds = SECONDS } = {},
): Promise<Files> {
  const { checkpoint, files } = await memoryLog(ORIGIN, entries);
  return files.set('checkpoint', utf8(await published(checkpoint, signers, seconds)));
}

function get(files: Files, changes: Partial<FetchRoundOptions> = {}): Promise<FetchedRound> {
  const read = (path: string): Promise<Bytes> => {
    const bytes = files.get(path);
    return bytes ? Promise.resolve(bytes) : Promise.reject(new Error(`no ${path}`));
  };
  const nothing = { seen: null, looked: 0, newest: null };
  return fetchRound({ read, policy, now: NOW, ...nothing, ...changes });
}

async function refuses(code: string, getting: Promise<unknown>): Promise<void> {
  await assert.rejects(getting, (error) => {
    assert(error instanceof LogError || error instanceof RoundError, String(error));
    assert.equal(error.code, code);
    return true;
  });
}

const checkpointOf = async (entries: readonly string[]): Promise<Checkpoint> =>
  (await memoryLog(ORIGIN, entries)).checkpoint;

before(async () => {
  log = await makeSigner('log.example', KEY_TYPES.ed25519);
  witness = await makeSigner('witness.example', KEY_TYPES.cosignature);
  publishers = [
    await makeSigner('publisher.example/a', KEY_TYPES.ed25519),
    await makeSigner('publisher.example/b', KEY_TYPES.ed25519),
  ];
  policy = {
    ...{ origin: ORIGIN, log: log.verifier, quorum: 1, freshSeconds: 3600 },
    witnesses: [witness.verifier],
    publishers: publishers.map(({ verifier }) => verifier),
  };
});

test('the newest round is found, whatever lies behind it', async () => {
  const files = await serve([ROLE, await entryOf(1), await entryOf(2), ROLE, ROLE]);
  const { checkpoint, found } = await get(files);
  assert.equal(checkpoint.size, 5);
  assert.deepEqual(found?.round, roundOf(2));
  assert.match(found.id, /^[0-9a-f]{64}$/);
  assert.equal(found.text, roundText(roundOf(2)));
});

test('what was looked through is not read again; the longer log is kept all the same', async () => {
  const entries = [ROLE, await entryOf(1)];
  const { found } = await get(await serve(entries));
  assert(found);
  const newest = { epoch: 1, id: found.id };
  const known = { seen: await checkpointOf(entries), looked: 2, newest };
  const longer = await get(await serve([...entries, ROLE, ROLE]), known);
  assert.deepEqual([longer.found, longer.checkpoint.size], [null, 4]);
  // A checkpoint that was accepted for a snapshot is no reason to pass a round over.
  const next = [...entries, await entryOf(2), ROLE];
  const seen = await checkpointOf(next);
  assert.equal((await get(await serve(next), { ...known, seen })).found?.round.epoch, 2);
  assert.equal((await get(await serve(entries), { newest })).found, null, 'found again');
  assert.equal((await get(await serve([ROLE]))).found, null);
});

test('a log that was rolled back, forked, kept back, not witnessed, or altered is refused', async () => {
  const entries = [ROLE, await entryOf(1), ROLE];
  const seen = await checkpointOf(entries);
  await refuses('rolled_back', get(await serve(entries.slice(0, 2)), { seen }));
  const fork = [ROLE, await entryOf(2), ROLE, ROLE];
  await refuses('forked', get(await serve(fork), { seen }));
  await refuses('stale', get(await serve(entries, { seconds: SECONDS - 4000 })));
  await refuses('missing_witness', get(await serve(entries, { signers: [log] })));
  await refuses('bad_signature', get(await serve(entries, { signers: [witness] })));
  for (const path of [
    tilePath({ level: 0, index: 0, width: 3 }),
    entriesPath({ index: 0, width: 3 }),
  ]) {
    const files = await serve(entries);
    const bytes = files.get(path) ?? new Uint8Array();
    await refuses('truncated', get(new Map(files).set(path, bytes.slice(0, -1))));
    const altered = bytes.with(-3, (bytes.at(-3) ?? 0) ^ 1);
    await refuses('altered', get(new Map(files).set(path, altered)));
  }
});

test('a round that is not signed by all, not one, or older than one before is refused', async () => {
  const alone = await entryOf(1, publishers.slice(1));
  await refuses('missing_publisher', get(await serve([alone])));
  await refuses('missing_publisher', get(await serve([`${ROUND_KIND}\n{}\n`])));
  const odd = await entryOf(1, publishers, roundText(roundOf(1)).replace('"sigma":8', '"sigma":0'));
  await refuses('malformed_round', get(await serve([odd])));
  const files = await serve([await entryOf(2)]);
  for (const epoch of [2, 3]) {
    await refuses('older_round', get(files, { newest: { epoch, id: '0'.repeat(64) } }));
  }
});

test('a stop ends it', async () => {
  const files = await serve([await entryOf(1)]);
  await assert.rejects(get(files, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});
