import type { ReactNode } from 'react';
import type { askedServers } from '../requests/log.ts';
import { useWords } from '../words/use-words.ts';

/** What one browser may contribute in a year, and what is proven for it (ADR 0020, at delta 1e-8). */
const BUDGET = { contributions: 12, epsilon: 2.45 } as const;
/** There is nothing in this version that could contribute. */
const SPENT = 0;

const SIZE = 72;
const RADIUS = 30;

/** The part of the year's budget that is spent, as a ring. */
function BudgetRing({ spent, most }: { readonly spent: number; readonly most: number }): ReactNode {
  const words = useWords();
  const around = 2 * Math.PI * RADIUS;
  const middle = SIZE / 2;
  return (
    <svg
      className="ring"
      viewBox={`0 0 ${SIZE} ${SIZE}`}
      role="img"
      aria-label={words.app.privacy.budget(spent, most)}
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

/** What has left the device, and what there is to spend. */
export function WhatLeft({
  servers,
}: {
  readonly servers: ReturnType<typeof askedServers>;
}): ReactNode {
  const words = useWords();
  const { privacy } = words.app;
  return (
    <section aria-labelledby="left">
      <h2 id="left">{privacy.left}</h2>
      <p>{privacy.leftNothing}</p>
      {servers.length > 0 && <p>{privacy.leftServers(servers)}</p>}
      <div className="budget">
        <BudgetRing spent={SPENT} most={BUDGET.contributions} />
        <div>
          <p>{privacy.budget(SPENT, BUDGET.contributions)}</p>
          <p className="muted">{privacy.budgetText(BUDGET.epsilon)}</p>
        </div>
      </div>
      <details className="disclosure">
        <summary>{privacy.would}</summary>
        <p>{privacy.wouldNow}</p>
        <p>{privacy.wouldDesign}</p>
      </details>
    </section>
  );
}
