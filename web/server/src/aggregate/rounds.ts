/** Opening a round: what clients are asked to report, signed by the publishers, in the log. */
import { sign, toHex, verifierText, writeNote, type Bytes, type Signer } from '@ossicle/wire/log';
import {
  deviationOf,
  isProvable,
  MOST_NORM,
  readRound,
  roundId,
  roundText,
  ROLES,
  ROUND_KIND,
  type Aggregator,
  type Issuer,
  type Role,
  type Round,
} from '@ossicle/wire/report';
import { BLOCK_ROWS, BLOCKS, FRACTION_BITS, MOST_DEVIATION } from 'ossicle/node';
import { headOfSnapshot } from '../catalogue-head.ts';
import { locked } from '../database.ts';
import { InputError, messageOf } from '../errors.ts';
import { filesOf } from '../learn/blobs.ts';
import { readBytes } from '../log/files.ts';
import type { Published } from '../log/log.ts';
import type { OpenLog } from '../open.ts';
import { newestSnapshot } from '../publish.ts';
import { roleEntry, rolesIn, type Role as LogRole } from '../roles.ts';
import { Invitations } from '../tokens/invitations.ts';
import { ISSUER_KEY, makeIssuerKeyFile, readIssuerKeyFile } from '../tokens/issuer-key.ts';
import { roundOfEntry } from './remote/log-rounds.ts';
import { publicKeysOf, type PublicKeys } from './remote/operator-keys.ts';
import { B_PATH, makeOperators, readOperators } from './operators.ts';

/** An aggregator of another operator, on another machine. */
export interface Elsewhere {
  /** Its base address, ending with a slash. */
  readonly url: string;
  readonly keys: PublicKeys;
}

export interface RoundOptions {
  /** Base address of this server, ending with a slash. */
  readonly url: string;
  /** null: both aggregators are in this program. */
  readonly elsewhere: Readonly<Record<Role, Elsewhere>> | null;
  /** Whether reports have to bring a token of the issuer in this program. */
  readonly tokens: boolean;
  /** Codes of which each is good for a token; 0: anybody gets some. */
  readonly invitations: number;
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
  /** Codes of the invitations; they are not kept. */
  readonly codes: readonly string[];
  /** Whether keys were made that a server which runs already does not have. */
  readonly isNewKey: boolean;
}

/** What a round of the newest snapshot asks for. */
type Asked = Pick<Round, 'blocks' | 'rows' | 'factors' | 'head'>;

function shapeOf(bundle: Bytes | undefined): Omit<Asked, 'head'> {
  const text = new TextDecoder().decode(bundle ?? new Uint8Array());
  const { catalogue } = JSON.parse(text) as { catalogue?: { items?: unknown; factors?: unknown } };
  const { items, factors } = catalogue ?? {};
  if (!Number.isInteger(items) || !Number.isInteger(factors)) {
    throw new InputError('The newest snapshot does not say how many items and factors it has.');
  }
  // Rows are dealt to the blocks in turn: two items are in two blocks.
  const blocks = Math.min(BLOCKS, Number(items));
  return { blocks, rows: BLOCK_ROWS, factors: Number(factors) };
}

async function askedOf(opened: OpenLog): Promise<Asked> {
  const newest = await newestSnapshot(opened);
  if (!newest) {
    throw new InputError('There is no snapshot yet to learn more about. Publish one first.');
  }
  try {
    const files = await filesOf(newest.manifest, (path) => readBytes(opened.folder.file(path)));
    const shape = shapeOf(files.get('bundle.json'));
    return { ...shape, head: await headOfSnapshot(files, shape) };
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const what = `The newest snapshot cannot be read: ${messageOf(cause)}.`;
    throw new InputError(`${what} No round was opened. Restore public/blob from a copy.`, {
      cause,
    });
  }
}

/** Entries that give the operators their roles, where they do not have them. */
async function grants(
  opened: OpenLog,
  aggregators: Readonly<Record<Role, Elsewhere>>,
  options: RoundOptions,
): Promise<string[]> {
  const { entries } = opened.log;
  const roles = await rolesIn(entries, opened.keys.admin);
  const at = options.now.toISOString();
  const found: string[] = [];
  for (const one of ROLES) {
    const role: LogRole = `operator-${one}`;
    const key = verifierText(aggregators[one].keys.signer);
    if (roles.get(role)?.has(key)) continue;
    found.push(await roleEntry({ change: 'granted', role, key, at }, options.admin));
  }
  return found;
}

/** Both aggregators of this program; their keys are made where there are none. */
async function inside({ folder, config }: OpenLog, url: string): Promise<Record<Role, Elsewhere>> {
  const { a, b } = await makeOperators(folder, config.policy.origin);
  return {
    a: { url, keys: publicKeysOf(a) },
    b: { url: new URL(B_PATH, url).href, keys: publicKeysOf(b) },
  };
}

const named = (role: Role, { url, keys }: Elsewhere): Aggregator => ({
  ...{ role, url, key: keys.hpke, signer: verifierText(keys.signer) },
});

async function issuerOf({ folder }: OpenLog, options: RoundOptions): Promise<Issuer> {
  const { url, invitations } = options;
  const path = folder.key(ISSUER_KEY);
  const key = (await readIssuerKeyFile(path)) ?? (await makeIssuerKeyFile(path, folder.scratch));
  const invited = invitations > 0 ? ({ invited: true } as const) : {};
  return { url, key: Buffer.from(key.spki).toString('base64'), ...invited };
}

async function lacksKeys({ folder }: OpenLog, options: RoundOptions): Promise<boolean> {
  const lacksOperators = !options.elsewhere && !(await readOperators(folder));
  const lacksIssuer = options.tokens && !(await readIssuerKeyFile(folder.key(ISSUER_KEY)));
  return lacksOperators || lacksIssuer;
}

/** Errors: InputError. Before anything is made. */
function checkNumbers({ sigma, clip }: RoundOptions): void {
  const steps = 2 ** FRACTION_BITS;
  const numbers = { sigma, clip, fractionBits: FRACTION_BITS };
  if (!isProvable(numbers)) {
    const what = `That a table has a norm of at most ${clip} cannot be proved.`;
    throw new InputError(`${what} --clip is from ${1 / steps} to ${MOST_NORM / steps}.`);
  }
  if (deviationOf(numbers) <= MOST_DEVIATION) return;
  const what = `Noise of ${sigma} times ${clip} does not fit the numbers of a sum.`;
  throw new InputError(`${what} Their product may be at most ${MOST_DEVIATION / steps}.`);
}

function makeCodes({ folder }: OpenLog, id: string, n: number): readonly string[] {
  if (n === 0) return [];
  using invitations = new Invitations(folder.tokens);
  return invitations.make(id, n);
}

async function open(opened: OpenLog, options: RoundOptions): Promise<OpenedRound> {
  const { url, seconds, clip, sigma, minBatch, publishers, now } = options;
  const { entries } = opened.log;
  const before = entries.ofKind(ROUND_KIND);
  const last = roundOfEntry(before.at(-1) ?? '');
  if (last && Date.parse(last.closes) > now.getTime()) {
    throw new InputError(`A round is open until ${last.closes}. Wait for its end.`);
  }
  checkNumbers(options);
  const asked = await askedOf(opened);
  const isNewKey = await lacksKeys(opened, options);
  const aggregators = options.elsewhere ?? (await inside(opened, url));
  const text = roundText({
    ...asked,
    ...{ epoch: before.length + 1, clip, fractionBits: FRACTION_BITS, sigma, minBatch },
    opens: now.toISOString(),
    closes: new Date(now.getTime() + 1000 * seconds).toISOString(),
    aggregators: [named('a', aggregators.a), named('b', aggregators.b)],
    issuer: options.tokens ? await issuerOf(opened, options) : null,
  });
  const round = readRound(text);
  if (round === null) {
    const what = 'Such a round cannot be: clip, sigma and the batch are above 0';
    throw new InputError(`${what}, and both aggregators have keys of their own. See help.`);
  }
  const id = toHex(await roundId(text));
  // Before the round is there: nobody gets a token of it without one.
  const codes = makeCodes(opened, id, options.invitations);
  const signatures = await Promise.all(publishers.map((one) => sign(text, one, 0)));
  const roles = await grants(opened, aggregators, options);
  const published = await opened.log.append([...roles, writeNote({ text, signatures })]);
  return { ...published, round, id, codes, isNewKey };
}

/** Errors: InputError (no snapshot; a round is open already; numbers that cannot be). */
export function openRound(opened: OpenLog, options: RoundOptions): Promise<OpenedRound> {
  // Two at once would both find that none is open; and no snapshot comes between what is asked and its round.
  return locked(opened.folder.draftLock, () => open(opened, options));
}
