import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, describe, test } from 'node:test';
import { deleteDB, openDB } from 'idb';
import { Inbox } from '../src/background/inbox.ts';
import { report } from './support.ts';

const HERE = { tab: 1, frame: 0 };

interface Golden {
  readonly version: number;
  readonly key: string;
  readonly plays: readonly (object & {
    readonly words: { readonly iv: string; readonly sealed: string };
  })[];
  readonly taken: readonly object[];
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(base64, 'base64'));
}

describe('the inbox', () => {
  afterEach(() => deleteDB('ossicle-inbox'));

  test('keeps the latest of a play, and gives it when it is over', async () => {
    const inbox = new Inbox();
    const first = report({ playedMs: 10_000 });
    await inbox.keep(first, HERE);
    await inbox.keep({ ...first, playedMs: 20_000 }, HERE);
    assert.equal(await inbox.waiting(), 0);
    await inbox.keep({ ...first, playedMs: 30_000, end: 'skipped' }, HERE);
    assert.equal(await inbox.waiting(), 1);
    // Another instance: the one before was ended.
    const [play, none] = await new Inbox().take();
    const { id, artist, title, album, startedAt, durationMs } = first;
    const expected = { id, artist, title, album, startedAt, durationMs };
    assert.deepEqual(play, { ...expected, playedMs: 30_000, end: 'skipped' });
    assert.equal(none, undefined);
    await inbox.remove([id]);
    assert.deepEqual(await inbox.take(), []);
  });

  test('what comes late changes nothing', async () => {
    const inbox = new Inbox();
    const play = report({ playedMs: 30_000, end: 'finished' });
    await inbox.keep(play, HERE);
    await inbox.keep({ ...play, playedMs: 40_000, end: null }, HERE);
    await inbox.keep({ ...play, playedMs: 5000, end: 'left' }, HERE);
    const open = report({ playedMs: 9000 });
    await inbox.keep(open, HERE);
    await inbox.keep({ ...open, playedMs: 8000 }, HERE);
    await inbox.end();
    const heard = (await inbox.take()).map(({ playedMs, end }) => [playedMs, end]);
    assert.deepEqual(heard.toSorted(), [
      [30_000, 'finished'],
      [9000, 'left'],
    ]);
  });

  test('ends what a frame, a tab or all of them played', async () => {
    const inbox = new Inbox();
    for (const [tab, frame] of [
      [1, 0],
      [1, 4],
      [2, 0],
      [3, 0],
    ] as const) {
      await inbox.keep(report({ title: `${tab}/${frame}` }), { tab, frame });
    }
    assert.equal((await inbox.end({ tab: 1, frame: 4 })).length, 1);
    assert.equal((await inbox.end({ tab: 1 })).length, 1);
    assert.deepEqual(await inbox.end({ tab: 1 }), []);
    assert.equal((await inbox.end()).length, 2);
    assert.equal(await inbox.waiting(), 4);
  });

  test('a tab that is closed is credited with what played on since its last report', async () => {
    const inbox = new Inbox();
    const told: readonly (readonly [string, object])[] = [
      ['plays', { playedMs: 40_000 }],
      ['is silent', { playedMs: 40_000, playing: false }],
      ['ends first', { playedMs: 198_000 }],
      ['has no end', { playedMs: 500_000, durationMs: null }],
    ];
    for (const [title, change] of told) await inbox.keep(report({ title, ...change }), HERE);
    await inbox.end({ tab: 1 }, Date.now() + 4000);
    const heard = new Map((await inbox.take()).map(({ title, playedMs }) => [title, playedMs]));
    const near = (title: string, ms: number): void =>
      assert(Math.abs((heard.get(title) ?? 0) - ms) < 1000, `${title}: ${heard.get(title)}`);
    near('plays', 44_000);
    assert.equal(heard.get('is silent'), 40_000);
    assert.equal(heard.get('ends first'), 200_000);
    near('has no end', 504_000);
    await inbox.keep(report({ title: 'asleep', playedMs: 40_000 }), HERE);
    await inbox.end({ tab: 1 }, Date.now() + 3_600_000);
    assert.equal((await inbox.take()).find(({ title }) => title === 'asleep')?.playedMs, 50_000);
  });

  test('forgets, and what was written before cannot be read any more', async () => {
    const inbox = new Inbox();
    await inbox.keep(report({ end: 'finished', startedAt: 1 }), HERE);
    const db = await openDB('ossicle-inbox');
    const [record] = (await db.getAll('plays')) as unknown[];
    assert(!JSON.stringify(record).includes('Vitamin'));
    await inbox.forget();
    assert.equal(await db.count('plays'), 0);
    assert.equal(await db.count('facts'), 0);
    // Had a write of another process come in between.
    await db.put('plays', record);
    await inbox.keep(report({ end: 'finished', title: 'Halleluhwah' }), HERE);
    assert.deepEqual(
      (await inbox.take()).map(({ title }) => title),
      ['Halleluhwah'],
    );
    assert.equal(await inbox.waiting(), 1);
    db.close();
  });

  test('of version 1 opens', async () => {
    const file = new URL('golden/inbox-v1.json', import.meta.url);
    const golden = JSON.parse(await readFile(file, 'utf8')) as Golden;
    const key = await crypto.subtle.importKey('raw', bytes(golden.key), 'AES-GCM', false, [
      'encrypt',
      'decrypt',
    ]);
    const db = await openDB('ossicle-inbox', golden.version, {
      upgrade(made) {
        made.createObjectStore('facts');
        made.createObjectStore('plays', { keyPath: 'id' }).createIndex('over', 'over');
      },
    });
    await db.put('facts', key, 'key');
    for (const { words, ...play } of golden.plays) {
      const sealed = { iv: bytes(words.iv), sealed: bytes(words.sealed).buffer };
      await db.put('plays', { ...play, words: sealed });
    }
    db.close();
    const inbox = new Inbox();
    assert.equal((await inbox.end()).length, 1);
    assert.deepEqual(await inbox.take(), golden.taken);
  });
});
