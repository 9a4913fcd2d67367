/** A log as its data folder holds it, with its witnesses. */
import { readVerifier } from '@ossicle/wire/log';
import { keysOf, readConfig, type Config, type Keys } from './config.ts';
import { InputError } from './errors.ts';
import type { DataFolder } from './folder.ts';
import { readKey } from './keys.ts';
import { Log } from './log/log.ts';
import { Witness } from './witness/witness.ts';
import { localWitness, remoteWitness, type AskWitness } from './witness/witnesses.ts';

export interface OpenLog extends AsyncDisposable {
  readonly folder: DataFolder;
  readonly config: Config;
  readonly keys: Keys;
  readonly log: Log;
}

/** Errors: InputError: no log there; a key is missing or another one. */
export async function openLog(
  folder: DataFolder,
  now: () => Date = () => new Date(),
): Promise<OpenLog> {
  const config = await readConfig(folder);
  const keys = await keysOf(config);
  const signer = await readKey(folder.key('log'));
  if (Buffer.compare(signer.verifier.publicKey, keys.log.publicKey) !== 0) {
    const what = `${folder.key('log')} is not the key in the policy.`;
    throw new InputError(`${what} Restore it from a copy: readers believe no other.`);
  }
  const witnesses: AskWitness[] = [];
  await using inside = new AsyncDisposableStack();
  for (const [key, address] of Object.entries(config.witnesses)) {
    if (address !== null) {
      witnesses.push(remoteWitness(await readVerifier(key), address));
      continue;
    }
    const logs = new Map([[config.policy.origin, keys.log]]);
    const own = await readKey(folder.key('witness'));
    witnesses.push(localWitness(inside.use(new Witness(folder.witness, own, logs, now))));
  }
  const log = new Log({ folder, config, signer, witnesses, now });
  inside.defer(() => log.close());
  const kept = inside.move();
  return { folder, config, keys, log, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
