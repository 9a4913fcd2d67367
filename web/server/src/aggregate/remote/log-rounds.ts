/** Rounds by their ids, as this log has them. */
import { readNote, toHex } from '@ossicle/wire/log';
import {
  aggregatorOf,
  readRound,
  roundId,
  ROUND_KIND,
  type Role,
  type Round,
} from '@ossicle/wire/report';
import type { Entries } from '../../log/entries.ts';

/** The round of an entry of this log, whose signatures were checked when it was made. null: none. */
export const roundOfEntry = (source: string): Round | null => {
  const note = readNote(source);
  return note && readRound(note.text);
};

/** Whether the entry is a round that names this HPKE key for the aggregator: others are none of its business. */
export function isRoundOf(source: string, role: Role, key: string): boolean {
  const round = roundOfEntry(source);
  return round !== null && aggregatorOf(round, role).key === key;
}

export class LogRounds {
  readonly #entries: Entries;
  readonly #rounds = new Map<string, Round>();
  #seen = 0;

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  /** `hex`: id of the round. null: the log has no such round. */
  async find(hex: string): Promise<Round | null> {
    if (!this.#rounds.has(hex)) await this.#read();
    return this.#rounds.get(hex) ?? null;
  }

  async #read(): Promise<void> {
    const all = this.#entries.ofKind(ROUND_KIND);
    for (const source of all.slice(this.#seen)) {
      const note = readNote(source);
      const round = note && readRound(note.text);
      if (note && round) this.#rounds.set(toHex(await roundId(note.text)), round);
    }
    this.#seen = all.length;
  }
}
