import { messageOf, OssicleError } from './errors.ts';

/** A part of the package that is loaded when it is first needed. Errors: network. */
export async function later<T>(part: Promise<T>): Promise<T> {
  try {
    return await part;
  } catch (cause) {
    const what = `A part of the package did not load: ${messageOf(cause)}.`;
    const advice = 'Nothing is lost; reload the page, then try again.';
    throw new OssicleError('network', `${what} ${advice}`, null, { cause });
  }
}
