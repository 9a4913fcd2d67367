import { OssicleError, type ErrorCode } from 'ossicle';

/** A failure, ready to be told: the code decides the words, the engine's message says what and where. */
export interface Problem {
  readonly code: ErrorCode | 'unexpected';
  readonly at: string | number | null;
  readonly message: string;
}

export function problemOf(cause: unknown): Problem {
  if (cause instanceof OssicleError) {
    return { code: cause.code, at: cause.at, message: cause.message };
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return { code: 'unexpected', at: null, message };
}

export function isAbort(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'AbortError';
}
