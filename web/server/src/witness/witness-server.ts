/** A witness as a server of its own, for another machine and another operator than the log's. */
import { stat } from 'node:fs/promises';
import { KEY_TYPES, readVerifier, verifierText, type Verifier } from '@ossicle/wire/log';
import { InputError, isMissing, messageOf } from '../errors.ts';
import type { DataFolder } from '../folder.ts';
import { bareServer, listen, type TlsFiles } from '../server.ts';
import { makeKey, readKey } from '../keys.ts';
import { Witness } from './witness.ts';

export interface WitnessOptions {
  readonly folder: DataFolder;
  /** Of its key, when there is none yet. */
  readonly name: string;
  /** Keys of the logs that it watches. */
  readonly logs: readonly string[];
  readonly port: number;
  readonly host?: string;
  readonly tls?: TlsFiles;
  readonly now?: () => Date;
}

export interface WitnessServer extends AsyncDisposable {
  readonly origin: string;
  readonly key: string;
}

const REQUESTS_PER_MINUTE = 600;

async function logsOf(texts: readonly string[]): Promise<ReadonlyMap<string, Verifier>> {
  const logs = new Map<string, Verifier>();
  for (const text of texts) {
    const verifier = await readVerifier(text).catch((cause: unknown) => {
      const what = `--log: ${messageOf(cause)}`;
      throw new InputError(`${what} Copy the line "log" of policy.json.`, { cause });
    });
    logs.set(verifier.name, verifier);
  }
  return logs;
}

/** Errors: InputError. */
export async function startWitness(options: WitnessOptions): Promise<WitnessServer> {
  const { folder, name, port, host = '127.0.0.1', tls, now } = options;
  const logs = await logsOf(options.logs);
  await folder.make();
  const path = folder.key('witness');
  const isNew = await stat(path).then(
    () => false,
    (cause: unknown) => {
      if (isMissing(cause)) return true;
      throw cause;
    },
  );
  const signer = isNew
    ? await makeKey(path, folder.scratch, name, KEY_TYPES.cosignature)
    : await readKey(path);
  await using stack = new AsyncDisposableStack();
  const witness = stack.use(new Witness(folder.witness, signer, logs, now));
  const app = await bareServer(REQUESTS_PER_MINUTE, tls);
  stack.defer(() => app.close());
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.post('/add-checkpoint', async (request, reply) => {
    const asked = typeof request.body === 'string' ? request.body : '';
    const { status, type, body } = await witness.addCheckpoint(asked);
    await reply.code(status).header('content-type', type).send(body);
  });
  const origin = await listen(app, host, port);
  const kept = stack.move();
  const close = (): Promise<void> => kept.disposeAsync();
  return { origin, key: verifierText(signer.verifier), [Symbol.asyncDispose]: close };
}
