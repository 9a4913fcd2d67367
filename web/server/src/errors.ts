/** What was asked for cannot be done as it is: the message says what is wrong and what to do. The command line ends with 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

export function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
