/** What keeps the page's main thread busy: Chromium's own record of its tasks, with the processor time of each. */
import type { Browser, Page } from 'playwright-core';

/** A task of more than 50 ms is what Chromium calls long: a click or a frame that comes during it is late. */
export const LONG_MS = 50;

export interface Task {
  readonly phase: string;
  readonly atMs: number;
  /** Time of the processor, which a busy machine does not stretch; and time by the clock. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** What ran in it, the longest first. */
  readonly ran: string;
}

export interface Phase {
  readonly name: string;
  readonly seconds: number;
  readonly tasks: number;
  /** Longest first; those that were long by one of the two clocks, or nearly. */
  readonly longest: readonly Task[];
  /** Of the browser's own observer in the page, by the clock. */
  readonly observed: number;
  /** The longest time between two turns of the event loop, by the clock. */
  readonly lagMs: number;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: {
    readonly name?: string;
    readonly data?: {
      readonly functionName?: string;
      readonly url?: string;
      readonly lineNumber?: number;
      readonly columnNumber?: number;
      readonly type?: string;
    };
  };
}

const CATEGORIES = [
  '__metadata',
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'v8.execute',
  'blink.user_timing',
];

declare global {
  /** In the page. */
  var mainThread: { long: number; lagMs: number };
}

/** Before the page loads: the page's own witnesses. */
export async function witness(page: Page): Promise<void> {
  await page.addInitScript(() => {
    globalThis.mainThread = { long: 0, lagMs: 0 };
    new PerformanceObserver((list) => {
      globalThis.mainThread.long += list.getEntries().length;
    }).observe({ type: 'longtask' });
    let last = performance.now();
    const { port1, port2 } = new MessageChannel();
    const turn = (): void => {
      const now = performance.now();
      globalThis.mainThread.lagMs = Math.max(globalThis.mainThread.lagMs, now - last - 10);
      last = now;
      setTimeout(() => port2.postMessage(null), 10);
    };
    port1.addEventListener('message', turn);
    port1.start();
    turn();
  });
}

function said({ name, args }: TraceEvent): string {
  const data = args?.data;
  const place =
    data?.url === undefined ? '' : ` ${data.url.replace(/^.*\//, '')}:${data.columnNumber ?? 0}`;
  return `${name}${data?.type ? ` ${data.type}` : ''}${data?.functionName ? ` ${data.functionName}` : ''}${place}`;
}

/** The tasks of the main thread of the renderer that ran the most. */
function tasksOf(phase: string, events: readonly TraceEvent[]): readonly Task[] {
  const mains = events.filter(
    ({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain',
  );
  const runs = mains.map((main) =>
    events.filter(
      (event) =>
        event.name === 'RunTask' &&
        event.pid === main.pid &&
        event.tid === main.tid &&
        event.dur !== undefined,
    ),
  );
  const [tasks = []] = runs.toSorted((a, b) => b.length - a.length);
  const start = Math.min(...[tasks[0]?.ts ?? 0]);
  return tasks.map(({ ts, dur = 0, tdur = 0, pid, tid }) => {
    const inside =
      dur < 20_000
        ? []
        : events
            .filter(
              (event) =>
                event.pid === pid &&
                event.tid === tid &&
                event.name !== 'RunTask' &&
                event.ts >= ts &&
                event.ts < ts + dur &&
                (event.dur ?? 0) > 3000,
            )
            .toSorted((a, b) => (b.dur ?? 0) - (a.dur ?? 0))
            .slice(0, 6);
    return {
      phase,
      atMs: (ts - start) / 1000,
      cpuMs: tdur / 1000,
      wallMs: dur / 1000,
      ran: inside
        .map((event) => `${said(event)} (${((event.dur ?? 0) / 1000).toFixed(0)})`)
        .join('; '),
    };
  });
}

/** Runs `work` and tells what the main thread did meanwhile. */
export async function recorded(
  browser: Browser,
  page: Page,
  name: string,
  work: () => Promise<void>,
): Promise<Phase> {
  await page.evaluate(() => {
    Object.assign(globalThis.mainThread, { long: 0, lagMs: 0 });
  });
  await browser.startTracing(page, { categories: CATEGORIES });
  const startedAt = performance.now();
  let trace: Buffer;
  try {
    await work();
  } finally {
    trace = await browser.stopTracing();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const { long, lagMs } = await page.evaluate(() => globalThis.mainThread);
  const { traceEvents } = JSON.parse(trace.toString()) as {
    readonly traceEvents: readonly TraceEvent[];
  };
  const tasks = tasksOf(name, traceEvents);
  const longest = tasks
    .filter(({ cpuMs, wallMs }) => cpuMs > LONG_MS / 2 || wallMs > LONG_MS)
    .toSorted((a, b) => b.cpuMs - a.cpuMs);
  return { name, seconds, tasks: tasks.length, longest, observed: long, lagMs };
}
