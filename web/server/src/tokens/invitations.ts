/** Codes that the publishers give to those whom they ask: each is good for one token of its round. */
import { createHash, randomInt } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { openDatabase, transaction } from '../database.ts';

// `request`: the digest of the one that the code was used for, so that an answer that got lost can be had again.
const SCHEMA = `CREATE TABLE IF NOT EXISTS invitations (
  round TEXT NOT NULL, code BLOB NOT NULL, request TEXT, PRIMARY KEY (round, code)) STRICT`;

/** Without letters that look alike. 20 of them have 99 bits. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 5;
const GROUP_LETTERS = 4;

const hashOf = (code: string): Uint8Array =>
  new Uint8Array(createHash('sha256').update(code.trim().toLowerCase()).digest());

function makeCode(): string {
  const group = (): string =>
    Array.from({ length: GROUP_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}

export class Invitations implements Disposable {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#database = openDatabase(path, SCHEMA);
  }

  /** Makes `n` codes for a round; only their hashes are kept. */
  make(round: string, n: number): readonly string[] {
    const codes = Array.from({ length: n }, makeCode);
    const insert = this.#database.prepare('INSERT INTO invitations VALUES (?, ?, NULL)');
    transaction(this.#database, () => {
      for (const code of codes) insert.run(round, hashOf(code));
    });
    return codes;
  }

  /** Uses a code, durably. The very same request again is no second use. */
  use(round: string, code: string, request: string): 'used' | 'unknown' | 'spent' {
    const hash = hashOf(code);
    return transaction(this.#database, () => {
      const row = this.#database
        .prepare('SELECT request FROM invitations WHERE round = ? AND code = ?')
        .get(round, hash);
      if (row === undefined) return 'unknown';
      if (row['request'] !== null) return row['request'] === request ? 'used' : 'spent';
      this.#database
        .prepare('UPDATE invitations SET request = ? WHERE round = ? AND code = ?')
        .run(request, round, hash);
      return 'used';
    });
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
