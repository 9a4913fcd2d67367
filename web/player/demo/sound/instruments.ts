/** Instruments: each gives the sound of one note. Plain synthesis, no samples. */
import type { Random } from '../random.ts';
import { hertz, RATE, type Note } from './buffer.ts';

export type Instrument = (note: Note, random: Random) => Float32Array;

/** Rises, holds and falls away, in seconds; `release` comes after the note. */
interface Envelope {
  readonly attack: number;
  readonly decay: number;
  /** 0..1, held until the note ends. */
  readonly sustain: number;
  readonly release: number;
}

function shaped(
  { seconds, velocity }: Note,
  { attack, decay, sustain, release }: Envelope,
  wave: (t: number, i: number) => number,
): Float32Array {
  const length = Math.ceil((seconds + release) * RATE);
  const out = new Float32Array(length);
  for (let i = 0; i < length; ++i) {
    const t = i / RATE;
    const held =
      t < attack ? t / attack : sustain + (1 - sustain) * Math.exp(-(t - attack) / decay);
    const left = t < seconds ? 1 : 1 - (t - seconds) / release;
    out[i] = velocity * held * left * left * wave(t, i);
  }
  return out;
}

/** A state-variable low-pass filter (Chamberlin), sample by sample. */
function lowPass(resonance: number): (sample: number, cutoff: number) => number {
  let low = 0;
  let band = 0;
  return (sample, cutoff) => {
    const f = 2 * Math.sin((Math.PI * Math.min(cutoff, RATE / 7)) / RATE);
    low += f * band;
    const high = sample - low - resonance * band;
    band += f * high;
    return low;
  };
}

/** A saw without the worst of its aliases (polyBLEP). */
function saw(frequency: number, phase = 0): () => number {
  const step = frequency / RATE;
  let p = phase;
  return () => {
    p += step;
    if (p >= 1) p -= 1;
    let value = 2 * p - 1;
    if (p < step) {
      const t = p / step;
      value -= t + t - t * t - 1;
    } else if (p > 1 - step) {
      const t = (p - 1) / step;
      value -= t * t + t + t + 1;
    }
    return value;
  };
}

/** Struck strings: partials that are a little too high and die the sooner the higher they are. */
export const piano: Instrument = (note, random) => {
  const { midi, seconds, velocity } = note;
  const f0 = hertz(midi);
  const life = 3.2 * 2 ** ((60 - midi) / 18);
  const length = Math.ceil(Math.min(seconds + 0.5, life * 1.8) * RATE);
  const out = new Float32Array(length);
  for (let n = 1; n <= 10; ++n) {
    const frequency = f0 * n * Math.sqrt(1 + 0.0004 * n * n);
    if (frequency > 12_000) break;
    // A hard touch is a bright one.
    const level = (1 / n ** (1.9 - 0.9 * velocity)) * (n % 7 === 0 ? 0.3 : 1);
    const angle = (2 * Math.PI * frequency) / RATE;
    const fade = Math.exp(-1 / ((life / (1 + 0.35 * n)) * RATE * 0.5));
    const k = 2 * Math.cos(angle);
    let before = Math.sin(random.next() * 0.2 - angle);
    let now = Math.sin(random.next() * 0.2);
    let gain = level * velocity * 0.6;
    for (let i = 0; i < length; ++i) {
      out[i] = (out[i] ?? 0) + gain * now;
      const following = k * now - before;
      before = now;
      now = following;
      gain *= fade;
    }
  }
  // The hammer, and the damper at the end.
  for (let i = 0; i < 0.012 * RATE && i < length; ++i) {
    out[i] = (out[i] ?? 0) + velocity * 0.05 * (random.next() - 0.5) * (1 - i / (0.012 * RATE));
  }
  soften(out, 0.002, 0.35, seconds);
  return out;
};

/** A tine and its bell: two operators of frequency modulation. */
export const electricPiano: Instrument = (note) => {
  const w = 2 * Math.PI * hertz(note.midi);
  return shaped(note, { attack: 0.004, decay: 1.3, sustain: 0.05, release: 0.3 }, (t) => {
    const bell = Math.sin(14 * w * t) * Math.exp(-t * 9) * 0.5 * note.velocity;
    const body = Math.sin(
      w * t + (1.1 * note.velocity + bell) * Math.sin(w * t) * Math.exp(-t * 1.5),
    );
    return body * (0.85 + 0.15 * Math.sin(2 * Math.PI * 5.2 * t));
  });
};

/** A plucked string (Karplus and Strong); `brightness` 0..1. */
export function pluck(brightness: number, sustain: number): Instrument {
  return (note, random) => {
    const period = RATE / hertz(note.midi);
    const size = Math.max(2, Math.floor(period - 0.5));
    const fraction = period - 0.5 - size;
    const string = new Float32Array(size);
    let soft = 0;
    for (let i = 0; i < size; ++i) {
      soft += (random.next() * 2 - 1 - soft) * (0.25 + 0.75 * brightness * note.velocity);
      string[i] = soft;
    }
    const length = Math.ceil((note.seconds + 0.4) * RATE);
    const out = new Float32Array(length);
    const loss = 0.5 ** (period / RATE / sustain);
    let at = 0;
    let last = 0;
    let tuned = 0;
    for (let i = 0; i < length; ++i) {
      const now = string[at] ?? 0;
      const averaged = loss * (0.5 * now + 0.5 * last);
      last = now;
      // The fraction of a sample that the string is longer than its buffer.
      tuned += (averaged - tuned) * (1 - fraction * 0.5);
      string[at] = tuned;
      at = at + 1 === size ? 0 : at + 1;
      out[i] = now * note.velocity * 0.9;
    }
    soften(out, 0.001, 0.4, note.seconds);
    return out;
  };
}

/** Slow strings out of a machine: detuned saws behind a filter that opens and closes. */
export function pad(cutoff: number, attack: number): Instrument {
  return (note, random) => {
    const f = hertz(note.midi);
    const voices = [-0.09, -0.04, 0.05, 0.1].map((cents) =>
      saw(f * 2 ** (cents / 12), random.next()),
    );
    const filter = lowPass(1.2);
    const drift = random.between(0.05, 0.15);
    const shape = { attack, decay: 4, sustain: 0.8, release: attack * 1.2 };
    return shaped(note, shape, (t) => {
      const sum = voices.reduce((total, voice) => total + voice(), 0) * 0.22;
      return filter(sum, cutoff * (1 + 0.5 * Math.sin(2 * Math.PI * drift * t)));
    });
  };
}

/** A short, bright tone for arpeggios and riffs; `open` Hz is how far its filter opens. */
export function stab(open: number, decay: number, resonance = 0.5): Instrument {
  return (note, random) => {
    const f = hertz(note.midi);
    const one = saw(f, random.next());
    const two = saw(f * 1.006, random.next());
    const filter = lowPass(resonance);
    const shape = { attack: 0.003, decay: decay * 1.6, sustain: 0.15, release: 0.08 };
    return shaped(note, shape, (t) =>
      filter((one() + two()) * 0.35, 120 + f + open * note.velocity * Math.exp(-t / decay)),
    );
  };
}

/** A deep tone: a sine with a little of what lies above it. */
export const roundBass: Instrument = (note) => {
  const w = 2 * Math.PI * hertz(note.midi);
  const shape = { attack: 0.008, decay: 0.7, sustain: 0.45, release: 0.09 };
  return shaped(note, shape, (t) => {
    const tone = Math.sin(w * t) + 0.35 * Math.sin(2 * w * t) * Math.exp(-t * 5);
    return Math.tanh(1.3 * tone) * 0.8;
  });
};

/** A double bass: plucked, dark, and soon over. */
export const doubleBass: Instrument = (note, random) => {
  const string = pluck(0.35, 0.55)(note, random);
  const body = roundBass({ ...note, velocity: note.velocity * 0.55 }, random);
  return string.map((sample, i) => sample * 0.6 + (body[i] ?? 0));
};

/** Breath and a nearly pure tone. */
export const flute: Instrument = (note, random) => {
  const f = hertz(note.midi);
  const filter = lowPass(0.4);
  const shape = { attack: 0.06, decay: 2, sustain: 0.85, release: 0.12 };
  let phase = 0;
  return shaped(note, shape, (t) => {
    const vibrato = 1 + 0.004 * Math.min(1, t * 3) * Math.sin(2 * Math.PI * 5 * t);
    phase += (2 * Math.PI * f * vibrato) / RATE;
    const breath = filter(random.next() * 2 - 1, f * 2) * 0.06;
    return 0.7 * Math.sin(phase) + 0.16 * Math.sin(2 * phase) + 0.05 * Math.sin(3 * phase) + breath;
  });
};

/** A reed: odd partials that grow with the breath, with a slide into the tone. */
export const reed: Instrument = (note, random) => {
  const f = hertz(note.midi);
  const tone = saw(f, random.next());
  const low = saw(f * 0.997, random.next());
  const filter = lowPass(0.9);
  const shape = { attack: 0.035, decay: 1.5, sustain: 0.8, release: 0.1 };
  return shaped(note, shape, (t) => {
    const growl = 1 + 0.15 * Math.min(1, t * 2) * Math.sin(2 * Math.PI * 5.6 * t);
    const open = 500 + f * 1.2 + 1400 * note.velocity * Math.min(1, t * 14);
    return filter((tone() + 0.5 * low()) * 0.5, open) * growl;
  });
};

/** A singing synthesiser: two saws, closed a little, with vibrato that comes late. */
export const lead: Instrument = (note, random) => {
  const f = hertz(note.midi);
  const filter = lowPass(0.6);
  let p = random.next();
  let q = random.next();
  const shape = { attack: 0.015, decay: 1.2, sustain: 0.7, release: 0.12 };
  return shaped(note, shape, (t) => {
    const bend = 1 + 0.006 * Math.min(1, t) * Math.sin(2 * Math.PI * 5.5 * t);
    p = (p + (f * bend) / RATE) % 1;
    q = (q + (f * bend * 1.004) / RATE) % 1;
    const square = (p < 0.5 ? 0.5 : -0.5) + (q < 0.4 ? 0.5 : -0.5);
    return filter(square * 0.6, 900 + f * 2);
  });
};

/** Takes the click off the beginning, and damps what sounds after the note. */
function soften(out: Float32Array, attack: number, release: number, seconds: number): void {
  for (let i = 0; i < attack * RATE && i < out.length; ++i) {
    out[i] = (out[i] ?? 0) * (i / (attack * RATE));
  }
  const from = Math.floor(seconds * RATE);
  for (let i = from; i < out.length; ++i) {
    out[i] = (out[i] ?? 0) * Math.exp(-(i - from) / (release * 0.3 * RATE));
  }
}
