/** The server: the log and the snapshots as static files, and the page when it is asked to. */
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer, Server as HttpsServer } from 'node:https';
import { basename, resolve } from 'node:path';
import rateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import { securityHeaders, SERVICE_WORKER, SERVICE_WORKER_POLICY } from '@ossicle/wire/page';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { readOperators, startOperators, type RunningOperators } from './aggregate/operators.ts';
import { InputError, messageOf } from './errors.ts';
import { DataFolder } from './folder.ts';
import type { Published } from './log/log.ts';
import { openLog, type OpenLog } from './open.ts';

export interface TlsFiles {
  /** PEM files. */
  readonly key: string;
  readonly cert: string;
}

export interface ServerOptions {
  /** Folder that `init` made. */
  readonly data: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Address to listen on; 127.0.0.1 when left out. */
  readonly host?: string;
  /** Folder of the built page, served at /. */
  readonly page?: string;
  readonly tls?: TlsFiles;
  /** Requests that one address may make in a minute; 12,000 when left out: a whole snapshot has up to 4,096 pieces. */
  readonly requestsPerMinute?: number;
  /** Reports wait this long before they are added up, in milliseconds; 1,000 when left out. */
  readonly addEveryMs?: number;
  readonly now?: () => Date;
  /** Is told what an operator should know; never of who asked for what. */
  readonly onNotice?: (text: string) => void;
}

export interface Server extends AsyncDisposable {
  /** "http://localhost:8080". */
  readonly origin: string;
  readonly log: OpenLog;
  /** null: no round was ever opened here. */
  readonly operators: RunningOperators | null;
  /** Lets requests end, then closes the log. */
  close(): Promise<void>;
}

const MOST_BODY_BYTES = 64 * 1024;
const REQUESTS_PER_MINUTE = 12_000;
const FOREVER = 'public, max-age=31536000, immutable';
/** Nothing that would tell one client from another the next time it asks. */
const NO_VALIDATORS = { etag: false, lastModified: false, cacheControl: false } as const;
/** Vite puts a hash into these names. */
const HASHED = /\/assets\/[^/]+-[\w-]{8}\.\w+$/;

/** A server that tells nobody who its clients are: no request log, and errors without details. */
export async function bareServer(
  requestsPerMinute: number,
  tls: TlsFiles | undefined,
): Promise<FastifyInstance> {
  const files = tls && { key: await readPem(tls.key), cert: await readPem(tls.cert) };
  const app = fastify({
    logger: false,
    bodyLimit: MOST_BODY_BYTES,
    serverFactory: (handler) => {
      if (!files) return createHttpServer(handler);
      try {
        return createHttpsServer({ ...files, minVersion: 'TLSv1.3' }, handler);
      } catch (cause) {
        const what = `The TLS key and certificate cannot be used: ${messageOf(cause)}.`;
        throw new InputError(`${what} Name PEM files that belong together.`, { cause });
      }
    },
  });
  // Counted in memory only, and forgotten after a minute.
  await app.register(rateLimit, { max: requestsPerMinute, timeWindow: 60_000, ipv6Subnet: 64 });
  app.setErrorHandler(async (error: { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    const body = status >= 500 ? 'error' : status === 429 ? 'too many requests' : 'refused';
    await reply
      .code(status)
      .header('cache-control', 'no-store')
      .type('text/plain')
      .send(`${body}\n`);
  });
  app.setNotFoundHandler(async (_request, reply) => {
    await reply
      .code(404)
      .header('cache-control', 'no-store')
      .type('text/plain')
      .send('not found\n');
  });
  return app;
}

async function readPem(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const what = `${path} cannot be read: ${messageOf(cause)}.`;
    throw new InputError(`${what} Name PEM files with --tls-key and --tls-cert.`, { cause });
  }
}

export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const what = `Port ${port} of ${host} cannot be listened on: ${messageOf(cause)}.`;
    throw new InputError(`${what} Name another one with --port.`, { cause });
  }
  const address = app.server.address();
  const real = typeof address === 'object' ? (address?.port ?? port) : port;
  const name = host === '127.0.0.1' || host === '::1' ? 'localhost' : host;
  const scheme = app.server instanceof HttpsServer ? 'https' : 'http';
  return `${scheme}://${name.includes(':') ? `[${name}]` : name}:${real}`;
}

function syncHeaders(reply: FastifyReply, path: string, root: string): void {
  const name = path.slice(root.length + 1);
  const isFixed = name.startsWith('blob/') || name.startsWith('tile/');
  void reply.headers({
    'Cache-Control': isFixed ? FOREVER : 'no-store',
    'Content-Type': isFixed
      ? 'application/octet-stream'
      : name.endsWith('.json')
        ? 'application/json'
        : 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    // Public, and the same for everyone: pages and extensions of other origins may read it.
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
  });
}

function pageHeaders(reply: FastifyReply, path: string): void {
  void reply.headers(securityHeaders);
  if (basename(path) === SERVICE_WORKER) {
    void reply.header('Content-Security-Policy', SERVICE_WORKER_POLICY);
  }
  void reply.header('Cache-Control', HASHED.test(path) ? FOREVER : 'no-cache');
}

/** Keeps the checkpoint fresh while the server runs. */
function keepFresh(opened: OpenLog, told: (published: Published) => void): Disposable {
  const { freshSeconds } = opened.config.policy;
  // Four times as often as it must be: a witness may be away for a while.
  const everyMs = Math.min(Math.max(freshSeconds * 250, 200), 3_600_000);
  const timer = setInterval(() => {
    opened.log
      .publish()
      .then(told, (cause: unknown) => told({ size: 0, waiting: 0, refusals: [messageOf(cause)] }));
  }, everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/**
 * Completes what a crash left, and serves. `await using server = await startServer({ data, port: 0 })`; files of the log are below `${origin}/sync/`.
 * Errors: InputError.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { port, host = '127.0.0.1', page, tls, now = () => new Date() } = options;
  const notice = options.onNotice ?? ((): void => undefined);
  await using stack = new AsyncDisposableStack();
  const opened = stack.use(await openLog(new DataFolder(resolve(options.data)), now));
  const told = ({ waiting, refusals }: Published): void => {
    for (const refusal of refusals) notice(`witness ${refusal}`);
    if (waiting > 0) notice(`${waiting} entries wait for witnesses`);
  };
  told(await opened.log.publish());
  stack.use(keepFresh(opened, told));
  const app = await bareServer(options.requestsPerMinute ?? REQUESTS_PER_MINUTE, tls);
  stack.defer(() => app.close());
  const operators = await readOperators(opened.folder);
  const running =
    operators &&
    stack.use(
      await startOperators({
        ...{ opened, operators, now, notice },
        everyMs: options.addEveryMs ?? 1000,
      }),
    );
  await running?.register(app);
  const root = opened.folder.public;
  await app.register(fastifyStatic, {
    ...NO_VALIDATORS,
    root,
    prefix: '/sync/',
    index: false,
    setHeaders: (reply, path) => syncHeaders(reply, path, root),
  });
  if (page !== undefined) {
    const folder = resolve(page);
    await readFile(resolve(folder, 'index.html')).catch((cause: unknown) => {
      const what = `${folder} has no page: ${messageOf(cause)}.`;
      throw new InputError(`${what} Build it with \`make web\`, or leave --page out.`, { cause });
    });
    await app.register(fastifyStatic, {
      ...NO_VALIDATORS,
      root: folder,
      decorateReply: false,
      setHeaders: (reply, path) => pageHeaders(reply, path),
    });
  }
  const origin = await listen(app, host, port);
  const kept = stack.move();
  return {
    origin,
    log: opened,
    operators: running,
    close: () => kept.disposeAsync(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
