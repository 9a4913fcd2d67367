/** A made-up listener: well-known artists, two years of evenings, in the JSON lines of ListenBrainz. */
const ARTISTS: readonly (readonly [name: string, weight: number])[] = [
  ['Radiohead', 212],
  ['Portishead', 140],
  ['Massive Attack', 118],
  ['Björk', 96],
  ['Sigur Rós', 88],
  ['Interpol', 61],
  ['Joy Division', 54],
  ['Blur', 47],
  ['Daft Punk', 44],
  ['Arcade Fire', 41],
  ['The Smiths', 38],
  ['PJ Harvey', 33],
  ['Nick Drake', 26],
  ['Boards of Canada', 24],
  ['Air', 21],
  ['Mogwai', 18],
  ['The Cure', 16],
  ['Gorillaz', 12],
  // Younger than the catalogue, so that the report has something to say.
  ['boygenius', 9],
  ['Fontaines D.C.', 7],
];

const DAYS = 730;

/** The same numbers every time: mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function sampleHistory(now: Date): Blob {
  const random = seeded(7);
  const end = Math.floor(now.getTime() / 1000);
  const listens = ARTISTS.flatMap(([artist, plays]) =>
    Array.from({ length: plays }, (_, i) => ({
      // More of it lately than long ago.
      listened_at: end - Math.floor(random() ** 1.6 * DAYS * 86400) - 3600,
      track_metadata: {
        artist_name: artist,
        track_name: `Track ${1 + (i % 12)}`,
      },
    })),
  );
  listens.sort((a, b) => a.listened_at - b.listened_at);
  const lines = listens.map((listen) => JSON.stringify(listen)).join('\n');
  return new Blob([lines, '\n'], { type: 'application/x-ndjson' });
}
