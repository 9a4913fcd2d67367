/** Opening a round: what clients are asked to report, signed by the publishers, in the log. */
import { readNote, sign, toHex, verifierText, writeNote, type Signer } from '@ossicle/wire/log';
import {
  deviationOf,
  readRound,
  roundId,
  roundText,
  ROLES,
  ROUND_KIND,
  type Round,
} from '@ossicle/wire/report';
import { blobPath } from '@ossicle/wire/snapshot';
import { InputError } from '../errors.ts';
import { readBytes } from '../log/files.ts';
import type { Published } from '../log/log.ts';
import type { OpenLog } from '../open.ts';
import { newestSnapshot } from '../publish.ts';
import { roleEntry, rolesIn, type Role } from '../roles.ts';
import { B_PATH, makeOperators, type Operators } from './operators.ts';

/** Rows of a block, and most blocks: the 1,024 best known items (ADR 0020). */
const ROWS = 512;
const MOST_BLOCKS = 2;
const FRACTION_BITS = 10;
/** Of the core's exact sampler. */
const MOST_DEVIATION = 1 << 17;

export interface RoundOptions {
  /** Base address of aggregator A, ending with a slash; B is below it. */
  readonly url: string;
  readonly seconds: number;
  readonly clip: number;
  readonly sigma: number;
  readonly minBatch: number;
  readonly publishers: readonly Signer[];
  readonly admin: Signer;
  readonly now: Date;
}

export interface OpenedRound extends Published {
  readonly round: Round;
  /** In hex. */
  readonly id: string;
}

/** Items and factors of the newest snapshot. */
async function shapeOf(opened: OpenLog): Promise<{ n: number; factors: number }> {
  const newest = await newestSnapshot(opened);
  const file = newest?.manifest.files.find(({ path }) => path === 'bundle.json');
  if (!file) {
    throw new InputError('There is no snapshot yet to learn more about. Publish one first.');
  }
  const pieces = file.pieces.map(({ sha256 }) => readBytes(opened.folder.file(blobPath(sha256))));
  const text = Buffer.concat(await Promise.all(pieces)).toString('utf8');
  const { catalogue } = JSON.parse(text) as { catalogue?: { items?: unknown; factors?: unknown } };
  const { items, factors } = catalogue ?? {};
  if (Number.isInteger(items) && Number.isInteger(factors)) {
    return { n: Number(items), factors: Number(factors) };
  }
  throw new InputError('The newest snapshot does not say how many items and factors it has.');
}

/** Entries that give the operators their roles, where they do not have them. */
async function grants(
  opened: OpenLog,
  operators: Operators,
  options: RoundOptions,
): Promise<string[]> {
  const { entries } = opened.log;
  const roles = await rolesIn(entries, opened.keys.admin);
  const at = options.now.toISOString();
  const found: string[] = [];
  for (const one of ROLES) {
    const role: Role = `operator-${one}`;
    const key = verifierText(operators[one].signer.verifier);
    if (roles.get(role)?.has(key)) continue;
    found.push(await roleEntry({ change: 'granted', role, key, at }, options.admin));
  }
  return found;
}

/** The round of an entry of this log, whose signatures were checked when it was made. null: none. */
export const roundOfEntry = (source: string): Round | null => {
  const note = readNote(source);
  return note && readRound(note.text);
};

/** Errors: InputError (no snapshot; a round is open already; numbers that cannot be). */
export async function openRound(opened: OpenLog, options: RoundOptions): Promise<OpenedRound> {
  const { url, seconds, clip, sigma, minBatch, publishers, now } = options;
  const { entries } = opened.log;
  const before = entries.ofKind(ROUND_KIND);
  const last = roundOfEntry(before.at(-1) ?? '');
  if (last && Date.parse(last.closes) > now.getTime()) {
    throw new InputError(`A round is open until ${last.closes}. Wait for its end.`);
  }
  const { n, factors } = await shapeOf(opened);
  const operators = await makeOperators(opened.folder, opened.config.policy.origin);
  const text = roundText({
    ...{ epoch: before.length + 1, rows: ROWS, factors, clip, fractionBits: FRACTION_BITS },
    ...{ blocks: Math.min(MOST_BLOCKS, Math.ceil(n / ROWS)), sigma, minBatch },
    opens: now.toISOString(),
    closes: new Date(now.getTime() + 1000 * seconds).toISOString(),
    aggregators: [
      { role: 'a', url, key: operators.a.hpke.publicKey },
      { role: 'b', url: new URL(B_PATH, url).href, key: operators.b.hpke.publicKey },
    ],
  });
  const round = readRound(text);
  if (round && deviationOf(round) > MOST_DEVIATION) {
    const what = `Noise of ${sigma} times ${clip} does not fit the numbers of a sum.`;
    throw new InputError(
      `${what} Their product may be at most ${MOST_DEVIATION >> FRACTION_BITS}.`,
    );
  }
  if (round === null) {
    throw new InputError(
      'Such a round cannot be: clip, sigma and the batch are above 0. See help.',
    );
  }
  const signatures = await Promise.all(publishers.map((one) => sign(text, one, 0)));
  const entry = writeNote({ text, signatures });
  const published = await opened.log.append([...(await grants(opened, operators, options)), entry]);
  return { ...published, round, id: toHex(await roundId(text)) };
}
