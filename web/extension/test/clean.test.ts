import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clean, isAd } from '../src/clean.ts';

type Pair = readonly [artist: string, title: string];

/** Found, and what is made of it. */
const CASES: readonly (readonly [found: Pair, becomes: Pair])[] = [
  // Real titles stay as they are.
  [
    ['Smashing Pumpkins', '1979'],
    ['Smashing Pumpkins', '1979'],
  ],
  [
    ['The Who', 'Young Man Blues - Live At Leeds'],
    ['The Who', 'Young Man Blues - Live At Leeds'],
  ],
  [
    ['Lana Del Rey', 'Video Games'],
    ['Lana Del Rey', 'Video Games'],
  ],
  [
    ['India.Arie', 'Video'],
    ['India.Arie', 'Video'],
  ],
  [
    ['LSD', 'Audio'],
    ['LSD', 'Audio'],
  ],
  [
    ['The Buggles', 'Video Killed the Radio Star'],
    ['The Buggles', 'Video Killed the Radio Star'],
  ],
  [
    ['Radiohead', 'Paranoid Android (Live)'],
    ['Radiohead', 'Paranoid Android (Live)'],
  ],
  [
    ['The Rolling Stones', "(I Can't Get No) Satisfaction"],
    ['The Rolling Stones', "(I Can't Get No) Satisfaction"],
  ],
  [
    ['Taylor Swift', "Love Story (Taylor's Version)"],
    ['Taylor Swift', "Love Story (Taylor's Version)"],
  ],
  [
    ['Madonna', 'Music (Deep Dish Dot Com Remix)'],
    ['Madonna', 'Music (Deep Dish Dot Com Remix)'],
  ],
  [
    ['AC/DC', 'T.N.T.'],
    ['AC/DC', 'T.N.T.'],
  ],
  [
    ['Kendrick Lamar', 'HUMBLE.'],
    ['Kendrick Lamar', 'HUMBLE.'],
  ],
  [
    ['Sigur Rós', '( )'],
    ['Sigur Rós', '( )'],
  ],
  [
    ['Godspeed', '[Sic]'],
    ['Godspeed', '[Sic]'],
  ],
  [
    ['Jay-Z', '99 Problems'],
    ['Jay-Z', '99 Problems'],
  ],
  [
    ['a-ha', 'Take On Me'],
    ['a-ha', 'Take On Me'],
  ],
  [
    ['Nirvana', 'Official'],
    ['Nirvana', 'Official'],
  ],
  [
    ['Blur', 'Song 2 (Part 2)'],
    ['Blur', 'Song 2 (Part 2)'],
  ],
  [
    ['Queen', 'Love of My Life - 1975'],
    ['Queen', 'Love of My Life - 1975'],
  ],
  [
    ['Pink Floyd', 'Shine On - Parts 1-5'],
    ['Pink Floyd', 'Shine On - Parts 1-5'],
  ],
  [
    ['邓丽君', '月亮代表我的心'],
    ['邓丽君', '月亮代表我的心'],
  ],
  [
    ['五月天', '倔強 (現場版)'],
    ['五月天', '倔強 (現場版)'],
  ],
  // Suffixes of video sites.
  [
    ['Adele', 'Hello (Official Video)'],
    ['Adele', 'Hello'],
  ],
  [
    ['Adele', 'Hello (Official Music Video) [4K]'],
    ['Adele', 'Hello'],
  ],
  [
    ['Adele', 'Hello [Official Lyric Video]'],
    ['Adele', 'Hello'],
  ],
  [
    ['Adele', 'Hello (Lyrics)'],
    ['Adele', 'Hello'],
  ],
  [
    ['Adele', 'Hello (Official Audio)'],
    ['Adele', 'Hello'],
  ],
  [
    ['Adele', 'Hello | Official Video'],
    ['Adele', 'Hello'],
  ],
  [
    ['Adele', 'Hello - Official Video HD'],
    ['Adele', 'Hello'],
  ],
  [
    ['Stromae', 'Papaoutai (Clip Officiel)'],
    ['Stromae', 'Papaoutai'],
  ],
  [
    ['Rammstein', 'Sonne (Official 4K Video)'],
    ['Rammstein', 'Sonne'],
  ],
  [
    ['周杰倫', '晴天【官方MV】'],
    ['周杰倫', '晴天'],
  ],
  [
    ['鄧紫棋', '光年之外 (官方完整版MV)'],
    ['鄧紫棋', '光年之外'],
  ],
  [
    ['林俊傑', '不為誰而作的歌【Official Music Video】'],
    ['林俊傑', '不為誰而作的歌'],
  ],
  [
    ['李荣浩', '《年少有为》'],
    ['李荣浩', '年少有为'],
  ],
  // Remasters, explicit.
  [
    ['The Beatles', 'Here Comes The Sun - Remastered 2009'],
    ['The Beatles', 'Here Comes The Sun'],
  ],
  [
    ['Nick Cave', 'Red Right Hand - 2011 Remastered Version'],
    ['Nick Cave', 'Red Right Hand'],
  ],
  [
    ['Pink Floyd', 'Hey You (Part 2) (2011 Remastered)'],
    ['Pink Floyd', 'Hey You (Part 2)'],
  ],
  [
    ['Pink Floyd', 'Money [Remastered]'],
    ['Pink Floyd', 'Money'],
  ],
  [
    ['Kendrick Lamar', 'DNA. (Explicit)'],
    ['Kendrick Lamar', 'DNA.'],
  ],
  // Channels.
  [
    ['Daft Punk - Topic', 'One More Time'],
    ['Daft Punk', 'One More Time'],
  ],
  [
    ['Daft Punk - Topic', 'One More Time - Live'],
    ['Daft Punk', 'One More Time - Live'],
  ],
  [
    ['周杰倫 - 主題', '晴天'],
    ['周杰倫', '晴天'],
  ],
  [
    ['AdeleVEVO', 'Adele - Hello (Official Music Video)'],
    ['Adele', 'Hello'],
  ],
  [
    ['TaylorSwiftVEVO', 'Shake It Off'],
    ['Taylor Swift', 'Shake It Off'],
  ],
  [
    ['OneRepublicVEVO', 'OneRepublic - Apologize'],
    ['OneRepublic', 'Apologize'],
  ],
  [
    ['Queen Official', 'Queen – Bohemian Rhapsody (Official Video Remastered)'],
    ['Queen', 'Bohemian Rhapsody'],
  ],
  // Both in one field.
  [
    ['', 'Massive Attack - Teardrop'],
    ['Massive Attack', 'Teardrop'],
  ],
  [
    ['Various Artists', 'Burial - Archangel'],
    ['Burial', 'Archangel'],
  ],
  [
    ['Rick Astley', 'Rick Astley - Never Gonna Give You Up'],
    ['Rick Astley', 'Never Gonna Give You Up'],
  ],
  [
    ['Sade', 'Smooth Operator - Sade'],
    ['Sade', 'Smooth Operator'],
  ],
  [
    ['', 'Only a title'],
    ['', 'Only a title'],
  ],
  [
    ['', '米津玄師「Lemon」'],
    ['米津玄師', 'Lemon'],
  ],
  [
    ['告五人', '告五人《愛人錯過》'],
    ['告五人', '愛人錯過'],
  ],
  [
    ['', '王菲 - 红豆'],
    ['王菲', '红豆'],
  ],
  // Text that is no text.
  [
    ['Bj\u200börk', '\ufeffJóga\u200e'],
    ['Björk', 'Jóga'],
  ],
  [
    ['Simon &amp; Garfunkel', 'Cecilia'],
    ['Simon & Garfunkel', 'Cecilia'],
  ],
  [
    ['  Air\u0000\n', 'La Femme\u00a0d’Argent '],
    ['Air', 'La Femme d’Argent'],
  ],
  [
    ['<b>x</b>', '<img src=x onerror=alert(1)>'],
    ['<b>x</b>', '<img src=x onerror=alert(1)>'],
  ],
];

for (const [[artist, title], [cleanArtist, cleanTitle]] of CASES) {
  test(`"${artist}" "${title}"`, () => {
    const names = clean({ artist, title, album: '' });
    assert.deepEqual([names.artist, names.title], [cleanArtist, cleanTitle]);
  });
}

const BY_CHANNEL: readonly (readonly [found: Pair, becomes: Pair])[] = [
  [
    ['Some Label', 'Burial - Archangel'],
    ['Burial', 'Archangel'],
  ],
  [
    ['Queen', 'Bohemian Rhapsody - Live Aid 1985'],
    ['Queen', 'Bohemian Rhapsody - Live Aid 1985'],
  ],
  [
    ['Ninja Tune', 'Bonobo - Kerala (Official Video)'],
    ['Bonobo', 'Kerala'],
  ],
  [
    ['滾石唱片', '周華健《朋友》'],
    ['周華健', '朋友'],
  ],
  [
    ['杰威爾音樂', '周杰倫 Jay Chou【晴天】-Official Music Video'],
    ['周杰倫 Jay Chou', '晴天'],
  ],
];

for (const [[artist, title], [cleanArtist, cleanTitle]] of BY_CHANNEL) {
  test(`channel "${artist}" "${title}"`, () => {
    const names = clean({ artist, title, album: '' }, { byChannel: true });
    assert.deepEqual([names.artist, names.title], [cleanArtist, cleanTitle]);
  });
}

test('albums', () => {
  const album = (text: string) => clean({ artist: 'a', title: 'b', album: text }).album;
  assert.equal(album('Abbey Road (Remastered)'), 'Abbey Road');
  assert.equal(album('Untrue pre-order'), 'Untrue');
  assert.equal(album('Remain in Light'), 'Remain in Light');
});

test('advertisements, and nothing else', () => {
  for (const title of [
    'Advertisement',
    'Ad',
    'Ad 1 of 2',
    'Werbung',
    '广告',
    'Advertisement · 0:15',
  ]) {
    assert.equal(isAd('Somebody', title), true, title);
  }
  for (const title of ['Adagio', 'Advertising Space', 'Ad Astra', '广告狂人']) {
    assert.equal(isAd('Somebody', title), false, title);
  }
  assert.equal(isAd('', 'A song'), true);
});

test('a megabyte takes no time, and a clean text stays as it is', () => {
  const began = performance.now();
  for (const unit of ['(', '[ ', ' - ', 'official ', '【', '《a', 'MV', '\u0000']) {
    const text = unit.repeat(1_000_000 / unit.length);
    const once = clean({ artist: text, title: text, album: text });
    assert.ok(once.title.length <= 300);
  }
  assert.ok(performance.now() - began < 1000);
  for (const [, [artist, title]] of CASES) {
    const names = clean({ artist, title, album: '' });
    if (artist !== '') assert.deepEqual([names.artist, names.title], [artist, title]);
  }
});
