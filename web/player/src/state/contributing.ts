import {
  OssicleError,
  type ContributionPreview,
  type Contributions,
  type ContributionState,
} from 'ossicle';
import { isAbort, problemOf, type Problem } from '../problem.ts';
import { hasContributed, isContributing } from './contributed.ts';
import { aboutADay, someMinutes } from './moments.ts';
import { Observable } from './observable.ts';
import type { Session } from './session.ts';
import { useSettings } from './settings.ts';

export type ContributingTask = 'reading' | 'turning on' | 'turning off' | 'looking';

type Work = (
  contributions: Contributions,
  signal: AbortSignal,
) => Promise<Partial<ContributingState>>;

export interface ContributingState {
  /** What the engine has on record; null: it was not asked, since there is none. */
  readonly kept: ContributionState | null;
  /** Whether the listener is being told what it means, and has yet to decide. */
  readonly asking: boolean;
  /** What would be sent now; null: not asked for, or the server asks for nothing. */
  readonly preview: ContributionPreview | null;
  readonly busy: ContributingTask | null;
  /** Why the last of those failed. */
  readonly problem: Problem | null;
  /** When the engine is let do what is due; null: not at all. Milliseconds since 1970. */
  readonly nextAt: number | null;
}

const START: ContributingState = {
  kept: null,
  asking: false,
  preview: null,
  busy: null,
  problem: null,
  nextAt: null,
};

/** null: the server has no round open. */
async function previewOf(
  contributions: Contributions,
  server: URL,
  signal: AbortSignal,
): Promise<ContributionPreview | null> {
  try {
    return await contributions.preview({ server, signal });
  } catch (cause) {
    if (cause instanceof OssicleError && cause.code === 'missing') return null;
    throw cause;
  }
}

/**
 * Contributions of the listener, made by the engine that has the history. The engine remembers what was decided, draws the moments and keeps the budget;
 * here it is asked at those moments, never during a private session, and told what the listener decides.
 */
export class Contributing extends Observable<ContributingState> {
  readonly #session: Session;
  readonly #server: URL;
  #stop: AbortController | null = null;
  /** Ends a step only: what the listener has decided stays decided. */
  #stepping: AbortController | null = null;
  /** Whether there was no place for a record before the listener began to read what it means. */
  #isFirst = false;
  #running: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The engine is asked then, whether it has said that something is due or not. */
  #latestAt = Infinity;

  /** `server`: of the folder that the page's own server publishes in. */
  constructor(session: Session, server: URL) {
    super(START);
    this.#session = session;
    this.#server = server;
  }

  /** When the session is open. What was due meanwhile is done some minutes later. */
  async open(): Promise<void> {
    useSettings.subscribe((now, before) => {
      if (now.privateSession && !before.privateSession) this.#stepping?.abort();
      // Everything was erased, here or in another tab.
      if (before.hasContributions && !now.hasContributions) this.#forget();
      if (now.privateSession !== before.privateSession) this.#planWithin(someMinutes());
    });
    this.#latestAt = Date.now() + someMinutes();
    await this.refresh();
  }

  /** Reads what is on record: another tab may have changed it. Asks nobody. */
  async refresh(): Promise<void> {
    if (!useSettings.getState().hasContributions) return;
    await this.#alone('reading', async (contributions) => ({ kept: await contributions.state() }));
  }

  /** Begins to tell the listener what it means, with what the server asks for now. Sends nothing, and decides nothing. */
  async consider(): Promise<void> {
    const { hasContributions, set } = useSettings.getState();
    // Who tries again has a place already, and is still being told.
    if (!this.state().asking) this.#isFirst = !hasContributions;
    set({ hasContributions: true });
    this.set({ asking: true });
    await this.show();
  }

  /** Reads what would be sent. */
  async show(): Promise<void> {
    await this.#running;
    await this.#alone('reading', async (contributions, signal) => {
      this.set({ kept: await contributions.state() });
      return { preview: await previewOf(contributions, this.#server, signal) };
    });
  }

  /** The listener has seen enough, or said no. */
  async leave(): Promise<void> {
    await this.stop();
    this.set({ asking: false, preview: null, problem: null });
    if (!this.#isFirst) return;
    // No place is kept for a record that there is not. Another tab may have made one, and what cannot be read may be one.
    const kept = await this.#session.own?.contributions?.state().catch(() => null);
    const isNone = kept === undefined || (kept?.phase === 'off' && !hasContributed(kept));
    if (isNone && !this.state().asking) useSettings.getState().set({ hasContributions: false });
  }

  /** `invitation`: a code, where the rounds are for those who were invited. */
  async turnOn(invitation?: string): Promise<void> {
    await this.#running;
    await this.#alone('turning on', async (contributions, signal) => {
      const kept = await contributions.turnOn({
        ...{ server: this.#server, signal },
        ...(invitation !== undefined && { invitation }),
      });
      this.set({ kept, asking: false, preview: null });
      // Draws block and moment, and sends nothing before that.
      return useSettings.getState().privateSession ? {} : this.#step(contributions, signal);
    });
  }

  /** Whatever is under way ends first. */
  async turnOff(): Promise<void> {
    await this.stop();
    await this.#alone('turning off', async (contributions) => ({
      kept: await contributions.turnOff(),
      preview: null,
    }));
  }

  /** Ends what is under way. The engine's record says how far it came. */
  async stop(): Promise<void> {
    this.#stop?.abort();
    await this.#running;
  }

  #forget(): void {
    this.#stop?.abort();
    clearTimeout(this.#timer);
    this.set(START);
  }

  /** One at a time; what is asked for meanwhile is not done. */
  #alone(busy: ContributingTask, work: Work): Promise<void> {
    if (this.#stop === null) {
      this.#stop = new AbortController();
      this.set({ busy, problem: null });
      this.#running = this.#work(work, this.#stop.signal);
    }
    return this.#running;
  }

  async #work(work: Work, signal: AbortSignal): Promise<void> {
    let end: Partial<ContributingState>;
    try {
      end = await work(await this.#contributions(), signal);
    } catch (cause) {
      end = { problem: this.#problemOf(cause) };
    }
    this.#stop = null;
    // Everything was erased meanwhile: what came belongs to nobody.
    if (!useSettings.getState().hasContributions) end = START;
    this.set({ busy: null, ...end });
    this.#plan();
  }

  /** null: it was stopped, or another engine has taken the place of the one that was at it. */
  #problemOf(cause: unknown): Problem | null {
    const problem = problemOf(cause);
    return isAbort(cause) || problem.code === 'closed' ? null : problem;
  }

  /** Those of the listener's engine, which is opened once more where it has no place for their record yet. */
  async #contributions(): Promise<Contributions> {
    if (!this.#session.own?.contributions) await this.#session.reopen();
    const found = this.#session.own?.contributions;
    if (!found) throw new Error('The engine was opened without a place for snapshots.');
    return found;
  }

  #planWithin(most: number): void {
    this.#latestAt = Date.now() + most;
    this.#plan();
  }

  /** The next step is when something is due, and not while nothing may be written down. */
  #plan(): void {
    clearTimeout(this.#timer);
    const { kept } = this.state();
    if (!isContributing(kept) || useSettings.getState().privateSession) {
      this.set({ nextAt: null });
      return;
    }
    const now = Date.now();
    const due = (kept?.dueAt?.getTime() ?? Infinity) - now;
    // What is late waits as well, so that it does not tell when the page was opened.
    const wait = Math.max(0, Math.min(due > 0 ? due : someMinutes(), this.#latestAt - now));
    this.#timer = setTimeout(() => {
      void this.#alone('looking', (contributions, signal) => this.#step(contributions, signal));
    }, wait);
    this.set({ nextAt: now + wait });
  }

  async #step(
    contributions: Contributions,
    signal: AbortSignal,
  ): Promise<Pick<ContributingState, 'kept'>> {
    this.#latestAt = Date.now() + aboutADay();
    this.#stepping = new AbortController();
    const either = AbortSignal.any([signal, this.#stepping.signal]);
    try {
      return { kept: await contributions.step({ signal: either }) };
    } finally {
      this.#stepping = null;
    }
  }
}
