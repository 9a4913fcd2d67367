/** Drums: noise, and tones that fall. */
import type { Random } from '../random.ts';
import { RATE } from './buffer.ts';

export type Drum = (velocity: number, random: Random) => Float32Array;

function sound(seconds: number, wave: (t: number) => number): Float32Array {
  const out = new Float32Array(Math.ceil(seconds * RATE));
  for (let i = 0; i < out.length; ++i) out[i] = wave(i / RATE);
  return out;
}

/** White noise with what lies below `cutoff` Hz taken away. */
function hiss(random: Random, cutoff: number): () => number {
  const a = Math.exp((-2 * Math.PI * cutoff) / RATE);
  let low = 0;
  return () => {
    const white = random.next() * 2 - 1;
    low = (1 - a) * white + a * low;
    return white - low;
  };
}

export function kick(pitch: number, length: number): Drum {
  return (velocity) =>
    sound(length, (t) => {
      // The integral of a tone that falls from 4 times its pitch.
      const phase = 2 * Math.PI * (pitch * t + pitch * 0.09 * (1 - Math.exp(-t / 0.03)));
      return (
        velocity * Math.tanh(1.6 * Math.sin(phase)) * Math.exp((-t * 5) / length) * (1 - t / length)
      );
    });
}

export function snare(tone: number, length: number): Drum {
  return (velocity, random) => {
    const noise = hiss(random, 1200);
    return sound(length, (t) => {
      const skin = Math.sin(2 * Math.PI * tone * t) * Math.exp(-t * 28) * 0.6;
      return velocity * (skin + noise() * 0.55 * Math.exp((-t * 6) / length)) * (1 - t / length);
    });
  };
}

export function hat(length: number): Drum {
  return (velocity, random) => {
    const noise = hiss(random, 7000);
    return sound(
      length,
      (t) => velocity * 0.5 * noise() * Math.exp((-t * 5) / length) * (1 - t / length),
    );
  };
}

/** A ride cymbal: partials that do not fit, over noise. */
export const ride: Drum = (velocity, random) => {
  const noise = hiss(random, 6000);
  const tones = [3121, 4187, 5279, 6211].map((f) => f * random.between(0.995, 1.005));
  return sound(0.7, (t) => {
    const ring = tones.reduce((sum, f) => sum + Math.sin(2 * Math.PI * f * t), 0) * 0.05;
    const stick = noise() * 0.35 * Math.exp(-t * 40);
    return (
      velocity *
      (ring * Math.exp(-t * 6) + stick + noise() * 0.05 * Math.exp(-t * 5)) *
      (1 - t / 0.7)
    );
  });
};

/** Wood on metal: the rim of a snare drum. */
export const rim: Drum = (velocity) =>
  sound(0.05, (t) => velocity * 0.6 * Math.sin(2 * Math.PI * 1700 * t) * Math.exp(-t * 90));

export const shaker: Drum = (velocity, random) => {
  const noise = hiss(random, 5000);
  return sound(0.09, (t) => velocity * 0.35 * noise() * Math.sin(Math.PI * Math.min(1, t / 0.09)));
};

export const clap: Drum = (velocity, random) => {
  const noise = hiss(random, 900);
  return sound(0.22, (t) => {
    const hands = t < 0.03 ? Math.exp(-((t % 0.01) * 300)) : Math.exp(-(t - 0.03) * 18);
    return velocity * 0.6 * noise() * hands;
  });
};

/** Brushes on a snare drum. */
export const brush: Drum = (velocity, random) => {
  const noise = hiss(random, 2500);
  return sound(0.25, (t) => velocity * 0.3 * noise() * Math.sin(Math.PI * (t / 0.25)) ** 0.7);
};
