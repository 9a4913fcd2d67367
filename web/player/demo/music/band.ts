import type { Random } from '../random.ts';
import { mix, stereo, type Stereo } from '../sound/buffer.ts';
import type { Drum } from '../sound/drums.ts';
import type { Instrument } from '../sound/instruments.ts';
import { bassOf, voicing, type Chord, type Key } from './harmony.ts';
import type { TuneNote } from './melody.ts';

/** What a style makes music of. */
export interface Score {
  readonly key: Key;
  /** Beats a minute. */
  readonly tempo: number;
  readonly bars: number;
  /** Goes round until the bars are full. */
  readonly chords: readonly Chord[];
  readonly random: Random;
}

/** How long the last tone may ring. */
const TAIL = 2.5;

/** Players that keep the same time. Each bus is a stereo track of its own, for effects. */
export class Band {
  readonly score: Score;
  readonly beatsPerBar: number;
  readonly seconds: number;
  readonly #swing: number;
  readonly #buses = new Map<string, Stereo>();

  /** `swing`: where the second eighth of a beat falls: 0.5 even, 0.66 as in jazz. */
  constructor(score: Score, { beatsPerBar = 4, swing = 0.5 } = {}) {
    this.score = score;
    this.beatsPerBar = beatsPerBar;
    this.#swing = swing;
    this.seconds = (score.bars * beatsPerBar * 60) / score.tempo + TAIL;
  }

  get beats(): number {
    return this.score.bars * this.beatsPerBar;
  }

  chord(bar: number): Chord {
    const { chords } = this.score;
    const found = chords[bar % chords.length];
    if (!found) throw new Error('A score needs chords.');
    return found;
  }

  chords(): readonly Chord[] {
    return Array.from({ length: this.score.bars }, (_, bar) => this.chord(bar));
  }

  /** Seconds at which a beat falls. */
  at(beat: number): number {
    const whole = Math.floor(beat);
    const part = beat - whole;
    const swung =
      part < 0.5 ? part * 2 * this.#swing : this.#swing + (part - 0.5) * 2 * (1 - this.#swing);
    return ((whole + swung) * 60) / this.score.tempo;
  }

  bus(name: string): Stereo {
    const known = this.#buses.get(name) ?? stereo(this.seconds);
    this.#buses.set(name, known);
    return known;
  }

  play(
    bus: string,
    instrument: Instrument,
    note: {
      readonly beat: number;
      readonly beats: number;
      readonly midi: number;
      readonly velocity: number;
    },
    gain: number,
    pan = 0,
  ): void {
    const { random } = this.score;
    // Nobody plays like a clock.
    const at = this.at(note.beat) + random.between(0, 0.008);
    const velocity = Math.min(1, note.velocity * random.between(0.92, 1.05));
    const seconds = Math.max(0.05, this.at(note.beat + note.beats) - this.at(note.beat));
    mix(
      this.bus(bus),
      instrument({ at, seconds, midi: note.midi, velocity }, random),
      at,
      gain,
      pan,
    );
  }

  hit(bus: string, drum: Drum, beat: number, velocity: number, gain: number, pan = 0): void {
    const { random } = this.score;
    mix(
      this.bus(bus),
      drum(velocity * random.between(0.9, 1.05), random),
      this.at(beat),
      gain,
      pan,
    );
  }

  tune(
    bus: string,
    instrument: Instrument,
    notes: readonly TuneNote[],
    gain: number,
    pan = 0,
  ): void {
    for (const { beat, beats, midi, accent } of notes) {
      this.play(bus, instrument, { beat, beats, midi, velocity: accent }, gain, pan);
    }
  }

  /** Calls for each bar with its chord, voiced near the one before, and its bass tone. */
  each(
    centre: number,
    play: (bar: number, beat: number, tones: readonly number[], bass: number, next: number) => void,
  ): void {
    let tones: readonly number[] = [];
    for (let bar = 0; bar < this.score.bars; ++bar) {
      tones = voicing(this.score.key, this.chord(bar), tones, centre);
      const bass = bassOf(this.score.key, this.chord(bar));
      const next = bassOf(this.score.key, this.chord(bar + 1));
      play(bar, bar * this.beatsPerBar, tones, bass, next);
    }
  }

  mixdown(
    gains: Readonly<Record<string, number>>,
    treated: Readonly<Record<string, Stereo>> = {},
  ): Stereo {
    const out = stereo(this.seconds);
    for (const [name, gain] of Object.entries(gains)) {
      const from = treated[name] ?? this.bus(name);
      for (let i = 0; i < out.left.length; ++i) {
        out.left[i] = (out.left[i] ?? 0) + gain * (from.left[i] ?? 0);
        out.right[i] = (out.right[i] ?? 0) + gain * (from.right[i] ?? 0);
      }
    }
    return out;
  }
}
