/** The demo album: forty pieces by people who do not exist. Title, key, tempo, bars, chords; what else a tune is made of comes from its seed. */
import type { Key } from './music/harmony.ts';
import { WORDS } from './words.ts';

export type Style =
  'ambient' | 'piano' | 'jazz' | 'bossa nova' | 'folk' | 'synthpop' | 'techno' | 'trip-hop';

export interface Piece {
  readonly file: string;
  readonly style: Style;
  readonly artist: string;
  readonly album: string;
  readonly number: number;
  readonly title: string;
  readonly year: number;
  readonly tags: readonly string[];
  readonly key: Key;
  readonly tempo: number;
  readonly bars: number;
  readonly chords: string;
  readonly seed: number;
  /** One line for each phrase of two bars, from the third bar on. */
  readonly words: readonly string[] | null;
}

/** Title, tonic and mode, tempo, bars, chords, and tags of its own. */
type Row = readonly [
  title: string,
  key: string,
  tempo: number,
  bars: number,
  chords: string,
  tags: string,
];

interface Album {
  readonly style: Style;
  readonly artist: string;
  readonly album: string;
  readonly year: number;
  readonly tags: string;
  readonly pieces: readonly Row[];
}

/** Tags are those that the starter catalogue has of its artists, so that the pieces find their place among them. */
const ALBUMS: readonly Album[] = [
  {
    style: 'ambient',
    artist: 'Halden Mire',
    album: 'Low Tide Rooms',
    year: 2024,
    tags: 'ambient, chillout, instrumental',
    pieces: [
      ['Low Tide Rooms', 'D lydian', 66, 6, '1-7 5 2-7 1-9', 'drone, calm'],
      ['Snow on the Antenna', 'A minor', 60, 6, '1-9 6-7 3 7', 'dark ambient, winter'],
      ['The Lamp Is Still On', 'F major', 64, 6, '1-9 4-7 6-7 5', 'calm, sleep'],
    ],
  },
  {
    style: 'ambient',
    artist: 'Tidewater Atlas',
    album: 'Charts for Nobody',
    year: 2025,
    tags: 'ambient, electronic, atmospheric',
    pieces: [
      ['Sixty Fathoms', 'C dorian', 62, 6, '1-9 4-7 1-7 7', 'drone, dark ambient'],
      ['A Map of Fog', 'G lydian', 70, 6, '1-9 2 1-7 5', 'dreamy, calm'],
    ],
  },
  {
    style: 'piano',
    artist: 'Ilse Marnow',
    album: 'Letters, Unsent',
    year: 2023,
    tags: 'classical, piano, instrumental',
    pieces: [
      ['Letter in February', 'A minor', 72, 6, '1 6 3 7 1 6 4 5', 'sad, melancholy'],
      ['The Stairs at Night', 'D minor', 66, 6, '1 4-7 7 3 6 2-7 5 1', 'sad, night'],
      ['Small Waltz of Thanks', 'G major', 92, 10, '1 6 4 5 1 6 2-7 5', 'happy, gentle'],
    ],
  },
  {
    style: 'piano',
    artist: '林见川',
    album: '雨后的院子',
    year: 2024,
    tags: 'piano, classical, new age, chinese',
    pieces: [
      ['雨后的院子', 'C major', 76, 8, '1 5 6 3 4 1 2-7 5', 'calm, 钢琴'],
      ['远山有灯', 'E minor', 68, 6, '1 7 6 5 1 7 6-7 1', 'sad, night, 钢琴, 悲伤'],
    ],
  },
  {
    style: 'jazz',
    artist: 'The Otis Vane Trio',
    album: 'Last Set at the Corner',
    year: 2022,
    tags: 'jazz, swing, instrumental',
    pieces: [
      ['Last Set at the Corner', 'F major', 138, 14, '1-7 6-7 2-7 5-7', 'saxophone, night'],
      ['Umbrella for Two', 'A# major', 120, 12, '1-7 4-7 3-7 6-7 2-7 5-7 1-7 5-7', 'happy'],
      ['Blue Receipt', 'G dorian', 104, 10, '1-7 4-7 1-7 7 4-7 1-7', 'blues, saxophone'],
    ],
  },
  {
    style: 'jazz',
    artist: 'Mira Kestrel Quartet',
    album: 'Northbound',
    year: 2025,
    tags: 'jazz, contemporary jazz, cool jazz',
    pieces: [
      ['Northbound', 'D dorian', 152, 16, '1-9 7-7 1-9 4-7', 'driving'],
      ['Her Other Coat', 'D# major', 92, 10, '1-9 6-7 2-9 5-7', 'romantic, ballad'],
    ],
  },
  {
    style: 'bossa nova',
    artist: 'Lúcia Tavor',
    album: 'Varanda',
    year: 2023,
    tags: 'bossa nova, brazilian, acoustic',
    pieces: [
      ['Varanda', 'D major', 126, 12, '1-9 2-7 5-7 1-7', 'summer, calm'],
      ['Two Coffees', 'A minor', 118, 12, '1-7 4-7 7-7 3-7 6-7 2-7 5-7 1-7', 'romantic'],
      ['Rain over Ipê', 'G major', 122, 12, '1-9 6-7 2-9 5-7', 'rain, calm'],
    ],
  },
  {
    style: 'bossa nova',
    artist: 'Copa do Vento',
    album: 'Slow Ferry',
    year: 2024,
    tags: 'bossa nova, lounge, chillout',
    pieces: [
      ['Slow Ferry', 'E minor', 112, 12, '1-9 4-7 5-7 1-7', 'lounge'],
      ['The Waiter Hums', 'C major', 132, 14, '1-7 6-7 2-7 5-7 3-7 6-7 2-7 5-7', 'happy, lounge'],
    ],
  },
  {
    style: 'folk',
    artist: 'Wren & Alder',
    album: 'The Ferryman’s Field',
    year: 2021,
    tags: 'folk, acoustic, singer-songwriter',
    pieces: [
      ['The Ferryman’s Field', 'G major', 104, 10, '1 4 1 5 6 4 1 5', 'traditional, calm'],
      ['Salt Bread', 'D mixolydian', 116, 12, '1 7 4 1', 'celtic, happy'],
      ['Carry the Kettle Home', 'C major', 96, 10, '1 5 6 4', 'indie folk'],
    ],
  },
  {
    style: 'folk',
    artist: 'Ada Thornley',
    album: 'Paper Orchard',
    year: 2025,
    tags: 'folk, indie folk, female vocalists, acoustic',
    pieces: [
      ['Paper Orchard', 'E minor', 92, 10, '1 6 3 7', 'sad, melancholy'],
      ['一封没有寄的信', 'A minor', 88, 8, '1 7 6 7 1 3 7 1', 'chinese, sad, 民谣'],
    ],
  },
  {
    style: 'synthpop',
    artist: 'Neon Arcadia',
    album: 'Arcade Weather',
    year: 2022,
    tags: 'synthpop, electronic, 80s, pop',
    pieces: [
      ['Arcade Weather', 'A minor', 116, 12, '6 4 1 5', 'dance, happy'],
      ['Call Me from the Moon', 'F# minor', 122, 12, '1 6 3 7', 'dance, romantic'],
      ['Last Bus, First Light', 'C major', 112, 12, '1 5 6 4', 'night, new wave'],
    ],
  },
  {
    style: 'synthpop',
    artist: 'Polar Cassette',
    album: 'Side C',
    year: 2024,
    tags: 'synthpop, new wave, indie, electropop',
    pieces: [
      ['Side C', 'D minor', 126, 12, '1 7 6 7', 'dance'],
      ['夜班电车', 'E minor', 118, 12, '6 7 1 5', 'chinese, night, 流行'],
    ],
  },
  {
    style: 'techno',
    artist: 'Kessler 9',
    album: 'Orbit Maintenance',
    year: 2023,
    tags: 'techno, electronic, minimal',
    pieces: [
      ['Orbit Maintenance', 'A minor', 128, 14, '1 1 1 6', 'minimal techno, driving'],
      ['Docking Light', 'F minor', 126, 12, '1 1 4 1', 'dark, minimal techno'],
      ['Thruster Check', 'G minor', 132, 14, '1 1 7 1', 'acid, driving'],
    ],
  },
  {
    style: 'techno',
    artist: 'Vanta Loop',
    album: 'Concrete Garden',
    year: 2025,
    tags: 'techno, house, deep house, electronic',
    pieces: [
      ['Concrete Garden', 'C minor', 124, 12, '1-7 1-7 6-7 7', 'deep house'],
      ['Four A.M. Florist', 'D dorian', 122, 12, '1-9 1-9 4-7 1-9', 'house, night'],
    ],
  },
  {
    style: 'trip-hop',
    artist: 'Slow Harbour',
    album: 'Dust on the Needle',
    year: 2020,
    tags: 'trip-hop, downtempo, chillout',
    pieces: [
      ['Dust on the Needle', 'C minor', 78, 8, '1-9 6-7 4-7 5-7', 'lo-fi, night'],
      ['Borrowed Umbrella', 'E minor', 84, 8, '1-7 4-7 6-7 7', 'rain, sad'],
      ['Room Above the Bakery', 'G dorian', 88, 8, '1-9 4-7 1-9 7-7', 'lo-fi, calm'],
    ],
  },
  {
    style: 'trip-hop',
    artist: 'Dusk Ledger',
    album: 'Owed to the Sea',
    year: 2024,
    tags: 'trip-hop, electronic, instrumental hip-hop',
    pieces: [
      ['Owed to the Sea', 'D minor', 80, 8, '1-9 7-7 6-7 5-7', 'dark, melancholy'],
      ['欠海的账', 'A minor', 76, 8, '1-7 6-7 2-7 5-7', 'chinese, night, lo-fi'],
    ],
  },
];

const TONICS: readonly string[] = ['C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B'];

function keyOf(text: string): Key {
  const [name = '', mode] = text.split(' ');
  const place = TONICS.indexOf(name);
  if (place === -1) throw new Error(`There is no tonic ${name}.`);
  return { tonic: 48 + place, mode: mode as Key['mode'] };
}

const list = (text: string): readonly string[] => text.split(',').map((tag) => tag.trim());

export const PIECES: readonly Piece[] = ALBUMS.flatMap(
  ({ style, artist, album, year, tags, pieces }, a) =>
    pieces.map(([title, key, tempo, bars, chords, own], i) => ({
      file: `${String(a + 1).padStart(2, '0')}-${i + 1}.opus`,
      ...{ style, artist, album, year, title, tempo, bars, chords },
      number: i + 1,
      tags: [...new Set([...list(tags), ...list(own)])],
      key: keyOf(key),
      seed: 1000 * (a + 1) + i,
      words: WORDS[title] ?? null,
    })),
);
