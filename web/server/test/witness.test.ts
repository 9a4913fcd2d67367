import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { KEY_TYPES, utf8, verifierText, type Bytes } from '@ossicle/wire/log';
import { writeAddCheckpoint } from '@ossicle/wire/log/witness';
import { grow, signedCheckpoint } from '@ossicle/wire/log/writer';
import { InputError } from '../src/errors.ts';
import { makeKey, readKey } from '../src/keys.ts';
import { openLog } from '../src/open.ts';
import { startWitness } from '../src/witness/witness-server.ts';
import { accepted, emptyFolder, newLog, type TestEnd } from './kit.ts';

const entries = (text: string, n: number): Bytes[] =>
  Array.from({ length: n }, (_, i) => utf8(`${text} ${i}`));
const none = (): Promise<Bytes> => Promise.reject(new Error('nothing there'));

async function watched(t: TestEnd) {
  const folder = await emptyFolder(t);
  await folder.make();
  const make = (name: string) => makeKey(folder.key(name), folder.scratch, name, KEY_TYPES.ed25519);
  const [log, other] = [await make('log.example'), await make('other.example')];
  const logs = [verifierText(log.verifier)];
  const witness = await startWitness({ folder, name: 'witness.example', logs, port: 0 });
  t.after(async () => {
    await witness[Symbol.asyncDispose]();
  });
  const ask = async (body: string) => {
    const answer = await fetch(`${witness.origin}/add-checkpoint`, { method: 'POST', body });
    const type = answer.headers.get('content-type');
    return { status: answer.status, type, body: await answer.text() };
  };
  const asked = async (old: number, size: number, proof: readonly Bytes[] = [], text = 'a') => {
    const { checkpoint } = await grow('log.example', 0, entries(text, size), none);
    const source = await signedCheckpoint(checkpoint, log);
    return ask(writeAddCheckpoint({ old, proof, source }));
  };
  return { log, other, ask, asked, witness };
}

test('a witness answers each mistake with the status that the specification has for it', async (t) => {
  const { log, other, ask, asked } = await watched(t);
  assert.equal((await ask('nonsense')).status, 400);
  const { checkpoint } = await grow('log.example', 0, entries('a', 2), none);
  const forged = await signedCheckpoint(checkpoint, other);
  assert.equal((await ask(writeAddCheckpoint({ old: 0, proof: [], source: forged }))).status, 403);
  const foreign = await signedCheckpoint({ ...checkpoint, origin: 'other.example' }, log);
  assert.equal((await ask(writeAddCheckpoint({ old: 0, proof: [], source: foreign }))).status, 404);
  assert.equal((await asked(3, 2)).status, 400, 'an old size above the new one');
  const early = await asked(1, 2);
  assert.deepEqual(early, { status: 409, type: 'text/x.tlog.size', body: '0\n' });
  const junk = new Uint8Array(32);
  assert.equal((await asked(0, 2, [junk])).status, 422, 'a proof from nothing is empty');
  const first = await asked(0, 2);
  assert.equal(first.status, 200);
  assert.match(first.body, /^— witness\.example \S+\n$/);
  assert.equal((await asked(2, 2)).status, 200, 'the same again: it is still true');
  const fork = await asked(2, 2, [], 'b');
  assert.deepEqual([fork.status, fork.body], [409, '2\n'], 'another log of this size');
  assert.equal((await asked(2, 4, [junk])).status, 422, 'a proof of something else');
  assert.equal((await asked(0, 4)).status, 409, 'it has seen two');
  assert.equal((await ask('x'.repeat(70_000))).status, 413);
});

test('of two requests at once that go on from one size, a witness never forgets the longer', async (t) => {
  const { asked } = await watched(t);
  const answers = await Promise.all([asked(0, 1), asked(0, 5), asked(0, 3)]);
  const wins = answers.filter(({ status }) => status === 200);
  assert.equal(wins.length, 1);
  assert.ok(answers.every(({ status }) => status === 200 || status === 409));
});

test('a log with a witness elsewhere publishes when it has signed; while it is away the old checkpoint stays', async (t) => {
  const folder = await emptyFolder(t);
  const start = (logs: readonly string[], port = 0) =>
    startWitness({ folder, name: 'w.example', logs, port });
  const first = await start([]);
  const { origin, key } = first;
  await first[Symbol.asyncDispose]();
  const data = await newLog(t, { witnesses: [`${key}@${origin}`] });
  await using opened = await openLog(data);
  const away = await opened.log.publish();
  assert.deepEqual([away.size, away.waiting], [0, 3]);
  assert.match(away.refusals[0] ?? '', /^w\.example: /);
  await assert.rejects(readFile(data.file('checkpoint')), { code: 'ENOENT' });
  {
    await using back = await start([opened.config.policy.log], Number(new URL(origin).port));
    assert.equal(back.key, key);
    assert.equal((await opened.log.publish()).size, 3);
    await opened.log.append(['test/v1\na\n']);
  }
  const seen = await accepted(data, null);
  assert.equal(seen.size, 4);
  assert.deepEqual((await opened.log.append(['test/v1\nb\n'])).waiting, 1);
  assert.equal((await accepted(data, seen)).size, 4);
});

test('a key file is its owner’s alone, and a damaged one is refused', async (t) => {
  const folder = await emptyFolder(t);
  await folder.make();
  const path = folder.key('x');
  const made = await makeKey(path, folder.scratch, 'x.example', KEY_TYPES.ed25519);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual((await readKey(path)).verifier, made.verifier);
  const text = await readFile(path, 'utf8');
  for (const bad of ['', text.slice(0, -6), text.replace('x.example', 'y.example')]) {
    await writeFile(path, bad);
    await assert.rejects(readKey(path), InputError);
  }
  await assert.rejects(readKey(folder.key('none')), /cannot be read/);
});
