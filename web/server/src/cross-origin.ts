/** What pages and extensions of other origins may ask of a server, as browsers want it (the Fetch standard, 3.2). */
import type { FastifyInstance } from 'fastify';

/** How long a browser may remember it, in seconds: as long as Chromium does at most. */
const REMEMBERED_SECONDS = 7200;

/**
 * Lets everyone post to the addresses `paths` of this scope, without credentials: a browser sends neither cookies nor certificates along, and whatever tells who
 * may do it is in the request. `headers`: those that are not allowed anyway; a wildcard would leave out Authorization.
 */
export function postFromAnywhere(
  scope: FastifyInstance,
  paths: readonly string[],
  headers: readonly string[],
): void {
  // Before anything can refuse the request: a page cannot read a refusal without it.
  scope.addHook('onRequest', async (_request, reply) => {
    void reply.headers({
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'Cache-Control': 'no-store',
    });
    await Promise.resolve();
  });
  for (const path of paths) {
    scope.options(path, async (_request, reply) =>
      reply
        .code(204)
        .headers({
          'Access-Control-Allow-Methods': 'POST',
          'Access-Control-Allow-Headers': headers.join(', '),
          'Access-Control-Max-Age': String(REMEMBERED_SECONDS),
        })
        .send(),
    );
  }
}
