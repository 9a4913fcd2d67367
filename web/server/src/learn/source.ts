/** Where an auditor reads from: an address, or a folder with the same files. */
import { join } from 'node:path';
import type { Bytes, ReadFile } from '@ossicle/wire/log';
import { InputError } from '../errors.ts';
import { readBytes } from '../log/files.ts';
import { readBounded } from '../log/read-bounded.ts';

const PATIENCE_MS = 60_000;
/** More than any file of a log: a policy, a tile, a piece, a sum, variances of 1,024 rows. */
const MOST_BYTES = 64 * 1_048_576;

function overHttp(base: string): ReadFile {
  return async (path) => {
    const answer = await fetch(new URL(path, base), { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw new Error(`${path}: the server answers ${answer.status}`);
    const bytes = await readBounded(answer, MOST_BYTES);
    if (bytes) return bytes;
    throw new Error(`${path} has more than ${MOST_BYTES} bytes`);
  };
}

/** Each file once. Errors: InputError (an address without a slash at its end). */
export function sourceAt(where: string): ReadFile {
  const isAddress = /^https?:\/\//u.test(where);
  if (isAddress && (!URL.canParse(where) || !where.endsWith('/'))) {
    throw new InputError(`--url ${where} is no address that ends with a slash. Write one.`);
  }
  const read: ReadFile = isAddress ? overHttp(where) : (path) => readBytes(join(where, path));
  const known = new Map<string, Promise<Bytes>>();
  return (path) => {
    const reading = known.get(path) ?? read(path);
    known.set(path, reading);
    return reading;
  };
}
