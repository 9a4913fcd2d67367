/**
 * Contributions to item vectors: types of the public API. A round and a catalogue are compared by the items of the head and by the shape of a table, not by the vectors: a listener who has not
 * fetched the newest ones, or went back to those before, contributes as well, and the direction of taste is then in their terms.
 */

/** What a server asks of everybody, as its log has it: signed by all publishers, and the same for everyone. */
export interface RoundFacts {
  /** SHA-256 of its text, 64 hexadecimal digits. */
  readonly id: string;
  readonly epoch: number;
  readonly opens: Date;
  readonly closes: Date;
  /** Blocks that the head of the catalogue is cut into; a report is of one, picked at random. */
  readonly blocks: number;
  /** Items of a block. */
  readonly rows: number;
  readonly factors: number;
  /** Noise of each of the two aggregators: standard deviation over the most that one report weighs. */
  readonly sigma: number;
  /** Of fewer reports of a block nothing is published. */
  readonly minBatch: number;
  /** Addresses of both aggregators. On one host, one operator could put both shares together. */
  readonly aggregators: readonly [string, string];
  /** Address of who gives out the one-time tokens that reports bring; null: they bring none. */
  readonly issuer: string | null;
}

/** What contributions have cost, and may cost in a year; delta is 1e-8. */
export interface PrivacyLedger {
  readonly reports: number;
  readonly mostReports: number;
  /** Proven for what was sent; 0: nothing was. */
  readonly epsilon: number;
  /** Of one report with the least noise that is accepted. */
  readonly oneEpsilon: number;
  /** When the whole budget is used. */
  readonly mostEpsilon: number;
  /** The best that any test "did this browser contribute?" can reach after one such report; 0.5 is a coin. */
  readonly oneAuc: number;
  /** The same when the whole budget is used. */
  readonly mostAuc: number;
}

/**
 * off: nothing is asked or sent. no_round: the server asks for nothing now, or for nothing that this browser still has to give (`problem` says why). waiting: the report is made and sent at `dueAt`. sending: it was taken out of the budget, and goes to the
 * server until that has acknowledged it. sent: this round has this browser's report. spent: the year's budget does not allow another report. too_dear: the round has less noise than
 * this browser accepts. lost: the budget cannot be read, is taken for spent, and nothing is sent any more.
 */
export type ContributionPhase =
  'off' | 'no_round' | 'waiting' | 'sending' | 'sent' | 'spent' | 'too_dear' | 'lost';

export interface ContributionState {
  readonly phase: ContributionPhase;
  /** null: none was ever named. */
  readonly server: string | null;
  /** The newest that was read; null: none. */
  readonly round: RoundFacts | null;
  /** When `step` has something to do next; null: when a new round may be there, which a daily look tells. */
  readonly dueAt: Date | null;
  /** When the last acknowledged report was sent. */
  readonly sentAt: Date | null;
  /** Why the last try failed: the code of the aggregator after "aggregator_", that of the issuer after "issuer_", or a code of this package or of its check of the log; null: it did not. */
  readonly problem: string | null;
  readonly ledger: PrivacyLedger;
}

/** One row of a report's table, before it is split: what is said of one item. */
export interface PreviewRow {
  readonly item: number;
  readonly name: string;
  /** [factors + 1], in steps of 2^-10: the direction of this listener's taste, then the count. After clipping. */
  readonly numbers: Int32Array<ArrayBuffer>;
}

/** Exactly what a report would carry if it were made now. */
export interface ContributionPreview {
  readonly round: RoundFacts;
  /**
   * How the report of this round stands to what is shown. first: none is planned; its block will be drawn again. waiting: it will be made at `dueAt`, of this very block, with the history as it
   * is then. made: it is made, and may be sent. none: there will be none of this round.
   */
  readonly stage: 'first' | 'waiting' | 'made' | 'none';
  /** Drawn by chance, without a look at the history. */
  readonly block: number;
  /** Rows that are not zero; at most 20. All others are zeros. */
  readonly rows: readonly PreviewRow[];
  /** The table, [rows x (factors + 1)] i32 LE, as both aggregators together would add it up. No aggregator sees it. */
  readonly table: Uint8Array<ArrayBuffer>;
  /** What each aggregator gets, before it is sealed: random numbers, and the seed of random numbers. Modulo 2^32 - 2^20 + 1 they add up to the table. */
  readonly shares: { readonly a: Uint8Array<ArrayBuffer>; readonly b: Uint8Array<ArrayBuffer> };
  /** That the table's norm is at most what the round allows to everybody, and nothing else about it: what A gets of it, and what both get. Sealed with their shares. */
  readonly proof: {
    readonly a: Uint8Array<ArrayBuffer>;
    readonly both: Uint8Array<ArrayBuffer>;
  };
  /** Of the sealed report, whatever is in it. */
  readonly reportBytes: number;
}

export interface ContributeOptions {
  /** Address of the folder that a server of Ossicle publishes in, ".../sync/". */
  readonly server: URL | string;
  /** Text of policy.json: whom to believe. Default: as `Sync.update`. */
  readonly policy?: string;
  readonly signal?: AbortSignal;
}

export interface ContributionLimits {
  /** Reports in a year; 12 when left out. */
  readonly mostReports?: number;
  /** The least noise of an aggregator that is accepted, over the most that a report weighs; 8 when left out. Less is for tests: it protects nobody. */
  readonly leastSigma?: number;
}

/** Contributions of this browser. Off until turned on; nothing is sent at any other time. */
export interface Contributions {
  state(): Promise<ContributionState>;
  /**
   * What would be sent, before anything is decided: reads the round, sends and stores nothing. Errors: missing (no round is open), incompatible (the round is not of this catalogue; `at`
   * other_catalogue: it is about other items), those of `Sync.update`.
   */
  preview(options: ContributeOptions): Promise<ContributionPreview>;
  /** Remembers that the person asked for it, durably. Of a round that was paid for there is no second report, whatever is changed. Errors: invalid_argument (the address, a limit), store_unavailable. */
  turnOn(
    options: ContributeOptions & {
      readonly limits?: ContributionLimits;
      /** A code, where who gives out the tokens of the rounds asks for one. */
      readonly invitation?: string;
      /**
       * Origins beside the server's own that may be sent something: of aggregator A, and of who gives out tokens. A page has to allow them in its policy, too (connect-src). A round
       * of others is not taken part in.
       */
      readonly origins?: readonly string[];
    },
  ): Promise<ContributionState>;
  /** Nothing is sent any more; what was sent cannot be recalled, and what it cost stays in the ledger. A report that is being sent is deleted; one that is not made yet keeps its block and moment. */
  turnOff(): Promise<ContributionState>;
  /**
   * Does what is due, and nothing before: reads the newest round, draws block and moment, takes the report out of the budget (durably, before sending), sends it, and sends the very same
   * bytes again when no answer came. To be called when the page opens, at `dueAt`, and once a day. The log is read twice a day at most; but once an hour after a failure, and at once after `turnOn` and when the round has closed.
   * `preview` reads it each time. When the moment passed while nobody called, another
   * one within a minute is drawn, so that no server learns how long an opening takes, which grows with the history. A failure is told in `problem`, and tried again.
   * Errors: store_unavailable, AbortError.
   */
  step(options?: {
    readonly signal?: AbortSignal;
    readonly now?: Date;
  }): Promise<ContributionState>;
}
