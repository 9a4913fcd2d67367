/** The aggregators over HTTP. Nothing about a sender is stored or logged. */
import type { FastifyInstance, FastifyPluginAsync, FastifyReply } from 'fastify';
import type { Bytes, Signer, Verifier } from '@ossicle/wire/log';
import {
  jobBytes,
  MOST_NORM,
  MOST_NUMBERS,
  MOST_TASKS,
  proofSizes,
  readJob,
  readStated,
  reportBytes,
  writeClosed,
  writeVerdicts,
} from '@ossicle/wire/report';
import { challengeHeader, challengeOf, readTokenHeader } from '@ossicle/wire/tokens';
import { bytesIn, OCTETS, takeBytesOnly } from '../bytes-body.ts';
import { postFromAnywhere } from '../cross-origin.ts';
import { sendProblem } from '../problems.ts';
import type { AggregatorA, Ask } from './aggregator-a.ts';
import type { AggregatorB } from './aggregator-b.ts';
import type { KnownRound } from './aggregator.ts';
import { PeerError, problemOf, type Refusal } from './problems.ts';
import { reach } from './remote/reach.ts';
import {
  answerFields,
  areSignedBy,
  digestOf,
  isSignedBy,
  requestFields,
  signedHeaders,
} from './remote/signed-http.ts';

/** Of the largest table that a round can ask for. */
const LARGEST = { rows: MOST_NUMBERS / 2, factors: 1, clip: MOST_NORM, fractionBits: 0 };
export const MOST_REPORT_BYTES = reportBytes(LARGEST);
const MOST_JOB_BYTES = jobBytes(MOST_TASKS, proofSizes(LARGEST).message);
/** About a hundred for each block, of which a round has two. */
const MOST_CLOSE_BYTES = 64 << 10;
const ANSWER_MS = 60_000;
export const REPORTS = '/reports/:round';

/** Two operators: one's own key, and the other's. */
export interface Peers {
  readonly signer: Signer;
  readonly peer: Verifier;
}

/** Asks the B of a round at the address that the round names; `urlOf` gives it by the round's id. */
export function askOverHttp(urlOf: (hex: string) => string, { signer, peer }: Peers): Ask {
  return async (path, body) => {
    const url = new URL(path, urlOf(path.split('/')[1] ?? ''));
    const signed = await signedHeaders(requestFields(url.pathname), body, signer);
    const answer = await reach('Aggregator B', url, ANSWER_MS, {
      ...{ method: 'POST', body, headers: { 'content-type': OCTETS, ...signed } },
    });
    const { status, headers } = answer;
    if (status !== 200) {
      throw new PeerError(`Aggregator B answered ${status} to ${path}. See its own messages.`);
    }
    const found = new Uint8Array(await answer.arrayBuffer());
    const fields = answerFields(status, url.pathname, body);
    if (await isSignedBy(peer, fields, found, (name) => headers.get(name))) return found;
    const what = `What answers at ${url.origin} is not aggregator B: its key has not signed it.`;
    throw new PeerError(`${what} Nothing was settled. Compare its keys with --peer.`);
  };
}

/** `known`: where a token is missing, the answer says which one. */
export function refuse(reply: FastifyReply, code: Refusal, known: KnownRound | null): FastifyReply {
  const found = known && challengeOf(known.round, known.id);
  if (found && problemOf(code).status === 401) {
    void reply.header('www-authenticate', challengeHeader(found.challenge, found.key));
  }
  return sendProblem(reply, problemOf(code));
}

export interface RoundParams {
  readonly Params: { readonly round: string };
}

/** Answers what Fastify itself refuses before it is a report: too long, of another type, cut short. 429 is of the limit on requests. */
export function answerErrors(server: FastifyInstance, count: (code: Refusal) => Refusal): void {
  server.setErrorHandler(async (cause: { statusCode?: number }, _request, reply) => {
    const status = cause instanceof PeerError ? 503 : (cause.statusCode ?? 500);
    if (status >= 500 || status === 429) {
      return reply.code(status).send({ status, title: 'Try again later.' });
    }
    return refuse(reply, count(status === 413 ? 'too_large' : 'malformed'), null);
  });
}

/** A takes reports. For `register(routesOfA(a), { prefix: '/sync' })`. */
export function routesOfA(aggregator: AggregatorA): FastifyPluginAsync {
  return async (server) => {
    takeBytesOnly(server);
    answerErrors(server, (code) => aggregator.refuse(code));
    postFromAnywhere(server, [REPORTS], ['authorization', 'content-type']);
    server.post<RoundParams>(
      REPORTS,
      { bodyLimit: MOST_REPORT_BYTES, logLevel: 'silent' },
      async ({ params: { round }, headers, body }, reply) => {
        const token = readTokenHeader(headers.authorization ?? '');
        const found = await aggregator.receive(round, bytesIn(body), token);
        if (found === 'accepted') return reply.code(201).send();
        return refuse(reply, found, aggregator.round(round));
      },
    );
    await Promise.resolve();
  };
}

type Answer = (known: KnownRound, body: Uint8Array) => Promise<Bytes | 400 | 409>;

/** What B answers, by the first part of the path. */
const answersOf = (aggregator: AggregatorB): Readonly<Record<'aggregate' | 'close', Answer>> => ({
  aggregate: async (known, body) => {
    const tasks = readJob(body, proofSizes(known.round).message);
    return tasks ? writeVerdicts(await aggregator.take(known, tasks)) : 400;
  },
  close: async (known, body) => {
    const stated = readStated(body);
    if (stated === null) return 400;
    const closed = await aggregator.close(known, stated);
    return closed ? writeClosed(closed) : 409;
  },
});

/** Asks a B in the same program. */
export function askDirectly(aggregator: AggregatorB): Ask {
  const answers = answersOf(aggregator);
  return async (path, body) => {
    const [kind, hex = ''] = path.split('/');
    const known = aggregator.round(hex);
    const answer = kind === 'close' ? answers.close : answers.aggregate;
    const found = known ? await answer(known, body) : 404;
    if (typeof found !== 'number') return found;
    throw new PeerError(`Aggregator B answered ${found} to ${path}. See its own messages.`);
  };
}

/** B takes what A brings, and nobody else. For `register(routesOfB(b, peers), { prefix: '/sync' })`. */
export function routesOfB(aggregator: AggregatorB, { signer, peer }: Peers): FastifyPluginAsync {
  return async (server) => {
    takeBytesOnly(server);
    // Before the body: megabytes of it are kept and hashed for A alone.
    server.addHook('onRequest', async ({ url, headers }, reply) => {
      const header = (of: string): string | undefined => [headers[of]].flat()[0];
      if (await areSignedBy(peer, requestFields(url), header)) return;
      await reply.code(401).header('connection', 'close').send();
    });
    const route = (name: string, bodyLimit: number, answer: Answer): void => {
      const options = { bodyLimit, logLevel: 'silent' } as const;
      server.post<RoundParams>(`/${name}/:round`, options, async (request, reply) => {
        const { url, headers, params } = request;
        const body = bytesIn(request.body);
        if (headers['content-digest'] !== digestOf(body)) return reply.code(401).send();
        const known = aggregator.round(params.round);
        if (known === null) return refuse(reply, 'unknown_round', null);
        const found = await answer(known, body);
        if (typeof found === 'number') return reply.code(found).send();
        const signed = await signedHeaders(answerFields(200, url, body), found, signer);
        return reply.headers(signed).type(OCTETS).send(Buffer.from(found));
      });
    };
    const answers = answersOf(aggregator);
    route('aggregate', MOST_JOB_BYTES, answers.aggregate);
    route('close', MOST_CLOSE_BYTES, answers.close);
    await Promise.resolve();
  };
}
