/** Takes noised sums into the log: from an aggregator in this program, or from one of another operator over HTTP. */
import { createHash } from 'node:crypto';
import type { FastifyPluginAsync } from 'fastify';
import { readNote, readVerifier, utf8, type Bytes } from '@ossicle/wire/log';
import {
  MOST_NUMBERS,
  NUMBER_BYTES,
  readSums,
  readSumsEntry,
  SUMS_KIND,
  tableBytes,
  type Role,
  type Round,
  type Sums,
} from '@ossicle/wire/report';
import { blobPath } from '@ossicle/wire/snapshot';
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
    'No key with the role of this aggregator has signed the sums. The admin grants it: role grant.',
  ],
  unknown_round: [404, 'The log has no such round. Read its rounds.'],
  round_not_over: [403, 'The round is not over. Send the sums when it is.'],
  wrong_sums: [
    400,
    'These are no sums of that round: another block, size, hash, or too few reports.',
  ],
  other_sums: [409, 'The block has other sums of this aggregator already. They stay.'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type HandedRefusal = keyof typeof PROBLEMS;

export const handedProblem = (code: HandedRefusal): Problem => problemIn(PROBLEMS, 'sums', code);

const BYTES = 'application/octet-stream';
const ANSWER_MS = 60_000;
const LENGTH_BYTES = 4;
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
function isOf(round: Round, { block, count, sum, bytes }: Sums, blob: Uint8Array): boolean {
  const hash = createHash('sha256').update(blob).digest('hex');
  const isWhole = blob.length === bytes && bytes === tableBytes(round) && hash === sum;
  return isWhole && block < round.blocks && count >= round.minBatch;
}

export class SumsTaker {
  readonly #opened: OpenLog;
  readonly #rounds: LogRounds;
  readonly #now: () => Date;
  #last: Promise<unknown> = Promise.resolve();

  constructor(opened: OpenLog, now: () => Date) {
    this.#opened = opened;
    this.#rounds = new LogRounds(opened.log.entries);
    this.#now = now;
  }

  /** Whether a key that has the role now has signed the entry. */
  async #isGranted(entry: string, role: Role): Promise<boolean> {
    const { log, keys } = this.#opened;
    const granted = (await rolesIn(log.entries, keys.admin)).get(`operator-${role}`) ?? [];
    for (const key of granted) {
      const verifier = await readVerifier(key).catch(() => null);
      if (verifier && (await readSumsEntry(entry, verifier))) return true;
    }
    return false;
  }

  /** null: the block has no sums of this aggregator. */
  #before({ round, block, role }: Sums): string | null {
    const isIt = (source: string): boolean => {
      const other = readSums(readNote(source)?.text ?? '');
      return other?.round === round && other.block === block && other.role === role;
    };
    return this.#opened.log.entries.ofKind(SUMS_KIND).find(isIt) ?? null;
  }

  async #take({ entry, blob }: Publication): Promise<'taken' | HandedRefusal> {
    const { log, folder } = this.#opened;
    const sums = readSums(readNote(entry)?.text ?? '');
    if (sums === null) return 'malformed';
    const round = await this.#rounds.find(sums.round);
    if (round === null) return 'unknown_round';
    if (this.#now().getTime() < Date.parse(round.closes)) return 'round_not_over';
    if (!isOf(round, sums, blob)) return 'wrong_sums';
    // Last: it reads every change of roles.
    if (!(await this.#isGranted(entry, sums.role))) return 'not_granted';
    const before = this.#before(sums);
    if (before !== null && before !== entry) return 'other_sums';
    // The blob first: who reads the entry wants it. Again after a crash it is there already, and stays as it is.
    await writeFiles(folder.draftScratch, [[folder.file(blobPath(sums.sum)), blob]]);
    if (before === null) await log.append([entry]);
    return 'taken';
  }

  /** Durable, and in the log, when it is taken. The same again is taken again, and changes nothing. */
  take(publication: Publication): Promise<'taken' | HandedRefusal> {
    // One after the other: two at once would both find that the block has no sums yet.
    const taking = this.#last.then(() => this.#take(publication));
    this.#last = taking.catch(() => null);
    return taking;
  }
}

/** For `register(handInRoutes(taker), { prefix: '/sync' })`. The signature in the entry says who may. */
export function handInRoutes(taker: SumsTaker): FastifyPluginAsync {
  return async (server) => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser(BYTES, { parseAs: 'buffer' }, (_request, body, done) => {
      done(null, body);
    });
    const options = { bodyLimit: MOST_BYTES, logLevel: 'silent' } as const;
    server.post('/entries', options, async ({ body }, reply) => {
      const publication = readHanded(body instanceof Uint8Array ? body : new Uint8Array());
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
      ...{ method: 'POST', body: writeHanded(publication), headers: { 'content-type': BYTES } },
    });
    if (answer.status === 201) return;
    const text = await answer.text();
    const what = `The log’s server answered ${answer.status} to sums: ${text.slice(0, 300)}`;
    throw new PeerError(`${what} They are kept, and handed in again.`);
  };
}
