import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { Inbox } from '../src/background/inbox.ts';
import { TabNotes } from '../src/background/notes.ts';
import { Observed, type Sender } from '../src/background/observed.ts';
import type { NowPlaying } from '../src/wire/calls.ts';
import { fakeChrome, report, type FakeChrome } from './support.ts';

const HELLO = { kind: 'hello', search: null } as const;

function sender(change: Partial<Sender> = {}): Sender {
  return {
    ...{ place: { tab: 1, frame: 0 }, url: 'https://music.example/album/1', incognito: false },
    ...change,
  };
}

describe('what an observer tells', () => {
  let chrome: FakeChrome;
  let inbox: Inbox;
  let observed: Observed;
  const titles = async (): Promise<readonly string[]> =>
    (await inbox.take()).map(({ title }) => title);
  const now = (): readonly NowPlaying[] =>
    (chrome.session['now'] as readonly NowPlaying[] | undefined) ?? [];

  beforeEach(async () => {
    chrome = fakeChrome();
    chrome.granted.add('https://music.example/*');
    inbox = new Inbox();
    await inbox.forget();
    observed = new Observed(inbox, new TabNotes());
  });

  test('is kept, and shown while it plays', async () => {
    const play = report({ playedMs: 5000 });
    assert.equal(await observed.take(play, sender()), 'kept');
    assert.deepEqual(
      now().map(({ title, playing, origin }) => [title, playing, origin]),
      [['Vitamin C', true, 'https://music.example']],
    );
    await observed.take({ ...play, playedMs: 150_000, end: 'finished', playing: false }, sender());
    assert.equal(now()[0]?.playing, false);
    assert.deepEqual(await titles(), ['Vitamin C']);
  });

  test('is refused from a site that is not on, and from a private window', async () => {
    const play = report({ end: 'finished' });
    for (const from of [
      sender({ url: 'https://other.example/' }),
      sender({ url: 'http://music.example/' }),
      sender({ url: 'about:blank' }),
      sender({ incognito: true }),
    ]) {
      assert.equal(await observed.take(play, from), 'stop');
    }
    assert.deepEqual(await titles(), []);
    assert.deepEqual(now(), []);
  });

  test('of a site that is turned off in the middle ends there', async () => {
    await observed.take(report({ playedMs: 120_000 }), sender());
    chrome.granted.clear();
    assert.equal(await observed.take(report(), sender()), 'stop');
    assert.deepEqual(await titles(), ['Vitamin C']);
  });

  test('in a private session leaves no trace, of the play that was under way neither', async () => {
    const begun = report({ title: 'begun before' });
    await observed.take(begun, sender());
    chrome.local['private'] = true;
    await observed.take({ ...begun, playedMs: 150_000 }, sender());
    const within = report({ title: 'private' });
    await observed.take(within, sender());
    assert.deepEqual(now(), []);
    chrome.local['private'] = false;
    for (const play of [begun, within]) {
      await observed.take({ ...play, playedMs: 200_000, end: 'finished' }, sender());
    }
    await observed.take(report({ title: 'after', end: 'left', playedMs: 150_000 }), sender());
    assert.deepEqual(await titles(), ['after']);
  });

  test('another page in the frame ends what it played, and only that', async () => {
    const other = sender({ place: { tab: 2, frame: 0 } });
    await observed.take(report({ title: 'here', playedMs: 150_000 }), sender());
    await observed.take(report({ title: 'there', playedMs: 150_000 }), other);
    await observed.take(HELLO, sender());
    assert.deepEqual(await titles(), ['here']);
    assert.deepEqual(
      now().map(({ title }) => title),
      ['there'],
    );
    await observed.ended({ tab: 2 });
    assert.deepEqual(await titles(), ['here', 'there']);
  });

  test('is dropped where it is no play', async () => {
    await observed.take(
      report({ playedMs: 20_000, durationMs: 20_000, end: 'finished' }),
      sender(),
    );
    await observed.take(report({ playedMs: 40_000, end: 'skipped' }), sender());
    await observed.take(report({ title: 'given up', playedMs: 4000, end: 'skipped' }), sender());
    assert.deepEqual(await titles(), ['given up']);
    assert.equal(await observed.take({ kind: 'play', id: '<script>' }, sender()), 'kept');
  });

  test('a search is the site’s own', async () => {
    const own = 'https://music.example/find?q={words}';
    await observed.take({ kind: 'hello', search: own }, sender());
    await observed.take(report(), sender());
    assert.equal(now()[0]?.search, own);
    const foreign = sender({ place: { tab: 3, frame: 0 } });
    await observed.take({ kind: 'hello', search: 'https://evil.example/?q={words}' }, foreign);
    await observed.take(report({ title: 'Halleluhwah' }), foreign);
    assert.equal(now()[0]?.search, null);
  });

  test('of two hundred tabs at once is all kept, and a few are shown', async () => {
    await Promise.all(
      Array.from({ length: 200 }, (_, tab) =>
        observed.take(
          report({ title: `song ${tab}`, end: 'finished', playedMs: 150_000 }),
          sender({ place: { tab, frame: 0 } }),
        ),
      ),
    );
    assert.equal(new Set(await titles()).size, 200);
    assert.equal(now().length, 8);
    assert.deepEqual(chrome.homes, ['home.html']);
  });

  test('the engine is not woken for one play', async () => {
    await observed.take(report({ end: 'finished', playedMs: 150_000 }), sender());
    assert.deepEqual(chrome.homes, []);
  });
});
