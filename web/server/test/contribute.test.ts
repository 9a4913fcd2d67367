/** The package contributes to the server that a person starts: what its listener heard arrives once, and is all that arrives. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { KEY_TYPES, utf8, verifierText, type Bytes } from '@ossicle/wire/log';
import { combine, numbersOf } from '@ossicle/wire/report';
import { openEngine, type Contributions, type Engine } from 'ossicle/node';
import { makeSigner, memoryLog, published } from '../../wire/test/memory-log.ts';
import { readBundle } from '../src/bundle.ts';
import { headOfSnapshot } from '../src/catalogue-head.ts';
import { startServer, type Server } from '../src/server.ts';
import { CLOSES, noNoise, roundEntry, startPair } from './aggregate-kit.ts';
import { bundleWith } from './bundles.ts';
import { BUNDLE, newLog, run, type TestEnd } from './kit.ts';

const ASSETS = fileURLToPath(new URL('../../engine/dist/assets', import.meta.url));
const AT = new Date('2026-11-20T12:00:00Z');

async function emptyFolder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'ossicle-contribute-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

async function opened(t: TestContext, snapshots?: string): Promise<Engine> {
  const engine = await openEngine({
    assets: ASSETS,
    snapshots: snapshots ?? (await emptyFolder(t)),
  });
  t.after(() => engine.close());
  return engine;
}

function contributionsOf({ contributions }: Engine): Contributions {
  assert(contributions);
  return contributions;
}

/** Hears each of these artists once. */
async function hear(engine: Engine, artists: readonly string[]): Promise<void> {
  for (const [i, artist] of artists.entries()) {
    const startedAt = new Date(AT.getTime() + 1000 * i);
    await engine.listen({ track: { artist, title: 'A song' }, startedAt, source: 'player' });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

interface Started {
  readonly server: Server;
  /** Of the folder that clients read. */
  readonly url: string;
  readonly publish: (bundle: string) => Promise<void>;
}

/** A server with a snapshot and a round that is open. */
async function started(t: TestEnd): Promise<Started> {
  const folder = await newLog(t);
  const data = ['--data', folder.path];
  const port = await freePort();
  const publish = async (bundle: string): Promise<void> => {
    const { code, error } = await run('publish', bundle, ...data);
    assert.equal(code, 0, error);
  };
  await publish(BUNDLE);
  const url = `http://127.0.0.1:${port}/sync/`;
  const { code, error } = await run('round', 'open', '--url', url, ...data);
  assert.equal(code, 0, error);
  // The client acts at the moments it is given, in the days of the round.
  const clock = (): Date => new Date(Date.now() + 60_000);
  const server = await startServer({ data: folder.path, port, addEveryMs: 20, now: clock });
  return { server, url, publish };
}

/** Reports of each block that A has stored. */
async function counted({ operators }: Server): Promise<number> {
  const known = operators?.a.rounds()[0];
  assert(operators && known);
  await operators.a.bring(known);
  const blocks = await operators.a.store.blocks(known.id);
  return blocks.reduce((sum, { count }) => sum + count, 0);
}

suite('a contribution', () => {
  const ends: (() => Promise<void>)[] = [];
  let server: Server;
  let url: string;
  let publish: Started['publish'];
  before(async () => {
    ({ server, url, publish } = await started({ after: (end) => void ends.push(end) }));
  });
  after(async () => {
    await server.close();
    for (const end of ends) await end();
  });

  test('is taken by both aggregators once, also when the answer to it was lost', async (t) => {
    const engine = await opened(t);
    await hear(engine, ['Portishead']);
    const contributions = contributionsOf(engine);
    const { fetch } = globalThis;
    const asked: string[] = [];
    t.mock.method(globalThis, 'fetch', async (input: URL | string, init: RequestInit) => {
      const answer = await fetch(input, init);
      if (init.method !== 'POST') return answer;
      const [what = ''] = new URL(input).pathname.split('/').slice(-2);
      asked.push(`${what} ${answer.status}`);
      if (asked.filter((line) => line.startsWith('reports')).length !== 1) return answer;
      throw new TypeError('the connection was lost');
    });
    await contributions.turnOn({ server: url });
    const { dueAt } = await contributions.step();
    assert(dueAt);
    assert.deepEqual(asked, ['tokens 200'], 'long before the report');
    const lost = await contributions.step({ now: dueAt });
    assert.deepEqual([lost.phase, lost.problem], ['sending', 'network']);
    assert(lost.dueAt);
    const sent = await contributions.step({ now: lost.dueAt });
    assert.deepEqual([sent.phase, sent.problem], ['sent', null]);
    assert.deepEqual(asked, ['tokens 200', 'reports 201', 'reports 201']);
    assert.deepEqual([sent.ledger.reports, sent.ledger.mostReports], [1, 12]);
    assert.equal(await counted(server), 1);
    assert.equal((await contributions.step({ now: lost.dueAt })).phase, 'sent');
    assert.equal(await counted(server), 1);
  });

  test('says what is learnt from: not what is banned, and not what learning is switched off for', async (t) => {
    const engine = await opened(t);
    const contributions = contributionsOf(engine);
    const known = ['Portishead', 'Radiohead', 'Björk', 'Massive Attack', 'Coldplay', 'Muse'];
    await hear(engine, known);
    await contributions.turnOn({ server: url });
    await contributions.step();
    const names = async (): Promise<readonly string[]> => {
      const { rows } = await contributions.preview({ server: url });
      return rows.map(({ name }) => name);
    };
    const [first = '', ...others] = await names();
    assert(others.length > 0 && [first, ...others].every((name) => known.includes(name)));
    const { items } = await engine.recommend({ limit: 100, reasons: 16 });
    const ids = new Map(
      items.flatMap(({ because }) => because.map(({ artist }) => [artist.name, artist.id])),
    );
    await engine.feedback(ids.get(first) ?? '', 'ban');
    assert.deepEqual(await names(), others);
    await engine.setLearning({ plays: false });
    assert.deepEqual(await names(), []);
    await engine.setLearning({ plays: true });
    assert.deepEqual(await names(), others);
    await engine.erase();
    assert.deepEqual(await names(), []);
  });

  test('reads the log with the checkpoint that snapshots have, and neither hides the news of the other', async (t) => {
    const engine = await opened(t);
    const contributions = contributionsOf(engine);
    const sync = engine.sync;
    assert(sync);
    await publish(bundleWith(await emptyFolder(t), (scale) => scale * 1.2));
    await contributions.turnOn({ server: url });
    assert.equal((await contributions.step()).phase, 'waiting');
    const before = await sync.state();
    assert.deepEqual([before.server, before.current], [null, null]);
    const { changed, current, log } = await sync.update({ server: url });
    assert.deepEqual([changed, current?.epoch, log?.entries], [true, 2, before.log?.entries]);
    const other = contributionsOf(await opened(t));
    await other.turnOn({ server: url });
    assert.equal((await other.step()).round?.epoch, 1);
  });

  test('of several listeners is, in the sum of both aggregators, the sum of what they were shown', async (t) => {
    const { files: bundle } = await readBundle(BUNDLE);
    const head = await headOfSnapshot(bundle, { blocks: 2, rows: 512 });
    await using pair = await startPair({
      round: { blocks: 2, head, clip: 1, minBatch: 1 },
      noise: noNoise,
    });
    const [log, witness] = [
      await makeSigner('log.example', KEY_TYPES.ed25519),
      await makeSigner('witness.example', KEY_TYPES.cosignature),
    ];
    const policy = {
      ...{ origin: 'log.example', log: verifierText(log.verifier), quorum: 1 },
      ...{ freshSeconds: 3600, witnesses: [verifierText(witness.verifier)], publisherQuorum: 2 },
      publishers: pair.keys.publishers.map(({ verifier }) => verifierText(verifier)),
    };
    const entry = await roundEntry(pair.round, pair.keys.publishers);
    const { checkpoint, files } = await memoryLog('log.example', [entry]);
    // Fresh at every moment of the round, whose times are those of the kit.
    const seconds = CLOSES.getTime() / 1000;
    t.mock.timers.enable({ apis: ['Date'], now: CLOSES.getTime() - 23 * 3_600_000 });
    files.set('checkpoint', utf8(await published(checkpoint, [log, witness], seconds)));
    files.set('policy.json', utf8(JSON.stringify(policy)));
    const from = 'https://log.example/sync/';
    const { fetch } = globalThis;
    t.mock.method(globalThis, 'fetch', async (input: URL | string, init: RequestInit) => {
      const to = String(input);
      if (to.startsWith(from)) {
        const bytes = files.get(to.slice(from.length));
        return new Response(bytes ?? null, { status: bytes ? 200 : 404 });
      }
      // A asks B.
      if (!to.startsWith(pair.round.aggregators[0].url)) return fetch(input, init);
      const became = await pair.a.receive(pair.hex, init.body as Bytes);
      return new Response(null, { status: became === 'accepted' ? 201 : 500 });
    });

    const expected = [0, 1].map(() => new Int32Array(numbersOf(pair.round)));
    for (const heard of [
      ['Portishead', 'Muse'],
      ['Muse', 'Coldplay', 'Björk'],
      ['Radiohead'],
      [],
    ]) {
      const engine = await opened(t);
      await hear(engine, heard);
      const contributions = contributionsOf(engine);
      await contributions.turnOn({ server: from, origins: ['https://a.example'] });
      const { dueAt } = await contributions.step();
      assert(dueAt);
      pair.at(dueAt);
      // The profile is of a moment, too: what is sent is of its own.
      const before = Date.now();
      t.mock.timers.setTime(dueAt.getTime());
      const { block, table } = await contributions.preview({ server: from });
      const sum = expected[block];
      expected[block] = new Int32Array(table.buffer).map((one, i) => one + (sum?.[i] ?? 0));
      assert.equal((await contributions.step({ now: dueAt })).phase, 'sent');
      t.mock.timers.setTime(before);
    }
    const sums = await pair.end();
    for (const [block, table] of expected.entries()) {
      const [a, b] = sums.filter(({ sums: { block: of } }) => of === block);
      const found = a && b ? combine(a.blob, b.blob) : new Int32Array(numbersOf(pair.round));
      assert.deepEqual(found, table);
    }
    const reports = sums.reduce((sum, { sums: { count } }) => sum + count, 0);
    assert.equal(reports, 8, 'four at each aggregator');
  });
});
