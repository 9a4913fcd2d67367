/** What callers give, checked. */
import { OssicleError } from './errors.ts';

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
