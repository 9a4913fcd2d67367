/** Samples per second of everything here; what Opus works with. */
export const RATE = 48_000;

export interface Stereo {
  readonly left: Float32Array;
  readonly right: Float32Array;
}

export function stereo(seconds: number): Stereo {
  const length = Math.ceil(seconds * RATE);
  return { left: new Float32Array(length), right: new Float32Array(length) };
}

/** One sounding note: when, how long, how high and how loud. */
export interface Note {
  /** Seconds from the beginning of the piece. */
  readonly at: number;
  readonly seconds: number;
  /** 69 is a' at 440 Hz. */
  readonly midi: number;
  /** 0..1. */
  readonly velocity: number;
}

/** Adds a sound of one channel at a place between left (-1) and right (1), with equal power. */
export function mix(to: Stereo, sound: Float32Array, at: number, gain: number, pan = 0): void {
  const start = Math.round(at * RATE);
  const angle = ((pan + 1) * Math.PI) / 4;
  const left = gain * Math.cos(angle);
  const right = gain * Math.sin(angle);
  const end = Math.min(sound.length, to.left.length - start);
  for (let i = Math.max(0, -start); i < end; ++i) {
    const sample = sound[i] ?? 0;
    to.left[start + i] = (to.left[start + i] ?? 0) + left * sample;
    to.right[start + i] = (to.right[start + i] ?? 0) + right * sample;
  }
}

export function hertz(midi: number): number {
  return 440 * 2 ** ((midi - 69) / 12);
}
