import type { Learning, StoredEvent } from './types.ts';

export const EVERYTHING: Learning = { plays: true, choices: true, imported: true };

export function isEverything({ plays, choices, imported }: Learning): boolean {
  return plays && choices && imported;
}

/** The part of the history that an event belongs to. */
export function partOf({ kind, source }: Pick<StoredEvent, 'kind' | 'source'>): keyof Learning {
  if (kind !== 'play') return 'choices';
  return source === 'import' ? 'imported' : 'plays';
}
