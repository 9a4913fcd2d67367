/** The budget: what a report costs, what was spent, and whether another one fits. */
import { deviationOf, maxNormOf, varianceOf, type Round } from '@ossicle/wire/report';
import { OssicleError } from '../errors.ts';
import type { Privacy } from '../private/privacy.ts';
import { BLOCK_ROWS, BLOCKS, FRACTION_BITS, MOST_DEVIATION } from '../private/private.gen.ts';
import type { PrivacyLedger } from '../types-contribute.ts';
import type { Limits } from './record.ts';

const RHO_UNIT = 2 ** -20;
const DELTA = 1e-8;
/** Steps of one unit; what a report costs depends on the noise over the clip alone. */
const UNIT = 2 ** FRACTION_BITS;

/** rho units of a report with the least noise that is accepted. Errors: capacity_exceeded (that is next to none). */
const leastUnits = (privacy: Privacy, { leastSigma }: Limits): number =>
  privacy.reportUnits(UNIT, varianceOf(leastSigma * UNIT));

/** Whether reports of this round are the tables that the core makes of this catalogue. */
export function fits(round: Round, factors: number): boolean {
  const isTable = round.rows === BLOCK_ROWS && round.factors === factors;
  const isHead = round.blocks <= BLOCKS && round.fractionBits === FRACTION_BITS;
  return isTable && isHead && deviationOf(round) <= MOST_DEVIATION;
}

/**
 * The budget with a report of this round taken out; null: it does not allow another one. `now`, in milliseconds, is within the round, whose times the publishers have signed: a clock that
 * is far ahead finds the round closed, and spends nothing. Errors: corrupt, checksum_mismatch, unsupported_version.
 */
export function reserved(
  privacy: Privacy,
  budget: Uint8Array,
  limits: Limits,
  round: Round,
  now: number,
): Uint8Array<ArrayBuffer> | null {
  const units = privacy.reportUnits(maxNormOf(round), varianceOf(deviationOf(round)));
  const rho = limits.mostReports * leastUnits(privacy, limits);
  const most = { rho, reports: limits.mostReports };
  try {
    return privacy.reserve(budget, Math.floor(now / 1000), units, most);
  } catch (cause) {
    if (cause instanceof OssicleError && cause.code === 'capacity_exceeded') return null;
    throw cause;
  }
}

/** `budget` null: it cannot be read, and is taken for spent. Errors: corrupt, checksum_mismatch, unsupported_version. */
export function ledgerOf(
  privacy: Privacy,
  budget: Uint8Array | null,
  limits: Limits,
  now: number,
): PrivacyLedger {
  const { mostReports } = limits;
  const one = leastUnits(privacy, limits);
  const all = { rho: mostReports * one, reports: mostReports };
  const spent = budget === null ? all : privacy.budgetSpent(budget, Math.floor(now / 1000));
  const costOf = (units: number): ReturnType<Privacy['cost']> =>
    privacy.cost(units * RHO_UNIT, DELTA);
  const [first, most] = [costOf(one), costOf(all.rho)];
  return {
    ...{ reports: spent.reports, mostReports, epsilon: costOf(spent.rho).proven },
    ...{ oneEpsilon: first.proven, oneAuc: first.auc },
    ...{ mostEpsilon: most.proven, mostAuc: most.auc },
  };
}
