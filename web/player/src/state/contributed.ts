import type { ContributionState } from 'ossicle';

/** Whether anything can still be sent, now or in a later round. */
export function isContributing(kept: ContributionState | null): boolean {
  return kept !== null && kept.phase !== 'off' && kept.phase !== 'lost';
}

/** Whether a contribution may have left this browser: one that was made is sent until it is acknowledged. */
export function hasContributed(kept: ContributionState | null): boolean {
  return kept !== null && (kept.ledger.reports > 0 || kept.sentAt !== null);
}
