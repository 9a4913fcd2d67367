/** How a round ends: A states what it counted of each block, and B says what it has fixed. JSON, UTF-8. */
import { utf8, type Bytes } from '../log/bytes.ts';
import { isHash, isWhole } from '../log/signed.ts';

export interface StatedBlock {
  readonly block: number;
  readonly count: number;
  /** Checksum of the reports' ids, in hex. */
  readonly ids: string;
}

export const BLOCK_STATES = ['open', 'closed', 'too_few', 'disputed'] as const;
/** open: counts. closed: its noised sum is fixed. The others have no sum, and never will. */
export type BlockState = (typeof BLOCK_STATES)[number];

export interface ClosedBlock extends StatedBlock {
  readonly state: BlockState;
}

function isStated(value: unknown): value is StatedBlock {
  if (typeof value !== 'object' || value === null) return false;
  const { block, count, ids } = value as Readonly<Record<string, unknown>>;
  return isWhole(block, 0, 0xffff) && isWhole(count, 0, Number.MAX_SAFE_INTEGER) && isHash(ids);
}

function isClosed(value: unknown): value is ClosedBlock {
  return isStated(value) && 'state' in value && BLOCK_STATES.some((one) => one === value.state);
}

function readList<T>(
  bytes: Uint8Array,
  isOne: (value: unknown) => value is T,
): readonly T[] | null {
  try {
    const list: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return Array.isArray(list) && list.every(isOne) ? list : null;
  } catch {
    return null;
  }
}

export const writeStated = (blocks: readonly StatedBlock[]): Bytes => utf8(JSON.stringify(blocks));
export const writeClosed = (blocks: readonly ClosedBlock[]): Bytes => utf8(JSON.stringify(blocks));

/** null: no such list. */
export const readStated = (bytes: Uint8Array): readonly StatedBlock[] | null =>
  readList(bytes, isStated);
export const readClosed = (bytes: Uint8Array): readonly ClosedBlock[] | null =>
  readList(bytes, isClosed);
