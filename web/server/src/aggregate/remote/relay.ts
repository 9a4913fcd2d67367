/**
 * Takes reports for an aggregator A elsewhere, and passes them on as they are: then A sees no addresses of listeners, and a page may send them to its own origin.
 * What is passed on is sealed to A and B. A relay that works together with A is no worse than A alone.
 */
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { bytesIn, takeBytesOnly } from '../../bytes-body.ts';
import { postFromAnywhere } from '../../cross-origin.ts';
import { reach } from './reach.ts';
import { answerErrors, MOST_REPORT_BYTES, refuse, REPORTS, type RoundParams } from '../routes.ts';

const ANSWER_MS = 60_000;
const MOST_ANSWER_BYTES = 16_384;
const PASSED_BACK = ['content-type', 'www-authenticate'] as const;

async function passBack(answer: Response, reply: FastifyReply): Promise<FastifyReply> {
  const body = Buffer.from(await answer.arrayBuffer()).subarray(0, MOST_ANSWER_BYTES);
  for (const name of PASSED_BACK) {
    const value = answer.headers.get(name);
    if (value !== null) void reply.header(name, value);
  }
  return body.length > 0 ? reply.code(answer.status).send(body) : reply.code(answer.status).send();
}

/** `to`: base address of A, ending with a slash. For `register(relayRoutes(to), { prefix: '/sync' })`. */
export function relayRoutes(to: string): FastifyPluginAsync {
  return async (server) => {
    takeBytesOnly(server);
    postFromAnywhere(server, [REPORTS], ['authorization', 'content-type']);
    answerErrors(server, (code) => code);
    const options = { bodyLimit: MOST_REPORT_BYTES, logLevel: 'silent' } as const;
    server.post<RoundParams>(REPORTS, options, async (request, reply) => {
      const { params, headers, body } = request;
      if (!/^[0-9a-f]{64}$/.test(params.round)) return refuse(reply, 'unknown_round', null);
      const { authorization, 'content-type': type = '' } = headers;
      const passed = authorization === undefined ? {} : { authorization };
      const answer = await reach(
        'Aggregator A',
        new URL(`reports/${params.round}`, to),
        ANSWER_MS,
        {
          method: 'POST',
          body: new Uint8Array(bytesIn(body)),
          headers: { 'content-type': type, ...passed },
        },
      );
      return passBack(answer, reply);
    });
    await Promise.resolve();
  };
}
