/** Sums that come late or by halves, what publishers may not choose, and drafts that a killed program leaves. */
import assert from 'node:assert/strict';
import { access, mkdir, rmdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifierText } from '@ossicle/wire/log';
import { FIELD_MODULUS, ROUND_KIND } from '@ossicle/wire/report';
import { roundOfEntry } from '../src/aggregate/remote/log-rounds.ts';
import type { DataFolder } from '../src/folder.ts';
import { readKey } from '../src/keys.ts';
import { learntText, type Learnt } from '../src/learn/learnt-entry.ts';
import { readText } from '../src/log/files.ts';
import { openLog } from '../src/open.ts';
import { learntDraftOf, prepare, writeDraft } from '../src/publish.ts';
import { roundEntry } from './aggregate-kit.ts';
import { run, type TestEnd } from './kit.ts';
import {
  at,
  FACTORS,
  honest,
  makeFiles,
  nextRound,
  openRound,
  publishSum,
  publishSums,
  removeFiles,
} from './learn-kit.ts';

/** In days: the commands have no other clock. */
const SECOND = 1 / 86_400;
const REPORTS = 5000;

before(makeFiles);
after(removeFiles);

async function addSums(folder: DataFolder, blocks: readonly number[]): Promise<void> {
  await using opened = await openLog(folder);
  await publishSums(opened, await honest(), REPORTS, blocks);
}

/** A log whose round is over, with sums of these blocks. */
async function roundOver(t: TestEnd, blocks: readonly number[]): Promise<DataFolder> {
  const folder = await openRound(t, SECOND);
  await addSums(folder, blocks);
  await sleep(1100);
  return folder;
}

const learn = (folder: DataFolder, ...more: readonly string[]) =>
  run('learn', '--listeners', at('asked.tsv'), ...more, '--data', folder.path);

async function learnFirst(folder: DataFolder, ...more: readonly string[]): Promise<void> {
  const { code, error } = await learn(folder, '--prior', at('prior'), ...more);
  assert.equal(code, 0, error);
}

async function signAndFinish(folder: DataFolder) {
  for (const role of ['publisher-1', 'publisher-2']) {
    const { code } = await run('publish', '--sign', folder.key(role), '--draft', folder.draft);
    assert.equal(code, 0);
  }
  return run('publish', '--finish', '--data', folder.path);
}

const audit = (folder: DataFolder) => run('audit', '--url', folder.public);

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

test('sums that come after a snapshot was learnt change nothing of what it was learnt from', async (t) => {
  const folder = await roundOver(t, [0]);
  await learnFirst(folder);
  await addSums(folder, [1]);
  const { code, out } = await audit(folder);
  assert.equal(code, 0, out);
  assert.match(out, /block 0 of 5000 reports, block 1 of 5000 reports/);
  assert.match(out, /ok {4}learnt .*the same bytes/);
});

test('a draft whose round has got sums since is not published', async (t) => {
  const folder = await roundOver(t, [0]);
  await learnFirst(folder, '--prepare');
  await addSums(folder, [1]);
  const refused = await signAndFinish(folder);
  assert.match(refused.error, /Sums of the round came into the log after the draft was made/);
  await learnFirst(folder, '--prepare');
  const finished = await signAndFinish(folder);
  assert.equal(finished.code, 0, finished.error);
  const { code, out } = await audit(folder);
  assert.equal(code, 0, out);
});

test('one half of a sum is a note, and wrong only where it was learnt from', async (t) => {
  const folder = await roundOver(t, [0]);
  const half = async (): Promise<void> => {
    await using opened = await openLog(folder);
    await publishSum(opened, 'b', 1, new Uint32Array(512 * (FACTORS + 1)), REPORTS);
  };
  await learnFirst(folder, '--prepare');
  await half();
  const waiting = await audit(folder);
  assert.equal(waiting.code, 0, waiting.out);
  const note = /\n {6}round 1: of block 1 the sum of aggregator a is not in the log\n/;
  assert.match(waiting.out, note);
  const refused = await signAndFinish(folder);
  assert.match(refused.error, /came into the log after the draft was made/);
  {
    await using opened = await openLog(folder);
    const [learnt, snapshot] = [learntDraftOf(folder.draft), folder.draft];
    const notes = await Promise.all([readText(learnt), readText(snapshot)]);
    await opened.log.append(notes.map((one) => one ?? ''));
  }
  const { code, out } = await audit(folder);
  assert.equal(code, 1);
  assert.match(out, /FAIL {2}learnt .*of block 1 the sum of aggregator a is not in the log/);
});

test('publishers choose no seed, and a new prior or other listeners are named', async (t) => {
  const folder = await roundOver(t, [0, 1]);
  await learnFirst(folder);
  await nextRound(folder, SECOND);
  await addSums(folder, [0, 1]);
  await sleep(1100);
  const words = ['--listeners', at('fewer.tsv'), '--prepare'];
  const prepared = await run('learn', ...words, '--data', folder.path);
  assert.equal(prepared.code, 0, prepared.error);
  const beside = learntDraftOf(folder.draft);
  const learnt = JSON.parse((await readText(beside))?.split('\n')[1] ?? '') as Learnt;
  await writeDraft(folder.draftScratch, beside, learntText({ ...learnt, seed: 2 }));
  const finished = await signAndFinish(folder);
  assert.equal(finished.code, 0, finished.error);
  const { code, out } = await audit(folder);
  assert.equal(code, 1);
  assert.match(out, /FAIL {2}learnt .*: its seed is 2, and nobody may choose another one than 1/);
  assert.match(out, /\n {6}learnt \w{12}: listeners \w{12}, and \w{12} the time before\n/);
  assert.doesNotMatch(out, /: prior /);
});

test('sums that another operator signed than the round names are none', async (t) => {
  const folder = await roundOver(t, [0]);
  const { verifier } = await readKey(folder.key('publisher-1'));
  const words = ['role', 'grant', 'operator-a', verifierText(verifier), '--data', folder.path];
  assert.equal((await run(...words)).code, 0);
  await using opened = await openLog(folder);
  const table = new Uint32Array(512 * (FACTORS + 1));
  await publishSum(opened, 'a', 1, table, REPORTS, 'publisher-1');
  const { code, out } = await audit(folder);
  assert.equal(code, 1);
  assert.match(out, /: sums of block 1 by aggregator a that no operator a of the round has signed/);
});

test('a sum with a number that is none of the field is not learnt from, and an auditor names it', async (t) => {
  const folder = await roundOver(t, [0]);
  const zeros = new Uint32Array(512 * (FACTORS + 1));
  {
    await using opened = await openLog(folder);
    await publishSum(opened, 'a', 1, zeros, REPORTS);
    await publishSum(opened, 'b', 1, zeros.with(9, FIELD_MODULUS), REPORTS);
  }
  const what = `of block 1 the sum of aggregator b has a number that is not below ${FIELD_MODULUS}`;
  const refused = await learn(folder, '--prior', at('prior'));
  assert.match(refused.error, new RegExp(`Round 1: ${what}. Nothing was published.`));
  const { code, out } = await audit(folder);
  assert.equal(code, 1);
  assert.match(out, new RegExp(`FAIL {2}round 1, \\w{12}: ${what}\n`));
});

test('a round that a publisher of the policy did not sign is none, whatever was revoked', async (t) => {
  const folder = await openRound(t);
  const [one, two] = await Promise.all(
    ['publisher-1', 'publisher-2'].map((role) => readKey(folder.key(role))),
  );
  assert(one && two);
  const key = verifierText(two.verifier);
  const revoked = await run('role', 'revoke', 'publisher', key, '--data', folder.path);
  assert.equal(revoked.code, 0, revoked.error);
  await using opened = await openLog(folder);
  const round = roundOfEntry(opened.log.entries.ofKind(ROUND_KIND).at(-1) ?? '');
  assert(round);
  await opened.log.append([await roundEntry({ ...round, epoch: 2 }, [one])]);
  const { code, out } = await audit(folder);
  assert.equal(code, 1);
  assert.match(out, /FAIL {2}signatures.*: a round that not all publishers have signed/);
});

test('a draft that a killed program leaves never loses what it was learnt from', async (t) => {
  const folder = await roundOver(t, [0, 1]);
  const beside = learntDraftOf(folder.draft);
  // Nothing can be written there: it ends right before the snapshot's draft.
  await mkdir(folder.draft);
  const killed = await learn(folder, '--prior', at('prior'), '--prepare');
  assert.match(killed.error, /EISDIR/);
  assert(await isThere(beside));
  await using opened = await openLog(folder);
  await assert.rejects(prepare(opened, at('other'), new Date()), { code: 'EISDIR' });
  assert(await isThere(beside));
  await rmdir(folder.draft);
  await prepare(opened, at('other'), new Date());
  assert(!(await isThere(beside)));
});
