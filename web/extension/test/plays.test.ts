import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { countsAfterMs, verdictOf } from '../src/rules.ts';
import { checkedMessage, MOST_LETTERS, plainMs, plainText } from '../src/wire/plays.ts';

const NOW = Date.UTC(2026, 10, 29, 12);
const PLAY = {
  ...{ kind: 'play', id: '3b241101-e2bb-4255-8caf-4136c566a962' },
  ...{ artist: 'Nina Simone', title: 'Sinnerman', album: 'Pastel Blues' },
  ...{ startedAt: NOW - 60_000, playedMs: 60_000, durationMs: 622_000, playing: true, end: null },
};

describe('words that a page gives', () => {
  test('become one line of plain text', () => {
    assert.equal(plainText('  A\u0000\n\tB\u2028C  '), 'A B C');
    assert.equal(plainText('zero\u200bwidth\ufeff \u202eturned'), 'zerowidth turned');
    assert.equal(plainText('e\u0301'), '\u00e9');
    assert.equal(plainText('<b onclick=1>x</b>'), '<b onclick=1>x</b>');
    assert.equal(plainText('周杰倫 👩\u200d🎤'), '周杰倫 👩\u200d🎤');
    for (const none of [undefined, null, 7, {}, [], '', ' \u200b ']) {
      assert.equal(plainText(none), '');
    }
  });

  test('are cut, never within a letter', () => {
    assert.equal(plainText('x'.repeat(5_000_000)).length, MOST_LETTERS);
    const cut = plainText('😀'.repeat(1000).slice(1));
    assert(cut.isWellFormed() && cut.length <= MOST_LETTERS);
    assert(plainText(`${'x'.repeat(MOST_LETTERS - 1)}😀`).isWellFormed());
  });
});

describe('a message of an observer', () => {
  test('that is sound comes through as it is', () => {
    assert.deepEqual(checkedMessage({ ...PLAY, more: 'dropped' }, NOW), PLAY);
    const ended = { ...PLAY, playing: false, end: 'finished' };
    assert.deepEqual(checkedMessage(ended, NOW), ended);
    assert.deepEqual(checkedMessage({ kind: 'hello', search: 'https://a.b/?q={words}' }, NOW), {
      kind: 'hello',
      search: 'https://a.b/?q={words}',
    });
  });

  test('that lies is cut to size or is none', () => {
    const lies: readonly (readonly [object, 'none' | object])[] = [
      [{ id: 'x' }, 'none'],
      [{ id: 7 }, 'none'],
      [{ artist: ' ' }, 'none'],
      [{ title: null }, 'none'],
      [{ playedMs: -1 }, 'none'],
      [{ playedMs: NaN }, 'none'],
      [{ playedMs: 1e12 }, 'none'],
      [{ startedAt: 0 }, 'none'],
      [{ startedAt: Infinity }, 'none'],
      [{ startedAt: '2026' }, 'none'],
      [{ end: 'banned' }, 'none'],
      [{ kind: 'other' }, 'none'],
      [{ startedAt: NOW + 5000 }, { startedAt: NOW }],
      [{ durationMs: Infinity }, { durationMs: null }],
      [{ durationMs: 0 }, { durationMs: null }],
      [{ durationMs: 'long' }, { durationMs: null }],
      [{ album: 9 }, { album: '' }],
      [{ playing: 'yes' }, { playing: false }],
      [{ playedMs: 1.4 }, { playedMs: 1 }],
    ];
    for (const [change, expected] of lies) {
      const found = checkedMessage({ ...PLAY, ...change }, NOW);
      if (expected === 'none') assert.equal(found, null, JSON.stringify(change));
      else assert.deepEqual(found, { ...PLAY, ...expected });
    }
    for (const none of [null, undefined, 'play', 3, []]) {
      assert.equal(checkedMessage(none, NOW), null);
    }
    assert.deepEqual(checkedMessage({ kind: 'hello', search: 'x'.repeat(501) }, NOW), {
      kind: 'hello',
      search: null,
    });
    assert.equal(plainMs('3'), null);
  });
});

describe('a play', () => {
  test('counts when half of it or four minutes were heard', () => {
    assert.equal(countsAfterMs(100_000), 50_000);
    assert.equal(countsAfterMs(3_600_000), 240_000);
    assert.equal(countsAfterMs(null), 240_000);
    const of = (
      playedMs: number,
      durationMs: number | null,
      end: 'finished' | 'skipped' | 'left',
    ) => verdictOf({ playedMs, durationMs, end });
    assert.equal(of(50_000, 100_000, 'left'), 'play');
    assert.equal(of(49_999, 100_000, 'left'), 'nothing');
    assert.equal(of(49_999, 100_000, 'skipped'), 'nothing');
    assert.equal(of(240_000, 3_600_000, 'skipped'), 'play');
    assert.equal(of(29_000, 29_000, 'finished'), 'nothing');
    assert.equal(of(15_000, 30_000, 'left'), 'play');
  });

  test('is a skip when something else was wanted in its first moments', () => {
    const of = (playedMs: number, end: 'finished' | 'skipped' | 'left') =>
      verdictOf({ playedMs, durationMs: 200_000, end });
    assert.equal(of(5000, 'skipped'), 'skip');
    assert.equal(of(29_999, 'skipped'), 'skip');
    assert.equal(of(30_000, 'skipped'), 'nothing');
    assert.equal(of(999, 'skipped'), 'nothing');
    assert.equal(of(5000, 'left'), 'nothing');
  });
});
