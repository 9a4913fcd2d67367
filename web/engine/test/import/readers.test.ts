import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { appleActivityReader } from '../../src/import/apple-activity.ts';
import { appleLibraryReader } from '../../src/import/apple-library.ts';
import type { OpenReader, ReadListen, ReadRecord } from '../../src/import/records.ts';
import { spotifyReader } from '../../src/import/spotify.ts';
import { dateOf, youtubeHtmlReader } from '../../src/import/youtube-html.ts';
import { youtubeReader } from '../../src/import/youtube.ts';
import * as shapes from './shapes.ts';

const now = Date.parse('2026-11-01T00:00:00Z');

/** Reads a text in parts of `size` characters. */
function read(open: OpenReader, text: string, size = text.length): ReadRecord[] {
  const reader = open(now);
  const records: ReadRecord[] = [];
  for (let at = 0; at < text.length; at += size) {
    records.push(...reader.push(text.slice(at, at + size)));
  }
  return [...records, ...reader.end()];
}

function listensOf(records: readonly ReadRecord[]): ReadListen[] {
  return records.flatMap((record) => ('listen' in record ? [record.listen] : []));
}

function problemsOf(records: readonly ReadRecord[]): string[] {
  return records.flatMap((record) =>
    'problem' in record ? [`${record.problem} in line ${record.line}`] : [],
  );
}

const all: readonly (readonly [string, OpenReader, string])[] = [
  ['Spotify account data', spotifyReader, shapes.spotifyAccount],
  ['Spotify extended history', spotifyReader, shapes.spotifyExtended],
  ['YouTube Music as JSON', youtubeReader, shapes.youtubeJson],
  ['YouTube Music as HTML', youtubeHtmlReader, shapes.youtubeHtml],
  ['an Apple library', appleLibraryReader, shapes.appleLibrary],
  ['Apple play activity', appleActivityReader, shapes.applePlayActivity],
  ['Apple daily tracks', appleActivityReader, shapes.appleDailyTracks],
];

for (const [name, open, text] of all) {
  suite(name, () => {
    test('reads the same however the text is cut', () => {
      const whole = read(open, text);
      assert.ok(listensOf(whole).length > 0);
      for (const size of [1, 7, 64]) assert.deepEqual(read(open, text, size), whole);
    });

    test('cut anywhere keeps what came before, and never throws', () => {
      const whole = listensOf(read(open, text)).map((listen) => JSON.stringify(listen));
      for (let end = 0; end < text.length; end += 13) {
        const cut = listensOf(read(open, text.slice(0, end)));
        // A last row of CSV may be without its end of line: nobody can tell whether it is whole.
        if (open === appleActivityReader) cut.pop();
        for (const listen of cut) assert.ok(whole.includes(JSON.stringify(listen)), `at ${end}`);
      }
    });

    test('of noise makes no listen and no exception', () => {
      for (const noise of ['', '\0\0\0', '}{}{', '"'.repeat(99), text.replace(/[a-z]/gi, '?')]) {
        assert.deepEqual(listensOf(read(open, noise)), []);
      }
    });
  });
}

suite('Spotify', () => {
  test('tells when a play began, to the second', () => {
    const records = read(spotifyReader, shapes.spotifyAccount);
    assert.deepEqual(listensOf(records)[0], {
      ...{ artist: 'Portishead', title: 'Roads', playedMs: 304_000 },
      startedAt: new Date('2026-03-01T19:58:56Z'),
    });
    assert.deepEqual(problemsOf(records), [
      'not_played in line 8',
      'bad_date in line 14',
      'future_date in line 20',
    ]);
  });

  test('leaves podcasts, audiobooks, private sessions and nameless records out, and says so', () => {
    const records = read(spotifyReader, shapes.spotifyExtended);
    assert.deepEqual(
      listensOf(records).map(({ artist, title, album }) => [artist, title, album]),
      [['Massive Attack', 'Teardrop “live”\n', 'Mezzanine']].map(([a, b, c]) => [a, b?.trim(), c]),
    );
    assert.deepEqual(
      problemsOf(records).map((problem) => problem.split(' ')[0]),
      ['not_music', 'not_music', 'private_session', 'no_artist', 'bad_record'],
    );
  });

  test('a broken record costs that record alone', () => {
    const broken = shapes.spotifyAccount.replace('"Strangers",', '"Stran\ngers",');
    const records = read(spotifyReader, broken);
    assert.equal(problemsOf(records)[0], 'bad_record in line 8');
    assert.equal(problemsOf(records).length, 3);
    assert.ok(listensOf(records).length > 0);
  });

  test('a list of something else is a list of problems', () => {
    const records = read(spotifyReader, '[{"tracks":[]}, {"msPlayed":"many"}, {}]');
    assert.deepEqual(problemsOf(records), Array(3).fill('bad_record in line 1'));
  });

  test('a record without end does not fill the memory', () => {
    const reader = spotifyReader(now);
    const problems: ReadRecord[] = [...reader.push('[{"msPlayed":1,"artistName":"')];
    const part = 'x'.repeat(1 << 16);
    for (let i = 0; i < 64; ++i) problems.push(...reader.push(part));
    problems.push(...reader.push('"},{"msPlayed":0}]'), ...reader.end());
    assert.deepEqual(problemsOf(problems), ['too_long in line 1', 'not_played in line 1']);
  });
});

suite('YouTube Music', () => {
  test('takes what was played in it, without "Watched" and "- Topic", in several languages', () => {
    const records = read(youtubeReader, shapes.youtubeJson);
    assert.deepEqual(
      listensOf(records).map(({ artist, title }) => `${artist}: ${title ?? ''}`),
      ['Portishead: Roads', 'Björk: Jóga', '久石譲: Summer'],
    );
    assert.deepEqual(
      problemsOf(records).map((problem) => problem.split(' ')[0]),
      ['not_music', 'no_artist'],
    );
  });

  test('as HTML gives the same listens as JSON where the dates are English', () => {
    const records = read(youtubeHtmlReader, shapes.youtubeHtml);
    assert.deepEqual(listensOf(records), [
      {
        ...{ artist: 'Portishead', title: 'Roads & Glory Box' },
        startedAt: new Date('2026-03-01T19:00:00Z'),
      },
    ]);
    assert.deepEqual(problemsOf(records), ['not_music in line 3', 'bad_date in line 4']);
  });

  test('reads English dates in the zones of Takeout', () => {
    const at = '2026-03-01T20:05:06.000Z';
    for (const date of [
      'Mar 1, 2026, 8:05:06 PM UTC',
      'Mar 1, 2026, 8:05:06\u{202F}PM UTC',
      '1 Mar 2026, 21:05:06 CET',
      '2 March 2026, 01:35:06 GMT+5:30',
      'March 1, 2026, 12:05:06 PM PST',
    ]) {
      assert.equal(new Date(dateOf(date)).toISOString(), at, date);
    }
    for (const date of ['01.03.2026, 20:05:06 MEZ', 'Mar 1, 2026, 8:05:06 PM XYZ', '']) {
      assert.ok(Number.isNaN(dateOf(date)), date);
    }
  });
});

suite('an Apple library', () => {
  test('places the plays whose dates it lacks on the days after the track was added, and says so', () => {
    const records = read(appleLibraryReader, shapes.appleLibrary);
    const roads = listensOf(records).filter(({ title }) => title === 'Roads & more');
    assert.deepEqual(
      roads.map(({ startedAt, dateEstimated }) => [
        startedAt.toISOString(),
        dateEstimated ?? false,
      ]),
      [
        ['2026-03-01T20:00:00.000Z', false],
        ['2024-01-01T10:00:00.000Z', true],
        ['2024-01-02T10:00:00.000Z', true],
      ],
    );
    assert.deepEqual(problemsOf(records), ['not_music in line 28', 'bad_date in line 37']);
  });

  test('a later export of it moves no play that was there before', () => {
    const days = (text: string): Set<number> =>
      new Set(listensOf(read(appleLibraryReader, text)).map(({ startedAt }) => +startedAt));
    const before = days(shapes.appleLibrary);
    const after = days(
      shapes.appleLibrary
        .replace('<key>Play Count</key><integer>3<', '<key>Play Count</key><integer>5<')
        .replace('2026-03-01T20:00:00Z', '2026-05-01T20:00:00Z'),
    );
    const last = Date.parse('2026-03-01T20:00:00Z');
    assert.deepEqual(
      [...before].filter((at) => !after.has(at)),
      [last],
    );
  });

  test('does not believe a count of plays that nobody has', () => {
    const text = shapes.appleLibrary.replace('<integer>3<', '<integer>999999999999<');
    assert.ok(listensOf(read(appleLibraryReader, text)).length < 10_100);
  });
});

suite('Apple play activity', () => {
  test('takes what was played to some end', () => {
    const records = read(appleActivityReader, shapes.applePlayActivity);
    assert.deepEqual(listensOf(records), [
      {
        ...{ artist: 'Portishead', title: 'Roads, "live"', album: 'Dummy' },
        ...{ playedMs: 200_000, durationMs: 304_000 },
        startedAt: new Date('2026-03-01T20:00:00Z'),
      },
    ]);
    assert.deepEqual(problemsOf(records), [
      'not_music in line 4',
      'not_played in line 5',
      'no_artist in line 6',
      'bad_record in line 7',
    ]);
  });

  test('of each day has the artist before the title', () => {
    const records = read(appleActivityReader, shapes.appleDailyTracks);
    assert.deepEqual(listensOf(records), [
      {
        ...{ artist: 'Massive Attack', title: 'Teardrop - Remastered', playedMs: 330_000 },
        ...{ dateEstimated: true, startedAt: new Date('2026-03-01T12:00:00Z') },
      },
    ]);
  });
});
