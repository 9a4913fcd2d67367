import { CODE_NAMES, type CodeName } from './abi.gen.ts';

/** The name of a code of the core. Apart from errors.ts, so that a store alone does not bring the whole ABI along. */
export function codeName(code: number): Exclude<CodeName, 'ok'> {
  const name = CODE_NAMES[code];
  return name === undefined || name === 'ok' ? 'internal' : name;
}
