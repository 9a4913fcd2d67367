/** The server: the log and the snapshots as static files, and the page when it is asked to. */
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer, Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { basename, resolve } from 'node:path';
import rateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import { securityHeaders, SERVICE_WORKER, SERVICE_WORKER_POLICY } from '@ossicle/wire/page';
import type { Round } from '@ossicle/wire/report';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { readOperators, startOperators, type RunningOperators } from './aggregate/operators.ts';
import { handInRoutes, SumsTaker } from './aggregate/remote/hand-in.ts';
import { LogRounds } from './aggregate/remote/log-rounds.ts';
import { relayRoutes } from './aggregate/remote/relay.ts';
import { InputError, messageOf } from './errors.ts';
import { DataFolder } from './folder.ts';
import type { Published } from './log/log.ts';
import { openLog, type OpenLog } from './open.ts';
import { Invitations } from './tokens/invitations.ts';
import { Issuer } from './tokens/issuer.ts';
import { ISSUER_KEY, readIssuerKeyFile } from './tokens/issuer-key.ts';
import { issuerRoutes } from './tokens/routes.ts';

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
  /** Base address of an aggregator A elsewhere, ending with a slash: reports that come here are passed on to it. */
  readonly reportsTo?: string;
  /** Tokens that one address gets in a round; 3 when left out. */
  readonly tokensPerAddress?: number;
  /** Addresses of proxies that say truly, in X-Forwarded-For, whom they ask for. */
  readonly proxies?: readonly string[];
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
  /** Lets requests end, for some seconds at most, then closes the log. */
  close(): Promise<void>;
}

const MOST_BODY_BYTES = 64 * 1024;
const REQUESTS_PER_MINUTE = 12_000;
const LAST_REQUESTS_MS = 5000;
const TOKENS_PER_ADDRESS = 3;
const FOREVER = 'public, max-age=31536000, immutable';
/** Nothing that would tell one client from another the next time it asks. */
const NO_VALIDATORS = { etag: false, lastModified: false, cacheControl: false } as const;
/** Vite puts a hash into these names. */
const HASHED = /\/assets\/[^/]+-[\w-]{8}\.\w+$/;

/** Ends what is still connected a while after `app` began to close: browsers connect ahead of their requests, and Node would wait for such a connection for ever. */
function endConnections(app: FastifyInstance): void {
  const connected = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    connected.add(socket);
    socket.once('close', () => connected.delete(socket));
  });
  app.addHook('preClose', (done) => {
    const end = (): void => connected.forEach((socket) => socket.destroy());
    setTimeout(end, LAST_REQUESTS_MS).unref();
    done();
  });
}

/** A server that tells nobody who its clients are: no request log, and errors without details. `unlimited`: addresses that may ask as often as they like. */
export async function bareServer(
  requestsPerMinute: number,
  tls: TlsFiles | undefined,
  proxies: readonly string[] = [],
  unlimited: readonly string[] = [],
): Promise<FastifyInstance> {
  const files = tls && { key: await readPem(tls.key), cert: await readPem(tls.cert) };
  const app = fastify({
    logger: false,
    bodyLimit: MOST_BODY_BYTES,
    trustProxy: proxies.length > 0 ? [...proxies] : false,
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
  endConnections(app);
  // Counted in memory only, and forgotten after a minute.
  await app.register(rateLimit, {
    ...{ max: requestsPerMinute, timeWindow: 60_000, ipv6Subnet: 64 },
    allowList: ({ ip }, key) => unlimited.includes(ip) || unlimited.includes(key),
  });
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

/** null: this folder has no key of an issuer. */
async function openIssuer(
  { folder, log }: OpenLog,
  mostPerAddress: number,
  now: () => Date,
): Promise<Issuer | null> {
  const key = await readIssuerKeyFile(folder.key(ISSUER_KEY));
  if (key === null) return null;
  const rounds = new LogRounds(log.entries);
  const findRound = (hex: string): Promise<Round | null> => rounds.find(hex);
  const invitations = new Invitations(folder.tokens);
  return new Issuer({ key, findRound, invitations, mostPerAddress, now });
}

/** All that rounds need of this server: aggregators or the way to them, sums of others, tokens. null: no aggregator runs here. */
async function addRounds(
  app: FastifyInstance,
  opened: OpenLog,
  options: ServerOptions,
  stack: AsyncDisposableStack,
): Promise<RunningOperators | null> {
  const { now = () => new Date(), onNotice: notice = () => undefined, reportsTo } = options;
  const operators = await readOperators(opened.folder);
  if (operators && reportsTo !== undefined) {
    const what = 'This folder has the keys of aggregators, which take reports themselves.';
    throw new InputError(
      `${what} Move keys/hpke-a and keys/hpke-b away, or leave --reports-to out.`,
    );
  }
  const taker = new SumsTaker(opened, now);
  const everyMs = options.addEveryMs ?? 1000;
  const running =
    operators &&
    stack.use(await startOperators({ opened, operators, taker, now, notice, everyMs }));
  const issuer = await openIssuer(opened, options.tokensPerAddress ?? TOKENS_PER_ADDRESS, now);
  const prefix = '/sync';
  await running?.register(app);
  if (reportsTo !== undefined) await app.register(relayRoutes(reportsTo), { prefix });
  await app.register(handInRoutes(taker), { prefix });
  if (issuer) await app.register(issuerRoutes(stack.use(issuer)), { prefix });
  return running;
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
  const app = await bareServer(
    options.requestsPerMinute ?? REQUESTS_PER_MINUTE,
    tls,
    options.proxies,
  );
  const running = await addRounds(app, opened, options, stack);
  // Before what its requests need.
  stack.defer(() => app.close());
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
