/** The publishers' own log: what it says now, and whether it still says what a draft was learnt from. */
import type { ReadFile } from '@ossicle/wire/log';
import { InputError } from '../errors.ts';
import { readBytes } from '../log/files.ts';
import type { OpenLog } from '../open.ts';
import { BlobError, readBlob } from './blobs.ts';
import { pairsOf, readContents, type Contents } from './contents.ts';
import type { Learnt } from './learnt-entry.ts';
import type { Report } from './tool.ts';

export async function contentsOf({ log, keys, config }: OpenLog): Promise<Contents> {
  const text = new TextDecoder();
  const entries = log.entries.range(0, log.entries.size).map((bytes) => text.decode(bytes));
  const { publisherQuorum } = config.policy;
  return readContents(entries, { publishers: keys.publishers, publisherQuorum });
}

export const readLocal =
  ({ folder }: OpenLog): ReadFile =>
  (path) =>
    readBytes(folder.file(path));

/** Errors: InputError, where a blob is not what the log names. */
export async function orRestore<T>(work: Promise<T>): Promise<T> {
  return work.catch((cause: unknown) => {
    if (!(cause instanceof BlobError)) throw cause;
    const what = `${cause.message}. Nothing was published.`;
    throw new InputError(`${what} Restore public/blob from a copy.`, { cause });
  });
}

/**
 * Auditors learn from all sums that are in the log before the snapshot. Errors: InputError: some came after the draft was made, which would never hold;
 * the report is missing.
 */
export async function checkSums(opened: OpenLog, learnt: Learnt): Promise<void> {
  const contents = await contentsOf(opened);
  const found = contents.rounds.get(learnt.round);
  const bytes = await orRestore(readBlob(learnt.report, readLocal(opened)));
  const report = JSON.parse(new TextDecoder().decode(bytes)) as Report;
  const named = ({ block, a, b }: Report['sums'][number]): string => [block, a, b].join();
  const { pairs, missing } = found ? pairsOf(found, contents.size) : { pairs: [], missing: [] };
  const isAll = pairs.map(named).join(' ') === report.sums.map(named).join(' ');
  if (isAll && missing.length === 0) return;
  const what = 'Sums of the round came into the log after the draft was made.';
  throw new InputError(`${what} Nothing was published. Prepare it anew: learn`);
}
