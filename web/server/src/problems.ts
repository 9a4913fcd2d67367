/** Why something is refused, as RFC 9457 says it: a code for programs, words for people. */
import type { FastifyReply } from 'fastify';

/** Status and words, by code. */
export type Problems = Readonly<Record<string, readonly [status: number, title: string]>>;

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
}

/** `kind`: what was refused, "report". */
export function problemIn(problems: Problems, kind: string, code: string): Problem {
  const [status, title] = problems[code] ?? [500, 'Try again later.'];
  return { type: `urn:ossicle:${kind}:${code}`, title, status, code };
}

export const sendProblem = (reply: FastifyReply, problem: Problem): FastifyReply =>
  reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
