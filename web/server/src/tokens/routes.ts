/** The issuer over HTTP. Nothing about who asks is stored or logged, but that a code was used. */
import type { FastifyPluginAsync } from 'fastify';
import { REQUEST_BYTES, REQUEST_TYPE, RESPONSE_TYPE } from '@ossicle/wire/tokens';
import { bytesIn, takeBytesOnly } from '../bytes-body.ts';
import { postFromAnywhere } from '../cross-origin.ts';
import { sendProblem } from '../problems.ts';
import { tokenProblem, type Issuer } from './issuer.ts';

const PATH = '/tokens/:round';

/** A code of an invitation comes as `Authorization: Bearer CODE`. */
const codeIn = (header: string | undefined): string | null =>
  /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? null;

/** For `register(issuerRoutes(issuer), { prefix: '/sync' })`. */
export function issuerRoutes(issuer: Issuer): FastifyPluginAsync {
  return async (server) => {
    takeBytesOnly(server, REQUEST_TYPE);
    server.setErrorHandler(async (cause: { statusCode?: number }, _request, reply) => {
      // Too long, of another type, cut short: RFC 9578 answers 422 to all of them. 429 is of the limit on requests.
      const status = cause.statusCode ?? 500;
      if (status >= 400 && status < 500 && status !== 429) {
        return sendProblem(reply, tokenProblem('malformed'));
      }
      return reply.code(status).send({ status, title: 'Try again later.' });
    });
    postFromAnywhere(server, [PATH], ['authorization', 'content-type']);
    server.post<{ readonly Params: { readonly round: string } }>(
      PATH,
      { bodyLimit: REQUEST_BYTES, logLevel: 'silent' },
      async (request, reply) => {
        const { body, params, ip, headers } = request;
        const found = await issuer.answer({
          round: params.round,
          body: bytesIn(body),
          address: ip,
          code: codeIn(headers.authorization),
        });
        if (typeof found === 'string') return sendProblem(reply, tokenProblem(found));
        return reply.type(RESPONSE_TYPE).send(Buffer.from(found));
      },
    );
    await Promise.resolve();
  };
}
