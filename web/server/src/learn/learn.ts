/** A round's sums become the next snapshot: a draft that the publishers have to sign, and beside it how anybody makes it again. */
import type { Bytes, ReadFile } from '@ossicle/wire/log';
import { blobPath, hashOf } from '@ossicle/wire/snapshot';
import { headOfSnapshot } from '../catalogue-head.ts';
import { InputError } from '../errors.ts';
import { readBytes, writeFiles } from '../log/files.ts';
import type { OpenLog } from '../open.ts';
import { prepareBlobs, writeDrafts } from '../publish.ts';
import { filesOf, readBlob, readManifestOf, readPairs, SumsError } from './blobs.ts';
import {
  pairsOf,
  snapshotBefore,
  varianceFor,
  type Contents,
  type KnownRound,
  type PairOfSums,
} from './contents.ts';
import { learntText, SEED, type Learnt } from './learnt-entry.ts';
import { contentsOf, orRestore, readLocal } from './log-contents.ts';
import {
  runLearn,
  type BlockOfSums,
  type LearnInput,
  type LearnOutput,
  type Report,
} from './tool.ts';

export interface LearnOptions {
  /** Path of a ratings file: user, item, plays. */
  readonly listeners: string;
  /** Path of the prior; null: the one of the last learnt snapshot. */
  readonly prior: string | null;
  /** Id in hex; null: the last round that is over. */
  readonly round: string | null;
  readonly now: Date;
}

export type LearnResult =
  | { readonly kind: 'nothing'; readonly report: Report }
  | {
      readonly kind: 'prepared';
      readonly report: Report;
      readonly learnt: Learnt;
      /** What the publishers sign. */
      readonly text: string;
    };

function roundToLearn(contents: Contents, { round: id, now }: LearnOptions): KnownRound {
  const { rounds, learnt } = contents;
  const isOver = ({ round }: KnownRound): boolean => Date.parse(round.closes) <= now.getTime();
  const found = id === null ? [...rounds.values()].findLast(isOver) : rounds.get(id);
  if (!found) {
    throw new InputError(
      id === null
        ? 'No round is over yet. Open one: round open'
        : `There is no round ${id} in the log. \`status\` tells the rounds.`,
    );
  }
  if (!isOver(found)) {
    const what = `Round ${found.round.epoch} is open until ${found.round.closes}.`;
    throw new InputError(`${what} Wait for its end.`);
  }
  const done = learnt.find((one) => one.round === found.id);
  if (done) {
    const what = `Snapshot ${done.manifest} was learnt from round ${found.round.epoch} already.`;
    throw new InputError(`${what} A sum counts once; open another round.`);
  }
  return found;
}

function pairsToLearn({ size }: Contents, found: KnownRound): readonly PairOfSums[] {
  const { pairs, missing } = pairsOf(found, size);
  const [first] = missing;
  if (first !== undefined) {
    const what = `Round ${found.round.epoch}: ${first}. Nothing was published.`;
    throw new InputError(`${what} Start \`serve\` until both aggregators have published.`);
  }
  if (pairs.length > 0) return pairs;
  const what = `Round ${found.round.epoch} has no sums: fewer than ${found.round.minBatch} reports of each block, or the aggregators have not published yet.`;
  throw new InputError(`${what} Nothing was published.`);
}

/** Errors: InputError: an aggregator has signed what can be no sums; BlobError. */
async function blocksToLearn(
  { round }: KnownRound,
  pairs: readonly PairOfSums[],
  read: ReadFile,
): Promise<readonly BlockOfSums[]> {
  return readPairs(pairs, round, read).catch((cause: unknown) => {
    if (!(cause instanceof SumsError)) throw cause;
    const what = `Round ${round.epoch}: ${cause.message}. Nothing was published.`;
    const todo = 'Its operator has signed it: ask why, and open another round.';
    throw new InputError(`${what} ${todo}`, { cause });
  });
}

/** What the sums are applied to: the newest snapshot, when it was that when the round was opened. What each contributor had in use nobody knows: a round names its items, not its vectors. */
function baseOf(contents: Contents, found: KnownRound): string {
  const base = snapshotBefore(contents, found.index);
  const newest = contents.snapshots.at(-1);
  if (base && base.manifest === newest?.manifest) return base.manifest;
  const what = `Snapshot ${newest?.epoch ?? 0} was published after round ${found.round.epoch} was opened: contributors had it, or one before.`;
  throw new InputError(`${what} Its sums are not learnt from; open another round.`);
}

/** Errors: InputError: rows of the sums are of other items than those of the snapshot. */
async function checkHead(files: ReadonlyMap<string, Bytes>, { round }: KnownRound): Promise<void> {
  if ((await headOfSnapshot(files, round)) === round.head) return;
  const what = `Round ${round.epoch} is about other items than the snapshot before it has.`;
  throw new InputError(`${what} Its sums do not fit, and nothing was published; open another.`);
}

async function readNamed(what: string, path: string): Promise<Bytes> {
  return readBytes(path).catch((cause: unknown) => {
    throw new InputError(`${what} ${path} cannot be read. Name another file.`, { cause });
  });
}

async function priorOf(
  opened: OpenLog,
  { learnt }: Contents,
  { prior }: LearnOptions,
): Promise<Bytes> {
  const last = learnt.at(-1);
  if (prior !== null) return readNamed('The prior', prior);
  if (last) return readBlob(last.prior, readLocal(opened));
  const what = 'This log has learnt nothing yet: name what is public of the catalogue,';
  throw new InputError(`${what} --prior models/items/prior.safetensors (made by ossicle prior).`);
}

/** Blobs are named by what is in them: written twice, they are the same. */
async function keep(opened: OpenLog, blobs: readonly Bytes[]): Promise<readonly string[]> {
  const { folder } = opened;
  const hashes = await Promise.all(blobs.map(hashOf));
  const named = blobs.map((bytes, i) => [folder.file(blobPath(hashes[i] ?? '')), bytes] as const);
  await writeFiles(folder.draftScratch, named);
  return hashes;
}

interface Inputs {
  readonly found: KnownRound;
  readonly base: string;
  readonly prior: Bytes;
  readonly listeners: Bytes;
  readonly varianceBefore: string | null;
}

async function prepareLearnt(
  opened: OpenLog,
  { found, base, prior, listeners, varianceBefore }: Inputs,
  { report, reportBytes, learnt: made }: LearnOutput,
  now: Date,
): Promise<LearnResult> {
  if (report.outcome === 'refused') {
    throw new InputError(`Nothing was published: ${report.why}. The newest snapshot stays.`);
  }
  if (!made) return { kind: 'nothing', report };
  const prepared = await prepareBlobs(opened, made.folder, now);
  if (prepared.kind === 'unchanged') return { kind: 'nothing', report };
  const hashes = await keep(opened, [prior, listeners, made.variance, reportBytes]);
  const [priorHash = '', listenersHash = '', varianceAfter = '', reportHash = ''] = hashes;
  const { clip, sigma, fractionBits } = found.round;
  const learnt: Learnt = {
    ...{ round: found.id, base, prior: priorHash, listeners: listenersHash },
    ...{ varianceBefore, varianceAfter, clip, sigma, fractionBits, seed: SEED },
    ...{ held: report.held.map(({ row }) => row), report: reportHash },
    manifest: prepared.entry.manifest,
  };
  const text = learntText(learnt);
  await writeDrafts(opened.folder, prepared.text, text);
  return { kind: 'prepared', report, learnt, text: `${prepared.text}${text}` };
}

interface Ready extends Inputs {
  readonly input: LearnInput;
}

async function readInputs(opened: OpenLog, options: LearnOptions): Promise<Ready> {
  const read = readLocal(opened);
  const contents = await contentsOf(opened);
  const found = roundToLearn(contents, options);
  const pairs = pairsToLearn(contents, found);
  const base = baseOf(contents, found);
  const prior = await priorOf(opened, contents, options);
  const listeners = await readNamed('The file of public listeners', options.listeners);
  const varianceBefore = varianceFor(contents, await hashOf(prior), contents.size);
  const { clip, sigma, fractionBits } = found.round;
  const bundle = await filesOf(await readManifestOf(base, read), read);
  await checkHead(bundle, found);
  const input = {
    ...{ bundle, prior, listeners, clip, sigma, fractionBits, seed: SEED },
    variance: varianceBefore === null ? null : await readBlob(varianceBefore, read),
    blocks: await blocksToLearn(found, pairs, read),
  };
  return { found, base, prior, listeners, varianceBefore, input };
}

/**
 * Makes the draft of what a round's sums say. Errors: InputError, and nothing is published: no round that is over, sums missing, of too few reports, or of
 * another snapshot; files that do not fit together; a gate refuses.
 */
export async function learn(opened: OpenLog, options: LearnOptions): Promise<LearnResult> {
  const ready = await orRestore(readInputs(opened, options));
  return runLearn(ready.input, (output) => prepareLearnt(opened, ready, output, options.now));
}
