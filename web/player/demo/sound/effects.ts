import type { Random } from '../random.ts';
import { RATE, type Stereo } from './buffer.ts';

/** A room (Schroeder: combs side by side, then all-passes); `size` seconds until it is 60 dB softer. */
export function reverb(dry: Stereo, size: number, wet: number): Stereo {
  const side = (input: Float32Array, spread: number): Float32Array => {
    const out = new Float32Array(input.length);
    for (const ms of [29.7, 37.1, 41.1, 43.7]) {
      const delay = Math.round(((ms + spread) / 1000) * RATE);
      const gain = 10 ** ((-3 * (delay / RATE)) / size);
      const line = new Float32Array(delay);
      let soft = 0;
      for (let i = 0, at = 0; i < input.length; ++i, at = at + 1 === delay ? 0 : at + 1) {
        const echo = line[at] ?? 0;
        // Walls swallow the high tones first.
        soft += (echo - soft) * 0.55;
        line[at] = (input[i] ?? 0) + soft * gain;
        out[i] = (out[i] ?? 0) + echo * 0.25;
      }
    }
    for (const ms of [5, 1.7]) {
      const delay = Math.round(((ms + spread * 0.1) / 1000) * RATE);
      const line = new Float32Array(delay);
      for (let i = 0, at = 0; i < out.length; ++i, at = at + 1 === delay ? 0 : at + 1) {
        const echo = line[at] ?? 0;
        const now = (out[i] ?? 0) + echo * 0.6;
        line[at] = now;
        out[i] = echo - now * 0.6;
      }
    }
    return out.map((sample, i) => (input[i] ?? 0) + wet * sample);
  };
  return { left: side(dry.left, 0), right: side(dry.right, 1.3) };
}

/** Echoes that go from side to side. */
export function pingPong(dry: Stereo, seconds: number, feedback: number, wet: number): Stereo {
  const delay = Math.round(seconds * RATE);
  const left = new Float32Array(dry.left.length);
  const right = new Float32Array(dry.left.length);
  for (let i = 0; i < left.length; ++i) {
    const j = i - delay;
    const input = ((dry.left[i] ?? 0) + (dry.right[i] ?? 0)) / 2;
    left[i] = input + (j >= 0 ? feedback * (right[j] ?? 0) : 0);
    right[i] = j >= 0 ? feedback * (left[j] ?? 0) : 0;
  }
  const of = (side: Float32Array, echo: Float32Array, own: boolean): Float32Array =>
    side.map((sample, i) => {
      const input = own ? ((dry.left[i] ?? 0) + (dry.right[i] ?? 0)) / 2 : 0;
      return sample + wet * ((echo[i] ?? 0) - input);
    });
  return { left: of(dry.left, left, true), right: of(dry.right, right, false) };
}

/** An old record: crackle, hum and a narrow band. */
export function vinyl(to: Stereo, random: Random): Stereo {
  const crackle = new Float32Array(to.left.length);
  for (let n = 0; n < (to.left.length / RATE) * 9; ++n) {
    const at = Math.floor(random.next() * crackle.length);
    const level = 0.02 + 0.06 * random.next() ** 4;
    for (let i = 0; i < 40; ++i) {
      crackle[at + i] = (crackle[at + i] ?? 0) + level * (random.next() * 2 - 1) * Math.exp(-i / 8);
    }
  }
  const side = (input: Float32Array): Float32Array => {
    let soft = 0;
    return input.map((sample, i) => {
      soft += (sample - soft) * 0.5;
      return soft + (crackle[i] ?? 0);
    });
  };
  return { left: side(to.left), right: side(to.right) };
}

/** Makes room under each beat, as if the kick drum pressed the rest down. */
export function duck(to: Stereo, beats: readonly number[], depth: number, seconds: number): void {
  for (const beat of beats) {
    const start = Math.round(beat * RATE);
    const length = Math.round(seconds * RATE);
    for (let i = 0; i < length && start + i < to.left.length; ++i) {
      const gain = 1 - depth * (1 - i / length) ** 2;
      to.left[start + i] = (to.left[start + i] ?? 0) * gain;
      to.right[start + i] = (to.right[start + i] ?? 0) * gain;
    }
  }
}

/** Brings a piece to one loudness, rounds its peaks off, and lets it begin and end in silence. */
export function master({ left, right }: Stereo, loudness: number, fadeOut: number): void {
  let sum = 0;
  for (let i = 0; i < left.length; ++i) sum += (left[i] ?? 0) ** 2 + (right[i] ?? 0) ** 2;
  const gain = loudness / Math.sqrt(sum / (2 * left.length) || 1);
  const tail = fadeOut * RATE;
  for (const side of [left, right]) {
    let low = 0;
    for (let i = 0; i < side.length; ++i) {
      const sample = (side[i] ?? 0) * gain;
      // What lies below 20 Hz moves the loudspeaker and nothing else.
      low += (sample - low) * 0.0026;
      const end = Math.min(1, (side.length - i) / tail, i / (0.005 * RATE));
      side[i] = Math.tanh((sample - low) * 1.1) * 0.89 * end;
    }
  }
}
