/** Contributions beside a core: what is due, done in steps that a crash may come between. */
import { toHex } from '@ossicle/wire/log';
import {
  bytesOf,
  readRound,
  reportBytes,
  roundId,
  type FoundRound,
  type Round,
} from '@ossicle/wire/report';
import { tokenHeader } from '@ossicle/wire/tokens';
import type { AssetSource } from '../assets.ts';
import type { Listener } from '../core-contribution.ts';
import { OssicleError } from '../errors.ts';
import { loadPrivacy } from '../private/load.ts';
import type { Privacy } from '../private/privacy.ts';
import { BLOCKS } from '../private/private.gen.ts';
import type { ContributeServer } from '../protocol.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import type {
  ContributionLimits,
  ContributionPreview,
  ContributionState,
  PreviewRow,
} from '../types-contribute.ts';
import { fits, ledgerOf, reserved } from './ledger.ts';
import { look } from './look.ts';
import { drawnPart, ended, redrawn, retried, secureRandom, settled, type Random } from './plan.ts';
import { problemOf } from './problems.ts';
import {
  closesAt,
  DEFAULT_LIMITS,
  factsOf,
  foundOf,
  isAllowed,
  isAtWork,
  isDue,
  isOver,
  isRefused,
  lacksToken,
  newRecord,
  paidWith,
  phaseOf,
  readRecord,
  roundOf,
  stageOf,
  type ContributionRecord,
  type Part,
} from './record.ts';
import { draftReport, sealReport } from './report.ts';
import { post, sendReport } from './send.ts';
import { fetchToken, prepareToken, type Post } from './tokens.ts';

const HOUR_MS = 3_600_000;
/** The log is read twice a day at most; once an hour after a failure, and at once when it was switched on or the round that is known has closed. */
const LOOK_MS = 12 * HOUR_MS;

/** What is needed of a core. */
export interface Source {
  readonly factors: number;
  /** headOf() of the catalogue's first items. */
  readonly head: (items: number) => Promise<string>;
  /** At a time in seconds since 1970. */
  readonly listener: (nowS: number) => Listener;
  readonly nameOf: (item: number) => string;
}

export interface Looked {
  readonly state: ContributionState;
  /** Whether the report is to be made now. Never in a call that has asked the server for something. */
  readonly isDue: boolean;
}

export interface TurnOn extends ContributeServer {
  readonly limits?: ContributionLimits;
  readonly invitation?: string | null;
  readonly origins?: readonly string[];
}

type Change = (record: ContributionRecord, privacy: Privacy) => Promise<ContributionRecord>;
/** 'lost': something is stored, and cannot be read. */
type Stored = ContributionRecord | 'lost' | null;

/** Why a round's table cannot be made of this catalogue: rows that are not those asked for, or that are of other items. */
async function misfit(round: Round, { factors, head }: Source): Promise<string | null> {
  if (!fits(round, factors)) return 'incompatible';
  return (await head(round.blocks * round.rows)) === round.head ? null : 'other_catalogue';
}

/** Why a round is not taken part in, whatever it costs. */
async function unfitness(
  record: ContributionRecord,
  round: Round,
  source: Source,
): Promise<string | null> {
  const wrong = await misfit(round, source);
  return wrong ?? (isAllowed(record, round) ? null : 'elsewhere');
}

/** Without the report that is being sent. It was paid for, and may have arrived: there is no second one of its round. */
function discarded(record: ContributionRecord): ContributionRecord {
  const { part } = record;
  return part?.state === 'sending' ? { ...record, part: ended(part, 'ended') } : record;
}

export class ContributionHost {
  readonly #store: SnapshotStore;
  readonly #assets: AssetSource;
  readonly #random: Random;
  #loading: Promise<Privacy> | null = null;

  constructor(store: SnapshotStore, assets: AssetSource, random: Random = secureRandom) {
    this.#store = store;
    this.#assets = assets;
    this.#random = random;
  }

  async state(now: number): Promise<ContributionState> {
    return this.#stateOf(await this.#read(now), now);
  }

  turnOn(
    { server, policy, limits, invitation = null, origins = [] }: TurnOn,
    now: number,
  ): Promise<ContributionState> {
    return this.#store.contributing(async () => {
      const stored = await this.#read(now);
      if (stored === 'lost') return this.#stateOf(stored, now);
      const before = stored ?? newRecord(server, (await this.#privacy()).beginBudget());
      const isSame = before.server === server && before.policy === (policy ?? null);
      const allowed = { ...DEFAULT_LIMITS, ...limits, invitation, origins };
      const asked = { ...before, ...allowed, server, policy: policy ?? null };
      // What was refused for what the person had allowed is asked again, for nothing was paid for it; what was allowed and is not any more is given up.
      const { part } = before;
      const isKept =
        part === null || isOver(part) || (!isRefused(part) && isAllowed(asked, roundOf(part)));
      return this.#write(
        {
          ...asked,
          ...(!(isSame && isKept) && { part: null, looked: 0 }),
          ...{ on: true, nextLookAt: 0, problem: null },
        },
        now,
      );
    });
  }

  turnOff(now: number): Promise<ContributionState> {
    return this.#store.contributing(async () => {
      const stored = await this.#read(now);
      if (stored === 'lost' || stored === null) return this.#stateOf(stored, now);
      return this.#write({ ...discarded(stored), on: false, problem: null }, now);
    });
  }

  /** Deletes a report that is being sent. Errors: those of the store. */
  async discard(): Promise<void> {
    await this.#store.contributing(async () => {
      const stored = readRecord(await this.#store.contribution());
      if (stored?.part?.state === 'sending') await this.#store.writeContribution(discarded(stored));
    });
  }

  /** Reads the newest round where it is time to, and draws what is to be done when. Errors: those of the store, AbortError. */
  async look(now: number, source: Source, signal?: AbortSignal): Promise<Looked> {
    let isRead = false as boolean;
    const state = await this.#change(now, async (record, privacy) => {
      const { part: before } = record;
      const part = before && settled(before, now, this.#random);
      const isLate = before?.state === 'sending' && part?.state === 'ended';
      const after = part === before ? record : { ...record, part };
      const next = isLate ? { ...after, problem: 'round_closed' } : after;
      if (part && lacksToken(part)) {
        if (!isDue(before, now) && now < next.nextLookAt) return next;
        isRead = true;
        const asked = await this.#authorized(next, part, now, signal);
        // A token that came after the first look may be of any time: a moment that was drawn before, or that follows soon, would tell that token and report are of one sender.
        return asked.part ? { ...asked, part: redrawn(asked.part, now, this.#random) } : asked;
      }
      if (isAtWork(part) || now < next.nextLookAt) return next;
      isRead = true;
      const seen = await this.#lookedAt(next, now, source, privacy, signal);
      // What was paid for and not counted is told, unless another round has something to tell.
      const isSame = seen.part?.id === next.part?.id;
      return isLate && (isSame || seen.problem === null)
        ? { ...seen, problem: 'round_closed' }
        : seen;
    });
    const isWaiting = state.phase === 'waiting' && state.dueAt !== null;
    return { state, isDue: !isRead && isWaiting && state.dueAt.getTime() <= now };
  }

  /** Makes the report that is due, takes it out of the budget and stores both in one step. Asks nobody for anything. Errors: those of the core and of the store. */
  make(now: number, source: Source): Promise<ContributionState> {
    return this.#change(now, async (record, privacy) => {
      const { part } = record;
      if (part?.state !== 'waiting' || !isDue(part, now) || lacksToken(part)) return record;
      const found = foundOf(part);
      // What is in use may be another catalogue than it was when the round was found.
      const wrong = await unfitness(record, found.round, source);
      if (wrong !== null) return { ...record, part: ended(part, 'unfit'), problem: wrong };
      const budget = reserved(privacy, record.budget, record, found.round, now);
      if (budget === null) return { ...record, part: ended(part, 'spent') };
      const listener = source.listener(Math.floor(now / 1000));
      try {
        const report = await draftReport(privacy, found, part.block, listener, this.#random);
        const sealed = await sealReport(report, found.round);
        const paid: Part = { ...part, state: 'sending', sealed, tries: 0 };
        return { ...record, budget, part: paid, paid: paidWith(record, part), problem: null };
      } catch (cause) {
        const problem = problemOf(cause);
        return { ...record, part: retried(part, now, this.#random), problem };
      }
    });
  }

  /** Sends what is due: always the same bytes. Errors: those of the store, AbortError. */
  send(now: number, signal?: AbortSignal): Promise<ContributionState> {
    return this.#change(now, async (record) => {
      const { part } = record;
      if (part?.state !== 'sending' || part.sealed === null) return record;
      if (!isDue(part, now) || lacksToken(part)) return record;
      const outcome = await sendReport(foundOf(part), part.sealed, part.authorization, signal);
      if (outcome.became === 'accepted') {
        return { ...record, part: ended(part, 'sent'), sentAt: now, problem: null };
      }
      const { became, problem } = outcome;
      if (became === 'refused') return { ...record, part: ended(part, 'ended'), problem };
      if (became === 'again') {
        return { ...record, part: retried(part, now, this.#random), problem };
      }
      if (part.renewed) {
        return { ...record, part: ended(part, 'ended'), problem: 'tokens_refused' };
      }
      // The other token is asked for at a moment that is drawn as well, or the aggregator's refusal and the issuer's clock would say whose it is.
      const again = { ...part, token: null, authorization: null, renewed: true };
      const drawn = redrawn(again, now, this.#random);
      return { ...record, part: drawn, problem, nextLookAt: drawn.dueAt ?? now };
    });
  }

  /** The round that a report would be made of now. Stores nothing. Errors: missing (no round is open), those of look(). */
  async round(
    { server, policy }: ContributeServer,
    now: number,
    signal?: AbortSignal,
  ): Promise<string> {
    const stored = await this.#read(now);
    const known = stored !== 'lost' && stored?.server === server ? stored : null;
    const part = known?.part ?? null;
    const newest = part && { epoch: roundOf(part).epoch, id: part.id };
    const looked = known?.looked ?? 0;
    const options = { server, policy, looked, newest, now: new Date(now), signal };
    const { found } = await look(this.#store, options);
    const open = found ?? (part && foundOf(part));
    if (open && Date.parse(open.round.closes) > now) return open.text;
    const what = 'The server asks for nothing now.';
    throw new OssicleError('missing', `${what} Look again another day.`, server);
  }

  /** Exactly what would be sent of the round of this text. Errors: incompatible (`at` other_catalogue: of other items); those of the core. */
  async preview(text: string, now: number, source: Source): Promise<ContributionPreview> {
    const round = readRound(text);
    if (round === null) throw new OssicleError('internal', 'This is no text of a round.');
    const found = { id: toHex(await roundId(text)), text, round };
    const wrong = await misfit(round, source);
    if (wrong !== null) {
      const isOfOthers = wrong === 'other_catalogue';
      const what = isOfOthers
        ? 'The round is about other items than those that are in use here.'
        : 'The round asks for tables that this catalogue does not give.';
      const advice = 'Fetch newer item vectors first.';
      throw new OssicleError('incompatible', `${what} ${advice}`, isOfOthers ? wrong : null);
    }
    const stored = await this.#read(now);
    const record = stored === 'lost' ? null : stored;
    const stage = stored === 'lost' ? 'none' : stageOf(record, found.id);
    const part = record?.part?.id === found.id && stage !== 'first' ? record.part : null;
    const { block } = part ?? drawnPart(found, now, this.#random);
    const listener = source.listener(Math.floor(now / 1000));
    const privacy = await this.#privacy();
    const { table, proven } = await draftReport(privacy, found, block, listener, this.#random);
    const { share, seed, proof, parts } = proven;
    const width = round.factors + 1;
    const rows: PreviewRow[] = [];
    for (let row = 0; row < round.rows; ++row) {
      const numbers = table.slice(row * width, (row + 1) * width);
      if (numbers.every((x) => x === 0)) continue;
      const item = row * BLOCKS + block;
      rows.push({ item, name: source.nameOf(item), numbers });
    }
    return {
      ...{ round: factsOf(found), stage, block, rows, table: bytesOf(table) },
      ...{ shares: { a: share, b: seed }, proof: { a: proof, both: parts } },
      reportBytes: reportBytes(round),
    };
  }

  /** Asks for the token of a round that wants one. It is stored before it is asked for, so that one whose answer got lost is not asked for as another one. */
  async #authorized(
    record: ContributionRecord,
    part: Part,
    now: number,
    signal: AbortSignal | undefined,
  ): Promise<ContributionRecord> {
    const { text, round } = foundOf(part);
    const id = await roundId(text);
    const later = { ...record, nextLookAt: now + HOUR_MS };
    // Of an address or a key that the publishers have signed, and that cannot be used all the same.
    const token = part.token ?? (await prepareToken(round, id).catch(() => null));
    if (token === null) return { ...later, problem: 'bad_token' };
    const drawn = { ...part, token };
    await this.#store.writeContribution({ ...record, part: drawn });
    const ask: Post = (url, body, headers) => post(url, body, headers, signal);
    try {
      const got = await fetchToken(round, id, token, ask, record.invitation);
      const authorization = tokenHeader(got);
      return { ...record, part: { ...part, token: null, authorization }, problem: null };
    } catch (cause) {
      signal?.throwIfAborted();
      return { ...later, part: drawn, problem: problemOf(cause) };
    }
  }

  async #lookedAt(
    record: ContributionRecord,
    now: number,
    source: Source,
    privacy: Privacy,
    signal: AbortSignal | undefined,
  ): Promise<ContributionRecord> {
    const { server, part, looked } = record;
    const newest = part && { epoch: roundOf(part).epoch, id: part.id };
    const rest = { policy: record.policy ?? undefined, looked, newest, signal };
    try {
      const seen = await this.#store.exclusive(async () => {
        const one = await look(this.#store, { server, ...rest, now: new Date(now) });
        await this.#store.write(one.record, null);
        return one;
      }, signal);
      // Nothing was paid for a round that did not fit, and it may fit what is in use now.
      const isUnfit = part?.state === 'unfit' && closesAt(part) > now;
      const found = seen.found ?? (isUnfit ? foundOf(part) : null);
      const next = found ? await this.#begun(record, found, now, source, privacy) : record;
      const closes = next.part && closesAt(next.part);
      const later = now + LOOK_MS;
      const nextLookAt = closes !== null && closes > now ? Math.min(later, closes) : later;
      const after = { ...next, looked: seen.record.accepted.size, nextLookAt };
      if (found === null) return { ...after, problem: null };
      if (after.part === null || !lacksToken(after.part)) return after;
      return await this.#authorized(after, after.part, now, signal);
    } catch (cause) {
      signal?.throwIfAborted();
      return { ...record, problem: problemOf(cause), nextLookAt: now + HOUR_MS };
    }
  }

  /** This browser's part in a round that was not seen before, or that did not fit. */
  async #begun(
    record: ContributionRecord,
    found: FoundRound,
    now: number,
    source: Source,
    privacy: Privacy,
  ): Promise<ContributionRecord> {
    const { round } = found;
    const part = drawnPart(found, now, this.#random);
    if (closesAt(part) <= now || record.paid.includes(part.id)) {
      return { ...record, part: ended(part, 'ended'), problem: null };
    }
    const problem = await unfitness(record, round, source);
    const next = { ...record, problem };
    if (problem !== null) return { ...next, part: ended(part, 'unfit') };
    if (round.sigma < record.leastSigma) return { ...next, part: ended(part, 'too_dear') };
    const budget = reserved(privacy, record.budget, record, round, now);
    return { ...next, part: budget === null ? ended(part, 'spent') : part };
  }

  /** Changes the record while no other tab does; where one is at it, that is enough. */
  #change(now: number, change: Change): Promise<ContributionState> {
    return this.#store.contributing(
      async () => {
        const stored = await this.#read(now);
        if (stored === 'lost' || stored?.on !== true) return this.#stateOf(stored, now);
        const after = await change(stored, await this.#privacy());
        if (after === stored) return this.#stateOf(stored, now);
        // Another tab has erased everything, the record with it: what was asked meanwhile does not bring it back.
        const isErased = (await this.#store.contribution()) === null;
        return isErased ? this.#stateOf(null, now) : this.#write(after, now);
      },
      () => this.state(now),
    );
  }

  async #write(record: ContributionRecord, now: number): Promise<ContributionState> {
    await this.#store.writeContribution(record);
    return this.#stateOf(record, now);
  }

  async #read(now: number): Promise<Stored> {
    const stored = await this.#store.contribution();
    if (stored === null) return null;
    const record = readRecord(stored);
    if (record === null) return 'lost';
    const privacy = await this.#privacy();
    try {
      privacy.budgetSpent(record.budget, Math.floor(now / 1000));
      return record;
    } catch (cause) {
      const damaged = ['corrupt', 'checksum_mismatch', 'unsupported_version'];
      if (cause instanceof OssicleError && damaged.includes(cause.code)) return 'lost';
      throw cause;
    }
  }

  async #stateOf(stored: Stored, now: number): Promise<ContributionState> {
    const privacy = await this.#privacy();
    if (stored === 'lost' || stored === null) {
      const budget = stored === null ? privacy.beginBudget() : null;
      const ledger = ledgerOf(privacy, budget, DEFAULT_LIMITS, now);
      const nothing = { server: null, round: null, dueAt: null, sentAt: null, problem: null };
      return { phase: stored === null ? 'off' : 'lost', ...nothing, ledger };
    }
    const { server, part, sentAt, problem } = stored;
    const phase = phaseOf(stored, now);
    const isPlanned = (phase === 'waiting' || phase === 'sending') && part && part.dueAt !== null;
    return {
      ...{ phase, server, problem, ledger: ledgerOf(privacy, stored.budget, stored, now) },
      round: part && factsOf(foundOf(part)),
      dueAt: isPlanned ? new Date(part.dueAt) : null,
      sentAt: sentAt === null ? null : new Date(sentAt),
    };
  }

  #privacy(): Promise<Privacy> {
    this.#loading ??= loadPrivacy(this.#assets).catch((cause: unknown) => {
      this.#loading = null;
      throw cause;
    });
    return this.#loading;
  }
}
