/** From listeners' browsers to a new snapshot in a browser: what is sent, what both aggregators sum up, what the publishers make of it, and what it is worth. */
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { ContributionLimits } from '../../../web/engine/src/types.ts';
import { launch } from '../../web/site.ts';
import { Deployment, type RoundSettings } from './deployment.ts';
import { deal, type Dealt, type Parts, type Question } from './listeners.ts';

export interface Run {
  readonly parts: Parts;
  readonly rounds: readonly RoundSettings[];
  /** Empty; what the run makes stays there. */
  readonly folder: string;
  readonly say: (text: string) => void;
}

export interface RoundOutcome extends RoundSettings {
  /** What the sums say of each block. */
  readonly counts: readonly number[];
  /** Worker milliseconds of each report, from due to acknowledged. */
  readonly ms: readonly number[];
  /** The browser's own ledger after it. */
  readonly epsilon: number;
  readonly learnt: { readonly code: number; readonly said: string };
  /** Epoch that the browser has open afterwards. */
  readonly epoch: number;
  readonly recall: readonly number[];
}

export interface Outcome {
  /** With the first vectors. */
  readonly recall: readonly number[];
  readonly rounds: readonly RoundOutcome[];
}

interface Contributed {
  readonly phase: string;
  readonly problem: string | null;
  readonly ledger: { readonly epsilon: number };
  readonly ms: number;
}

/** What page/page.js puts on its window. */
interface Listeners {
  readonly ready: boolean;
  contribute(
    artists: readonly string[],
    database: string,
    server: string,
    limits: ContributionLimits,
  ): Promise<Contributed>;
  update(database: string, server: string): Promise<{ readonly epoch: number | null }>;
  recall(
    questions: readonly Question[],
    database: string,
  ): Promise<{ readonly epoch: number | null; readonly recall: readonly number[] }>;
}

declare const window: Listeners;

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, x) => sum + x, 0) / values.length;

/** Standard error of the mean difference of two measurements of the same listeners. */
export function standardError(before: readonly number[], after: readonly number[]): number {
  const steps = after.map((x, i) => x - (before[i] ?? 0));
  const middle = mean(steps);
  return Math.sqrt(mean(steps.map((x) => (x - middle) ** 2)) / steps.length);
}

async function openPage(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/`);
  await page.waitForFunction(() => window.ready);
}

/** The browser that reads what was learnt. */
const READER = 'reader';

interface Stage {
  readonly deployment: Deployment;
  readonly page: Page;
  readonly dealt: Dealt;
}

async function contributeAll(
  { page, dealt, deployment }: Stage,
  { sigma }: RoundSettings,
  say: Run['say'],
): Promise<Pick<RoundOutcome, 'ms' | 'epsilon'>> {
  const server = `${deployment.origin}/sync/`;
  const { contributors } = dealt;
  const ms: number[] = [];
  let epsilon = 0;
  for (const [i, { user, artists }] of contributors.entries()) {
    // A ledger of its own in each round: what one report costs.
    const database = `listener-${user}-${sigma}`;
    const sent = await page.evaluate(
      ([heard, name, to, leastSigma]) =>
        window.contribute(heard, name, to, { leastSigma, mostReports: 1 }),
      [artists, database, server, sigma] as const,
    );
    if (sent.phase !== 'sent') {
      throw new Error(`Listener ${user} ended as ${sent.phase}: ${sent.problem ?? 'no reason'}.`);
    }
    ms.push(sent.ms);
    epsilon = Math.max(epsilon, sent.ledger.epsilon);
    if ((i + 1) % 20 === 0) say(`  ${i + 1} of ${contributors.length} have contributed`);
  }
  return { ms, epsilon };
}

async function round(run: Run, stage: Stage, settings: RoundSettings): Promise<RoundOutcome> {
  const { deployment, page, dealt } = stage;
  await deployment.open(settings);
  await openPage(page, deployment.origin);
  const sent = await contributeAll(stage, settings, run.say);
  const counts = await deployment.close(dealt.contributors.length);
  const learnt = await deployment.learn();
  const server = `${deployment.origin}/sync/`;
  await page.evaluate(([name, from]) => window.update(name, from), [READER, server] as const);
  const { epoch, recall } = await page.evaluate(([asked, name]) => window.recall(asked, name), [
    dealt.questions,
    READER,
  ] as const);
  return { ...settings, ...sent, counts, learnt, epoch: epoch ?? 0, recall };
}

/** Errors: whatever does not go as it should. */
export async function endToEnd(run: Run): Promise<Outcome> {
  const { parts, rounds, folder, say } = run;
  mkdirSync(folder, { recursive: true });
  const dealt = deal(folder, parts, 1);
  await using deployment = await Deployment.make(folder, dealt);
  const browser = await launch();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(600_000);
    await deployment.serve();
    await openPage(page, deployment.origin);
    const { recall } = await page.evaluate(([asked, name]) => window.recall(asked, name), [
      dealt.questions,
      READER,
    ] as const);
    const outcomes: RoundOutcome[] = [];
    for (const settings of rounds) {
      say(`A round with sigma ${settings.sigma}`);
      outcomes.push(await round(run, { deployment, page, dealt }, settings));
    }
    return { recall, rounds: outcomes };
  } finally {
    await browser.close();
  }
}
