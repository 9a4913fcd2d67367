import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { strToU8, zipSync } from 'fflate';
import { memoryStore } from '../../src/store/memory.ts';
import { opened } from '../built.ts';
import { batchesOf, listenBrainz, named, ossicleError, withoutWasm } from '../support.ts';
import * as shapes from './shapes.ts';

const now = new Date('2026-11-01T00:00:00Z');

const exports = {
  'spotify account': ['spotify', shapes.spotifyAccount, 1],
  'spotify extended': ['spotify', shapes.spotifyExtended, 1],
  'youtube json': ['youtube-music', shapes.youtubeJson, 3],
  'youtube html': ['youtube-music', shapes.youtubeHtml, 1],
  'apple library': ['apple-library', shapes.appleLibrary, 3],
  'apple activity': ['apple-activity', shapes.applePlayActivity, 1],
  'apple daily': ['apple-activity', shapes.appleDailyTracks, 1],
} as const;

suite('importing from other services', { skip: withoutWasm }, () => {
  for (const [name, [format, text, listens]] of Object.entries(exports)) {
    test(`${name}: told by its first bytes, in UTF-8 and UTF-16, and a second time adds nothing`, async (t) => {
      const engine = await opened(t);
      const report = await engine.import(strToU8(text), { now });
      assert.deepEqual([report.format, report.listens, report.added], [format, listens, listens]);
      assert.ok(report.matchedListens > 0);
      const again = await engine.import(Buffer.from(`\u{FEFF}${text}`, 'utf16le'), { now });
      assert.deepEqual([again.format, again.added, again.duplicates], [format, 0, listens]);
      assert.deepEqual(again.problems, report.problems);
      assert.equal((await engine.profile()).events, listens);
    });
  }

  test('a zip of Spotify: every file of listens, and the problems of each by its name', async (t) => {
    const engine = await opened(t);
    const folder = 'Spotify Extended Streaming History';
    const zip = zipSync({
      [`${folder}/ReadMeFirst.pdf`]: strToU8('%PDF'),
      [`${folder}/Streaming_History_Audio_2025_0.json`]: strToU8(shapes.spotifyExtended),
      [`${folder}/Streaming_History_Audio_2026_1.json`]: strToU8(shapes.spotifyAccount),
      [`${folder}/Streaming_History_Video_2026.json`]: strToU8(shapes.spotifyAccount),
    });
    const seen: number[] = [];
    const report = await engine.import(new Blob([zip]), {
      now,
      onProgress: ({ readBytes, totalBytes }) => seen.push(readBytes / totalBytes),
    });
    assert.deepEqual([report.format, report.added], ['spotify', 2]);
    assert.equal(seen.at(-1), 1);
    assert.match(
      report.problems.find(({ kind }) => kind === 'future_date')?.firstFile ?? '',
      /_1\.json$/,
    );
  });

  test('a zip of Takeout in German, with searches beside what was played', async (t) => {
    const engine = await opened(t);
    const folder = 'Takeout/YouTube und YouTube Music/Verlauf';
    const zip = zipSync({
      [`${folder}/Wiedergabeverlauf.json`]: strToU8(shapes.youtubeJson),
      [`${folder}/Suchverlauf.json`]: strToU8('[{"query":"egg"}]'),
    });
    const report = await engine.import(zip, { now });
    assert.deepEqual([report.format, report.added], ['youtube-music', 3]);
    const other = report.problems.find(({ kind }) => kind === 'other_file');
    assert.equal(other?.firstFile, `${folder}/Suchverlauf.json`);
  });

  test('a long export without a listen tells how far it is, and can be stopped', async (t) => {
    const engine = await opened(t);
    const video = { header: 'YouTube', title: 'Watched an egg', time: '2026-03-01T20:00:00Z' };
    const text = JSON.stringify(Array.from({ length: 20_000 }, () => video));
    const seen: number[] = [];
    const controller = new AbortController();
    const stopped = engine.import(new Blob([text]), {
      now,
      signal: controller.signal,
      onProgress: ({ readBytes, totalBytes }) => {
        seen.push(readBytes / totalBytes);
        if (seen.length === 3) controller.abort();
      },
    });
    await assert.rejects(stopped, named('AbortError'));
    assert.ok(seen.length === 3 && seen[2]! < 0.5, String(seen));
    const report = await engine.import(new Blob([text]), { now });
    assert.deepEqual(report.problems, [{ kind: 'not_music', count: 20_000, firstLine: 1 }]);
  });

  test('plays whose dates are estimated are counted', async (t) => {
    const engine = await opened(t);
    const report = await engine.import(strToU8(shapes.appleLibrary), { now });
    assert.equal(report.estimatedDates, 2);
  });

  test('a featured guest does not hide the artist, and the words stay as they were', async (t) => {
    const store = memoryStore();
    const engine = await opened(t, { store });
    const at = 1_700_000_000;
    const credits = ['Massive Attack feat. Nobody Yet', 'ＭＡＳＳＩＶＥ　ＡＴＴＡＣＫ', 'Bjork'];
    const report = await engine.import(
      listenBrainz(credits.map((artist, i) => [artist, 'A song', at + i])),
      { now },
    );
    assert.deepEqual([report.matchedListens, report.artists, report.matchedArtists], [3, 2, 2]);
    const became = await engine.listen({
      track: { artist: 'Portishead featuring Nobody Yet' },
      startedAt: new Date(1000 * at),
    });
    assert.equal(became.matched, true);
    const events = (await batchesOf(store)).flatMap((batch) => batch.events);
    assert.equal(events[0]?.artist, credits[0]);
    assert.equal(events[0]?.artistId, events[1]?.artistId);
    const names = ['Qzx Unheard & Xqz', "Robert'); DROP TABLE listens;--", 'Björk; a life'];
    const unknown = await engine.import(listenBrainz(names.map((name, i) => [name, 'x', at + i])), {
      now,
    });
    assert.equal(unknown.matchedListens, 0);
    const both = listenBrainz([['Portishead & Massive Attack', 'x', at]]);
    assert.equal((await engine.import(both, { now })).matchedListens, 1);
  });

  test('Latin-1 that was taken for UTF-8 is kept, counted, and its line told', async (t) => {
    const engine = await opened(t);
    const text = shapes.spotifyAccount.replace('Portishead', 'Björk');
    const report = await engine.import(Buffer.from(text, 'latin1'), { now });
    const broken = report.problems.find(({ kind }) => kind === 'bad_utf8');
    assert.deepEqual(broken, { kind: 'bad_utf8', count: 1, firstLine: 2 });
    assert.equal(report.added, 1);
  });

  test('an export that was cut short gives what it has, and says that it ends too early', async (t) => {
    const engine = await opened(t);
    const text = shapes.appleLibrary;
    const cut = text.slice(0, text.indexOf('Playlists'));
    const report = await engine.import(strToU8(cut), { now });
    assert.equal(report.added, 3);
    assert.ok(report.problems.some(({ kind }) => kind === 'truncated'));
  });

  test('a file of one service that is said to be of another is refused', async (t) => {
    const engine = await opened(t);
    for (const [text, format] of [
      [shapes.spotifyAccount, 'youtube-music'],
      [shapes.spotifyAccount, 'listenbrainz'],
      ['{"listened_at":1,"track_metadata":{}}', 'spotify'],
    ] as const) {
      const refused = engine.import(strToU8(text), { now, format });
      await assert.rejects(refused, ossicleError('unknown_format', new RegExp(format)));
    }
  });

  test('a file of the same service that holds no listens says so and adds nothing', async (t) => {
    const engine = await opened(t);
    const report = await engine.import(strToU8('<plist><dict></dict></plist>'), { now });
    assert.deepEqual([report.listens, report.problems], [0, []]);
    const playlists = strToU8('{"playlists":[{"name":"x"}]}');
    await assert.rejects(engine.import(playlists, { now }), ossicleError('unknown_format'));
  });
});
