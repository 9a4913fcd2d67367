/** Makes a log: keys, whom clients believe, and the first entries, which say who has which role. */
import { stat } from 'node:fs/promises';
import { KEY_TYPES, readVerifier, verifierText, type Signer } from '@ossicle/wire/log';
import type { PolicyFile } from '@ossicle/wire/snapshot';
import { jsonText, type Config } from './config.ts';
import { Entries } from './log/entries.ts';
import { InputError, isMissing } from './errors.ts';
import { writeFiles } from './log/files.ts';
import type { DataFolder } from './folder.ts';
import { makeKey, readKey } from './keys.ts';
import { roleEntry, type Role } from './roles.ts';

export interface InitOptions {
  /** The name of the log, and of its keys: a host with a path, without a scheme. */
  readonly origin: string;
  /** Seconds after which a client refuses a checkpoint that no witness saw since. */
  readonly freshSeconds: number;
  /** Witnesses elsewhere, KEY@ADDRESS. Without any, the one in this program. */
  readonly witnesses: readonly string[];
  readonly now: Date;
}

type KeyType = (typeof KEY_TYPES)[keyof typeof KEY_TYPES];

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (cause: unknown) => {
      if (isMissing(cause)) return false;
      throw cause;
    },
  );
}

async function remoteWitnesses(texts: readonly string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const text of texts) {
    const [, key = '', address = ''] = /^(\S+?)@(https?:\/\/\S+)$/u.exec(text) ?? [];
    const verifier = await readVerifier(key).catch(() => null);
    if (verifier?.type !== KEY_TYPES.cosignature || !URL.canParse(address)) {
      const what = `${JSON.stringify(text)} is no witness. Write KEY@ADDRESS`;
      throw new InputError(`${what}: the key that \`witness\` prints, and its https address.`);
    }
    found[key] = address;
  }
  return found;
}

/** Errors: InputError: there is a log already; a name or a witness that cannot be. */
export async function init(folder: DataFolder, options: InitOptions): Promise<Config> {
  const { origin, freshSeconds, now } = options;
  if (await exists(folder.config)) {
    const what = `${folder.path} has a log already, and readers believe its keys.`;
    throw new InputError(`${what} Nothing was changed. Name another folder with --data.`);
  }
  if (!/^[^\s+@]{1,200}$/u.test(origin)) {
    const what = `A log cannot be called ${JSON.stringify(origin)}.`;
    throw new InputError(`${what} Take a host, without spaces or +: --origin music.example/log`);
  }
  const remote = await remoteWitnesses(options.witnesses);
  await folder.make();
  // An init that was killed is taken up again with the keys that it made: no reader has seen them.
  const key = async (role: string, type: KeyType): Promise<Signer> =>
    (await exists(folder.key(role)))
      ? readKey(folder.key(role))
      : makeKey(
          folder.key(role),
          folder.scratch,
          role === 'log' ? origin : `${origin}/${role}`,
          type,
        );
  const log = await key('log', KEY_TYPES.ed25519);
  const admin = await key('admin', KEY_TYPES.ed25519);
  const publishers = [
    await key('publisher-1', KEY_TYPES.ed25519),
    await key('publisher-2', KEY_TYPES.ed25519),
  ];
  const isInside = Object.keys(remote).length === 0;
  const witnesses: Record<string, string | null> = isInside
    ? { [verifierText((await key('witness', KEY_TYPES.cosignature)).verifier)]: null }
    : remote;
  const policy: PolicyFile = {
    origin,
    log: verifierText(log.verifier),
    witnesses: Object.keys(witnesses),
    quorum: Object.keys(witnesses).length,
    freshSeconds,
    publishers: publishers.map(({ verifier }) => verifierText(verifier)),
    publisherQuorum: publishers.length,
  };
  const config: Config = { policy, admin: verifierText(admin.verifier), witnesses };
  const grant = (role: Role, { verifier }: Signer): Promise<string> =>
    roleEntry(
      { change: 'granted', role, key: verifierText(verifier), at: now.toISOString() },
      admin,
    );
  {
    using entries = new Entries(folder.entries);
    if (entries.size === 0) {
      entries.add([
        await grant('admin', admin),
        ...(await Promise.all(publishers.map((one) => grant('publisher', one)))),
      ]);
    }
  }
  await writeFiles(folder.scratch, [[folder.file('policy.json'), jsonText(policy)]]);
  // Last: with it the log exists.
  await writeFiles(folder.scratch, [[folder.config, jsonText(config)]], 0o600);
  return config;
}
