import { amount, count } from '../arguments.ts';
import { OssicleError } from '../errors.ts';
import type { Journal } from '../journal.ts';
import type { ContributeServer } from '../protocol.ts';
import { serverAddress } from '../snapshots/snapshots.ts';
import type {
  ContributeOptions,
  ContributionLimits,
  ContributionPreview,
  Contributions,
  ContributionState,
} from '../types-contribute.ts';

/** rho that a year may cost at most: more is no protection to speak of. */
const MOST_RHO = 15;

/** How long erasing waits for another tab. */
const DISCARD_MS = 1000;

function timeOf(now: Date | undefined): number {
  const ms = now === undefined ? Date.now() : now.getTime();
  if (Number.isFinite(ms)) return ms;
  throw new OssicleError('invalid_argument', 'now is not a valid Date.', 'now');
}

function serverOf({ server, policy }: ContributeOptions): ContributeServer {
  return { server: serverAddress(server), ...(policy !== undefined && { policy }) };
}

function originOf(text: string): string {
  const origin = URL.parse(text)?.origin;
  if (origin !== undefined && origin !== 'null') return origin;
  throw new OssicleError(
    'invalid_argument',
    `${text} is no origin, as https://host is.`,
    'origins',
  );
}

/** Those given, checked. */
function limitsOf(given: ContributionLimits): Required<ContributionLimits> {
  const mostReports = count(given.mostReports, 12, 1, 255, 'mostReports');
  const leastSigma = amount(given.leastSigma, 8, 0.1, 128, 'leastSigma');
  if (mostReports / (2 * leastSigma ** 2) <= MOST_RHO) return { mostReports, leastSigma };
  const what = `${mostReports} reports with noise of ${leastSigma} protect nobody.`;
  throw new OssicleError('invalid_argument', `${what} Allow fewer, or ask for more.`, 'leastSigma');
}

/** `contributions` of an engine. */
export class OwnContributions implements Contributions {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  async state(): Promise<ContributionState> {
    return this.#journal.beside('contributeState', { now: Date.now() });
  }

  async preview(options: ContributeOptions): Promise<ContributionPreview> {
    const { signal } = options;
    const now = Date.now();
    const args = { ...serverOf(options), now };
    const text = await this.#journal.beside('contributeRound', args, signal);
    return this.#journal.serial(
      () => this.#journal.ask('contributePreview', { text, now }, signal),
      signal,
    );
  }

  async turnOn({
    limits = {},
    invitation = null,
    origins = [],
    ...options
  }: ContributeOptions & {
    readonly limits?: ContributionLimits;
    readonly invitation?: string | null;
    readonly origins?: readonly string[];
  }): Promise<ContributionState> {
    const asked = { limits: limitsOf(limits), invitation, origins: origins.map(originOf) };
    const args = { ...serverOf(options), ...asked, now: Date.now() };
    return this.#journal.beside('contributeOn', args, options.signal);
  }

  async turnOff(): Promise<ContributionState> {
    return this.#journal.beside('contributeOff', { now: Date.now() });
  }

  /** Deletes a report that is being sent: what it was made of was erased. While another tab sends it, that is not waited for longer than a moment; it is deleted when that tab has ended. Errors: store_unavailable. */
  async discard(): Promise<void> {
    const deleting = this.#journal.beside('contributeDiscard', null);
    deleting.catch(() => undefined);
    const { promise: moment, resolve } = Promise.withResolvers<null>();
    const timer = setTimeout(resolve, DISCARD_MS, null);
    try {
      await Promise.race([deleting, moment]);
    } finally {
      clearTimeout(timer);
    }
  }

  async step({
    signal,
    now: given,
  }: { readonly signal?: AbortSignal; readonly now?: Date } = {}): Promise<ContributionState> {
    const now = timeOf(given);
    const journal = this.#journal;
    const { state, isDue } = await journal.beside('contributeLook', { now }, signal);
    if (isDue) {
      // Where nothing else changes the history, and without the network, so that nothing waits for a server.
      await journal.serial(() => journal.ask('contributeMake', { now }, signal), signal);
    } else if (state.dueAt === null || state.dueAt.getTime() > now) {
      return state;
    }
    return journal.beside('contributeSend', { now }, signal);
  }
}
