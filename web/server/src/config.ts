/** What `init` decided: whom clients believe, and where the witnesses are. */
import { readVerifier, type Verifier } from '@ossicle/wire/log';
import type { PolicyFile } from '@ossicle/wire/snapshot';
import { InputError, messageOf } from './errors.ts';
import { readText } from './log/files.ts';
import type { DataFolder } from './folder.ts';

export interface Config {
  readonly policy: PolicyFile;
  /** Key of the admin, who changes roles. */
  readonly admin: string;
  /** Addresses of witnesses by their keys; null: the one inside this program. */
  readonly witnesses: Readonly<Record<string, string | null>>;
}

export interface Keys {
  readonly log: Verifier;
  readonly admin: Verifier;
  readonly publishers: readonly Verifier[];
}

export async function readConfig(folder: DataFolder): Promise<Config> {
  const text = await readText(folder.config);
  if (text === null) {
    throw new InputError(`There is no log in ${folder.path}. Make one: init --data ${folder.path}`);
  }
  try {
    return JSON.parse(text) as Config;
  } catch (cause) {
    const what = `${folder.config} cannot be read: ${messageOf(cause)}.`;
    throw new InputError(`${what} Restore it from a copy.`, { cause });
  }
}

export async function keysOf({ policy, admin }: Config): Promise<Keys> {
  return {
    log: await readVerifier(policy.log),
    admin: await readVerifier(admin),
    publishers: await Promise.all(policy.publishers.map(readVerifier)),
  };
}

export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
