import { refusalOf } from './refusal.ts';

/** Why a contribution did not get to its server, as far as a listener can tell such things apart. */
export type ContributionProblem =
  /** Nobody answered, or not as a server of contributions does. */
  | 'noAnswer'
  /** The round had ended. */
  | 'over'
  /** By the server's clock the round has not begun, or the server does not know of it yet. */
  | 'early'
  /** What the server asks for is not signed, witnessed or written as it should be. */
  | 'unverified'
  /** What it asks for is about other vectors than those in use. */
  | 'otherVectors'
  /** The round is about other artists than those in use. */
  | 'otherCatalogue'
  /** Nothing can be written down here. */
  | 'unstored'
  /** It would have to be sent to another address than this page may ask. */
  | 'elsewhere'
  /** The one-time token that a report needs was not given, or not taken. */
  | 'token'
  /** There are no more tokens for this address of the network. */
  | 'noTokens'
  /** Tokens are for those who were invited. */
  | 'invited'
  | 'unknownCode'
  | 'spentCode'
  /** The browser cannot seal. */
  | 'browser'
  /** The server knows other reports than this page makes. */
  | 'version'
  /** The aggregator does not take it. */
  | 'refused';

/** By the codes of an aggregator, of an issuer of tokens, and of the package. */
const PROBLEMS: ReadonlyMap<string, ContributionProblem> = new Map([
  ['network', 'noAnswer'],
  ['no_answer', 'noAnswer'],
  ['round_closed', 'over'],
  ['round_not_open', 'early'],
  ['unknown_round', 'early'],
  ['snapshot_refused', 'unverified'],
  ['missing', 'unverified'],
  ['malformed_round', 'unverified'],
  ['older_round', 'unverified'],
  ['incompatible', 'otherVectors'],
  ['other_log', 'otherVectors'],
  ['other_catalogue', 'otherCatalogue'],
  ['store_unavailable', 'unstored'],
  ['store_corrupt', 'unstored'],
  ['quota_exceeded', 'unstored'],
  ['elsewhere', 'elsewhere'],
  ['bad_token', 'token'],
  ['too_many_tokens', 'noTokens'],
  ['invitation_missing', 'invited'],
  ['invitation_unknown', 'unknownCode'],
  ['invitation_spent', 'spentCode'],
  ['unsupported_browser', 'browser'],
  ['wrong_version', 'version'],
]);

/** Whether a code of an invitation would help. */
export function wantsCode(problem: ContributionProblem): boolean {
  return problem === 'invited' || problem === 'unknownCode' || problem === 'spentCode';
}

export function contributionProblemOf(code: string): ContributionProblem {
  const found = PROBLEMS.get(code);
  if (found !== undefined) return found;
  if (code.startsWith('http_')) return 'noAnswer';
  if (code.startsWith('token_')) return 'token';
  // The checks of the log are those of snapshots.
  return refusalOf(code) === 'unfit' ? 'refused' : 'unverified';
}
