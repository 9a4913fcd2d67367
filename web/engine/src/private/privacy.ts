/** What a contribution goes through, and what it costs: the module ossicle-private, a call each. Seeds are 32 secret bytes, and serve once. */
import { PARTS_BYTES, SEED_BYTES } from '@ossicle/wire/report';
import { OslError } from '../abi.gen.ts';
import { codeName } from '../core-codes.ts';
import { OssicleError, type ErrorCode } from '../errors.ts';
import { Heap } from '../heap.ts';
import { BLOCK_ROWS, BLOCKS, type PrivateExports } from './private.gen.ts';

/** sigma^2 of a noise, in steps^2, as a fraction. */
export interface Variance {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export interface PrivacyCost {
  /** Epsilon that is proven for the discrete noise: the one that is claimed. */
  readonly proven: number;
  /** Epsilon of continuous noise of the same deviation: smaller, and proven for nobody. */
  readonly gaussian: number;
  /** The best that any test "is this listener among them?" can reach: 0.5 is a coin. */
  readonly auc: number;
}

export interface BudgetSpent {
  /** In 2^-20. */
  readonly rho: number;
  readonly reports: number;
}

/** What the table of a report says, and of whom. */
export interface TableInput {
  /** p_u, [factors]. */
  readonly vector: Float64Array;
  /** [BLOCKS x BLOCK_ROWS], 1 or 0. */
  readonly heard: Uint8Array;
  readonly block: number;
  /** Decides which rows are taken where there are too many. */
  readonly seed: bigint;
  /** In steps. */
  readonly maxNorm: number;
}

type Table = Int32Array<ArrayBuffer>;
type Share = Uint32Array<ArrayBuffer>;
type Message = Uint8Array<ArrayBuffer>;

export interface NormSizes {
  readonly proof: number;
  readonly message: number;
}

export interface ToProve {
  readonly table: Int32Array;
  /** In steps. */
  readonly maxNorm: number;
  /** What the proof is good for, and for nothing else: the header of the report. */
  readonly context: Uint8Array;
  /** The first aggregator's, then the second's: 64 bytes. */
  readonly seeds: Uint8Array;
}

export interface ProvenTable {
  /** The first aggregator's; the second makes its own from its seed. */
  readonly share: Share;
  readonly proof: Uint8Array<ArrayBuffer>;
  readonly parts: Uint8Array<ArrayBuffer>;
}

interface Half {
  readonly maxNorm: number;
  /** The verify key of the round: secret to everybody but the two aggregators. A context is answered once under it. */
  readonly key: Uint8Array;
  readonly context: Uint8Array;
  readonly parts: Uint8Array;
}

export interface FirstHalf extends Half {
  readonly share: Uint32Array;
  readonly proof: Uint8Array;
}

export interface SecondHalf extends Half {
  readonly numbers: number;
  readonly seed: Uint8Array;
}

export interface SecondAnswer {
  readonly share: Share;
  readonly message: Message;
}

export interface BothMessages {
  readonly numbers: number;
  readonly maxNorm: number;
  readonly first: Uint8Array;
  readonly second: Uint8Array;
}

const KEY_BYTES = 32;
/** Bytes of a stored budget. */
export const BUDGET_BYTES = 64;

function sized(code: ErrorCode, what: string, bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length === size) return bytes;
  const text = `${what} must be ${size} bytes, but ${bytes.length} were given.`;
  throw new OssicleError(code, text, bytes.length);
}

const oneSeed = (seed: Uint8Array): Uint8Array =>
  sized('invalid_argument', 'A seed', seed, SEED_BYTES);
const twoSeeds = (seeds: Uint8Array): Uint8Array =>
  sized('invalid_argument', 'The two seeds of a table', seeds, 2 * SEED_BYTES);
const verifyKey = (key: Uint8Array): Uint8Array =>
  sized('invalid_argument', 'The verify key of a round', key, KEY_BYTES);
const proofParts = (parts: Uint8Array): Uint8Array =>
  sized('corrupt', 'The parts of a proof', parts, PARTS_BYTES);
const budgetRecord = (record: Uint8Array): Uint8Array =>
  sized('corrupt', 'A budget', record, BUDGET_BYTES);

export class Privacy {
  readonly #abi: PrivateExports;
  readonly #heap: Heap;
  readonly #error: number;
  readonly #out: number;

  constructor(abi: PrivateExports) {
    this.#abi = abi;
    this.#heap = new Heap(abi);
    const { at } = this.#heap.takeParts({ error: OslError.size, out: 64 });
    this.#error = at.error;
    this.#out = at.out;
  }

  #check(code: number): void {
    if (code === 0) return;
    const { at, text } = this.#heap.view(({ data, bytes }) => {
      const error = OslError.read(data, this.#error);
      const from = this.#error + OslError.offset.what;
      const what = bytes.slice(from, from + error.whatN);
      return { at: Number(error.at), text: new TextDecoder().decode(what) };
    });
    throw new OssicleError(codeName(code), text, at);
  }

  /** Copies `parts` in, calls, lets `result` copy out, and wipes all of these places. What the module copied to its own stack meanwhile stays there until the next call writes over it. */
  #with<T>(
    parts: readonly (Float64Array | Int32Array | Uint32Array | Uint8Array | number)[],
    use: (at: readonly number[]) => number,
    result: (bytes: Uint8Array<ArrayBuffer>, at: readonly number[]) => T,
  ): T {
    const sizes = parts.map((part) => (typeof part === 'number' ? part : part.byteLength));
    const { all, at } = this.#heap.takeParts(
      Object.fromEntries(sizes.map((size, i) => [i, Math.max(1, size)])),
    );
    const places = sizes.map((_, i) => at[i] ?? 0);
    try {
      this.#heap.view(({ bytes }) => {
        for (const [i, part] of parts.entries()) {
          if (typeof part === 'number') continue;
          bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), places[i]);
        }
      });
      this.#check(use(places));
      return this.#heap.view(({ bytes }) => result(bytes, places));
    } finally {
      this.#heap.view(({ bytes }) => bytes.fill(0, all.at, all.at + all.size));
      this.#heap.free(all);
    }
  }

  #table = (bytes: Uint8Array<ArrayBuffer>, at: number, n: number): Table =>
    new Int32Array(bytes.buffer, at, n).slice();
  #share = (bytes: Uint8Array<ArrayBuffer>, at: number, n: number): Share =>
    new Uint32Array(bytes.buffer, at, n).slice();
  #last = (bytes: Uint8Array<ArrayBuffer>, places: readonly number[], size: number): Message => {
    const at = places.at(-1) ?? 0;
    return bytes.slice(at, at + size);
  };

  /** The table of a report, [BLOCK_ROWS x (factors + 1)], in steps. Errors: invalid_argument, out_of_range (block), not_finite (`at` = factor). */
  fill({ vector, heard, block, seed, maxNorm }: TableInput): Table {
    if (heard.length !== BLOCKS * BLOCK_ROWS) {
      const what = `The head has ${BLOCKS * BLOCK_ROWS} items, and this one ${heard.length}.`;
      throw new OssicleError('invalid_argument', what, heard.length);
    }
    const factors = vector.length;
    const n = BLOCK_ROWS * (factors + 1);
    return this.#with(
      [vector, heard, 8 * n, 4 * n],
      ([p = 0, flags = 0, units = 0, to = 0]) => {
        const out = [units, to, this.#error] as const;
        return this.#abi.osl_table_fill(p, factors, flags, block, seed, maxNorm, ...out);
      },
      (bytes, [, , , to = 0]) => this.#table(bytes, to, n),
    );
  }

  /** Bytes of a proof, and of a message about it. Errors: invalid_argument (a norm above 1,024 steps). */
  normSizes(numbers: number, maxNorm: number): NormSizes {
    const [out, error] = [this.#out, this.#error];
    this.#check(this.#abi.osl_norm_sizes(numbers, maxNorm, out, out + 4, error));
    return this.#heap.view(({ data }) => ({
      proof: data.getUint32(out, true),
      message: data.getUint32(out + 4, true),
    }));
  }

  /** Splits a table and proves its norm. Errors: invalid_argument, norm_exceeded (never of what fill() made for this norm). */
  prove({ table, maxNorm, context, seeds }: ToProve): ProvenTable {
    const n = table.length;
    const { proof: size } = this.normSizes(n, maxNorm);
    return this.#with(
      [table, context, twoSeeds(seeds), 4 * n, size, PARTS_BYTES],
      ([at = 0, bound = 0, from = 0, ...out]) => {
        const [share = 0, proof = 0, parts = 0] = out;
        const what = [at, n, maxNorm, bound, context.length] as const;
        return this.#abi.osl_norm_prove(...what, from, share, proof, parts, this.#error);
      },
      (bytes, [, , , share = 0, proof = 0, parts = 0]) => ({
        share: this.#share(bytes, share, n),
        proof: bytes.slice(proof, proof + size),
        parts: bytes.slice(parts, parts + PARTS_BYTES),
      }),
    );
  }

  /** What the first aggregator says about a report. Errors: corrupt, checksum_mismatch (a proof that is not of this share and context), invalid_argument. */
  beginFirst({ maxNorm, key, context, parts, share, proof }: FirstHalf): Message {
    const n = share.length;
    const { message: size } = this.normSizes(n, maxNorm);
    return this.#with(
      [verifyKey(key), context, share, proof, proofParts(parts), size],
      ([secret = 0, bound = 0, at = 0, proved = 0, settled = 0, to = 0]) => {
        const what = [secret, n, maxNorm, bound, context.length] as const;
        const given = [at, proved, proof.length, settled] as const;
        return this.#abi.osl_norm_first(...what, ...given, to, this.#error);
      },
      (bytes, places) => this.#last(bytes, places, size),
    );
  }

  /** What the second aggregator says about a report, and its share. Errors: checksum_mismatch, invalid_argument. */
  beginSecond({ numbers: n, maxNorm, key, context, parts, seed }: SecondHalf): SecondAnswer {
    const { message: size } = this.normSizes(n, maxNorm);
    return this.#with(
      [verifyKey(key), context, oneSeed(seed), proofParts(parts), 4 * n, size],
      ([secret = 0, bound = 0, from = 0, settled = 0, share = 0, to = 0]) => {
        const what = [secret, n, maxNorm, bound, context.length] as const;
        return this.#abi.osl_norm_second(...what, from, settled, share, to, this.#error);
      },
      (bytes, places) => ({
        share: this.#share(bytes, places[4] ?? 0, n),
        message: this.#last(bytes, places, size),
      }),
    );
  }

  /** Whether both messages together prove the norm. Errors: norm_exceeded, checksum_mismatch (of different reports), corrupt. */
  verify({ numbers, maxNorm, first, second }: BothMessages): void {
    this.#with(
      [first, second],
      ([one = 0, other = 0]) => {
        const messages = [one, first.length, other, second.length] as const;
        return this.#abi.osl_norm_verify(numbers, maxNorm, ...messages, this.#error);
      },
      () => null,
    );
  }

  /** The share, [n], that a seed stands for. */
  expand(seed: Uint8Array, n: number): Share {
    return this.#with(
      [oneSeed(seed), 4 * n],
      ([from = 0, to = 0]) => this.#abi.osl_share_expand(from, to, n, this.#error),
      (bytes, [, to = 0]) => this.#share(bytes, to, n),
    );
  }

  /** The table, or sum of tables, that two shares, or sums of shares, make. Errors: invalid_argument (of different sizes), corrupt (a number that is not below q). */
  join(first: Uint32Array, second: Uint32Array): Table {
    const n = first.length;
    if (second.length !== n) {
      const what = `The shares have ${n} and ${second.length} numbers: they are not of one table.`;
      throw new OssicleError('invalid_argument', what, second.length);
    }
    return this.#with(
      [first, second, 4 * n],
      ([a = 0, b = 0, to = 0]) => this.#abi.osl_share_join(a, b, n, to, this.#error),
      (bytes, [, , to = 0]) => this.#table(bytes, to, n),
    );
  }

  /** The sum with one sample of the discrete Gaussian on each number. Errors: invalid_argument (the variance). */
  addNoise(sum: Uint32Array, { numerator, denominator }: Variance, seed: Uint8Array): Share {
    const n = sum.length;
    return this.#with(
      [sum, oneSeed(seed)],
      ([at = 0, from = 0]) =>
        this.#abi.osl_noise_add(at, n, numerator, denominator, from, this.#error),
      (bytes, [at = 0]) => this.#share(bytes, at, n),
    );
  }

  /** What rho-zCDP comes to at this delta. Errors: invalid_argument. */
  cost(rho: number, delta: number): PrivacyCost {
    const out = this.#out;
    this.#check(this.#abi.osl_privacy_cost(rho, delta, out, out + 8, out + 16, this.#error));
    return this.#heap.view(({ data }) => ({
      proven: data.getFloat64(out, true),
      gaussian: data.getFloat64(out + 8, true),
      auc: data.getFloat64(out + 16, true),
    }));
  }

  /** What one report costs, in rho units of 2^-20. Errors: invalid_argument, capacity_exceeded. */
  reportUnits(maxNorm: number, { numerator, denominator }: Variance): number {
    const [out, error] = [this.#out, this.#error];
    this.#check(this.#abi.osl_budget_cost(maxNorm, numerator, denominator, out, error));
    return this.#heap.u32(out);
  }

  /** A budget of which nothing is spent, [64]. */
  beginBudget(): Uint8Array<ArrayBuffer> {
    this.#check(this.#abi.osl_budget_begin(this.#out, this.#error));
    return this.#heap.view(({ bytes }) => bytes.slice(this.#out, this.#out + BUDGET_BYTES));
  }

  /** What counts against the budget at `nowS`, seconds since 1970. Errors: corrupt, checksum_mismatch, unsupported_version; none of them means that nothing is spent. */
  budgetSpent(record: Uint8Array, nowS: number): BudgetSpent {
    return this.#with(
      [budgetRecord(record), 8],
      ([at = 0, out = 0]) =>
        this.#abi.osl_budget_spent(at, BigInt(nowS), out, out + 4, this.#error),
      (bytes, [, out = 0]) => {
        const [rho = 0, reports = 0] = this.#share(bytes, out, 2);
        return { rho, reports };
      },
    );
  }

  /**
   * The budget with one more report of `units` taken out. Store it durably, and only then send. Errors: capacity_exceeded (it is used up; `at` = the twelfth of
   * a year, counted since 1970, in which the oldest report is forgotten), and those of budgetSpent().
   */
  reserve(
    record: Uint8Array,
    nowS: number,
    units: number,
    most: BudgetSpent,
  ): Uint8Array<ArrayBuffer> {
    return this.#with(
      [budgetRecord(record)],
      ([at = 0]) =>
        this.#abi.osl_budget_reserve(at, BigInt(nowS), units, most.rho, most.reports, this.#error),
      (bytes, [at = 0]) => bytes.slice(at, at + BUDGET_BYTES),
    );
  }
}
