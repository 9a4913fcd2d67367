import { messageOf, OssicleError } from '../errors.ts';
import type { StoredEvent } from '../types.ts';

/** Of what is inside a record. A newer one is refused, not guessed at. */
export const RECORD_VERSION = 1;

const KINDS: readonly string[] = ['play', 'love', 'skip', 'ban', 'clear', 'shown'];

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isCountOrAbsent(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && value >= 0);
}

export function isEvent(value: unknown): value is StoredEvent {
  if (typeof value !== 'object' || value === null) return false;
  const event = value as Partial<Record<keyof StoredEvent, unknown>>;
  return (
    typeof event.kind === 'string' &&
    KINDS.includes(event.kind) &&
    typeof event.at === 'number' &&
    typeof event.artist === 'string' &&
    typeof event.artistId === 'string' &&
    /^[0-9a-f]{32}$/.test(event.artistId) &&
    isTextOrAbsent(event.title) &&
    isTextOrAbsent(event.album) &&
    isCountOrAbsent(event.playedMs) &&
    isCountOrAbsent(event.durationMs)
  );
}

/** An error that names the record, and says what can be done. */
export function corruptRecord(where: string, place: number, why: string): OssicleError {
  return new OssicleError(
    'store_corrupt',
    `Record ${place} of ${where} cannot be read: ${why}. The other records are untouched. ` +
      'erase() of the store starts afresh; nothing is erased without it.',
    place,
  );
}

export function noSuchBatch(where: string, seq: number): OssicleError {
  return new OssicleError(
    'unknown_item',
    `Record ${seq} of ${where} is not there (any more).`,
    seq,
  );
}

export function encodeRecord(events: readonly StoredEvent[]): string {
  return JSON.stringify({ v: RECORD_VERSION, events });
}

/** Errors: store_corrupt, unsupported_version (`at` = `place`). */
export function decodeRecord(text: string, where: string, place: number): readonly StoredEvent[] {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (cause) {
    throw corruptRecord(where, place, messageOf(cause));
  }
  const { v, events } = (record ?? {}) as { readonly v?: unknown; readonly events?: unknown };
  if (typeof v === 'number' && v > RECORD_VERSION) {
    throw new OssicleError(
      'unsupported_version',
      `Record ${place} of ${where} was written by a newer Ossicle (version ${v}). Update to read it.`,
      place,
    );
  }
  if (v !== RECORD_VERSION || !Array.isArray(events) || !events.every(isEvent)) {
    throw corruptRecord(where, place, 'it is not a list of events');
  }
  return events;
}
