/** From published sums to the next snapshot, and what an auditor says of logs that cheat. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { readNote, sign, writeNote, type Bytes } from '@ossicle/wire/log';
import { readSums, ROUND_KIND, SUMS_KIND } from '@ossicle/wire/report';
import { roundOfEntry } from '../src/aggregate/remote/log-rounds.ts';
import { sealTo } from '../src/aggregate/sealing.ts';
import { DataFolder } from '../src/folder.ts';
import { readKey } from '../src/keys.ts';
import { learn, type LearnOptions } from '../src/learn/learn.ts';
import { learntText, LEARNT_KIND, readLearnt, type Learnt } from '../src/learn/learnt-entry.ts';
import { openLog } from '../src/open.ts';
import { finish, learntDraftOf, prepare, signDraft, writeDraft } from '../src/publish.ts';
import { startServer } from '../src/server.ts';
import { makeReport, roundEntry } from './aggregate-kit.ts';
import { run, type TestEnd } from './kit.ts';
import {
  at,
  FACTORS,
  honest,
  makeFiles,
  nextRound,
  numbersFrom,
  openRound,
  publishSum,
  publishSums,
  removeFiles,
  tablesOf,
  tool,
} from './learn-kit.ts';

const REPORTS = 20;

/** Reports to the round that is open until it is over and its sums are in the log. */
async function reportTo(
  folder: DataFolder,
  tables: readonly Int32Array<ArrayBuffer>[],
): Promise<Date> {
  let clock = new Date();
  const options = { data: folder.path, port: 0, addEveryMs: 20, now: () => clock };
  await using server = await startServer(options);
  const { entries } = server.log.log;
  const round = roundOfEntry(entries.ofKind(ROUND_KIND).at(-1) ?? '');
  const { id, hex } = server.operators?.a.rounds()[0] ?? {};
  assert(round && id && hex !== undefined);
  const [a, b] = round.aggregators;
  const seal = await sealTo({ a: a.key, b: b.key });
  for (const [block, table] of tables.entries()) {
    for (let i = 0; i < REPORTS; ++i) {
      const body: Bytes = await makeReport({ id, block }, round, table, seal);
      const headers = { 'content-type': 'application/octet-stream' };
      const answer: Response = await fetch(`${server.origin}/sync/reports/${hex}`, {
        ...{ method: 'POST', body, headers },
      });
      assert.equal(answer.status, 201);
    }
  }
  clock = new Date(Date.parse(round.closes) + 1000);
  for (let waited = 0; entries.ofKind(SUMS_KIND).length < 2 * tables.length; waited += 20) {
    assert(waited < 30_000, 'no sums within half a minute');
    await sleep(20);
  }
  return clock;
}

async function sumsOf(folder: DataFolder): Promise<readonly string[]> {
  await using opened = await openLog(folder);
  return opened.log.entries
    .ofKind(SUMS_KIND)
    .map((source) => readSums(readNote(source)?.text ?? '')?.sum ?? '');
}

async function signAll(folder: DataFolder): Promise<void> {
  for (const role of ['publisher-1', 'publisher-2']) {
    await signDraft(folder.draft, folder.draftScratch, await readKey(folder.key(role)));
  }
}

/** A copy of the log with its round over, and nothing learnt yet. */
async function copyOf(t: TestEnd, folder: DataFolder): Promise<DataFolder> {
  const path = await mkdtemp(join(tmpdir(), 'ossicle-learnt-'));
  t.after(() => rm(path, { recursive: true }));
  await cp(folder.path, join(path, 'data'), { recursive: true });
  return new DataFolder(join(path, 'data'));
}

const audit = (folder: DataFolder, ...more: readonly string[]) =>
  run('audit', '--url', folder.public, ...more);

let reported: DataFolder;
let options: LearnOptions;
const ends: (() => Promise<void>)[] = [];

before(async () => {
  await makeFiles();
  reported = await openRound({ after: (end) => void ends.push(end) });
  const early = await run('learn', '--listeners', at('asked.tsv'), '--data', reported.path);
  assert.match(early.error, /No round is over yet/);
  const now = await reportTo(reported, await tablesOf(reported, await honest()));
  options = { listeners: at('asked.tsv'), prior: at('prior'), round: null, now };
});

after(async () => {
  for (const end of ends) await end();
  await removeFiles();
});

/** Learns, lets `change` falsify what the publishers sign, and publishes it. */
async function publishLearnt(
  folder: DataFolder,
  change: (learnt: Learnt) => Promise<Learnt> = (learnt) => Promise.resolve(learnt),
): Promise<Learnt> {
  await using opened = await openLog(folder, () => options.now);
  const result = await learn(opened, options);
  assert.equal(result.report.recall_at_20.before, 0);
  assert(result.kind === 'prepared');
  const learnt = await change(result.learnt);
  await writeDraft(folder.draftScratch, learntDraftOf(folder.draft), learntText(learnt));
  await signAll(folder);
  await finish(opened);
  return learnt;
}

test('a round is learnt from, and an auditor without anything comes to the same bytes', async (t) => {
  const folder = await copyOf(t, reported);
  const before = await audit(folder);
  assert.equal(before.code, 0, before.error + before.out);
  assert.match(before.out, /ok {4}round 1, .*block 0 of 20 reports, block 1 of 20 reports/);
  await publishLearnt(folder);
  {
    await using opened = await openLog(folder, () => options.now);
    const { entries } = opened.log;
    const { learnt } = readLearnt(entries.ofKind(LEARNT_KIND)[0] ?? '') ?? {};
    assert(learnt);
    assert.equal(learnt.varianceBefore, null);
    await assert.rejects(learn(opened, options), /was learnt from round 1 already/);
    await using server = await startServer({ data: folder.path, port: 0, now: () => options.now });
    const url = `${server.origin}/sync/`;
    const seen = at('seen.txt');
    const first = await run('audit', '--url', url, '--seen', seen);
    assert.equal(first.code, 0, first.out + first.error);
    assert.match(first.out, /ok {4}snapshot 2, [0-9a-f]{12}: 2 files, \d+ bytes\n/);
    assert.match(
      first.out,
      /ok {4}learnt .*rows moved, \d+ held back, recall@20 .*; the same bytes/,
    );
    assert.match(first.out, /All of it holds\.\n$/);
    const again = await run('audit', '--url', url, '--seen', seen, '--listeners', at('asked.tsv'));
    assert.match(again.out, /goes on from the \d+ entries seen before/);
    assert.equal(again.code, 0);
    const packaged = await promisify(execFile)(process.execPath, [tool, 'audit', '--url', url]);
    assert.match(packaged.stdout, /the same bytes\nAll of it holds\.\n$/);
    // The listeners are not served: somebody who has the file needs no blob.
    await rm(folder.file(`blob/${learnt.listeners}`));
    assert.match((await audit(folder)).out, /FAIL {2}learnt .*name the file: --listeners FILE/);
    assert.equal((await audit(folder, '--listeners', at('asked.tsv'))).code, 0);
  }
});

test('an altered sum, and one that nobody signed, are found', async (t) => {
  const folder = await copyOf(t, reported);
  await publishLearnt(folder);
  const [sum = ''] = await sumsOf(folder);
  const bytes = await readFile(folder.file(`blob/${sum}`));
  bytes[99] = (bytes[99] ?? 0) ^ 1;
  await writeFile(folder.file(`blob/${sum}`), bytes);
  const altered = await audit(folder);
  assert.equal(altered.code, 1);
  assert.match(altered.out, new RegExp(`FAIL {2}round 1, .*: blob ${sum} has another hash`));
  assert.match(altered.error, /2 checks failed: do not believe this log/);

  const forged = await copyOf(t, reported);
  await using opened = await openLog(forged, () => options.now);
  const source = opened.log.entries.ofKind(SUMS_KIND)[0] ?? '';
  const { text = '' } = readNote(source) ?? {};
  const stranger = await readKey(forged.key('publisher-1'));
  const signatures = [await sign(text, stranger, 0)];
  await opened.log.append([writeNote({ text, signatures })]);
  assert.match(
    (await audit(forged)).out,
    /FAIL {2}signatures.* that no operator [ab] of the round has signed/,
  );
});

test('a snapshot that is not what the sums say is found, though the publishers signed it', async (t) => {
  const folder = await copyOf(t, reported);
  await publishLearnt(folder, async (learnt) => {
    await using opened = await openLog(folder, () => options.now);
    const other = await prepare(opened, at('other'), options.now);
    return { ...learnt, manifest: other.entry.manifest };
  });
  const { code, out } = await audit(folder);
  assert.equal(code, 1);
  assert.match(out, /ok {4}snapshot 2/);
  assert.match(
    out,
    /FAIL {2}learnt .*: \S+ differs from byte \d+ on \(published \d+, recomputed \d+/,
  );
});

test('how another snapshot was learnt cannot be published with a draft', async (t) => {
  const folder = await copyOf(t, reported);
  const other = (learnt: Learnt): Promise<Learnt> =>
    Promise.resolve({ ...learnt, manifest: learnt.base });
  await assert.rejects(publishLearnt(folder, other), /says how another snapshot was learnt/);
});

test('a row that is said to be held back and was not is found, and a changed setting', async (t) => {
  const held = await copyOf(t, reported);
  const learnt = await publishLearnt(held, (one) =>
    Promise.resolve({ ...one, held: [...one.held, 999] }),
  );
  const named = learnt.held.join(', ');
  assert.match(
    (await audit(held)).out,
    new RegExp(
      `FAIL {2}learnt .*: rows held back are .* when recomputed, and the entry names ${named}`,
    ),
  );
  const loud = await copyOf(t, reported);
  await publishLearnt(loud, (one) => Promise.resolve({ ...one, sigma: 2 }));
  assert.match(
    (await audit(loud)).out,
    /FAIL {2}learnt .*: its clip or sigma is not that of the round/,
  );
});

test('an altered piece of a snapshot is found', async (t) => {
  const folder = await copyOf(t, reported);
  const { manifest } = await publishLearnt(folder);
  const { files } = JSON.parse(await readFile(folder.file(`blob/${manifest}`), 'utf8')) as {
    files: { pieces: { sha256: string }[] }[];
  };
  const piece = files.at(-1)?.pieces.at(-1)?.sha256 ?? '';
  await writeFile(folder.file(`blob/${piece}`), 'something else');
  assert.match(
    (await audit(folder)).out,
    new RegExp(`FAIL {2}snapshot 2, .*: blob ${piece} has another hash`),
  );
});

test('what cannot be learnt from is refused, and nothing is published', async (t) => {
  const folder = await copyOf(t, reported);
  await using opened = await openLog(folder, () => options.now);
  const size = opened.log.entries.size;
  const refused = (what: RegExp, changes: Partial<LearnOptions>): Promise<void> =>
    assert.rejects(learn(opened, { ...options, ...changes }), what);
  await refused(/There is no round 00ff in the log/, { round: '00ff' });
  await refused(/No round is over yet/, { now: new Date(0) });
  await refused(/name what is public of the catalogue/, { prior: null });
  await refused(/public listeners .* cannot be read/, { listeners: at('nobody.tsv') });
  await refused(/is no prior of this version.*\n?Nothing was published/, {
    prior: at('start/catalogue-0.safetensors'),
  });
  assert.match((await run('learn', '--data', folder.path)).error, /Name public listeners/);
  await run('publish', at('other'), '--data', folder.path);
  await refused(/was published after round 1 was opened/, {});
  assert.equal(opened.log.entries.size, size + 1);
});

const later = (): LearnOptions => ({ ...options, now: new Date(Date.now() + 8 * 86_400_000) });

test('sums that make lists worse are not published, and the reason is told', async (t) => {
  await using opened = await openLog(await openRound(t), () => later().now);
  const { entries } = opened.log;
  const next = numbersFrom(5);
  await publishSums(opened, () => Array.from({ length: FACTORS }, () => next() - 0.5), 5000);
  const size = entries.size;
  const what =
    /Nothing was published: recall of what was held out falls from 0\.\d+ to 0\.\d+\. The newest snapshot stays/;
  await assert.rejects(learn(opened, { ...later(), listeners: at('usual.tsv') }), what);
  assert.equal(entries.size, size);
  await assert.rejects(finish(opened), /There is no draft/);
});

test('sums of a round about other items are not learnt from, and an auditor finds the round', async (t) => {
  const folder = await openRound(t);
  await using opened = await openLog(folder, () => later().now);
  const before = roundOfEntry(opened.log.entries.ofKind(ROUND_KIND).at(-1) ?? '');
  assert(before);
  const closes = new Date(Date.parse(before.closes) + 60_000).toISOString();
  const round = { ...before, epoch: 2, opens: before.closes, closes, head: '0'.repeat(64) };
  const publishers = await Promise.all(
    ['publisher-1', 'publisher-2'].map((role) => readKey(folder.key(role))),
  );
  await opened.log.append([await roundEntry(round, publishers)]);
  await publishSums(opened, await honest(), 5000);
  const size = opened.log.entries.size;
  await assert.rejects(
    learn(opened, later()),
    /Round 2 is about other items than the snapshot before it has\..*nothing was published/,
  );
  assert.equal(opened.log.entries.size, size);
  const { code, out } = await audit(folder);
  assert.equal(code, 1);
  assert.match(out, /ok {4}round 1, .*about the items of the snapshot before/);
  assert.match(out, /FAIL {2}round 2, .*: it is about other items than snapshot 1 has/);
});

test('one aggregator alone gives nothing to learn from', async (t) => {
  await using opened = await openLog(await openRound(t), () => later().now);
  await assert.rejects(learn(opened, later()), /has no sums: fewer than 2 reports of each block/);
  await publishSum(opened, 'b', 0, new Uint32Array(512 * (FACTORS + 1)), 10);
  await assert.rejects(
    learn(opened, later()),
    /of block 0 the sum of aggregator a is not in the log/,
  );
});

test('two publishers elsewhere sign what was learnt, and the next round goes on from it', async (t) => {
  // A second each: the commands have no other clock.
  const second = 1 / 86_400;
  const folder = await openRound(t, second);
  const data = ['--data', folder.path];
  const [draft, beside] = [at('draft.note'), learntDraftOf(at('draft.note'))];
  for (const epoch of [2, 3]) {
    if (epoch > 2) await nextRound(folder, second);
    {
      await using opened = await openLog(folder);
      await publishSums(opened, await honest(), 5000);
    }
    await sleep(1100);
    const prior = epoch > 2 ? [] : ['--prior', at('prior')];
    const listeners = ['--listeners', at('asked.tsv')];
    const prepared = await run('learn', ...listeners, ...prior, '--prepare', ...data);
    assert.match(prepared.out, /rows moved; recall@20 .*\nheld back: .*\n.* to be signed:/);
    assert.match(prepared.out, /ossicle-snapshot\/v1\n.*\nossicle-learnt\/v1\n/, prepared.error);
    for (const role of ['publisher-1', 'publisher-2']) {
      const early = await run('publish', '--finish', ...data);
      assert.match(early.error, /of 2 publishers have signed the draft; missing: .*publisher-2/);
      await cp(folder.draft, draft);
      await cp(learntDraftOf(folder.draft), beside);
      const signed = await run('publish', '--sign', folder.key(role), '--draft', draft);
      assert.match(signed.out, /has signed:\nossicle-snapshot\/v1\n.*\nossicle-learnt\/v1\n/);
      await cp(draft, folder.draft);
      // Only the snapshot's note came back.
      if (role === 'publisher-2') {
        assert.match((await run('publish', '--finish', ...data)).error, /1 of 2 publishers/);
      }
      await cp(beside, learntDraftOf(folder.draft));
    }
    const finished = await run('publish', '--finish', ...data);
    assert.match(finished.out, new RegExp(`Epoch ${epoch}: `), finished.error);
  }
  await using opened = await openLog(folder);
  const [first, next] = opened.log.entries
    .ofKind(LEARNT_KIND)
    .map((one) => readLearnt(one)?.learnt);
  assert.equal(first?.varianceBefore, null);
  assert.equal(next?.varianceBefore, first.varianceAfter);
  assert.equal(next.base, first.manifest);
  assert.equal(next.prior, first.prior);
  const { code, out } = await audit(folder);
  assert.equal(code, 0, out);
  assert.equal(out.match(/the same bytes/g)?.length, 2);
});
