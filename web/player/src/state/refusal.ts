import type { LogErrorCode } from '@ossicle/wire/log';
import type { SnapshotErrorCode } from '@ossicle/wire/snapshot';

/** Why newer item vectors were refused, as far as a listener can tell such things apart. */
export type Refusal =
  /** The server has published none. */
  | 'none'
  /** The server names other keys, or another log, than at first. */
  | 'otherKeys'
  /** Not all signatures that are asked for are there and right. */
  | 'unsigned'
  /** Nobody independent has seen them. */
  | 'unseen'
  /** What is newest was confirmed too long ago. */
  | 'stale'
  /** What the server tells of its past is not what it told before. */
  | 'rewritten'
  /** Something is not what was signed. */
  | 'altered'
  /** Something is not written as it should be. */
  | 'malformed'
  /** They move further than the engine allows. */
  | 'tooFar'
  /** The engine cannot use them. */
  | 'unfit';

type Checked = LogErrorCode | SnapshotErrorCode | 'policy_changed' | 'policy_malformed';

const CHECKS: Readonly<Record<Checked, Refusal>> = {
  no_snapshot: 'none',
  policy_changed: 'otherKeys',
  wrong_log: 'otherKeys',
  bad_signature: 'unsigned',
  missing_publisher: 'unsigned',
  missing_witness: 'unseen',
  stale: 'stale',
  rolled_back: 'rewritten',
  forked: 'rewritten',
  older_snapshot: 'rewritten',
  wrong_predecessor: 'rewritten',
  altered: 'altered',
  truncated: 'altered',
  no_such_entry: 'altered',
  altered_manifest: 'altered',
  altered_block: 'altered',
  truncated_block: 'altered',
  altered_file: 'altered',
  malformed: 'malformed',
  malformed_entry: 'malformed',
  malformed_manifest: 'malformed',
  policy_malformed: 'malformed',
};

/** The core's checks of how far they move. Whatever else it refuses it cannot use. */
const REFUSALS: ReadonlyMap<string | number | null, Refusal> = new Map([
  ...Object.entries(CHECKS),
  ['norm_exceeded', 'tooFar'],
  ['drift', 'tooFar'],
]);

/** Of the check that an error `snapshot_refused` names. */
export function refusalOf(check: string | number | null): Refusal {
  return REFUSALS.get(check) ?? 'unfit';
}
