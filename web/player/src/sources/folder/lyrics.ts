import type { Lyrics, LyricsLine } from '../../library/types.ts';

const TIMES = /^((?:\s*\[\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?\])+)(.*)$/;
const TIME = /\[(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\]/g;
/** [ar:...], [offset:...]: about the file, not part of the words. */
const HEADER = /^\s*\[([a-z#]+):(.*)\]\s*$/i;
/** Times of single words, in "enhanced" LRC. */
const WORD_TIMES = /<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>/g;

/** Words of a song, plain or in LRC; null where there are none. */
export function parseLyrics(text: string): Lyrics | null {
  const timed: LyricsLine[] = [];
  const plain: string[] = [];
  let offset = 0;
  for (const line of text.split(/\r\n?|\n/)) {
    const match = TIMES.exec(line);
    if (match) {
      const words = (match[2] ?? '').replace(WORD_TIMES, '').trim();
      for (const [, minutes, seconds, fraction = '0'] of (match[1] ?? '').matchAll(TIME)) {
        const atMs =
          Number(minutes) * 60_000 +
          Number(seconds) * 1000 +
          Math.round(Number(`0.${fraction}`) * 1000);
        timed.push({ atMs, text: words });
      }
      continue;
    }
    const header = HEADER.exec(line);
    if (!header) plain.push(line.trimEnd());
    // A positive offset shows the words earlier.
    else if (header[1]?.toLowerCase() === 'offset') offset = Number(header[2]) || 0;
  }
  return lyricsOf(
    timed.map(({ atMs, text: words }) => ({ atMs: atMs - offset, text: words })),
    plain,
  );
}

/** Lines with times win over lines without. */
export function lyricsOf(timed: readonly LyricsLine[], plain: readonly string[]): Lyrics | null {
  if (timed.length > 0) {
    const lines = timed
      .map(({ atMs, text }) => ({ atMs: Math.max(0, atMs), text }))
      .sort((a, b) => a.atMs - b.atMs);
    return {
      plain: lines
        .map(({ text }) => text)
        .join('\n')
        .trim(),
      lines,
    };
  }
  const words = plain.join('\n').trim();
  return words === '' ? null : { plain: words, lines: null };
}
