import type { ContributionState } from 'ossicle';
import type { ReactNode } from 'react';
import type { askedServers } from '../requests/log.ts';
import { hasContributed } from '../state/contributed.ts';
import { useWords } from '../words/use-words.ts';

const SIZE = 72;
const RADIUS = 30;

/** The part of the year's budget that is spent, as a ring. */
function BudgetRing({ spent, most }: { readonly spent: number; readonly most: number }): ReactNode {
  const { contributing } = useWords().app.privacy;
  const around = 2 * Math.PI * RADIUS;
  const middle = SIZE / 2;
  return (
    <svg
      className="ring"
      viewBox={`0 0 ${SIZE} ${SIZE}`}
      role="img"
      aria-label={contributing.budgetName(spent, most)}
    >
      <circle className="ring-all" cx={middle} cy={middle} r={RADIUS} />
      {spent > 0 && (
        <circle
          className="ring-spent"
          cx={middle}
          cy={middle}
          r={RADIUS}
          strokeDasharray={`${(around * spent) / most} ${around}`}
        />
      )}
      <text x={middle} y={middle} textAnchor="middle" dominantBaseline="central">
        {spent}/{most}
      </text>
    </svg>
  );
}

/** The contributions of a year, and what is proven for them. */
function Contributed({ kept }: { readonly kept: ContributionState }): ReactNode {
  const { contributing } = useWords().app.privacy;
  const { phase, ledger, round, sentAt } = kept;
  return (
    <div className="budget">
      <BudgetRing spent={ledger.reports} most={ledger.mostReports} />
      <div>
        <p>
          {phase === 'lost'
            ? contributing.phases.lost
            : contributing.leftSome(ledger.reports, sentAt)}
        </p>
        {round !== null && <p className="muted">{contributing.leftTable(round)}</p>}
        <p className="muted">{contributing.budgetText(ledger)}</p>
      </div>
    </div>
  );
}

/** What has left the device, and what that cost of what there is to spend. */
export function WhatLeft({
  servers,
  kept = null,
}: {
  readonly servers: ReturnType<typeof askedServers>;
  /** The record of contributions; null: there is none. */
  readonly kept?: ContributionState | null;
}): ReactNode {
  const words = useWords();
  const { privacy } = words.app;
  return (
    <section aria-labelledby="left">
      <h2 id="left">{privacy.left}</h2>
      {kept !== null && hasContributed(kept) ? (
        <Contributed kept={kept} />
      ) : (
        <p>{privacy.contributing.leftOff}</p>
      )}
      {servers.length > 0 && <p>{privacy.leftServers(servers)}</p>}
    </section>
  );
}
