/**
 * Tunes: a phrase of two bars is made once and comes back, changed a little, over other chords (A A' B A'). That, more than the tones, is what makes
 * it sound like a tune.
 */
import type { Random } from '../random.ts';
import { tone, type Chord, type Key } from './harmony.ts';

export interface TuneNote {
  /** Beats from the beginning of the tune. */
  readonly beat: number;
  readonly beats: number;
  readonly midi: number;
  /** 0..1. */
  readonly accent: number;
}

/** A rhythm of two bars: beats at which tones begin. */
export type Rhythm = readonly number[];

export interface TuneOptions {
  readonly key: Key;
  /** One for each bar. */
  readonly chords: readonly Chord[];
  readonly beatsPerBar: number;
  readonly rhythms: readonly Rhythm[];
  /** Where it lies: a degree, 7 being the octave above the tonic. */
  readonly centre: number;
  readonly reach: number;
  /** How long a tone is of the time until the next one. */
  readonly legato: number;
}

interface Step {
  readonly beat: number;
  /** Up or down from the tone before, in degrees. */
  readonly move: number;
}

export function tune(options: TuneOptions, random: Random): readonly TuneNote[] {
  const { chords, beatsPerBar, rhythms } = options;
  const phrase = (): readonly Step[] =>
    random
      .pick(rhythms)
      .map((beat) => ({ beat, move: random.pick([-2, -1, -1, 0, 1, 1, 2, 3, -3]) }));
  const a = phrase();
  const b = phrase();
  const answer = a.map((step, i) => (i < a.length / 2 ? step : { ...step, move: -step.move }));
  const form = [a, answer, b, answer];
  const notes: TuneNote[] = [];
  let degree = options.centre;
  for (let bar = 0; bar < chords.length; bar += 2) {
    const steps = form[(bar / 2) % form.length] ?? a;
    const last = bar + 2 >= chords.length;
    // Each phrase begins near the middle, so that none runs away.
    degree = Math.round((degree + options.centre) / 2);
    steps.forEach(({ beat, move }, i) => {
      const chord = chords[bar + Math.floor(beat / beatsPerBar)] ?? chords[bar];
      if (!chord) return;
      degree = within(degree + move, options.centre, options.reach);
      const heavy = beat % 2 === 0 || i === 0 || i === steps.length - 1;
      if (heavy) degree = nearestOf(chord, degree);
      const end = steps[i + 1]?.beat ?? 2 * beatsPerBar;
      const closing = last && i === steps.length - 1;
      notes.push({
        beat: bar * beatsPerBar + beat,
        beats: (end - beat) * (closing ? 1 : options.legato),
        midi: tone(options.key, closing ? nearestOf({ degree: 0, steps: [0, 4] }, degree) : degree),
        accent: heavy ? 0.85 : 0.65,
      });
    });
  }
  return notes;
}

function within(degree: number, centre: number, reach: number): number {
  if (degree > centre + reach) return 2 * (centre + reach) - degree;
  if (degree < centre - reach) return 2 * (centre - reach) - degree;
  return degree;
}

/** The degree of the chord that lies nearest. */
function nearestOf({ degree: root, steps }: Chord, degree: number): number {
  for (let off = 0; off < 7; ++off) {
    for (const candidate of [degree - off, degree + off]) {
      const above = (((candidate - root) % 7) + 7) % 7;
      if (steps.some((step) => step % 7 === above)) return candidate;
    }
  }
  return degree;
}
