/** Everything that a log claims, checked by somebody who has nothing but what it publishes. */
import {
  acceptCheckpoint,
  readEntry,
  toHex,
  verifierText,
  type Bytes,
  type Checkpoint,
  type ReadFile,
} from '@ossicle/wire/log';
import { hashOf, readPolicy, type Manifest, type SnapshotPolicy } from '@ossicle/wire/snapshot';
import { headOfSnapshot } from '../catalogue-head.ts';
import { messageOf } from '../errors.ts';
import { filesOf, readBlob, readManifestOf, readPairs } from './blobs.ts';
import {
  pairsOf,
  readContents,
  snapshotBefore,
  varianceFor,
  type Contents,
  type KnownRound,
} from './contents.ts';
import { SEED } from './learnt-entry.ts';
import { runLearn, type LearnOutput } from './tool.ts';

export interface AuditOptions {
  readonly read: ReadFile;
  /** The public listeners, where their blob is not to be had. */
  readonly listeners: Bytes | null;
  /** What was accepted at an earlier audit: the log has to go on from there. */
  readonly seen: Checkpoint | null;
  readonly now: Date;
  /** Takes a line for each check. */
  readonly say: (line: string) => void;
}

export interface Audited {
  readonly failures: number;
  /** null: it was not accepted. */
  readonly checkpoint: Checkpoint | null;
}

/** Checks one after the other; each says a line, and a failed one why. */
class Checks {
  readonly #say: AuditOptions['say'];
  failures = 0;

  constructor(say: AuditOptions['say']) {
    this.#say = say;
  }

  /** null: it failed. */
  async run<T>(
    what: string,
    check: () => Promise<T>,
    tell?: (found: T) => string,
  ): Promise<T | null> {
    try {
      const found = await check();
      this.#say(`ok    ${what}${tell ? `: ${tell(found)}` : ''}`);
      return found;
    } catch (cause) {
      ++this.failures;
      this.#say(`FAIL  ${what}: ${messageOf(cause)}`);
      return null;
    }
  }

  note(line: string): void {
    this.#say(`      ${line}`);
  }
}

const utf8Text = (bytes: Bytes): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

async function readAll(checkpoint: Checkpoint, read: ReadFile): Promise<readonly string[]> {
  const entries: string[] = [];
  for (let at = 0; at < checkpoint.size; ++at) {
    entries.push(utf8Text(await readEntry(checkpoint, at, read)));
  }
  return entries;
}

/** What of the bytes is another one, for a person who looks for it. */
function differenceOf(
  published: ReadonlyMap<string, Bytes>,
  made: ReadonlyMap<string, Bytes>,
): string | null {
  for (const path of new Set([...published.keys(), ...made.keys()])) {
    const [theirs, ours] = [published.get(path), made.get(path)];
    if (!theirs || !ours)
      return `${path} is ${theirs ? 'published, and not recomputed' : 'missing'}`;
    const length = Math.max(theirs.length, ours.length);
    for (let at = 0; at < length; ++at) {
      if (theirs[at] === ours[at]) continue;
      const bytes = `published ${theirs[at] ?? 'nothing'}, recomputed ${ours[at] ?? 'nothing'}`;
      return `${path} differs from byte ${at} on (${bytes}; ${theirs.length} and ${ours.length} bytes)`;
    }
  }
  return null;
}

class Auditor {
  readonly #options: AuditOptions;
  readonly #checks: Checks;
  readonly #contents: Contents;

  constructor(options: AuditOptions, checks: Checks, contents: Contents) {
    this.#options = options;
    this.#checks = checks;
    this.#contents = contents;
  }

  async run(): Promise<void> {
    for (const known of this.#contents.rounds.values()) await this.#round(known);
    for (const [i] of this.#contents.snapshots.entries()) await this.#snapshot(i);
    for (const one of this.#contents.learnt) await this.#learnt(one);
  }

  async #round(known: KnownRound): Promise<void> {
    const { round, id } = known;
    const { read } = this.#options;
    const { pairs, missing } = pairsOf(known, this.#contents.size);
    await this.#checks.run(
      `round ${round.epoch}, ${id.slice(0, 12)}`,
      async () => {
        await readPairs(pairs, round, read);
        await this.#checkHead(known);
      },
      () => {
        const sums = pairs.map(({ block, count }) => `block ${block} of ${count} reports`);
        return `signed by all publishers, about the items of the snapshot before; ${sums.join(', ') || 'no sums'}`;
      },
    );
    // The other aggregator may be away for a while: it is wrong only to learn from one half.
    for (const what of missing) this.#checks.note(`round ${round.epoch}: ${what}`);
  }

  /** Whether the round's rows are those of the snapshot that contributors had. */
  async #checkHead({ round, index }: KnownRound): Promise<void> {
    const { read } = this.#options;
    const base = snapshotBefore(this.#contents, index);
    if (!base) throw new Error('no snapshot is before it');
    const files = await filesOf(await readManifestOf(base.manifest, read), read);
    if ((await headOfSnapshot(files, round)) === round.head) return;
    throw new Error(`it is about other items than snapshot ${base.epoch} has`);
  }

  async #snapshot(i: number): Promise<void> {
    const { snapshots } = this.#contents;
    const [entry, before] = [snapshots[i], snapshots[i - 1]];
    if (!entry) return;
    await this.#checks.run(
      `snapshot ${entry.epoch}, ${entry.manifest.slice(0, 12)}`,
      async () => {
        const manifest = await readManifestOf(entry.manifest, this.#options.read);
        if (manifest.epoch !== entry.epoch || manifest.previous !== (before?.manifest ?? null)) {
          throw new Error('its manifest is of another epoch, or does not follow the one before');
        }
        return filesOf(manifest, this.#options.read);
      },
      (files) => {
        const bytes = [...files.values()].reduce((sum, one) => sum + one.length, 0);
        const isLearnt = this.#contents.learnt.some(({ manifest }) => manifest === entry.manifest);
        return `${files.size} files, ${bytes} bytes${isLearnt ? '' : '; not learnt from sums'}`;
      },
    );
  }

  async #listeners(hash: string): Promise<Bytes> {
    const { listeners, read } = this.#options;
    if (listeners && (await hashOf(listeners)) === hash) return listeners;
    return readBlob(hash, read).catch((cause: unknown) => {
      const what = `the public listeners (SHA-256 ${hash}) cannot be had; name the file: --listeners FILE`;
      throw new Error(what, { cause });
    });
  }

  /** Whether what the entry names is what has to be named. */
  #checkNames(one: Contents['learnt'][number], found: KnownRound): void {
    const { round } = found;
    const base = snapshotBefore(this.#contents, found.index);
    const next = this.#contents.snapshots.find(({ index }) => index > one.index);
    const before = snapshotBefore(this.#contents, one.index);
    const isTwice = this.#contents.learnt.some(
      (other) => other.index < one.index && other.round === one.round,
    );
    const wrong = [
      [isTwice, 'its round was used before'],
      [one.base !== base?.manifest, 'its base is not the snapshot that contributors used'],
      [one.base !== before?.manifest, 'its base is not the snapshot before it'],
      [one.manifest !== next?.manifest, 'the snapshot after it is another one than it names'],
      [
        one.clip !== round.clip || one.sigma !== round.sigma,
        'its clip or sigma is not that of the round',
      ],
      [one.fractionBits !== round.fractionBits, 'its numbers are not those of the round'],
      [
        one.seed !== SEED,
        `its seed is ${one.seed}, and nobody may choose another one than ${SEED}`,
      ],
      [
        one.varianceBefore !== varianceFor(this.#contents, one.prior, one.index),
        'it does not go on from the variances of the epoch before',
      ],
    ] as const;
    const first = wrong.find(([isWrong]) => isWrong);
    if (first) throw new Error(first[1]);
  }

  async #compare(
    one: Contents['learnt'][number],
    published: Manifest,
    { report, reportBytes, learnt }: LearnOutput,
  ): Promise<string> {
    if (!learnt) throw new Error(`recomputed, nothing is to be published: ${report.why}`);
    const held = report.held.map(({ row }) => row);
    if (held.join() !== one.held.join()) {
      const what = `rows held back are ${held.join(', ') || 'none'} when recomputed`;
      throw new Error(`${what}, and the entry names ${one.held.join(', ') || 'none'}`);
    }
    const difference = differenceOf(await filesOf(published, this.#options.read), learnt.files);
    if (difference !== null) throw new Error(difference);
    const named = [
      ['report', one.report, reportBytes],
      ['variances', one.varianceAfter, learnt.variance],
    ] as const;
    for (const [what, hash, bytes] of named) {
      const found = await hashOf(bytes);
      if (found === hash) continue;
      throw new Error(
        `the ${what} have SHA-256 ${found} when recomputed, and the entry names ${hash}`,
      );
    }
    const { before, after } = report.recall_at_20;
    const recall = `recall@20 ${before.toFixed(4)} -> ${after.toFixed(4)}`;
    return `${report.rows_moved} rows moved, ${held.length} held back, ${recall}; the same bytes`;
  }

  async #learnt(one: Contents['learnt'][number]): Promise<void> {
    const { read } = this.#options;
    await this.#checks.run(
      `learnt ${one.manifest.slice(0, 12)} from round ${one.round.slice(0, 12)}`,
      async () => {
        const found = this.#contents.rounds.get(one.round);
        if (!found) throw new Error('its round is not in the log');
        this.#checkNames(one, found);
        // What came later was not there to be learnt from.
        const { pairs, missing } = pairsOf(found, one.index);
        const [first] = missing;
        if (first !== undefined) throw new Error(`${first}, and it was learnt without it`);
        const input = {
          bundle: await filesOf(await readManifestOf(one.base, read), read),
          prior: await readBlob(one.prior, read),
          listeners: await this.#listeners(one.listeners),
          variance: one.varianceBefore === null ? null : await readBlob(one.varianceBefore, read),
          blocks: await readPairs(pairs, found.round, read),
          ...{ clip: one.clip, sigma: one.sigma, fractionBits: one.fractionBits, seed: one.seed },
        };
        const published = await readManifestOf(one.manifest, read);
        return runLearn(input, (output) => this.#compare(one, published, output));
      },
      (what) => what,
    );
    this.#noteChoices(one);
  }

  /** Publishers may take other public listeners or a new prior; whoever trusts the gates has to know. */
  #noteChoices(one: Contents['learnt'][number]): void {
    const before = this.#contents.learnt.findLast(({ index }) => index < one.index);
    for (const what of ['prior', 'listeners'] as const) {
      if (!before || one[what] === before[what]) continue;
      const other = `and ${before[what].slice(0, 12)} the time before`;
      this.#checks.note(
        `learnt ${one.manifest.slice(0, 12)}: ${what} ${one[what].slice(0, 12)}, ${other}`,
      );
    }
  }
}

async function policyOf(read: ReadFile): Promise<SnapshotPolicy> {
  return readPolicy(utf8Text(await read('policy.json')));
}

/** Says a line for each check. Nothing is thrown for what a log does wrong: it is counted. */
export async function audit(options: AuditOptions): Promise<Audited> {
  const { read, seen, now, say } = options;
  const checks = new Checks(say);
  const policy = await checks.run(
    'policy.json',
    () => policyOf(read),
    ({ log, witnesses, quorum, publishers, publisherQuorum }) =>
      `log ${verifierText(log)}, ${quorum} of ${witnesses.length} witnesses, ${publisherQuorum} of ${publishers.length} publishers`,
  );
  if (!policy) return { failures: checks.failures, checkpoint: null };
  const checkpoint = await checks.run(
    'checkpoint',
    async () => acceptCheckpoint(utf8Text(await read('checkpoint')), policy, seen, read, now),
    ({ size, root }) =>
      `${size} entries, root ${toHex(root).slice(0, 12)}, signed and witnessed${seen ? `; goes on from the ${seen.size} entries seen before` : ''}`,
  );
  if (!checkpoint) return { failures: checks.failures, checkpoint: null };
  const entries = await checks.run(
    'entries',
    () => readAll(checkpoint, read),
    (all) => `${all.length}, each of them under the checkpoint's root`,
  );
  if (!entries) return { failures: checks.failures, checkpoint };
  const contents = await readContents(entries, policy);
  const { admin, changes, problems, unknown } = contents;
  await checks.run(
    'signatures and order',
    () =>
      problems.length === 0
        ? Promise.resolve(contents)
        : Promise.reject(new Error(problems.join('; '))),
    () => `${changes.length} changes of roles by ${admin ? verifierText(admin) : 'nobody'}`,
  );
  if (unknown > 0) checks.note(`${unknown} entries of kinds that this program does not know`);
  await new Auditor(options, checks, contents).run();
  return { failures: checks.failures, checkpoint };
}
