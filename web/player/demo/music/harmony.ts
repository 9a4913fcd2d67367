/** Scales, chords, and how one chord leads to the next. */

export type Mode = 'major' | 'minor' | 'dorian' | 'lydian' | 'mixolydian';

const SCALES: Readonly<Record<Mode, readonly number[]>> = {
  major: [0, 2, 4, 5, 7, 9, 11],
  minor: [0, 2, 3, 5, 7, 8, 10],
  dorian: [0, 2, 3, 5, 7, 9, 10],
  lydian: [0, 2, 4, 6, 7, 9, 11],
  mixolydian: [0, 2, 4, 5, 7, 9, 10],
};

export interface Key {
  /** The tonic, as a MIDI number between 48 and 59. */
  readonly tonic: number;
  readonly mode: Mode;
}

/** The tone of a degree (0 = tonic; 7 = its octave; negative ones lie below). */
export function tone({ tonic, mode }: Key, degree: number): number {
  const octave = Math.floor(degree / 7);
  return tonic + 12 * octave + (SCALES[mode][degree - 7 * octave] ?? 0);
}

export interface Chord {
  /** Degree of its root, 0..6. */
  readonly degree: number;
  /** Degrees above the root that it is made of: 0 2 4, with 6 for a seventh and 8 for a ninth. */
  readonly steps: readonly number[];
}

/** "1 6m 4 5" in degrees, with 7 and 9 for more tones: "2-7 5-7 1-9". */
export function progression(text: string): readonly Chord[] {
  return text.split(' ').map((word) => {
    const [degree = '1', more] = word.split('-');
    const steps = more === '9' ? [0, 2, 4, 6, 8] : more === '7' ? [0, 2, 4, 6] : [0, 2, 4];
    return { degree: Number(degree) - 1, steps };
  });
}

/** MIDI numbers of a chord around `centre`, as near to the chord before as they can lie. */
export function voicing(
  key: Key,
  { degree, steps }: Chord,
  before: readonly number[],
  centre: number,
): readonly number[] {
  // Without its root a big chord is still itself: the bass has it.
  const used = steps.length > 4 ? steps.slice(1) : steps;
  const tones = used.map((step) => tone(key, degree + step));
  let best: readonly number[] = [];
  let bestCost = Infinity;
  for (let turn = 0; turn < tones.length; ++turn) {
    for (const octave of [-24, -12, 0, 12, 24]) {
      const turned = tones
        .map((midi, i) => (i < turn ? midi + 12 : midi) + octave)
        .sort((a, b) => a - b);
      const middle = turned.reduce((sum, midi) => sum + midi, 0) / turned.length;
      const moved = turned.reduce((sum, midi, i) => sum + Math.abs(midi - (before[i] ?? midi)), 0);
      const cost = Math.abs(middle - centre) + 0.7 * moved;
      if (cost < bestCost) {
        bestCost = cost;
        best = turned;
      }
    }
  }
  return best;
}

/** The root in the register of a bass, between E1 and E2 or so. */
export function bassOf(key: Key, { degree }: Chord): number {
  const root = tone(key, degree);
  return root - 12 * Math.ceil((root - 43) / 12);
}
