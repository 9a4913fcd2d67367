/**
 * What an aggregator keeps. Every method is one transaction: what it answers is durable, and what it did not answer may have happened or not. Asking again is
 * always safe: a report is known by its round and id, and nothing that is known is stored, counted or added a second time.
 */
import { createHash } from 'node:crypto';
import type { Bytes } from '@ossicle/wire/log';
import type { BlockState } from '@ossicle/wire/report';

export interface StoredRound {
  readonly id: Bytes;
  readonly text: string;
  readonly closed: boolean;
}

export interface Block {
  readonly block: number;
  readonly state: BlockState;
  readonly count: number;
  /** Checksum of the reports' ids. */
  readonly ids: Bytes;
}

export interface NoisedBlock extends Block {
  readonly round: Bytes;
  /** u32 LE. */
  readonly noised: Bytes;
}

export interface Known {
  readonly digest: Bytes;
  /** pending, counted, or why it was refused. */
  readonly state: string;
}

export interface Arrived {
  readonly round: Bytes;
  readonly id: Bytes;
  readonly block: number;
  /** SHA-256 of the whole report. */
  readonly digest: Bytes;
  /** What was spent on it, 32 bytes: at most one report of a round has it. null: the round asks for none. */
  readonly token: Bytes | null;
  readonly head: Bytes;
  readonly sealed: Bytes;
  /** What A says about the proof. */
  readonly message: Bytes;
  readonly share: Bytes;
}

/** What came of one that arrived: it is new and pending; it was known before, as this; or it was not stored, for this reason. */
export type Arrival = 'new' | Known | 'token_spent' | 'round_closed';

export interface Waiting extends Pick<Arrived, 'head' | 'sealed' | 'message'> {
  readonly at: number;
}

/** What B said of a report that waited. */
export interface Answer {
  readonly at: number;
  /** counted, or why it is refused. */
  readonly state: string;
}

export interface Addend {
  readonly round: Bytes;
  readonly id: Bytes;
  readonly block: number;
  readonly digest: Bytes;
  /** Modulo q. null: refused as `state`. */
  readonly numbers: Uint32Array | null;
  /** counted, or why it is refused. */
  readonly state: string;
}

export interface AggregateStore extends AsyncDisposable {
  addRound(id: Bytes, text: string): Promise<void>;

  rounds(): Promise<readonly StoredRound[]>;

  /** From now on no report is new. */
  closeRound(round: Bytes): Promise<void>;

  /** For each report of the round, by its id: what is known of it. */
  known(round: Bytes, ids: readonly Bytes[]): Promise<readonly (Known | null)[]>;

  /** Whether a report of the round has had it. */
  isSpent(round: Bytes, token: Bytes): Promise<boolean>;

  /** Stores what is new as pending and spends its token. In the order of `items`; one that is known is answered as such, whatever its token. */
  arrive(items: readonly Arrived[]): Promise<readonly Arrival[]>;

  /** Adds to the counts of refusals, by code. */
  refuse(counts: ReadonlyMap<string, number>): Promise<void>;

  /** At most `most` of those pending, the oldest first; another node that asks meanwhile gets others. */
  claim(round: Bytes, most: number): Promise<readonly Waiting[]>;

  /** How many are pending, whoever has claimed them. */
  pending(round: Bytes): Promise<number>;

  /** Adds the shares of those that count; one that waits no longer was settled before, and is passed over. */
  settle(answers: readonly Answer[]): Promise<void>;

  /** Adds what is new. For each: what is known of it now. */
  add(addends: readonly Addend[]): Promise<readonly Known[]>;

  blocks(round: Bytes): Promise<readonly Block[]>;

  /**
   * Ends a block for good. `noise`, [n] modulo q: its sum is published with it; null: it has none. The sum without noise is gone in the same transaction, and a block
   * that has ended stays as it is: a second noise would average the first one away.
   */
  closeBlock(
    round: Bytes,
    block: number,
    state: Exclude<BlockState, 'open'>,
    noise: Uint32Array | null,
  ): Promise<void>;

  /** Blocks whose sum without noise is there. */
  rawBlocks(round: Bytes): Promise<number>;

  /** null: the block has no noised sum. */
  noised(round: Bytes, block: number): Promise<Bytes | null>;

  /** Noised sums that nobody has seen yet. */
  unpublished(): Promise<readonly NoisedBlock[]>;

  markPublished(round: Bytes, block: number): Promise<void>;

  /** How many were refused, by code. */
  refusals(): Promise<Readonly<Record<string, number>>>;
}

export const digestOf = (...parts: readonly Uint8Array[]): Bytes => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};
