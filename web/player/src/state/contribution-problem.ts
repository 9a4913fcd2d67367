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

/** By the codes of an aggregator, of an issuer of tokens (with their prefixes), and of the package. */
const PROBLEMS: ReadonlyMap<string, ContributionProblem> = new Map([
  ['network', 'noAnswer'],
  ['no_answer', 'noAnswer'],
  ['round_closed', 'over'],
  ['aggregator_round_closed', 'over'],
  ['aggregator_round_not_open', 'early'],
  ['aggregator_unknown_round', 'early'],
  ['aggregator_wrong_version', 'version'],
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
  ['issuer_too_many_tokens', 'noTokens'],
  ['issuer_invitation_missing', 'invited'],
  ['issuer_invitation_unknown', 'unknownCode'],
  ['issuer_invitation_spent', 'spentCode'],
  // Two of them: there is no third.
  ['tokens_refused', 'refused'],
  ['unsupported_browser', 'browser'],
]);

/** Whether a code of an invitation would help. */
export function wantsCode(problem: ContributionProblem): boolean {
  return problem === 'invited' || problem === 'unknownCode' || problem === 'spentCode';
}

export function contributionProblemOf(code: string): ContributionProblem {
  const found = PROBLEMS.get(code);
  if (found !== undefined) return found;
  if (code.startsWith('http_')) return 'noAnswer';
  // What an issuer refuses is a token, whatever it says of the round.
  if (code.startsWith('issuer_') || code.startsWith('aggregator_token_')) return 'token';
  if (code.startsWith('aggregator_')) return 'refused';
  // The checks of the log are those of snapshots.
  return refusalOf(code) === 'unfit' ? 'refused' : 'unverified';
}
