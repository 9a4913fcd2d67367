/** What the entries of a log say, read in their order: each is believed if who signed it had the role for it then. */
import {
  entryText,
  readNote,
  readVerifier,
  toHex,
  utf8,
  verified,
  verifierText,
  type Note,
  type Verifier,
} from '@ossicle/wire/log';
import {
  aggregatorOf,
  isPair,
  readRoundEntry,
  readSums,
  roundId,
  ROUND_KIND,
  SUMS_KIND,
  type Role as Half,
  type Round,
  type Sums,
} from '@ossicle/wire/report';
import {
  publishersOf,
  readSnapshotEntry,
  SNAPSHOT_KIND,
  type SnapshotEntry,
} from '@ossicle/wire/snapshot';
import { ROLE_KIND, type RoleChange } from '../roles.ts';
import { LEARNT_KIND, readLearnt, type Learnt } from './learnt-entry.ts';

export interface Trust {
  readonly publishers: readonly Verifier[];
  readonly publisherQuorum: number;
}

export interface Placed {
  /** Number of the entry. */
  readonly index: number;
}

export interface KnownRound extends Placed {
  /** In hex. */
  readonly id: string;
  readonly round: Round;
  readonly sums: Map<number, Partial<Record<Half, Sums & Placed>>>;
}

export interface Contents {
  readonly size: number;
  /** Who signs changes of roles: whom the first entry names. */
  readonly admin: Verifier | null;
  readonly changes: readonly RoleChange[];
  /** By their ids, in the order of the log. */
  readonly rounds: ReadonlyMap<string, KnownRound>;
  readonly snapshots: readonly (SnapshotEntry & Placed)[];
  readonly learnt: readonly (Learnt & Placed)[];
  /** Entries that nobody should believe, in words. */
  readonly problems: readonly string[];
  /** Entries of kinds that this program does not know. */
  readonly unknown: number;
}

/** null: no change of roles in the one way of writing it. */
function changeIn(text: string): RoleChange | null {
  try {
    const { change, role, key, at } = JSON.parse(text.split('\n')[1] ?? '') as RoleChange;
    const read = { change, role, key, at };
    return entryText(ROLE_KIND, read) === text ? read : null;
  } catch {
    return null;
  }
}

class Reader {
  readonly #trust: Trust;
  readonly #holders = new Map<string, Set<string>>();
  admin: Verifier | null = null;
  readonly changes: RoleChange[] = [];
  readonly rounds = new Map<string, KnownRound>();
  readonly snapshots: (SnapshotEntry & Placed)[] = [];
  readonly learnt: (Learnt & Placed)[] = [];
  readonly problems: string[] = [];
  unknown = 0;

  constructor(trust: Trust) {
    this.#trust = trust;
  }

  async read(source: string, at: number): Promise<void> {
    const problem = await this.#problemWith(source, at);
    if (problem !== null) this.problems.push(`entry ${at}: ${problem}`);
  }

  /** Takes what the entry says; null: it is as it should be. */
  async #problemWith(source: string, at: number): Promise<string | null> {
    const [kind = ''] = source.split('\n', 1);
    if (kind === ROLE_KIND) return this.#role(source, at);
    if (kind === ROUND_KIND) return this.#round(source, at);
    if (kind === SUMS_KIND) return this.#sums(source, at);
    if (kind === SNAPSHOT_KIND) return this.#snapshot(source, at);
    if (kind === LEARNT_KIND) return this.#learnt(source, at);
    ++this.unknown;
    return null;
  }

  async #role(source: string, at: number): Promise<string | null> {
    const note = readNote(source);
    if (!note) return 'a change of roles that is no signed note';
    const change = changeIn(note.text);
    if (!change) return 'a change of roles that is not written as it should be';
    // Who begins the log is its admin: the first entry is signed by the key that it names.
    this.admin ??= at === 0 ? await readVerifier(change.key).catch(() => null) : null;
    if (!this.admin || !(await verified(note, this.admin))) {
      return 'a change of roles that the admin has not signed';
    }
    const holders = this.#holders.get(change.role) ?? new Set();
    this.#holders.set(change.role, holders);
    if (change.change === 'granted') holders.add(change.key);
    else holders.delete(change.key);
    this.changes.push(change);
    return null;
  }

  async #round(source: string, at: number): Promise<string | null> {
    // All of the policy, as aggregators and clients want it.
    const found = await readRoundEntry(source, this.#trust.publishers);
    if (!found) return 'a round that not all publishers have signed';
    const id = toHex(await roundId(found.text));
    this.rounds.set(id, { id, round: found.round, index: at, sums: new Map() });
    return null;
  }

  /** Of the policy, those whose role was not revoked until here. */
  #publishers(): readonly Verifier[] {
    const holders = this.#holders.get('publisher');
    return this.#trust.publishers.filter((one) => holders?.has(verifierText(one)));
  }

  /** Whether enough publishers have signed. */
  async #isPublished(note: Note): Promise<boolean> {
    return (await publishersOf(note, this.#publishers())) >= this.#trust.publisherQuorum;
  }

  /** Whether the one with this key has signed, and has the role now. */
  async #isSignedBy(note: Note, role: string, key: string): Promise<boolean> {
    if (!this.#holders.get(role)?.has(key)) return false;
    const holder = await readVerifier(key).catch(() => null);
    return holder !== null && (await verified(note, holder)) !== null;
  }

  async #sums(source: string, at: number): Promise<string | null> {
    const note = readNote(source);
    const sums = readSums(note?.text ?? '');
    if (!note || !sums) return 'sums that are not written as they should be';
    const what = `sums of block ${sums.block} by aggregator ${sums.role}`;
    const known = this.rounds.get(sums.round);
    if (!known || sums.block >= known.round.blocks) {
      return `${what} of a round that is not in the log`;
    }
    const { signer } = aggregatorOf(known.round, sums.role);
    if (!(await this.#isSignedBy(note, `operator-${sums.role}`, signer))) {
      return `${what} that no operator ${sums.role} of the round has signed`;
    }
    const halves = known.sums.get(sums.block) ?? {};
    if (halves[sums.role]) return `${what} for the second time`;
    if (sums.count < known.round.minBatch) {
      return `${what} of ${sums.count} reports, fewer than the round promises`;
    }
    halves[sums.role] = { ...sums, index: at };
    known.sums.set(sums.block, halves);
    const fits = !halves.a || !halves.b || isPair(halves.a, halves.b);
    return fits ? null : `${what} that do not fit those of the other one`;
  }

  async #snapshot(source: string, at: number): Promise<string | null> {
    const found = readSnapshotEntry(utf8(source));
    if (!found) return 'a snapshot that is not written as it should be';
    const { entry, note } = found;
    if (!(await this.#isPublished(note))) {
      return `snapshot ${entry.epoch}, which too few publishers have signed`;
    }
    const last = this.snapshots.at(-1)?.epoch ?? 0;
    if (entry.epoch !== last + 1) {
      return `snapshot ${entry.epoch} where ${last + 1} comes next`;
    }
    this.snapshots.push({ ...entry, index: at });
    return null;
  }

  async #learnt(source: string, at: number): Promise<string | null> {
    const found = readLearnt(source);
    if (!found) return 'a learnt snapshot that is not written as it should be';
    if (!(await this.#isPublished(found.note))) {
      return 'a learnt snapshot that too few publishers have signed';
    }
    this.learnt.push({ ...found.learnt, index: at });
    return null;
  }
}

/** `entries`: all of a log, in order. */
export async function readContents(entries: readonly string[], trust: Trust): Promise<Contents> {
  const reader = new Reader(trust);
  for (const [at, source] of entries.entries()) await reader.read(source, at);
  const { admin, changes, rounds, snapshots, learnt, problems, unknown } = reader;
  return { size: entries.length, admin, changes, rounds, snapshots, learnt, problems, unknown };
}

/** Both halves of a block's sum. */
export interface PairOfSums {
  readonly block: number;
  readonly count: number;
  /** SHA-256 of the blobs. */
  readonly a: string;
  readonly b: string;
}

/** The blocks of a round of which both sums are there before entry `at` of the log, and what is missing or wrong with the others, in words. */
export function pairsOf(
  { sums }: KnownRound,
  at: number,
): {
  readonly pairs: readonly PairOfSums[];
  readonly missing: readonly string[];
} {
  const pairs: PairOfSums[] = [];
  const missing: string[] = [];
  for (const [block, halves] of [...sums].toSorted(([x], [y]) => x - y)) {
    const [a, b] = [halves.a, halves.b].map((half) => (half && half.index < at ? half : null));
    if (!a && !b) continue;
    if (!a || !b) {
      missing.push(`of block ${block} the sum of aggregator ${a ? 'b' : 'a'} is not in the log`);
    } else if (!isPair(a, b)) {
      missing.push(`of block ${block} the aggregators counted different reports`);
    } else pairs.push({ block, count: a.count, a: a.sum, b: b.sum });
  }
  return { pairs, missing };
}

/** The newest snapshot before entry `at` of the log: what contributors to a round that was opened there used. */
export const snapshotBefore = ({ snapshots }: Contents, at: number): SnapshotEntry | null =>
  snapshots.findLast((one) => one.index < at) ?? null;

/** What the last snapshot that was learnt with this prior, before entry `at`, left to know of the rows. null: none was, and the first epoch begins. */
export const varianceFor = ({ learnt }: Contents, prior: string, at: number): string | null =>
  learnt.findLast((one) => one.index < at && one.prior === prior)?.varianceAfter ?? null;
