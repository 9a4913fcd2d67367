/** Takes noised sums into the log: from an aggregator in this program, or from one of another operator over HTTP. */
import { createHash } from 'node:crypto';
import type { FastifyPluginAsync } from 'fastify';
import {
  readNote,
  readVerifier,
  utf8,
  verified,
  writeNote,
  type Bytes,
  type Note,
} from '@ossicle/wire/log';
import {
  aggregatorOf,
  isPair,
  isSumOf,
  MOST_NUMBERS,
  NUMBER_BYTES,
  readSums,
  SUMS_KIND,
  type Round,
  type Sums,
} from '@ossicle/wire/report';
import { blobPath } from '@ossicle/wire/snapshot';
import { bytesIn, OCTETS, takeBytesOnly } from '../../bytes-body.ts';
import { writeFiles } from '../../log/files.ts';
import type { OpenLog } from '../../open.ts';
import { problemIn, sendProblem, type Problem } from '../../problems.ts';
import { rolesIn } from '../../roles.ts';
import type { Publication } from '../aggregator.ts';
import { LogRounds } from './log-rounds.ts';
import { PeerError } from '../problems.ts';
import { reach } from './reach.ts';

const PROBLEMS = {
  malformed: [400, 'These are no sums. Send the entry and the sums that it names, whole.'],
  not_granted: [
    403,
    'The key that the round names for this aggregator has not signed the sums, or has lost its role. The admin grants it: role grant.',
  ],
  unknown_round: [404, 'The log has no such round. Read its rounds.'],
  round_not_over: [403, 'The round is not over. Send the sums when it is.'],
  wrong_sums: [
    400,
    'These are no sums of that round: another block, size or hash, too few reports, or a number that is not below the modulus.',
  ],
  other_sums: [409, 'The block has other sums of this aggregator already. They stay.'],
  no_pair: [
    409,
    'The sums of the other aggregator are of other reports. Without a pair nobody can use them.',
  ],
  busy: [503, 'Too many sums wait to be written. Send them again.'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type HandedRefusal = keyof typeof PROBLEMS;
type Found = 'taken' | HandedRefusal;

export const handedProblem = (code: HandedRefusal): Problem => problemIn(PROBLEMS, 'sums', code);

const ANSWER_MS = 60_000;
const LENGTH_BYTES = 4;
/** Sums of up to half a megabyte that wait for those before them. */
const MOST_WAITING = 32;
const MOST_ENTRY = 4096;
const MOST_BYTES = LENGTH_BYTES + MOST_ENTRY + MOST_NUMBERS * NUMBER_BYTES;

/** Body of POST /sync/entries: u32 LE length of the entry, the entry in UTF-8, the sums. */
export function writeHanded({ entry, blob }: Publication): Bytes {
  const text = utf8(entry);
  const out = new Uint8Array(LENGTH_BYTES + text.length + blob.length);
  new DataView(out.buffer).setUint32(0, text.length, true);
  out.set(text, LENGTH_BYTES);
  out.set(blob, LENGTH_BYTES + text.length);
  return out;
}

/** null: not such a body. */
export function readHanded(bytes: Uint8Array): Publication | null {
  if (bytes.length < LENGTH_BYTES) return null;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const end = LENGTH_BYTES + length;
  if (length > MOST_ENTRY || bytes.length < end) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const entry = text.decode(bytes.subarray(LENGTH_BYTES, end));
    return { entry, blob: new Uint8Array(bytes.subarray(end)) };
  } catch {
    return null;
  }
}

/** Whether the sums can be of this round, and the blob is what they name. */
function isOf(round: Round, { block, count, sum, bytes }: Sums, blob: Bytes): boolean {
  if (block >= round.blocks || count < round.minBatch) return false;
  if (blob.length !== bytes || !isSumOf(round, blob)) return false;
  return createHash('sha256').update(blob).digest('hex') === sum;
}

/** The very note with only the signature of this key. null: it has not signed it. */
async function signedAlone({ text, signatures }: Note, key: string): Promise<string | null> {
  const verifier = await readVerifier(key).catch(() => null);
  for (const one of signatures) {
    const alone = { text, signatures: [one] };
    if (verifier && (await verified(alone, verifier))) return writeNote(alone);
  }
  return null;
}

/** What the log says of roles and sums. */
interface Told {
  /** Entries of the log. */
  readonly size: number;
  readonly roles: Awaited<ReturnType<typeof rolesIn>>;
  readonly sums: readonly { readonly text: string; readonly sums: Sums }[];
}

export class SumsTaker {
  readonly #opened: OpenLog;
  readonly #rounds: LogRounds;
  readonly #now: () => Date;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #known: Promise<Told> | null = null;

  constructor(opened: OpenLog, now: () => Date) {
    this.#opened = opened;
    this.#rounds = new LogRounds(opened.log.entries);
    this.#now = now;
  }

  async #read(): Promise<Told> {
    const { log, keys } = this.#opened;
    const { size } = log.entries;
    const sums = log.entries.ofKind(SUMS_KIND).flatMap((source) => {
      const { text = '' } = readNote(source) ?? {};
      const one = readSums(text);
      return one ? [{ text, sums: one }] : [];
    });
    return { size, roles: await rolesIn(log.entries, keys.admin), sums };
  }

  /** Read again when the log has grown. */
  async #told(): Promise<Told> {
    const known = await this.#known?.catch(() => null);
    if (known?.size === this.#opened.log.entries.size) return known;
    this.#known = this.#read();
    return this.#known;
  }

  /** The entry with the one signature that counts: of the key that the round names for the role, if it has the role now. null: it has not signed. */
  async #granted(note: Note, { role }: Sums, round: Round): Promise<string | null> {
    const { signer } = aggregatorOf(round, role);
    const { roles } = await this.#told();
    const hasRole = roles.get(`operator-${role}`)?.has(signer) ?? false;
    return hasRole ? signedAlone(note, signer) : null;
  }

  /** Why the block takes no such sums; 'there': it has these very ones. null: it takes them. */
  async #before(text: string, sums: Sums): Promise<'there' | HandedRefusal | null> {
    const block = (await this.#told()).sums.filter(
      (one) => one.sums.round === sums.round && one.sums.block === sums.block,
    );
    const same = block.find((one) => one.sums.role === sums.role);
    if (same) return same.text === text ? 'there' : 'other_sums';
    const other = block.find((one) => one.sums.role !== sums.role)?.sums;
    if (!other) return null;
    const fits = sums.role === 'a' ? isPair(sums, other) : isPair(other, sums);
    return fits ? null : 'no_pair';
  }

  /** `entry`: with the one signature that counts. */
  async #write({ entry, blob }: Publication, text: string, sums: Sums): Promise<Found> {
    const { log, folder } = this.#opened;
    const before = await this.#before(text, sums);
    if (before !== null && before !== 'there') return before;
    // The blob first: who reads the entry wants it. Again after a crash it is there already, and stays as it is.
    await writeFiles(folder.draftScratch, [[folder.file(blobPath(sums.sum)), blob]]);
    if (before === null) await log.append([entry]);
    return 'taken';
  }

  /** One after the other: two at once would both find that the block has no sums yet. */
  async #inTurn(work: () => Promise<Found>): Promise<Found> {
    if (this.#waiting >= MOST_WAITING) return 'busy';
    ++this.#waiting;
    try {
      const working = this.#last.then(work);
      this.#last = working.catch(() => null);
      return await working;
    } finally {
      --this.#waiting;
    }
  }

  /** Durable, and in the log, when it is taken. The same again is taken again, and changes nothing. */
  async take({ entry, blob }: Publication): Promise<Found> {
    const note = readNote(entry);
    const sums = readSums(note?.text ?? '');
    if (note === null || sums === null) return 'malformed';
    const round = await this.#rounds.find(sums.round);
    if (round === null) return 'unknown_round';
    if (this.#now().getTime() < Date.parse(round.closes)) return 'round_not_over';
    // Before it waits, and the signature first: whoever has no role costs no more than to look at it.
    const signed = await this.#granted(note, sums, round);
    if (signed === null) return 'not_granted';
    if (!isOf(round, sums, blob)) return 'wrong_sums';
    return this.#inTurn(() => this.#write({ entry: signed, blob }, note.text, sums));
  }
}

/** For `register(handInRoutes(taker), { prefix: '/sync' })`. The signature in the entry says who may. */
export function handInRoutes(taker: SumsTaker): FastifyPluginAsync {
  return async (server) => {
    takeBytesOnly(server);
    const options = { bodyLimit: MOST_BYTES, logLevel: 'silent' } as const;
    server.post('/entries', options, async ({ body }, reply) => {
      const publication = readHanded(bytesIn(body));
      const found = publication ? await taker.take(publication) : 'malformed';
      return found === 'taken' ? reply.code(201).send() : sendProblem(reply, handedProblem(found));
    });
    await Promise.resolve();
  };
}

/** Hands sums to the log's server at `url`. Errors: PeerError (it refuses them, or cannot be reached). */
export function handOver(url: string): (publication: Publication) => Promise<void> {
  return async (publication) => {
    const answer = await reach('The log’s server', new URL('entries', url), ANSWER_MS, {
      ...{ method: 'POST', body: writeHanded(publication), headers: { 'content-type': OCTETS } },
    });
    if (answer.status === 201) return;
    const text = await answer.text();
    const what = `The log’s server answered ${answer.status} to sums: ${text.slice(0, 300)}`;
    throw new PeerError(`${what} They are kept, and handed in again.`);
  };
}
