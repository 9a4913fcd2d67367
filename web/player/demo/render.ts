/** From a piece to a file. */
import { Application, createEncoder, Signal } from 'libopus-wasm';
import type { Piece, Style } from './catalogue.ts';
import { bossa, folk, jazz, solo } from './music/acoustic.ts';
import type { Score } from './music/band.ts';
import { ambient, synthpop, techno, tripHop } from './music/electric.ts';
import { progression } from './music/harmony.ts';
import { oggOpus } from './ogg-opus.ts';
import { Random } from './random.ts';
import { RATE, type Stereo } from './sound/buffer.ts';
import { master } from './sound/effects.ts';

const STYLES: Readonly<Record<Style, (score: Score) => Stereo>> = {
  ambient,
  piano: solo,
  jazz,
  'bossa nova': bossa,
  folk,
  synthpop,
  techno,
  'trip-hop': tripHop,
};

/** Bits a second: what is mostly noise and drums needs more than a piano. */
const BITRATES: Readonly<Record<Style, number>> = {
  ambient: 36_000,
  piano: 36_000,
  jazz: 44_000,
  'bossa nova': 44_000,
  folk: 44_000,
  synthpop: 48_000,
  techno: 48_000,
  'trip-hop': 44_000,
};

/** What libopus is late by at 48 kHz in its audio mode (2.5 ms of overlap and 4 ms to look ahead). */
const PRE_SKIP = 312;
const FRAME = 960;

export interface Rendered {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly durationMs: number;
  /** LRC, or plain. */
  readonly lyrics: string | null;
}

export function synthesise({ style, key, tempo, bars, chords, seed }: Piece): Stereo {
  const score = { key, tempo, bars, chords: progression(chords), random: new Random(seed) };
  const sound = STYLES[style](score);
  master(sound, 0.16, style === 'ambient' ? 4 : 2.2);
  return sound;
}

export async function render(piece: Piece): Promise<Rendered> {
  const { left, right } = synthesise(piece);
  const samples = left.length;
  using encoder = await createEncoder({
    application: Application.Audio,
    signal: Signal.Music,
    bitrate: BITRATES[piece.style],
    complexity: 9,
    vbr: true,
  });
  const packets: Uint8Array[] = [];
  const frame = new Float32Array(2 * FRAME);
  for (let from = 0; from < samples + PRE_SKIP; from += FRAME) {
    for (let i = 0; i < FRAME; ++i) {
      frame[2 * i] = left[from + i] ?? 0;
      frame[2 * i + 1] = right[from + i] ?? 0;
    }
    packets.push(encoder.encodeFloat(frame).slice());
  }
  const lyrics = lyricsOf(piece);
  const tags: (readonly [string, string])[] = [
    ['TITLE', piece.title],
    ['ARTIST', piece.artist],
    ['ALBUM', piece.album],
    ['TRACKNUMBER', String(piece.number)],
    ['DATE', String(piece.year)],
    ...piece.tags.map((tag) => ['GENRE', tag] as const),
  ];
  if (lyrics !== null) tags.push(['LYRICS', lyrics]);
  const bytes = oggOpus({ packets, samples, preSkip: PRE_SKIP, tags, serial: piece.seed });
  return { bytes, durationMs: Math.round((samples / RATE) * 1000), lyrics };
}

/** LRC: each line with the phrase of two bars that it goes with. */
function lyricsOf({ words, tempo, style }: Piece): string | null {
  if (words === null) return null;
  const phrase = (2 * 4 * 60) / tempo;
  // A piano piece begins with its tune, the others with a phrase without it.
  const first = style === 'piano' ? 0 : 1;
  const lines = words.map((text, i) => {
    const at = (first + i) * phrase;
    const minutes = String(Math.floor(at / 60)).padStart(2, '0');
    return `[${minutes}:${(at % 60).toFixed(2).padStart(5, '0')}]${text}`;
  });
  return lines.join('\n');
}
