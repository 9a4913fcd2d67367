import type { CodeName } from './abi.gen.ts';

/** Codes of the core (`wasm/abi/ossicle.h`), and those that only arise outside it. Append-only. */
export type ErrorCode =
  | Exclude<CodeName, 'ok'>
  /** No WebAssembly SIMD, or no secure context. */
  | 'unsupported_browser'
  /** A file of the assets did not arrive. */
  | 'network'
  /** The files of the assets do not belong together, or not to this package. */
  | 'bundle_mismatch'
  /** The store cannot be opened or written. */
  | 'store_unavailable'
  /** The device has no room left for the store. */
  | 'quota_exceeded'
  /** A stored record cannot be read back. */
  | 'store_corrupt'
  /** The engine was closed. */
  | 'closed'
  /** A snapshot of the catalogue, or a round of contributions, failed a check; `at` names it. */
  | 'snapshot_refused';

/** Every failure of `ossicle` except an abort, which is the standard `AbortError`. */
export class OssicleError extends Error {
  override readonly name = 'OssicleError';
  readonly code: ErrorCode;
  /** The place: a file, or a byte, line, row or index as the message says; null when there is none. */
  readonly at: string | number | null;

  constructor(
    code: ErrorCode,
    message: string,
    at: string | number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.at = at;
  }
}

/** The message of whatever was thrown. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** The standard error of a call that was aborted. */
export function abortError(signal?: AbortSignal): unknown {
  return signal?.reason ?? new DOMException('The call was aborted.', 'AbortError');
}

/** Whether something thrown has this `name`; works across realms, where `instanceof` does not. */
export function isNamed(cause: unknown, name: string): boolean {
  return typeof cause === 'object' && cause !== null && 'name' in cause && cause.name === name;
}
