import assert from 'node:assert/strict';
import { test } from 'node:test';
import { archive } from '../src/content/connectors/archive.ts';
import { bandcamp } from '../src/content/connectors/bandcamp.ts';
import { connectorOf } from '../src/content/connectors/connectors.ts';
import { freeMusicArchive } from '../src/content/connectors/free-music-archive.ts';
import { searchUrl } from '../src/content/connectors/searches.ts';
import { searchOf } from '../src/content/site-search.ts';

type Parts = Readonly<Record<string, string | readonly string[]>>;

/** A document that answers to these selectors. */
function page(parts: Parts): Document {
  const all = (selector: string) =>
    [parts[selector] ?? []].flat().map((textContent) => ({ textContent, value: textContent }));
  return {
    querySelector: (selector: string) => all(selector)[0] ?? null,
    querySelectorAll: all,
  } as unknown as Document;
}

test('connectors go by their hosts', () => {
  assert.equal(connectorOf('bandcamp.com'), bandcamp);
  assert.equal(connectorOf('burial.bandcamp.com'), bandcamp);
  assert.equal(connectorOf('notbandcamp.com'), null);
  assert.equal(connectorOf('archive.org'), archive);
  assert.equal(connectorOf('freemusicarchive.org'), freeMusicArchive);
});

test('Bandcamp: an album, a song, a compilation, the embedded player', () => {
  const album = {
    'meta[property="og:type"][content="album"]': '',
    '#name-section h3 a': '\n Burial ',
    '.title-section .title': 'Archangel',
    '#name-section .trackTitle': 'Untrue',
  };
  const shown = { artist: 'Burial', title: 'Archangel', album: 'Untrue' };
  assert.deepEqual(bandcamp.now(page(album), ''), shown);
  const song = {
    'meta[property="og:type"][content="song"]': '',
    '.albumTitle span:last-of-type a': 'Burial',
    '#name-section .trackTitle': 'Archangel',
    '#name-section .fromAlbum': 'Untrue',
  };
  assert.deepEqual(bandcamp.now(page(song), ''), shown);
  const rows = { '.track_list .track-title': ['Burial - Archangel', 'Kode9 - 9 Samurai'] };
  const compilation = { ...album, ...rows, '.title-section .title': 'Burial - Archangel' };
  assert.equal(bandcamp.now(page(compilation), '')?.artist, '');
  const embedded = {
    '#currenttitle_title': 'Archangel',
    '#artist': 'by Burial',
    '#album': 'from Untrue',
  };
  assert.deepEqual(bandcamp.now(page(embedded), ''), shown);
  assert.equal(bandcamp.now(page({}), ''), null);
});

test('Internet Archive: the list of its player, and without', () => {
  const list = [
    { title: '01. One', artist: 'Somebody', sources: [{ file: '/download/x/01%20One.mp3' }] },
    null,
    { title: '02 - Two', sources: [{ file: '/download/x/02Two.ogg' }] },
  ];
  const parts = {
    'input.js-play8-playlist': JSON.stringify(list),
    '[itemprop="creator"]': 'The Band',
    '[itemprop="name"]': 'The Album',
  };
  const at = (file: string) =>
    archive.now(page(parts), `https://ia8.us.archive.org/3/items/x/${file}`);
  assert.deepEqual(at('01%20One.mp3?t=1'), {
    artist: 'Somebody',
    title: 'One',
    album: 'The Album',
  });
  assert.deepEqual(at('02Two.mp3'), { artist: 'The Band', title: 'Two', album: 'The Album' });
  assert.equal(at('other.mp3'), null);
  for (const lie of ['', '{', '3', '[1,"x",{"sources":3}]']) {
    const other = {
      ...parts,
      'input.js-play8-playlist': lie,
      '.jwrowV2.playing .ttl': '7 Seconds',
    };
    assert.equal(archive.now(page(other), 'x')?.title, '7 Seconds');
  }
});

test('Free Music Archive', () => {
  const parts = { '.c-song__title': 'Song', '.c-song__artist': 'Artist' };
  assert.deepEqual(freeMusicArchive.now(page(parts), ''), { artist: 'Artist', title: 'Song' });
  assert.equal(freeMusicArchive.now(page({}), ''), null);
});

test('searches on well-known sites', () => {
  const words = 'Sigur Rós & "Jóga" 晴天 {words} $&';
  const encoded = encodeURIComponent(words);
  const of = (origin: string) => searchUrl(origin, null, words);
  assert.equal(of('https://burial.bandcamp.com'), `https://bandcamp.com/search?q=${encoded}`);
  assert.equal(of('https://music.youtube.com'), `https://music.youtube.com/search?q=${encoded}`);
  assert.equal(
    of('https://m.youtube.com'),
    `https://www.youtube.com/results?search_query=${encoded}`,
  );
  assert.equal(of('https://example.org'), null);
  assert.equal(searchUrl('https://bandcamp.com', null, '  '), null);
  assert.equal(searchUrl('nonsense', null, 'x'), null);
});

test('a template leads within its own origin only', () => {
  const fill = (origin: string, template: string) => searchUrl(origin, template, 'a/b ?');
  const site = 'https://radio.example';
  assert.equal(fill(site, `${site}/s?q={words}`), `${site}/s?q=a%2Fb%20%3F`);
  for (const lie of [
    'https://other.example/?q={words}',
    'http://radio.example/?q={words}',
    'javascript:alert({words})',
    'https://radio.example@evil.example/{words}',
    'https://radio.example/',
    '{words}',
  ]) {
    assert.equal(fill(site, lie), null, lie);
  }
  assert.equal(
    fill('http://localhost:80', 'http://localhost:80/{words}'),
    'http://localhost/a%2Fb%20%3F',
  );
});

test('structured data of a site', () => {
  const origin = 'https://radio.example';
  const of = (target: unknown, over: object = {}) =>
    searchOf(
      [
        JSON.stringify({
          '@type': 'WebSite',
          potentialAction: { '@type': 'SearchAction', target },
          ...over,
        }),
      ],
      origin,
    );
  const good = `${origin}/s?q={words}`;
  assert.equal(of(`${origin}/s?q={search_term_string}`), good);
  assert.equal(of({ urlTemplate: `${origin}/s?q={q}` }), good);
  assert.equal(of([{ urlTemplate: `${origin}/s?q={q}` }]), good);
  assert.equal(of('/s?q={q}'), good);
  assert.equal(of(`${origin}/s?q={q}`, { '@type': ['Thing', 'WebSite'] }), good);
  const site = { '@type': 'WebSite', potentialAction: [{ '@type': 'SearchAction', target: good }] };
  assert.equal(searchOf(['{', JSON.stringify({ '@graph': [null, 3, site] })], origin), good);
  for (const lie of [
    'https://other.example/?q={q}',
    'http://radio.example/?q={q}',
    `${origin}/?q={q}&r={r}`,
    `${origin}/`,
    `https://{q}.example/`,
    `${origin}/${'x'.repeat(500)}{q}`,
    3,
    null,
    {},
  ]) {
    assert.equal(of(lie), null, JSON.stringify(lie));
  }
  assert.equal(of(good, { '@type': 'Thing' }), null);
});
