/** The aggregators over HTTP. Nothing about a sender is stored or logged. */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Bytes } from '@ossicle/wire/log';
import {
  MOST_JOB_BYTES,
  MOST_NUMBERS,
  readJob,
  readStated,
  reportBytes,
  writeClosed,
  writeVerdicts,
} from '@ossicle/wire/report';
import { AggregatorA, type Ask } from './aggregator-a.ts';
import type { AggregatorB } from './aggregator-b.ts';
import type { KnownRound } from './aggregator.ts';
import { PeerError, problemOf, type Refusal } from './problems.ts';
import { digestOf } from './store.ts';

const BYTES = 'application/octet-stream';
const MOST_REPORT_BYTES = reportBytes({ rows: MOST_NUMBERS / 2, factors: 1 });
const MOST_CLOSE_BYTES = 16 << 20;
const ANSWER_MS = 60_000;

/** Asks the B at `url`, the base address in the round. */
export function askOverHttp(url: string, token: string): Ask {
  return async (path, body) => {
    const answer = await fetch(new URL(path, url), {
      method: 'POST',
      body,
      headers: { 'content-type': BYTES, authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (answer.status === 200) return new Uint8Array(await answer.arrayBuffer());
    throw new PeerError(`Aggregator B answered ${answer.status} to ${path}. See its own messages.`);
  };
}

function problem(reply: FastifyReply, code: Refusal): FastifyReply {
  const body = problemOf(code);
  return reply.code(body.status).type('application/problem+json').send(JSON.stringify(body));
}

function isAllowed({ headers }: FastifyRequest, token: string): boolean {
  const expected = digestOf(Buffer.from(`Bearer ${token}`));
  return timingSafeEqual(digestOf(Buffer.from(headers.authorization ?? '')), expected);
}

type Params = { readonly Params: { readonly round: string } };

function routesOfA(aggregator: AggregatorA): FastifyPluginAsync {
  return async (server) => {
    server.setErrorHandler(async (cause: { statusCode?: number }, _request, reply) => {
      // What Fastify itself refuses before it is a report: too long, of another type, cut short.
      const status = cause.statusCode ?? 500;
      if (status >= 500) return reply.code(500).send({ status: 500, title: 'Try again later.' });
      return problem(reply, await aggregator.refuse(status === 413 ? 'too_large' : 'malformed'));
    });
    server.post<Params>(
      '/reports/:round',
      { bodyLimit: MOST_REPORT_BYTES },
      async (request, reply) => {
        const { body } = request;
        const bytes = body instanceof Uint8Array ? body : new Uint8Array();
        const found = await aggregator.receive(request.params.round, bytes);
        return found === 'accepted' ? reply.code(201).send() : problem(reply, found);
      },
    );
    await Promise.resolve();
  };
}

type Answer = (known: KnownRound, body: Uint8Array) => Promise<Bytes | 400 | 409>;

/** What B answers, by the first part of the path. */
const answersOf = (aggregator: AggregatorB): Readonly<Record<'aggregate' | 'close', Answer>> => ({
  aggregate: async (known, body) => {
    const tasks = readJob(body);
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

function routesOfB(aggregator: AggregatorB): FastifyPluginAsync {
  return async (server) => {
    const route = (path: string, bodyLimit: number, answer: Answer): void => {
      server.post<Params>(`/${path}/:round`, { bodyLimit }, async (request, reply) => {
        if (!isAllowed(request, aggregator.token)) return reply.code(401).send();
        const known = aggregator.round(request.params.round);
        if (known === null) return problem(reply, 'unknown_round');
        const { body } = request;
        const found = await answer(known, body instanceof Uint8Array ? body : new Uint8Array());
        if (typeof found === 'number') return reply.code(found).send();
        return reply.type(BYTES).send(Buffer.from(found));
      });
    };
    const answers = answersOf(aggregator);
    route('aggregate', MOST_JOB_BYTES, answers.aggregate);
    route('close', MOST_CLOSE_BYTES, answers.close);
    await Promise.resolve();
  };
}

/** For `register(aggregatorRoutes(aggregator), { prefix: '/sync' })`: A takes reports, B takes what A brings. */
export function aggregatorRoutes(aggregator: AggregatorA | AggregatorB): FastifyPluginAsync {
  const routes = aggregator instanceof AggregatorA ? routesOfA(aggregator) : routesOfB(aggregator);
  return async (server) => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser(BYTES, { parseAs: 'buffer' }, (_request, body, done) => {
      done(null, body);
    });
    await server.register(routes, { logLevel: 'silent' });
  };
}
