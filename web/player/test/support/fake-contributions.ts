/** Contributions of an engine without an engine: a round, a record, and a server that may refuse. */
import type {
  ContributionPreview,
  Contributions,
  ContributionState,
  PrivacyLedger,
  RoundFacts,
} from 'ossicle';
import { OssicleError } from 'ossicle';
import { PARTS_BYTES, proofSizes, reportBytes, SEED_BYTES } from '@ossicle/wire/report';

const HOUR = 3_600_000;
const ROWS = 512;
const FACTORS = 64;
const SHAPE = { rows: ROWS, factors: FACTORS, clip: 1, fractionBits: 10 };
const NAMES = ['Radiohead', 'Portishead', 'Björk', '椎名林檎', 'Massive Attack', 'Sigur Rós'];

const ledgerOf = (reports: number): PrivacyLedger => ({
  ...{ reports, mostReports: 12, epsilon: [0, 0.66, 0.95][reports] ?? 2.45 },
  ...{ mostEpsilon: 2.45, mostAuc: 0.62, oneEpsilon: 0.66, oneAuc: 0.537 },
});

/** What a report of that round would be of somebody who listens to the first `said` of NAMES. */
export function previewOf(round: RoundFacts, said: number): ContributionPreview {
  const perRow = FACTORS + 1;
  const numbers = Int32Array.from({ length: perRow }, (_, i) => ((i * 2654435761) % 6000) - 3000);
  const table = new Int32Array(ROWS * perRow);
  const rows = NAMES.slice(0, said).map((name, i) => {
    table.set(numbers, (37 + 71 * i) * perRow);
    return { item: 2 * (37 + 71 * i) + 1, name, numbers };
  });
  const random = (n: number): Uint8Array<ArrayBuffer> =>
    Uint8Array.from({ length: n }, (_, i) => ((i + 7) * 2654435761) >>> 23);
  return {
    ...{ round, stage: 'first', block: 1, rows, table: new Uint8Array(table.buffer) },
    shares: { a: random(table.byteLength), b: random(SEED_BYTES) },
    proof: { a: random(proofSizes(SHAPE).proof), both: random(PARTS_BYTES) },
    reportBytes: reportBytes(SHAPE),
  };
}

/** `now` tells the time. */
export class FakeContributions implements Contributions {
  readonly #now: () => number;
  round: RoundFacts | null;
  kept: ContributionState = {
    ...{ phase: 'off', server: null, round: null, dueAt: null, sentAt: null, problem: null },
    ledger: ledgerOf(0),
  };
  said = NAMES.length;
  invitation: string | null = null;
  /** What the next calls fail with. */
  failure: Error | null = null;
  /** Holds every call but `state` up. */
  wait: Promise<unknown> = Promise.resolve();
  readonly calls: string[] = [];

  constructor(now: () => number, aggregators: RoundFacts['aggregators']) {
    this.#now = now;
    this.round = {
      ...{ id: 'ab'.repeat(32), epoch: 3, blocks: 2, rows: ROWS, factors: FACTORS, sigma: 8 },
      ...{ minBatch: 1000, aggregators, issuer: null },
      opens: new Date(now() - HOUR),
      closes: new Date(now() + 240 * HOUR),
    };
  }

  state(): Promise<ContributionState> {
    return Promise.resolve(this.kept);
  }

  async preview({ signal }: { readonly signal?: AbortSignal }): Promise<ContributionPreview> {
    await this.#call('preview', signal);
    if (this.round === null) throw new OssicleError('missing', 'No round is open.');
    return previewOf(this.round, this.said);
  }

  async turnOn({
    signal,
    invitation,
  }: Parameters<Contributions['turnOn']>[0]): Promise<ContributionState> {
    await this.#call('turnOn', signal);
    this.invitation = invitation ?? null;
    return this.#keep({ phase: 'no_round' });
  }

  async turnOff(): Promise<ContributionState> {
    await this.#call('turnOff');
    return this.#keep({ phase: 'off', dueAt: null });
  }

  async step({ signal }: { readonly signal?: AbortSignal } = {}): Promise<ContributionState> {
    await this.#call('step', signal);
    const { phase, dueAt, ledger } = this.kept;
    if (this.round === null || phase === 'off') return this.kept;
    if (phase === 'no_round') {
      const { round } = this;
      return this.#keep({ phase: 'waiting', round, dueAt: new Date(this.#now() + 5 * HOUR) });
    }
    if (dueAt === null || dueAt.getTime() > this.#now()) return this.kept;
    const sentAt = new Date(this.#now());
    return this.#keep({ phase: 'sent', dueAt: null, sentAt, ledger: ledgerOf(ledger.reports + 1) });
  }

  #keep(change: Partial<ContributionState>): ContributionState {
    this.kept = { ...this.kept, ...change };
    return this.kept;
  }

  async #call(name: string, signal?: AbortSignal): Promise<void> {
    this.calls.push(name);
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    signal?.addEventListener('abort', () => reject(signal.reason as Error));
    await Promise.race([this.wait, stopped]);
    if (this.failure) throw this.failure;
  }
}
