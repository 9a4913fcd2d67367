/** Bodies of requests as bytes, and of one type only. */
import type { FastifyInstance } from 'fastify';

export const OCTETS = 'application/octet-stream';

/** Of this scope; what has another type is refused. */
export function takeBytesOnly(scope: FastifyInstance, type = OCTETS): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
}

/** Empty: there was none. */
export const bytesIn = (body: unknown): Uint8Array =>
  body instanceof Uint8Array ? body : new Uint8Array();
