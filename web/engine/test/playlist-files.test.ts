import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Parser } from 'htmlparser2';
import { fromJspf, toJspf, toM3u8, toXspf, type PlaylistDocument } from '../src/export/playlist.ts';
import { ossicleError } from './support.ts';

const playlist: PlaylistDocument = {
  title: 'Sad & <slow> "night"',
  creator: 'Ossicle',
  date: new Date('2026-03-01T20:00:00Z'),
  tracks: [
    {
      title: 'Roads ]]> \u0001\u{D800}',
      artist: "Portishead's",
      album: 'Dummy',
      durationMs: 304_000.4,
      location: 'Müsik/#1 50%?.flac',
      identifier: 'https://musicbrainz.org/recording/0000',
    },
    { title: '悲伤的钢琴曲', artist: '久石譲', location: 'https://example.org/a b?c=1&d=2' },
    { title: 'No\nplace', durationMs: -1 },
  ],
};

/** Elements as a path and their text, with strict nesting. */
function elementsOf(xml: string): [string, string][] {
  const path: string[] = [];
  const found: [string, string][] = [];
  let text = '';
  const parser = new Parser(
    {
      onopentag: (name) => {
        path.push(name);
        text = '';
      },
      ontext: (part) => (text += part),
      onclosetag: (name, implied) => {
        assert.equal(implied, false, name);
        assert.equal(path.at(-1), name);
        found.push([path.join('/'), text]);
        path.pop();
      },
    },
    { xmlMode: true },
  );
  parser.end(xml);
  return found;
}

/** What xspf.org's schema for version 1 allows inside a playlist and a track. */
const XSPF = new Set([
  ...['title', 'creator', 'annotation', 'info', 'location', 'identifier', 'image', 'date'].map(
    (name) => `playlist/${name}`,
  ),
  ...['playlist', 'playlist/trackList', 'playlist/trackList/track'],
  ...[
    'location',
    'identifier',
    'title',
    'creator',
    'annotation',
    'album',
    'trackNum',
    'duration',
  ].map((name) => `playlist/trackList/track/${name}`),
]);

suite('a playlist as a file', () => {
  test('in XSPF has the elements of the format only, escaped, with addresses as URIs', () => {
    const xml = toXspf(playlist);
    assert.match(
      xml,
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<playlist version="1" xmlns="http:\/\/xspf\.org\/ns\/0\/">/,
    );
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(xml, /[\0-\x08\u{D800}]|&(?!amp;|lt;|gt;|quot;|apos;)/u);
    const elements = elementsOf(xml);
    for (const [path] of elements) assert.ok(XSPF.has(path), path);
    const texts = (name: string): string[] =>
      elements.filter(([path]) => path.endsWith(`/${name}`)).map(([, text]) => text);
    assert.deepEqual(texts('title'), [
      playlist.title,
      'Roads ]]> \u{FFFD}',
      '悲伤的钢琴曲',
      'No\nplace',
    ]);
    assert.deepEqual(texts('duration'), ['304000']);
    for (const uri of texts('location')) assert.ok(URL.canParse(uri, 'file:///'), uri);
    assert.deepEqual(texts('location'), [
      'M%C3%BCsik/%231%2050%25%3F.flac',
      'https://example.org/a%20b?c=1&d=2',
    ]);
  });

  test('in JSPF comes back as it was', () => {
    const { playlist: back, problems } = fromJspf(toJspf(playlist));
    const [first, second, third] = playlist.tracks;
    assert.deepEqual(problems, []);
    assert.deepEqual(back, {
      ...playlist,
      tracks: [
        { ...first, title: 'Roads ]]> \u0001\u{D800}', durationMs: 304_000 },
        { ...second, location: 'https://example.org/a%20b?c=1&d=2' },
        { title: third!.title },
      ],
    });
    const { playlist: json } = JSON.parse(toJspf(playlist)) as {
      playlist: { track: { location: unknown; identifier: unknown }[] };
    };
    assert.ok(Array.isArray(json.track[0]?.location) && Array.isArray(json.track[0].identifier));
  });

  test('in M3U8 has a name and a place for each track, each on its line', () => {
    const text = toM3u8({
      ...playlist,
      tracks: [...playlist.tracks.slice(0, 2), { location: '#hidden.mp3' }],
    });
    assert.deepEqual(text.split('\n'), [
      '#EXTM3U',
      '#PLAYLIST:Sad & <slow> "night"',
      "#EXTINF:304,Portishead's - Roads ]]> \u0001\u{FFFD}",
      '#EXTALB:Dummy',
      'Müsik/#1 50%?.flac',
      '#EXTINF:-1,久石譲 - 悲伤的钢琴曲',
      'https://example.org/a b?c=1&d=2',
      '#EXTINF:-1,',
      './#hidden.mp3',
      '',
    ]);
    assert.throws(
      () => toM3u8(playlist),
      ossicleError('invalid_argument', /Track 3 has no location/),
    );
  });

  test('of another program is read as far as it goes', () => {
    const { playlist: read, problems } = fromJspf(
      '\u{FEFF}{"playlist":{"title":7,"date":"yesterday","track":[{"identifier":"https://x/1","title":"a","creator":["no"],"duration":"long"},null,{"image":"x"}]}}',
    );
    assert.deepEqual(read, { tracks: [{ title: 'a', identifier: 'https://x/1' }] });
    assert.deepEqual(
      problems.map(({ index }) => index),
      [1, 2],
    );
    assert.deepEqual(fromJspf('{"playlist":{}}').playlist.tracks, []);
  });

  test('that is no JSPF says so', () => {
    for (const text of ['', '{', '[]', 'null', '{"playlist":[]}', '{"playlist":{"track":{}}}']) {
      assert.throws(() => fromJspf(text), ossicleError('unknown_format', /no playlist in JSPF/));
    }
  });
});
