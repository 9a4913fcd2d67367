/** What both aggregators do: know the rounds that they are named in, add noise once, and publish. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sign, toHex, writeNote, type Bytes, type Signer, type Verifier } from '@ossicle/wire/log';
import {
  aggregatorOf,
  deviationOf,
  numbersOf,
  readRound,
  readRoundEntry,
  roundId,
  sumsText,
  type Open,
  type Role,
  type Round,
} from '@ossicle/wire/report';
import { openStore } from './store/open.ts';
import { RefusedRound } from './problems.ts';
import type { FromCore, Proofs, ProvenRound } from './proofs.ts';
import { openWith, type HpkeKey } from './sealing.ts';
import { digestOf, type AggregateStore } from './store/store.ts';
import { verifyKeyOf } from './verify-key.ts';

export interface Publication {
  /** The noised sum, u32 LE; its name is its SHA-256. */
  readonly blob: Bytes;
  /** For the log: a signed note. */
  readonly entry: string;
}

export interface AggregatorOptions extends FromCore {
  /** This role's own database, as openStore() takes it. */
  readonly database: string;
  readonly key: HpkeKey;
  /** Signs what is published. */
  readonly signer: Signer;
  /** A round counts when each of them has signed it. */
  readonly publishers: readonly Verifier[];
  readonly now: () => Date;
}

export interface KnownRound extends ProvenRound {
  readonly id: Bytes;
  readonly hex: string;
  readonly round: Round;
}

/** Does `work` every `everyMs` until `signal`; whatever fails is tried again, and told to `onFailure`. */
export async function every(
  everyMs: number,
  work: () => Promise<unknown>,
  onFailure: (cause: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await work().catch(onFailure);
    await sleep(everyMs, null, { signal }).catch(() => null);
  }
}

/** Does `work` for each, whatever becomes of the others. Errors: the first, when all were tried. */
export async function each<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items) {
    await work(item).catch((cause: unknown) => failures.push(cause));
  }
  if (failures.length > 0) throw failures[0];
}

/** What an aggregator needs before it is one. */
export interface Prepared {
  readonly open: Open;
  readonly store: AggregateStore;
  readonly rounds: readonly KnownRound[];
}

/** Errors: RefusedRound (with the other aggregator's key there is no secret). */
function knownRound(role: Role, own: HpkeKey, id: Bytes, round: Round): KnownRound {
  const other = aggregatorOf(round, role === 'a' ? 'b' : 'a');
  try {
    return { id, hex: toHex(id), round, verifyKey: verifyKeyOf(own, other.key, id) };
  } catch (cause) {
    const what = `The round names a key for aggregator ${other.role} that no one can have made.`;
    throw new RefusedRound(`${what} Publish a round with the key that it has.`, { cause });
  }
}

export async function prepare(role: Role, { database, key }: AggregatorOptions): Promise<Prepared> {
  const open = openWith(key);
  const store = await openStore(database);
  const rounds = (await store.rounds()).flatMap(({ id, text }) => {
    const round = readRound(text);
    return round ? [knownRound(role, key, id, round)] : [];
  });
  return { open, store, rounds };
}

export abstract class Aggregator implements AsyncDisposable {
  readonly role: Role;
  readonly store: AggregateStore;
  protected readonly now: () => Date;
  protected readonly open: Open;
  protected readonly proofs: Proofs;
  readonly #options: AggregatorOptions;
  readonly #rounds = new Map<string, KnownRound>();

  protected constructor(role: Role, options: AggregatorOptions, { open, store, rounds }: Prepared) {
    this.role = role;
    this.now = options.now;
    this.open = open;
    this.proofs = options.proofs;
    this.#options = options;
    this.store = store;
    for (const known of rounds) this.#rounds.set(known.hex, known);
  }

  /**
   * Takes part in the round of this entry of the log; again is fine. Errors: RefusedRound (not signed, its key for this role is another one, or the other's is
   * none); those of the database, after which the entry is to be brought again.
   */
  async addRound(entry: string): Promise<KnownRound> {
    const read = await readRoundEntry(entry, this.#options.publishers);
    if (read === null) {
      throw new RefusedRound('This is no round that all publishers signed. Read it from the log.');
    }
    const { text, round } = read;
    const { key } = this.#options;
    if (aggregatorOf(round, this.role).key !== key.publicKey) {
      const what = `The round names another key for aggregator ${this.role}.`;
      throw new RefusedRound(`${what} Publish a round with the key of this one.`);
    }
    const known = knownRound(this.role, key, await roundId(text), round);
    await this.store.addRound(known.id, text);
    this.#rounds.set(known.hex, known);
    return known;
  }

  round(hex: string): KnownRound | null {
    return this.#rounds.get(hex) ?? null;
  }

  rounds(): readonly KnownRound[] {
    return [...this.#rounds.values()];
  }

  protected isOver({ round }: KnownRound): boolean {
    return this.now().getTime() >= Date.parse(round.closes);
  }

  /** Fixes the noised sum of a block. Its noise is drawn first; what another call fixed meanwhile stays. */
  protected async fix({ id, round }: KnownRound, block: number): Promise<void> {
    const noise = await this.#options.noise(numbersOf(round), deviationOf(round));
    await this.store.closeBlock(id, block, 'closed', noise);
  }

  /** Hands over what nobody has seen yet, each at least once and always with the same bytes. Errors: the first of a hand, when all were handed over. */
  async publish(hand: (publication: Publication) => Promise<void>): Promise<number> {
    const all = await this.store.unpublished();
    await each(all, async ({ round, block, count, ids, noised }) => {
      const sums = { round: toHex(round), block, role: this.role, count, ids: toHex(ids) };
      const sum = toHex(digestOf(noised));
      const text = sumsText({ ...sums, sum, bytes: noised.length });
      const signatures = [await sign(text, this.#options.signer, 0)];
      await hand({ blob: noised, entry: writeNote({ text, signatures }) });
      await this.store.markPublished(round, block);
    });
    return all.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
  }
}
