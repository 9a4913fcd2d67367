/** What callers give, checked. */
import { OssicleError } from './errors.ts';
import type { PlaylistArguments } from './protocol.ts';
import type { PlaylistCurve, PlaylistOptions } from './types.ts';

/** A whole number of a range. Errors: invalid_argument (`at` = `what`). */
export function count(
  value: number | undefined,
  usual: number,
  least: number,
  most: number,
  what: string,
): number {
  const n = value ?? usual;
  if (Number.isInteger(n) && n >= least && n <= most) return n;
  const range = `a whole number from ${least} to ${most}`;
  throw new OssicleError('invalid_argument', `${what} is ${n}, but must be ${range}.`, what);
}

/** Errors: invalid_argument (`at` = index of the first that is no string). */
export function checkTexts(texts: readonly unknown[]): void {
  const wrong = texts.findIndex((text) => typeof text !== 'string');
  if (wrong < 0) return;
  throw new OssicleError('invalid_argument', `texts[${wrong}] is not a string.`, wrong);
}

/** A Date, or the clock, in seconds since 1970. Errors: invalid_argument (`at` = `what`). */
export function secondsOf(date: Date | undefined, what: string): number {
  const ms = date === undefined ? Date.now() : date.getTime();
  if (Number.isFinite(ms)) return Math.floor(ms / 1000);
  throw new OssicleError('invalid_argument', `${what} is not a valid Date.`, what);
}

/** A number of a range. Errors: invalid_argument (`at` = `what`). */
export function amount(
  value: number | undefined,
  usual: number,
  least: number,
  most: number,
  what: string,
): number {
  const x = value ?? usual;
  if (x >= least && x <= most) return x;
  const range = `a number from ${least} to ${most}`;
  throw new OssicleError('invalid_argument', `${what} is ${x}, but must be ${range}.`, what);
}

/** A number of a range, or null where none is given. Errors: invalid_argument (`at` = `what`). */
function within(
  value: number | undefined,
  least: number,
  most: number,
  what: string,
): number | null {
  return value === undefined ? null : amount(value, value, least, most, what);
}

function wholeWithin(
  value: number | undefined,
  least: number,
  most: number,
  what: string,
): number | null {
  return value === undefined ? null : count(value, value, least, most, what);
}

/** `points` drawn as straight lines over `length` positions. */
function drawn(points: readonly number[], length: number): Float32Array<ArrayBuffer> {
  const last = points.length - 1;
  return Float32Array.from({ length }, (_, i) => {
    const at = length > 1 ? (i / (length - 1)) * last : 0;
    const left = points[Math.floor(at)] ?? 0;
    const right = points[Math.min(last, Math.floor(at) + 1)] ?? left;
    return left + (right - left) * (at - Math.floor(at));
  });
}

/** A curve with its target drawn over `length` places. Errors: invalid_argument. */
export function curveArguments(
  { target, values, weight }: PlaylistCurve,
  length: number,
): PlaylistArguments['curve'] {
  const wrong = target.findIndex((value) => !(value >= 0 && value <= 1));
  if (target.length === 0 || wrong >= 0) {
    const message = 'curve.target must be numbers from 0 to 1, at least one.';
    throw new OssicleError('invalid_argument', message, wrong < 0 ? 'curve.target' : wrong);
  }
  return {
    target: drawn(target, length),
    ids: [...values.keys()],
    values: Float32Array.from(values.values()),
    weight: within(weight, 0, 100, 'curve.weight'),
  };
}

/** Errors: invalid_argument (`at` = the knob). */
export function playlistArguments(options: PlaylistOptions): PlaylistArguments {
  const length = count(options.length, 20, 1, 500, 'length');
  return {
    length,
    from: options.from ?? null,
    to: options.to ?? null,
    adventure: within(options.adventure, 0, 1, 'adventure'),
    seed: wholeWithin(options.seed, 0, Number.MAX_SAFE_INTEGER, 'seed'),
    recent: wholeWithin(options.recent, 0, 256, 'recent'),
    pull: within(options.pull, 0, 50, 'pull'),
    beams: wholeWithin(options.beams, 1, 8, 'beams'),
    curve: options.curve === undefined ? null : curveArguments(options.curve, length),
  };
}
