/** `learn` of the command line. */
import { InputError } from '../errors.ts';
import type { DataFolder } from '../folder.ts';
import { readKey } from '../keys.ts';
import type { Published } from '../log/log.ts';
import { openLog } from '../open.ts';
import { finish, signDraft } from '../publish.ts';
import { learn } from './learn.ts';

type Say = (text: string) => void;

export interface LearnWords {
  readonly listeners?: string | undefined;
  readonly prior?: string | undefined;
  readonly round?: string | undefined;
  /** Only makes the draft: the publishers are elsewhere. */
  readonly prepare: boolean;
}

/** null: nothing was appended. Errors: InputError. */
export async function runLearn(
  folder: DataFolder,
  { listeners, prior, round, prepare }: LearnWords,
  say: Say,
): Promise<Published | null> {
  if (listeners === undefined) {
    const what = 'Name public listeners whom the catalogue was not trained on:';
    throw new InputError(`${what} learn --listeners FILE.tsv (user, item, plays)`);
  }
  await using opened = await openLog(folder);
  const result = await learn(opened, {
    listeners,
    prior: prior ?? null,
    round: round ?? null,
    now: new Date(),
  });
  const { report } = result;
  if (result.kind === 'nothing') {
    say(`Nothing to publish: ${report.why || 'the same bundle came out'}.`);
    return null;
  }
  const { before, after } = report.recall_at_20;
  say(
    `${report.rows_moved} rows moved; recall@20 ${after.toFixed(4)}, before ${before.toFixed(4)}`,
  );
  const held = report.held.map(({ row, name }) => `${row} (${name})`);
  say(`held back: ${held.join(', ') || 'none'}`);
  if (prepare) {
    say(`${folder.draft} and the .learnt.note beside it are to be signed:\n${result.text}`);
    return null;
  }
  for (const role of ['publisher-1', 'publisher-2']) {
    await signDraft(folder.draft, folder.draftScratch, await readKey(folder.key(role)));
  }
  const { entry, ...published } = await finish(opened);
  say(`Epoch ${entry.epoch}: manifest ${entry.manifest}`);
  return published;
}
